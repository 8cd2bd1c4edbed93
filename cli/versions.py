"""`flask rules publish`, `history`, `rollback`: the versions of the rules in the ledger."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cli.author import login
from cli.output import fail, iso, json_option, limit_option, ready_ledger, show_json, show_table
from cli.rules_file import file_argument, find_problems, read_or_end, show_problems
from rules.file import examine, text_of

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from ledger import Draft, Ledger
    from rules.engine import RuleSet
    from rules.file import Examined


@click.command()
@file_argument
@click.option("--changed", is_flag=True, help="Only if the file changed since it was last published (for releases).")
@click.option("--note", default="", help="Why, for the history.")
@click.option("--author", help="Who; your login if not given.")
def publish(file: Path, changed: bool, note: str, author: str | None) -> None:  # noqa: FBT001 - click
    """Make a rules file live: checked, its examples run. Exit code 1 if it is refused; the live rules then stay."""
    ledger = ready_ledger()
    raw = read_or_end(file)
    draft = _draft(text_of(raw), "command", author, note)
    current, last_given = ledger.live_rules(), ledger.last_rules_from_file()
    if changed and last_given and last_given.digest == draft.digest:
        click.echo(f"{file} has not changed since version {last_given.id}.")
    elif changed and current and not current.is_from_file:
        click.echo(
            f"{file} changed, but somebody published version {current.id} since. To make it live: flask rules publish"
        )
    elif current and current.digest == draft.digest:
        click.echo(f"These rules are live already, as version {current.id}.")
    else:
        examined = examine(raw, str(file))
        if examined.ruleset is not None:
            show_problems(find_problems(examined.loaded), file, err=True)
        _publish(ledger, draft, examined, str(file))


@click.command()
@click.argument("version", type=click.IntRange(1, 2**63 - 1))
@click.option("--note", default="", help="Why, for the history.")
@click.option("--author", help="Who; your login if not given.")
@click.option("--repair", is_flag=True, help="Mark unread what later versions marked read, and this one would not.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either.")
def rollback(version: int, note: str, author: str | None, repair: bool, yes: bool) -> None:  # noqa: FBT001 - click
    """Make an earlier version of the rules live again, as a new version. The rules file stays as it is.

    Checks and examples run again. Replies that were decided meanwhile keep their marks, unless --repair is given: it
    says how many conversations it would mark unread, and shows some, before it does.

    \b
    flask rules history
    flask rules rollback 12
    flask rules rollback 12 --repair
    """
    ledger = ready_ledger()
    wanted = _rollback(ledger, version, note, author, yes=yes)
    if repair:
        from cli.repair import repair as repair_marks  # noqa: PLC0415 - `flask rules check` needs nothing of it

        repair_marks(ledger, version, wanted, yes=yes)


def _rollback(ledger: Ledger, version: int, note: str, author: str | None, *, yes: bool) -> RuleSet:
    """Make it live, unless it is; the rules of that version."""
    wanted, current = ledger.rules_version(version), ledger.live_rules()
    if wanted is None:
        fail(f"There is no version {version}: see flask rules history.")
    if wanted.status == "refused":
        fail(f"Version {version} was refused when it came, so it can not go live.")
    examined = examine(wanted.content.encode(), f"version {version}")
    if current and current.digest == wanted.digest and examined.ruleset:
        click.echo(f"These rules are live already, as version {current.id}.")
        return examined.ruleset
    told = f"version {version} of {iso(wanted.created_at)} by {wanted.author}"
    if not yes and sys.stdin.isatty():
        click.confirm(f"Make {told} live instead of version {current.id if current else None}?", abort=True)
    note = f"as version {version}" + (f": {note}" if note else "")
    draft = _draft(wanted.content, "rollback", author, note)
    ruleset = _publish(ledger, draft, examined, f"Version {version}")
    click.echo(f"They are {told}. The rules file has not changed; flask rules publish makes it live again.")
    return ruleset


def _draft(content: str, source: Literal["command", "rollback"], author: str | None, note: str) -> Draft:
    from ledger import Draft  # noqa: PLC0415 - `flask rules check`, which loads this file, too, needs no ledger

    author, note = (
        text.encode("utf-8", "replace").decode() for text in (author or login() or "unknown", note)
    )  # as typed: any bytes
    return Draft(content=content, source=source, author=author, note=note)


def _publish(ledger: Ledger, draft: Draft, examined: Examined, name: str) -> RuleSet:
    if examined.ruleset is None:
        refused = ledger.refuse_rules(draft, "\n".join(examined.problems))
        live = ledger.live_rules_id()
        stays = f"version {live} stays in force" if live else "there are no live rules yet"
        click.echo("\n".join(examined.problems), err=True)
        fail(f"{name} was refused (version {refused.id}); {stays}.")
    made = ledger.publish_rules(draft)
    click.echo(f"Version {made.id} is live: {len(examined.ruleset.rules)} rules.")
    return examined.ruleset


@click.command()
@limit_option
@json_option
def history(limit: int, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """List the versions of the rules, newest first; refused ones with the reason."""
    ledger = ready_ledger()
    live = ledger.live_rules_id()
    rows = [
        {
            "version": version.id,
            "status": "live" if version.id == live else version.status,
            "created_at": iso(version.created_at),
            "author": version.author,
            "source": version.source,
            "note": version.note or version.problems.partition("\n")[0],
            "problems": version.problems.splitlines(),
        }
        for version in ledger.rule_history(limit)
    ]
    if as_json:
        show_json(rows)
    else:
        columns = ("version", "status", "created_at", "author", "source", "note")
        show_table(rows, columns, {"live": "green", "refused": "red"}.get, "No rules were ever published.")
