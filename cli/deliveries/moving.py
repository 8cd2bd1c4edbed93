"""`flask deliveries redo` and `cancel`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.author import author
from cli.deliveries.choice import choosing, conversations_are, for_scripts, read_choice, show_crowds
from cli.manner import Manner
from cli.output import json_option, ready_ledger, show_json
from ledger import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger import Choice, Crowd

REDONE = (State.FAILED, State.WITHDRAWN, State.SETTLED, State.PENDING, State.SENDING)
CANCELLED = (State.PENDING, State.SENDING, State.FAILED)
NONE = "No such wish."


@click.command()
@choosing
@json_option
def redo(*, dry_run: bool, yes: bool, as_json: bool, **options: Any) -> None:
    """Send wishes once more: of these conversations, of all that failed, or by filters that must all hold.

    First says how many. What is no longer wanted is not sent: its newest reply is to be left as it is by now, or it was
    decided in a dry run. Exit code 1 if a conversation that is named is not sent again.

    \b
    flask deliveries redo 2255108337
    flask deliveries redo --failed --account default
    flask deliveries redo --state withdrawn --mark unread --older-than 6h --dry-run
    """
    choice = read_choice(options, REDONE)
    ledger, manner = ready_ledger(), Manner(dry_run=dry_run, yes=yes, as_json=as_json)
    found = ledger.count_deliveries(choice)
    if not _goes_on(found, choice, manner, "Send them once more?"):
        return
    redone = ledger.redo_chosen(choice)
    if as_json:
        show_json(_told(found, manner) | {"again": redone.again, "outdated": redone.outdated})
    else:
        click.echo(f"{conversations_are(redone.again)} to be sent again.")
        if redone.outdated:
            why = "the newest reply is to be left as it is by now, or it was decided in a dry run"
            click.echo(f"{redone.outdated} not: {why}.", err=True)
    _end(choice, redone.again, redone.outdated)


@click.command()
@choosing
@click.option("--reason", help="Kept with each wish, for who looks later.")
@json_option
def cancel(*, dry_run: bool, yes: bool, as_json: bool, reason: str | None, **options: Any) -> None:
    """Withdraw wishes that are not sent yet, or that failed: of these conversations, or by filters that must all hold.

    First says how many. A newer reply makes a new wish, and redo brings one back. A PATCH that is on its way lands.
    Exit code 1 if a conversation that is named had nothing to withdraw.

    \b
    flask deliveries cancel 2255108337
    flask deliveries cancel --mark read --rule "Out of office" --dry-run
    flask deliveries cancel --all --older-than 2d --reason "we were away"
    """
    choice = read_choice(options, CANCELLED)
    ledger, manner = ready_ledger(), Manner(dry_run=dry_run, yes=yes, as_json=as_json)
    found = ledger.count_deliveries(choice)
    if not _goes_on(found, choice, manner, "Withdraw them?"):
        return
    withdrawn = ledger.cancel(choice, f"withdrawn by {author()}" + (f": {reason}" if reason else ""))
    if as_json:
        show_json(_told(found, manner) | {"withdrawn": withdrawn})
    else:
        click.echo(f"{conversations_are(withdrawn)} withdrawn.")
    _end(choice, withdrawn, missing="no such wish, or it was sent already")


def _goes_on(found: Sequence[Crowd], choice: Choice, manner: Manner, question: str) -> bool:
    """Show what was found, and ask; False where nothing is to be done."""
    if manner.dry_run:
        if manner.as_json:
            show_json(_told(found, manner))
        else:
            show_crowds(found, NONE)
            click.echo("Nothing was changed.")
        return False
    if choice.map_ids is None:
        if not manner.as_json:
            show_crowds(found, NONE)
        if found:
            manner.confirm(question)
    return True


def _told(found: Sequence[Crowd], manner: Manner) -> dict[str, Any]:
    return {"found": [for_scripts(crowd) for crowd in found], "dry_run": manner.dry_run}


def _end(choice: Choice, done: int, known: int = 0, missing: str = "no such wish") -> None:
    """Say which of the named conversations were not meant by that, with exit code 1."""
    if choice.map_ids is None or done >= len(choice.map_ids):
        return
    if count := len(choice.map_ids) - done - known:
        click.echo(f"{count} not: {missing}.", err=True)
    raise SystemExit(1)
