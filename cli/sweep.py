"""`flask inbox sweep`: what webhooks missed is taken in, and what is not as it was delivered is healed."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import click

from cli.accounts import account_option, smartlead_or_end
from cli.author import author
from cli.interruption import interruptible
from cli.moment import Moment
from cli.output import fail, iso, json_option, limit_option, ready_ledger, show_json, show_table
from inbox.calls import Calls, StoppedError
from inbox.sweep import KINDS, Place, Since, Sweep, count_findings, plan_sweep, was_swept
from inbox.walk import NoWayOnError
from ledger import SILENT_SECONDS, NotStoredError, TakenOverError
from model import DEFAULT_ACCOUNT
from parts import current_parts
from serving import make_handler
from webhooks.swept import NO_RULES, Taking

if TYPE_CHECKING:
    from click import Context, Parameter

    from ledger import Ledger, Walk

COLOURS = {"missed": "yellow", "healed": "green", "changed": "bright_black"}
COLUMNS = ("email_lead_map_id", "finding", "mark", "last_reply_at", "note")
FIRST = "This account was never swept, so this was a dry run. To take all this in:"
NO_WORKER = "No worker has been seen: what is to be marked waits until one runs (flask worker run)."


def _since(context: Context, parameter: Parameter, typed: str | None) -> Since | None:
    """A time with the words for it: by these the same command goes on where it was."""
    return Since(typed.strip(), Moment().convert(typed, parameter, context)) if typed else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A sweep that ended, and the calls that it made."""

    walk: Walk
    calls: int
    first: bool  # the account's first, and so a dry one

    def for_scripts(self, ledger: Ledger, limit: int) -> dict[str, Any]:
        """All there is to tell, with so many findings at most."""
        walk = self.walk
        found = chain.from_iterable(ledger.rows_of(walk, kind) for kind in KINDS)
        return {
            "account": walk.account,
            "dry_run": walk.dry_run,
            "first": self.first,
            "since": iso(Place.from_json(walk.place).since) if walk.place else None,
            "began_at": iso(walk.began_at),
            "ended_at": iso(walk.ended_at),
            "pages": walk.pages,
            "conversations": walk.rows,
            "calls": self.calls,
            "counts": count_findings(ledger, walk),
            "findings": [
                {
                    "email_lead_map_id": one.email_lead_map_id,
                    "finding": one.finding,
                    "mark": one.mark,
                    "last_reply_at": iso(one.last_reply_at),
                    "note": one.note,
                }
                for one in islice(found, limit)
            ],
        }


@click.command()
@account_option
@click.option(
    "--since",
    callback=_since,
    metavar="TIME",
    help="Down to last replies of then: 30d, 6h, 2026-11-20. If not given: the last sweep less a day, at first 7d.",
)
@click.option("--all", "everything", is_flag=True, help="Down to the oldest reply.")
@click.option("--apply", is_flag=True, help="Take in and mend what is found. Only an account's first sweep needs it.")
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@limit_option
@json_option
def sweep(  # noqa: PLR0913 - each option is a parameter
    *,
    account: str,
    since: Since | None,
    everything: bool,
    apply: bool,
    dry_run: bool,
    limit: int,
    as_json: bool,
) -> None:
    """Compare SmartLead's inbox with what is known here, and mend what differs.

    A reply that no webhook brought is decided and marked like any other; one that somebody has read meanwhile is only
    recorded. A mark that was lost is sent again. What a person changed in SmartLead stands until the next reply. An
    account's first sweep is a dry run unless --apply is given. Marks and lookups go first; stopped, the same command
    goes on where it was. Exit code 1 if it did not come to its end.

    \b
    flask inbox sweep --dry-run
    flask inbox sweep --since 30d --apply
    flask inbox sweep --account acme --json
    """
    if (since and everything) or (apply and dry_run):
        raise click.UsageError("Of --since and --all, and of --apply and --dry-run, say one.")
    ledger = ready_ledger()
    settings = current_parts().settings
    smartlead_or_end(settings, account, sends=apply)
    first = not (apply or dry_run or settings.dry_run or was_swept(ledger, account))
    changes_nothing = dry_run or first or settings.dry_run
    if not changes_nothing and current_parts().rulebook.follow() is None:
        fail(f"{NO_RULES[0].upper()}{NO_RULES[1:]}.")
    outcome = _sweep(account, Since("all", None) if everything else since, dry_run=changes_nothing, first=first)
    told = outcome.for_scripts(ledger, limit)
    if as_json:
        show_json(told)
    else:
        _show(told)
        if first:
            click.echo(f"{FIRST} {_applied(account, since, everything=everything)}")


