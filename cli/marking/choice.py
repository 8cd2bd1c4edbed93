"""Which conversations `flask inbox mark` is about, as options: read, checked, and told apart from other jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cli.moment import Moment
from cli.output import fail, printable
from cli.rules_file import existing_file, load_or_end, read_or_end
from inbox.selection import Selection
from model import MAX_MAP_ID, Mark
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from rules.engine import RuleSet

MOST_TOLD = 10  # lines of a file of ids that are named as wrong
FILTERS = ("unread", "campaigns", "categories", "clients", "older_than", "match")  # what a row of the list must tell


class Age(NamedTuple):
    """A time as it was typed, and as seconds since 1970: "30d" is another moment tomorrow, and the same job."""

    typed: str
    at: float


def _read_age(context: click.Context, parameter: click.Parameter, typed: str | None) -> Age | None:
    return None if typed is None else Age(typed.strip(), Moment().convert(typed, parameter, context))


OPTIONS = (
    click.option("--unread", is_flag=True, help="Only what SmartLead shows unread."),
    click.option(
        "--campaign", "campaigns", multiple=True, metavar="ID|NAME", help="Only of this campaign; repeatable."
    ),
    click.option("--category", "categories", multiple=True, metavar="NAME", help="Only of this category; repeatable."),
    click.option("--client", "clients", multiple=True, metavar="ID", help="Only of this client; repeatable."),
    click.option(
        "--older-than", callback=_read_age, metavar="TIME", help="Only if the last reply is older: 30d, or 2026-01-31."
    ),
    click.option(
        "--ids",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True),
        metavar="FILE",
        help='Only these conversations: one id a line; "-" is standard input.',
    ),
    click.option(
        "--match", type=existing_file, metavar="RULES_FILE", help="Only what these rules give this very mark."
    ),
    click.option("--all", "everything", is_flag=True, help="Every conversation."),
)


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose conversations."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say. `job` is JSON: the same text is the same job, whenever it is given."""

    selection: Selection
    ruleset: RuleSet | None
    job: str
    walks: bool  # SmartLead's list is looked at; else the ids are all that is asked


def read_choice(options: Mapping[str, Any], mark: Mark, category_names: Mapping[int, str]) -> Choice:
    """The choice that the options make; the command ends with a sentence if they make none."""
    filtered = any(options[name] for name in FILTERS)
    if not (filtered or options["everything"] or options["ids"]):
        raise click.UsageError("Say which conversations: --unread, --campaign …, or --all.")
    if options["everything"] and (filtered or options["ids"]):
        raise click.UsageError("--all is every conversation: leave it out, or the others.")
    if options["unread"] and mark is Mark.UNREAD:
        raise click.UsageError("What SmartLead shows unread need not be marked so: leave --unread out.")
    _check_categories(options["categories"], category_names)
    ids = _read_ids(options["ids"]) if options["ids"] else None
    older_than: Age | None = options["older_than"]
    selection = Selection(
        mark=mark,
        unread=options["unread"],
        campaigns=_trimmed(options["campaigns"]),
        categories=_trimmed(options["categories"]),
        category_names=category_names,
        clients=_trimmed(options["clients"]),
        before=older_than.at if older_than else None,
        ids=ids,
    )
    match: Path | None = options["match"]
    ruleset = load_or_end(match) if match else None
    return Choice(selection, ruleset, _job(selection, older_than, match), walks=filtered or ids is None)


def _trimmed(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts)


def _job(selection: Selection, older_than: Age | None, match: Path | None) -> str:
    ids = selection.ids
    told = {
        "unread": selection.unread,
        "campaigns": sorted(map(fold, selection.campaigns)),
        "categories": sorted(map(fold, selection.categories)),
        "clients": sorted(selection.clients),
        "older than": older_than.typed if older_than else None,
        "ids": _digest(",".join(map(str, sorted(ids))).encode()) if ids is not None else None,
        "match": _digest(read_or_end(match)) if match else None,
    }
    return json.dumps({name: value for name, value in told.items() if value}, sort_keys=True)


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _check_categories(wanted: Iterable[str], names: Mapping[int, str]) -> None:
    if not (folded := {fold(one): one for one in wanted}):
        return
    if not names:
        fail("The account's categories are not known yet: a worker asks SmartLead for them when it starts.")
    if unknown := [one for form, one in folded.items() if form not in set(map(fold, names.values()))]:
        listed = ", ".join(dict.fromkeys(names.values()))
        raise click.UsageError(printable(f'No category is called "{unknown[0]}". The account has: {listed}.'))


def _read_ids(name: str) -> frozenset[int]:
    """The ids of a file; all lines that are none at once, each with its number."""
    found, wrong = set[int](), []
    with click.open_file(name, "rb") as file:
        for number, raw in enumerate(file, start=1):
            text = raw.decode("utf-8", "replace").lstrip("\ufeff").partition("#")[0].strip()
            if text.isascii() and text.isdigit() and 0 < int(text[:20]) <= MAX_MAP_ID:
                found.add(int(text))
            elif text:
                wrong.append(f'{printable(name)}:{number}: "{printable(text[:60])}" is no id of a conversation.')
    if wrong:
        more = [f"… and {len(wrong) - MOST_TOLD} more."] if len(wrong) > MOST_TOLD else []
        raise click.UsageError("\n".join(["Nothing was sent.", *wrong[:MOST_TOLD], *more]))
    if not found:
        raise click.UsageError(f"{printable(name)} names no conversation.")
    return frozenset(found)
