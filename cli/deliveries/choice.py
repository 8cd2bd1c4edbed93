"""Which wishes a command is about, as options; and how many these are."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.deliveries.listing import SHOWN
from cli.moment import Moment
from cli.output import iso, show_table
from ledger import Choice, State
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger import Crowd

COLUMNS = ("conversations", "state", "mark", "oldest")
OPTIONS = (
    click.argument("conversations", nargs=-1, type=click.IntRange(1, 2**63 - 1)),
    click.option("--failed", is_flag=True, help="All that failed."),
    click.option("--all", "everything", is_flag=True, help="Every conversation."),
    click.option("--state", "states", type=click.Choice(SHOWN), multiple=True, help="Only of this state; repeatable."),
    click.option("--mark", type=click.Choice(["read", "unread"]), help="Only of this mark."),
    click.option("--rule", help="Only what this rule wanted."),
    click.option("--older-than", "before", type=Moment(), help="Only wishes older than 90m, 6h, 2d, or that time."),
    click.option("--account", help="Only of this account."),
    click.option("--dry-run", is_flag=True, help="Only show how many."),
    click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either."),
)


def choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose wishes."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def read_choice(options: dict[str, Any], default_states: Sequence[State]) -> Choice:
    """The choice that these options make. A usage error if they say nothing, or several things at once."""
    conversations, failed, everything = options["conversations"], options["failed"], options["everything"]
    filters = ("states", "mark", "rule", "before", "account")
    ways = bool(conversations) + failed + everything
    if ways > 1 or not (ways or any(options[name] for name in filters)):
        raise click.UsageError("Name conversations, or say --failed, or --all, or filters: one of the three at most.")
    if failed and options["states"]:
        raise click.UsageError("--failed and --state are two ways to say the same: one of the two.")
    states = (State.FAILED,) if failed else tuple(map(State, options["states"])) or tuple(default_states)
    return Choice(
        map_ids=sorted(set(conversations)) or None,
        states=states,
        account=options["account"],
        mark=Mark(options["mark"]) if options["mark"] else None,
        rule=options["rule"],
        before=options["before"],
    )


def show_crowds(crowds: Sequence[Crowd], empty: str) -> None:
    """How many wishes of each state and mark."""
    rows = [row | {"conversations": row.pop("count")} for row in map(for_scripts, crowds)]
    show_table(rows, COLUMNS, {"failed": "red"}.get, empty)


def for_scripts(crowd: Crowd) -> dict[str, Any]:
    """The same as JSON has it."""
    return asdict(crowd) | {"oldest": iso(crowd.oldest)}


def conversations_are(count: int) -> str:
    """So many of them, as the beginning of a sentence."""
    return f"{count:,} conversation is" if count == 1 else f"{count:,} conversations are"
