"""`flask rules diff`: what a change of the rules means."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.output import json_option, printable, show_json
from cli.rules_file import existing_file, load_or_end, rules_file
from rules.engine.change.difference import compare
from rules.engine.matchers import named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rules.engine.change.difference import ConditionChange, Difference, RuleChange, ValueChange

COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}


@click.command()
@click.argument("old", type=existing_file)
@click.argument("new", type=existing_file, required=False, default=rules_file)
@json_option
def diff(old: Path, new: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Show which rules of OLD and NEW (default: RULES_FILE) differ in meaning.

    Comments, layout, examples, the order of phrases and how they are spelt in case and accents are no difference.
    Exit code 0: none; 1: some; 2: a file has errors.

    \b
    git show HEAD:rules/rules.yaml > before.yaml; flask rules diff before.yaml
    """
    difference = compare(load_or_end(old, code=2), load_or_end(new, code=2))
    if as_json:
        show_json(asdict(difference))
    else:
        _show(difference, old, new)
    raise SystemExit(bool(difference))


def _show(difference: Difference, old: Path, new: Path) -> None:
    if difference.default:
        click.echo(click.style(_value(difference.default), fg="yellow"))
    for change in difference.rules:
        place = f"{old}:{change.old_line}" if change.line is None else f"{new}:{change.line}"
        head = f'{change.kind}: "{change.rule}" ({place})'
        click.echo(click.style(printable(head), fg=COLOURS[change.kind]))
        for line in _lines(change):
            click.echo(f"    {printable(line)}")
    if not difference:
        click.echo("The rules mean the same.")


def _lines(change: RuleChange) -> Iterator[str]:
    if change.kind == "removed":
        yield f"mark: {change.mark}"
    if change.old_name:
        yield f'its name was "{change.old_name}"'
    yield from map(_value, change.values)
    yield from map(_condition, change.conditions)
    if change.is_regrouped:
        yield "its conditions are grouped otherwise"
    if change.above:
        yield f"stands above {named(change.above)} now"
    if change.below:
        yield f"stands below {named(change.below)} now"


def _value(change: ValueChange) -> str:
    if change.old is None:
        return f"{change.what}: {change.new}"
    return f"{change.what}: {change.old} → {change.new or 'no longer'}"


def _condition(change: ConditionChange) -> str:
    where = " / ".join((*change.groups, change.condition))
    if change.kind != "changed":
        return f"{where}: {change.kind}: {_all(change.added or change.removed)}"
    parts = (f"{sign} {_all(texts)}" for sign, texts in (("+", change.added), ("-", change.removed)) if texts)
    return f"{where}: {'  '.join(parts)}"


def _all(texts: tuple[str, ...]) -> str:
    return ", ".join(f'"{text}"' for text in texts)
