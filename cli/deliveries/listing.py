"""`flask deliveries list`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.output import iso, json_option, limit_option, printable, ready_ledger, show_json, show_table
from ledger import State
from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger import DeliveryRow

SHOWN = [state.value for state in State if state is not State.IDLE]
COLUMNS = ("email_lead_map_id", "state", "mark", "attempts", "wanted_at", "rule", "reason")
COLOURS = {"settled": "green", "failed": "red", "withdrawn": "bright_black"}


@click.command("list")
@click.option("--state", type=click.Choice(SHOWN), help="Only these.")
@click.option("--account", help="Only of this account.")
@limit_option
@json_option
def list_(state: str | None, account: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """List the newest wishes, one a conversation, and what became of each.

    \b
    flask deliveries list --state failed
    flask deliveries list --json --limit 1000
    """
    ledger = ready_ledger()
    found = ledger.recent_deliveries(State(state) if state else None, limit, account)
    rows = [_row(delivery) for delivery in found]
    if as_json:
        show_json(rows)
        return
    show_table(
        rows, _columns(found), COLOURS.get, "Nothing was to be sent yet." if state is None else f"None is {state}."
    )
    for name, why in ledger.held_accounts().items():
        click.echo(f"Account {name} waits: {printable(why).rstrip('.')}.", err=True)


def _columns(found: Sequence[DeliveryRow]) -> tuple[str, ...]:
    """With the account where there is another than the usual one."""
    several = any(one.account != DEFAULT_ACCOUNT for one in found)
    return (*COLUMNS[:-2], "account", *COLUMNS[-2:]) if several else COLUMNS


def _row(delivery: DeliveryRow) -> dict[str, Any]:
    values = asdict(delivery)
    return {
        name: iso(values[name]) if name in {"wanted_at", "due_at"} else values[name]
        for name in (
            *("account", "email_lead_map_id", "mark", "state", "attempts", "reason", "rule", "event_id"),
            *("wanted_at", "due_at"),
        )
    }
