"""`flask rules backtest`: what a rules file would have made of the replies that came."""

from __future__ import annotations

import gc
import sys
import time
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from cli.output import fail, iso, json_option, printable, ready_ledger, show_json, show_table
from cli.rules_file import file_argument, load_or_end
from parts import current_parts
from rules.engine import load
from rules.engine.change.backtest import Backtest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from ledger import Ledger, RuleVersion
    from ledger.events import StoredReply
    from model import Reply
    from rules.engine import RuleSet
    from rules.engine.change.backtest import Direction, Flip, Trial

DAY = 86400.0
HEADINGS: dict[Direction, str] = {
    "to read": "To read: a lead may be hidden",
    "from read": "No longer read",
    "other": "Between unread and leave",
    "on trial": "To read if the rules on trial were in force",
}
DEFAULT = "(the default)"


@dataclass(slots=True)
class Findings:
    """What a backtest found, of each kind of flip the first `limit` by name."""

    limit: int
    pruned: int = 0  # replies whose text is not kept any more
    unreadable: int = 0  # bodies in which this release finds no reply
    flips: dict[Direction, list[dict[str, Any]]] = field(default_factory=lambda: {one: [] for one in HEADINGS})

    def add(self, stored: StoredReply, reply: Reply, flip: Flip) -> None:
        """Keep a flip, as long as there is room."""
        if len(self.flips[flip.direction]) < self.limit:
            told = {"event_id": stored.event_id, "received_at": iso(stored.received_at)}
            self.flips[flip.direction].append(told | {"sender": reply.sender or reply.lead} | asdict(flip))


@click.command()
@file_argument
@click.option("--days", type=click.IntRange(1, 36500), default=30, show_default=True, help="How far to look back.")
@click.option(
    "--max-hidden",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many replies may flip to read; with more the exit code is 1.",
)
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="How many of each kind to name.")
@json_option
def backtest(file: Path, days: int, max_hidden: int, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click
    """Try a rules file on the stored replies, and name those that would get another mark than by the live rules.

    The live rules decide anew, too, so only what FILE changes is seen; nothing is sent, nothing is stored. Exit code 1
    if more than --max-hidden replies would flip to read.

    \b
    flask rules backtest new-rules.yaml --days 90
    """
    candidate = load_or_end(file)
    ledger = ready_ledger()
    version, live = _live_rules(ledger)
    run, findings = Backtest(live, candidate), Findings(limit)
    _collect_garbage()
    with _progress(ledger, time.time() - days * DAY) as stored:
        _try_all(run, findings, ledger, stored)
    if as_json:
        show_json({"version": version.id, "days": days, "max_hidden": max_hidden} | _for_scripts(run, findings))
    else:
        click.echo(f"{run.tried:,} replies of {days} days: {file} against version {version.id}, which is live.")
        _show(run, findings)
    raise SystemExit(run.flipped["to read"] > max_hidden)


def _collect_garbage() -> None:
    """Collect what the replies leave behind.

    Loading a file switches that off, for commands that end soon. This one may walk over a million replies, and has to
    keep its memory small; what is loaded stays as long as it runs and is not looked at.
    """
    gc.freeze()
    gc.enable()


def _live_rules(ledger: Ledger) -> tuple[RuleVersion, RuleSet]:
    version = ledger.live_rules()
    if version is None:
        fail("There are no live rules to compare with: run `flask rules publish`.")
    ruleset = load(version.content).ruleset
    if ruleset is None:
        fail(f"Version {version.id} of the rules can not be read by this release.")
    return version, ruleset


def _progress(ledger: Ledger, since: float) -> AbstractContextManager[Iterable[StoredReply]]:
    """The replies since then, with a bar where somebody watches."""
    stored = ledger.stored_replies(since)
    if not sys.stderr.isatty():
        return nullcontext(stored)
    total = ledger.count_stored_replies(since)
    return click.progressbar(stored, length=total, label="Replies", file=sys.stderr, update_min_steps=50)


def _try_all(run: Backtest, findings: Findings, ledger: Ledger, stored: Iterable[StoredReply]) -> None:
    from webhooks.known import Known  # noqa: PLC0415 - `flask rules check`, which loads this file, too, needs no events
    from webhooks.revision import read_stored  # noqa: PLC0415 - the same

    known = Known(ledger, current_parts().settings.own_domains)
    for one in stored:
        if one.body is None:
            findings.pruned += 1
            continue
        told = read_stored(one, known.is_ours(one.account))
        if told is None:
            findings.unreadable += 1
            continue
        reply = known.named(told)
        for flip in run.try_reply(reply, datetime.fromtimestamp(one.received_at, UTC).date()):
            findings.add(one, reply, flip)


def _for_scripts(run: Backtest, findings: Findings) -> dict[str, Any]:
    return {
        "tried": run.tried,
        "pruned": findings.pruned,
        "unreadable": findings.unreadable,
        "flipped": {direction: run.flipped[direction] for direction in HEADINGS},
        "flips": {direction: findings.flips[direction] for direction in HEADINGS},
        "rules": [asdict(share) for share in run.shares],
        "trials": [asdict(trial) for trial in run.trials],
    }


def _show(run: Backtest, findings: Findings) -> None:
    if findings.pruned:
        click.echo(f"{findings.pruned:,} more are kept without their text, so nobody can say.")
    if findings.unreadable:
        click.echo(f"{findings.unreadable:,} more can not be read by this release.")
    for direction, heading in HEADINGS.items():
        count, flips = run.flipped[direction], findings.flips[direction]
        if count:
            click.echo(click.style(f"\n{heading}: {count:,}", bold=True, fg="red" if direction == "to read" else None))
            show_table([_row(flip) for flip in flips], list(_row(flips[0])), lambda _sender: None, "")
        if count > len(flips):
            click.echo(f"… and {count - len(flips):,} more (--limit).")
    shares = [asdict(share) | {"rule": share.rule or DEFAULT} for share in run.shares if share.live or share.candidate]
    click.echo()
    show_table(shares, ("live", "candidate", "rule"), lambda _count: None, "There is no reply to try.")
    for trial in run.trials:
        click.echo(printable(_trial(trial)))
    click.echo(f"\n{run.flipped['to read']:,} of {run.tried:,} would flip to read.")


def _row(flip: dict[str, Any]) -> dict[str, Any]:
    """A flip in a line of a table."""
    return {
        "event": flip["event_id"],
        "sender": flip["sender"],
        "mark": f"{flip['old_mark']} → {flip['mark']}",
        "rule": f"{flip['old_rule'] or DEFAULT} → {flip['rule'] or DEFAULT}",
        "words": _grounds(flip["words"], flip["sign"]) or _former_grounds(flip),
    }


def _grounds(words: Iterable[str], sign: str | None) -> str:
    return ", ".join([*(f"“{one}”" for one in words), *filter(None, [sign])])


def _former_grounds(flip: dict[str, Any]) -> str | None:
    """By which words the old rule had decided, where no words tell why the new one does."""
    grounds = _grounds(flip["old_words"], flip["old_sign"])
    return f"before: {grounds}" if grounds else None


def _trial(trial: Trial) -> str:
    taken = f"{trial.taken:,} {'reply' if trial.taken == 1 else 'replies'}"
    other = f"{trial.flipped:,} of them otherwise than the rules below it"
    return f'On trial: "{trial.rule}" would have given {taken} the mark {trial.mark}, {other}.'
