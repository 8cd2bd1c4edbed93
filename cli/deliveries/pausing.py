"""`flask deliveries pause` and `resume`."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from cli.author import author
from cli.manner import Manner
from cli.moment import Moment
from cli.output import fail, iso, json_option, printable, ready_ledger, show_json, show_table
from ledger import Choice, State
from model import DEFAULT_ACCOUNT, Mark
from parts import current_parts

if TYPE_CHECKING:
    from ledger import Ledger, Standing

HOUR, DAY = 3600.0, 86400.0
BANDS = (("under 1 hour", 0.0), ("1 to 24 hours", HOUR), ("1 to 7 days", DAY), ("over 7 days", 7 * DAY))
WAITING = (State.PENDING, State.SENDING)


@click.command()
@click.option("--account", default=DEFAULT_ACCOUNT, show_default=True, help="Whose marks.")
@click.option("--reason", help="Why, for who asks later.")
@json_option
def pause(account: str, reason: str | None, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Send no marks until resume, whatever restarts meanwhile. Replies are taken and decided as ever.

    A PATCH that is on its way lands. Conversations are still looked up.

    \b
    flask deliveries pause --reason "campaign under review"
    flask deliveries pause --account default --json
    """
    ledger = ready_ledger()
    known = [one.name for one in current_parts().settings.accounts] + [one.name for one in ledger.standings()]
    if account not in known:
        fail(f'There is no account "{printable(account)}".')
    ledger.pause(account, author(), reason)
    (paused,) = [one for one in ledger.standings() if one.name == account]
    if as_json:
        show_json(_pause_of(paused))
    else:
        click.echo(f"Account {account} is paused: no marks are sent until flask deliveries resume.")


@click.command()
@click.option("--account", help="Whose marks. All that are paused, if not given.")
@click.option(
    "--drop-older-than", "before", type=Moment(), help="Withdraw wishes older than 90m, 6h, 2d, or that time, before."
)
@click.option("--dry-run", is_flag=True, help="Only show what waits.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal nothing is asked either.")
@json_option
def resume(
    account: str | None,
    before: float | None,
    dry_run: bool,  # noqa: FBT001 - click hands over by name
    yes: bool,  # noqa: FBT001 - the same
    as_json: bool,  # noqa: FBT001 - the same
) -> None:
    """Send marks again. First says how many reads and unreads wait, and how old they are.

    Old wishes may not be wanted any more: people have worked in the inbox meanwhile. Exit code 1 if nothing is paused.

    \b
    flask deliveries resume --dry-run
    flask deliveries resume --drop-older-than 2d
    """
    ledger, manner = ready_ledger(), Manner(dry_run=dry_run, yes=yes, as_json=as_json)
    paused = [one for one in ledger.standings() if one.is_paused and account in {None, one.name}]
    if not paused:
        fail("No account is paused." if account is None else f'Account "{printable(account)}" is not paused.')
    report = [_waiting(ledger, one, before) for one in paused]
    if not as_json:
        for one in report:
            _show(one, dropping=before is not None)
    if not dry_run:
        manner.confirm("Send them?")
        _resume(ledger, paused, before)
    if as_json:
        show_json({"accounts": report, "dry_run": dry_run})
    else:
        names = ", ".join(one.name for one in paused)
        click.echo("Nothing was changed." if dry_run else f"Resumed: {names}.")


def _resume(ledger: Ledger, paused: list[Standing], before: float | None) -> None:
    """What is too old is withdrawn before anything is sent."""
    for one in paused:
        if before is not None:
            reason = f"older than {iso(before)} when {author()} resumed the account"
            ledger.cancel(Choice(account=one.name, states=WAITING, before=before), reason)
    ledger.resume([one.name for one in paused])
    if current_parts().settings.dry_run:
        click.echo("DRY_RUN is set, so nothing is sent all the same.", err=True)


def _waiting(ledger: Ledger, paused: Standing, before: float | None) -> dict[str, Any]:
    """What waits, by age; and how many of these are to be withdrawn."""
    every, now = Choice(account=paused.name, states=WAITING), time.time()
    crowds = ledger.count_deliveries(every)
    older = [_by_mark(ledger, replace(every, before=now - age) if age else every) for _, age in BANDS]
    older.append(dict.fromkeys(Mark, 0))
    bands = [
        {"age": name, "unread": here[Mark.UNREAD] - beyond[Mark.UNREAD], "read": here[Mark.READ] - beyond[Mark.READ]}
        for (name, _), here, beyond in zip(BANDS, older, older[1:], strict=False)
    ]
    return _pause_of(paused) | {
        "unread": older[0][Mark.UNREAD],
        "read": older[0][Mark.READ],
        "oldest": iso(min((crowd.oldest for crowd in crowds), default=None)),
        "ages": bands,
        "dropped": 0 if before is None else sum(_by_mark(ledger, replace(every, before=before)).values()),
    }


def _by_mark(ledger: Ledger, choice: Choice) -> dict[Mark, int]:
    counts = dict.fromkeys(Mark, 0)
    for crowd in ledger.count_deliveries(choice):
        counts[crowd.mark] += crowd.count
    return counts


def _pause_of(paused: Standing) -> dict[str, Any]:
    since = iso(paused.paused_at)
    return {"account": paused.name, "paused_at": since, "paused_by": paused.paused_by, "reason": paused.pause_reason}


def _show(one: dict[str, Any], *, dropping: bool) -> None:
    why = f": {printable(one['reason'])}" if one["reason"] else ""
    click.echo(f"Account {one['account']} is paused since {one['paused_at']} by {printable(one['paused_by'])}{why}.")
    oldest = f", the oldest since {one['oldest']}" if one["oldest"] else ""
    click.echo(f"{one['unread']:,} unread and {one['read']:,} read marks wait{oldest}.")
    if one["oldest"]:
        show_table(one["ages"], ("age", "unread", "read"), lambda _cell: None, "")
    if dropping:
        click.echo(f"{one['dropped']:,} of them are too old, and are withdrawn.")
