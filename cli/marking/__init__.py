"""`flask inbox mark`: mark many conversations of SmartLead's inbox at once."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from cli.accounts import account_option, smartlead_or_end
from cli.author import author
from cli.interruption import interruptible
from cli.marking.choice import Choice, choosing, read_choice
from cli.marking.matching import matching
from cli.marking.report import (
    Watcher,
    count_of,
    for_scripts,
    sampled,
    show_found,
    show_outcome,
    show_resumed,
    show_stop,
    was_ordered,
)
from cli.marking.waiting import Deliverers, progress_bar
from cli.output import fail, iso, json_option, ready_ledger, show_json
from inbox.calls import Calls, StoppedError
from inbox.marking import carry_out, choose, choose_ids
from inbox.walk import NoWayOnError
from ledger import Plan, TakenOverError
from model import Mark
from parts import current_parts
from serving import make_handler

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from cli.interruption import Interruption
    from config import Settings
    from inbox.marking import Page
    from ledger import Ledger, Walk
    from model import InboxRow

GOES_ON = "The same command goes on where this one was."


@click.command()
@click.argument("wanted", metavar="read|unread", type=click.Choice([Mark.READ.value, Mark.UNREAD.value]))
@choosing
@account_option
@click.option("--afresh", is_flag=True, help="Begin anew where the same command was stopped on its way.")
@click.option("--by", help="Who wants it, for who looks later; by default your login.")
@click.option("--dry-run", is_flag=True, help="Only show which conversations.")
@click.option("--yes", is_flag=True, help="Do not ask. Without a terminal this is needed.")
@json_option
def mark(  # noqa: PLR0913 - each option is a parameter
    *, wanted: str, account: str, afresh: bool, by: str | None, dry_run: bool, yes: bool, as_json: bool, **options: Any
) -> None:
    """Mark conversations of SmartLead's inbox read or unread: those for which all that is given holds.

    Looks through the inbox, says how many they are and shows some, asks, and orders the marks; the worker delivers them
    within the rate, and a new reply's mark waits for a hundred at most. A conversation that gets a reply meanwhile is
    left to the rules. What SmartLead does not tell surely is left alone. Stop it whenever you like: the same command
    goes on where it was.

    \b
    flask inbox mark read --unread --older-than 30d --dry-run
    flask inbox mark read --unread --campaign "Dock planners, spring" --category "Out Of Office"
    flask inbox mark unread --ids conversations.txt
    """
    settings, ledger = current_parts().settings, ready_ledger()
    smartlead_or_end(settings, account, sends=not dry_run)
    choice = read_choice(options, Mark(wanted), ledger.category_names(account))
    asks = not (dry_run or yes)
    if asks and (as_json or not sys.stdin.isatty()):
        raise click.UsageError("Nobody can be asked here: say --yes, or --dry-run to look first.")
    plan = Plan(
        account=account,
        purpose="mark",
        selection=choice.job,
        mark=Mark(wanted),
        by=f"inbox mark by {by or author()}",
        dry_run=dry_run,
    )
    job = Job(settings, ledger, choice, asks=asks, as_json=as_json)
    try:
        _run(job, job.begin(plan, afresh=afresh))
    except TakenOverError as error:
        fail(str(error))
    except StoppedError as error:
        job.watcher.clear()
        fail(f"{error} {GOES_ON}")
    except NoWayOnError as error:
        job.watcher.clear()
        fail(f"{error}. With --afresh the command begins anew.")
    except Exception:
        if not (problems := ledger.problems()):
            raise
        job.watcher.clear()
        fail(" ".join([*problems, GOES_ON]))


@dataclass(slots=True)
class Job:
    """What one run of the command works with."""

    settings: Settings
    ledger: Ledger
    choice: Choice
    asks: bool
    as_json: bool
    watcher: Watcher = field(default_factory=Watcher)
    samples: Mapping[int, InboxRow] = field(default_factory=dict)

    def begin(self, plan: Plan, *, afresh: bool) -> Walk:
        """The walk that this run begins, or goes on with."""
        walk = self.ledger.begin_walk(plan, afresh=afresh, take_over=True)
        if walk is None:
            raise TakenOverError
        if walk.place is not None:
            since = f"which was begun at {iso(walk.began_at)}"
            self.watcher.tell(f"Going on with the same command, {since}; --afresh would begin anew.")
        return walk

    def pages(self, walk: Walk, stop: Interruption) -> Generator[Page, None, None]:
        """What is chosen, page by page."""
        choice, account = self.choice, walk.account
        if not choice.walks:
            yield from choose_ids(self.ledger, walk, sorted(choice.selection.ids or ()))
            return
        matches = None
        if choice.ruleset:
            matches = matching(self.ledger, account, self.settings.own_domains, choice.ruleset, choice.selection.mark)
        with closing(make_handler(self.settings, account)) as handler:
            calls = Calls(
                self.ledger,
                handler,
                account,
                self.settings.windows,
                stopping=stop.wanted,
                notice=self.watcher.tell,
            )
            yield from choose(self.ledger, walk, choice.selection, calls.page, matches)


def _run(job: Job, walk: Walk) -> None:
    """Choose, show, ask, order; what an earlier run did is not done again."""
    if walk.walked_at is None:
        walk = _choose(job, walk)
    else:
        job.ledger.settle_orders(walk)  # what was delivered since the earlier run
    tally = job.ledger.tally(walk)
    if not job.as_json and was_ordered(tally):
        show_resumed(tally, walk)
    elif not job.as_json:
        show_found(job.ledger, walk, list(job.samples.values()))
    if walk.dry_run or not tally.keys() & {"chosen", "ordered"}:
        _end(job, walk)
        return
    if job.asks and not was_ordered(tally) and not click.confirm(f"Mark them {walk.mark}?"):
        job.ledger.end_walk(walk)
        raise click.Abort
    _carry_out(job, walk, count_of(tally, "chosen") + count_of(tally, "ordered"))
    _end(job, walk)


def _choose(job: Job, walk: Walk) -> Walk:
    chosen = count_of(job.ledger.tally(walk), "chosen")
    with interruptible() as stop, closing(job.pages(walk, stop)) as pages:
        try:
            for page in pages:
                walk = page.walk
                chosen += page.added
                job.samples = sampled(job.samples, page)
                job.watcher.looked(walk, chosen)
                if stop.wanted.is_set():
                    break
        except StoppedError:
            if not stop.wanted.is_set():
                raise
    job.watcher.clear()
    if stop.wanted.is_set():
        _stop(job, walk, stop)
    return walk


def _carry_out(job: Job, walk: Walk, left: int) -> None:
    deliverers = Deliverers(job.ledger, walk.account, job.watcher.tell)
    deliverers.look()
    with interruptible() as stop, progress_bar(left, f"Marked {walk.mark}") as advance:
        for progress in carry_out(job.ledger, walk, stop.wanted):
            advance(progress.ended.total())
            if not progress.ended:
                deliverers.look()
    if stop.wanted.is_set():
        _stop(job, walk, stop)


def _stop(job: Job, walk: Walk, stop: Interruption) -> None:
    if job.as_json:
        show_json(for_scripts(job.ledger, walk, "stopped"))
    show_stop(job.ledger.tally(walk), walk)
    raise SystemExit(stop.exit_code)


def _end(job: Job, walk: Walk) -> None:
    walk = job.ledger.end_walk(walk)
    tally = job.ledger.tally(walk)
    if job.as_json:
        show_json(for_scripts(job.ledger, walk, "dry run" if walk.dry_run else "done"))
    elif walk.dry_run:
        click.echo("Nothing was changed.")
    elif was_ordered(tally):
        show_outcome(tally, walk)
    raise SystemExit(count_of(tally, "failed") > 0)
