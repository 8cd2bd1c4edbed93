"""How commands show things: tables for people, JSON for scripts, sentences for what is wrong."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from parts import current_parts, doubts_of_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import NoReturn

    from ledger import Ledger

# What JSON leaves as it is, and terminals obey: more controls, marks of direction, breaks of lines.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
limit_option = click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many."
)


def ready_ledger() -> Ledger:
    """The ledger, or the end of the command with a sentence why there is none."""
    parts = current_parts()
    settings = parts.settings
    if problems := settings.problems or doubts_of_disk(settings) or parts.ledger.problems():
        fail(*problems)
    return parts.ledger


def fail(*sentences: str) -> NoReturn:
    """End the command with exit code 1."""
    for sentence in sentences:
        click.echo(click.style("Error: ", fg="red") + sentence, err=True)
    raise SystemExit(1)


def iso(seconds: float | None) -> str | None:
    """A time as ISO 8601 in UTC."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def show_json(value: Any) -> None:
    """One JSON document."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(_STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def show_table(
    rows: Sequence[Mapping[str, Any]], columns: Iterable[str], colour: Callable[[str], str | None], empty: str
) -> None:
    """Rows under headings, as wide as they need; the last column is cut at the terminal's edge."""
    if not rows:
        click.echo(empty)
        return
    names = list(columns)
    cells = [[printable(row[name]) for name in names] for row in rows]
    widths = [max(len(line[index]) for line in [names, *cells]) for index in range(len(names))]
    room = max(20, shutil.get_terminal_size((200, 24)).columns - sum(widths[:-1]) - 2 * (len(names) - 1))
    widths[-1] = min(widths[-1], room)
    click.echo(click.style(_line([name.replace("_", " ") for name in names], widths), bold=True))
    for line in cells:
        click.echo(click.style(_line(line, widths), fg=colour(line[1])))


def printable(value: Any) -> str:
    """Text on one line, without what would move a terminal's cursor: replies are written by strangers."""
    text = "–" if value is None else str(value)
    return "".join(character if character.isprintable() else " " for character in text)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    last = cells[-1] if len(cells[-1]) <= widths[-1] else cells[-1][: widths[-1] - 1] + "…"
    return "  ".join([cell.ljust(width) for cell, width in zip(cells[:-1], widths, strict=False)] + [last]).rstrip()