def _applied(account: str, since: Since | None, *, everything: bool) -> str:
    """The command that does what a first sweep only looked at."""
    whose = [] if account == DEFAULT_ACCOUNT else ["--account", account]
    back = ["--all"] if everything else ["--since", since.told] if since else []
    return shlex.join(["flask", "inbox", "sweep", *whose, *back, "--apply"])


def _sweep(account: str, since: Since | None, *, dry_run: bool, first: bool) -> Outcome:
    parts = current_parts()
    settings, ledger = parts.settings, parts.ledger
    begun = ledger.begin_walk(plan_sweep(account, author(), dry_run=dry_run, since=since), take_over=True)
    if begun is None:
        raise TypeError("who takes over is never told that another one walks")
    display = Display()
    if begun.place:
        display.notice(f"Goes on with the sweep that began at {iso(begun.began_at)}.")
    handler = make_handler(settings, account)
    with closing(handler), interruptible() as interruption:
        calls = Calls(
            ledger,
            handler,
            account,
            settings.windows,
            spare=not settings.dry_run and _is_delivered(ledger, matters=not dry_run),
            stopping=interruption.wanted,
            notice=display.notice,
        )
        taking = Taking(settings, ledger, parts.rulebook)
        one = Sweep(ledger=ledger, calls=calls, account=account, take=taking, progress=display.progress)
        try:
            return Outcome(one.run(begun, since), calls.count, first)
        except (StoppedError, TakenOverError, NotStoredError, NoWayOnError) as error:
            why = str(error).rstrip(".")
            display.notice(f"{why}. The same command goes on where this one was.", always=True)
            raise SystemExit(interruption.exit_code or 1) from None
        finally:
            display.end()


def _is_delivered(ledger: Ledger, *, matters: bool) -> bool:
    """Whether there is a worker whose calls go first: without one, what is due would be waited for in vain."""
    silence = ledger.worker_silence()
    if silence is not None and silence <= SILENT_SECONDS:
        return True
    if matters:
        click.echo(NO_WORKER, err=True)
    return False


class Display:
    """What a person at a terminal sees of a sweep on its way: one line, written anew."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._is_open = False

    def progress(self, walk: Walk, place: Place) -> None:
        """How far it is."""
        if self._watched:
            what = f"{walk.rows:,} conversations" if walk.rows else "unread ones first"
            line = f"{walk.pages:,} pages, {what}, back to {iso(place.reached) or '…'}"
            click.echo(f"\r\x1b[K{line}", nl=False, err=True)
            self._is_open = True

    def notice(self, sentence: str, *, always: bool = False) -> None:
        """What it waits for; `always`: also where nobody watches."""
        if self._watched or always:
            self.end()
            click.echo(sentence, err=True)

    def end(self) -> None:
        """Whatever comes now begins on a line of its own."""
        if self._is_open:
            click.echo(err=True)
        self._is_open = False


def _show(told: dict[str, Any]) -> None:
    back_to = f"back to {told['since']}" if told["since"] else "all of it"
    pages = f"{told['conversations']:,} conversations on {told['pages']:,} pages, {told['calls']:,} calls"
    counts = told["counts"]
    click.echo(f"Account {told['account']}, {back_to}: {pages}.")
    click.echo(f"{counts['missed']:,} missed, {counts['healed']:,} healed, {counts['changed']:,} changed by people.")
    found = told["findings"]
    if found:
        click.echo()
        show_table(found, COLUMNS, COLOURS.get, "")
    if (more := sum(counts.values()) - len(found)) > 0:
        click.echo(f"… and {more:,} more (--limit).")
    if told["dry_run"] and not told["first"]:
        click.echo("Nothing was changed.")
