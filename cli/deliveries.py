"""`flask deliveries`: what is on its way to SmartLead, and what failed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from cli.output import iso, json_option, limit_option, ready_ledger, show_json, show_table
from cli.undo import undo
from ledger import State

if TYPE_CHECKING:
    from ledger import DeliveryRow

group = AppGroup("deliveries")
group.add_command(undo)

SHOWN = [state.value for state in State if state is not State.IDLE]
COLUMNS = ("email_lead_map_id", "state", "mark", "attempts", "wanted_at", "rule", "reason")
COLOURS = {"settled": "green", "failed": "red", "withdrawn": "bright_black"}
REDONE = (State.FAILED, State.WITHDRAWN, State.SETTLED, State.PENDING)


@group.command("list")
@click.option("--state", type=click.Choice(SHOWN), help="Only these.")
@limit_option
@json_option
def list_(state: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """List the newest wishes, one a conversation, and what became of each.

    \b
    flask deliveries list --state failed
    flask deliveries list --json --limit 1000
    """
    found = ready_ledger().recent_deliveries(State(state) if state else None, limit)
    rows = [_row(delivery) for delivery in found]
    if as_json:
        show_json(rows)
    else:
        show_table(rows, COLUMNS, COLOURS.get, "Nothing was to be sent yet." if state is None else f"None is {state}.")


@group.command()
@click.argument("conversations", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--failed", is_flag=True, help="All that failed.")
@click.option("--all", "everything", is_flag=True, help="Every conversation that ever had a wish, settled ones too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def redo(conversations: tuple[int, ...], failed: bool, everything: bool, yes: bool) -> None:  # noqa: FBT001 - click
    """Send wishes once more: of these conversations, or of all that failed.

    \b
    flask deliveries redo 2255108337
    flask deliveries redo --failed
    """
    if bool(conversations) + failed + everything != 1:
        raise click.UsageError("Name conversations, or say --failed, or --all: one of the three.")
    ledger = ready_ledger()
    if everything and not yes:
        click.confirm("Send the wish of every conversation once more?", abort=True)
    states = (State.FAILED,) if failed else REDONE
    redone = ledger.redo(conversations or None, states)
    click.echo(f"{redone.again} {'conversation is' if redone.again == 1 else 'conversations are'} to be sent again.")
    if redone.outdated:
        click.echo(f"{redone.outdated} not: a newer reply is left as it is, or it was decided in a dry run.", err=True)
    missing = len(set(conversations)) - redone.again - redone.outdated
    if conversations and missing > 0:
        click.echo(f"{missing} not: never had a wish.", err=True)
    if conversations and redone.again < len(set(conversations)):
        raise SystemExit(1)


def _row(delivery: DeliveryRow) -> dict[str, Any]:
    values = asdict(delivery)
    return {
        name: iso(values[name]) if name in {"wanted_at", "due_at"} else values[name]
        for name in (
            *("account", "email_lead_map_id", "mark", "state", "attempts", "reason", "rule", "event_id"),
            *("wanted_at", "due_at"),
        )
    }
