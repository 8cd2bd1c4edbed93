"""What `flask inbox mark` shows: how far it is, what it chose, and what came of it."""

from __future__ import annotations

import sys
import time
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from cli.output import iso, printable, show_table
from model import InboxRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inbox.marking import Page
    from ledger import Ledger, Tally, Walk, WalkRow

SAMPLES = 5
MOST_CAMPAIGNS = 20
SAMPLE = ("email_lead_map_id", "last_reply_at", "lead", "lead_name", "campaign")
CLEAR_LINE = "\r\033[2K"
LEFT_ALONE = {
    "untold": "SmartLead does not tell enough",
    "unknown": "the newest reply is not known here",
    "replied": "a reply came since this began",
}
ORDERED = ("ordered", "marked", "overtaken", "failed", "withdrawn")  # what may have become of one that was chosen
UNDONE = {
    "overtaken": "left to a newer reply, or to another order",
    "failed": "failed: see flask deliveries list --state failed",
    "withdrawn": "withdrawn meanwhile",
}


class Watcher:
    """Shows at a terminal how far the walk is, on one line; and sentences anywhere."""

    def __init__(self) -> None:
        self._shows = sys.stderr.isatty()
        self._began = time.monotonic()
        self._pages_before: int | None = None

    def looked(self, walk: Walk, chosen: int) -> None:
        """So far it is now."""
        if self._pages_before is None:
            self._pages_before = max(walk.pages - 1, 0)
        if self._shows and walk.rows:
            rate = 60 * (walk.pages - self._pages_before) / max(time.monotonic() - self._began, 0.001)
            line = f"Looked at {_conversations(walk.rows)} ({_pages(walk)}, {rate:,.0f} a minute), chose {chosen:,} …"
            click.echo(CLEAR_LINE + line, nl=False, err=True)

    def tell(self, sentence: str) -> None:
        """Say what it waits for, or why it ends."""
        self.clear()
        click.echo(printable(sentence), err=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._shows:
            click.echo(CLEAR_LINE, nl=False, err=True)


def sampled(samples: Mapping[int, InboxRow], page: Page) -> dict[int, InboxRow]:
    """The samples once a page was looked at: each as it was seen last, and none that is no longer chosen."""
    chosen = {row.email_lead_map_id: row for row in page.chosen}
    kept = {number: row for number, row in samples.items() if number in chosen or number not in page.shown}
    return dict(islice((kept | chosen).items(), SAMPLES))


def show_found(ledger: Ledger, walk: Walk, samples: Sequence[InboxRow]) -> None:
    """How many are chosen, of which campaigns, and some of them."""
    tally = ledger.tally(walk)
    chosen = count_of(tally, "chosen")
    looked_at = f", of {walk.rows:,} that were looked at" if walk.rows else ""
    verb = "is" if chosen == 1 else "are"
    click.echo(f"{_conversations(chosen)} {verb} to be marked {walk.mark}{looked_at}.")
    if chosen and (oldest := tally["chosen"].oldest) is not None:
        click.echo(_times(iso(oldest), iso(tally["chosen"].newest)))
    for finding, why in LEFT_ALONE.items():
        if count := count_of(tally, finding):
            click.echo(f"{_conversations(count)} left alone: {why}.")
    _show_campaigns(ledger, walk)
    _show_samples(samples or [_kept(row) for row in islice(ledger.rows_of(walk, "chosen"), SAMPLES)])


def show_resumed(tally: Mapping[str, Tally], walk: Walk) -> None:
    """How far an earlier run of the same command came, once it had begun to order."""
    left, under_way = count_of(tally, "chosen"), count_of(tally, "ordered")
    ended = sum(count_of(tally, name) for name in ("marked", *UNDONE))
    chosen = _conversations(left + under_way + ended)
    click.echo(f"Of {chosen} to be marked {walk.mark}, {ended:,} are done, {under_way:,} ordered and {left:,} left.")


def _times(oldest: str | None, newest: str | None) -> str:
    return f"Last reply: {newest}." if oldest == newest else f"Last replies: {oldest} … {newest}."


def _show_campaigns(ledger: Ledger, walk: Walk) -> None:
    campaigns = ledger.count_notes(walk, ["chosen"], MOST_CAMPAIGNS + 1)
    if len(campaigns) > 1:
        rows = [{"conversations": count, "campaign": name} for name, count in campaigns[:MOST_CAMPAIGNS]]
        click.echo()
        show_table(rows, ("conversations", "campaign"), lambda _cell: None, "")
    if len(campaigns) > MOST_CAMPAIGNS:
        click.echo("… and more campaigns.")


def _show_samples(samples: Sequence[InboxRow]) -> None:
    """With what the list told of them; of ids alone it told nothing."""
    told = [name for name in SAMPLE if any(getattr(row, name) is not None for row in samples)]
    if len(told) > 1:
        click.echo("\nSome of them:")
        show_table([_sample(row) for row in samples], told, lambda _cell: None, "")
        click.echo()
    elif told:
        click.echo(f"Some of them: {', '.join(str(row.email_lead_map_id) for row in samples)}.")


def _kept(row: WalkRow) -> InboxRow:
    """What is known of a conversation once the list's page is gone."""
    return InboxRow(email_lead_map_id=row.email_lead_map_id, last_reply_at=row.last_reply_at, campaign=row.note)


def _sample(row: InboxRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SAMPLE} | {"last_reply_at": iso(row.last_reply_at)}


def show_outcome(tally: Mapping[str, Tally], walk: Walk) -> None:
    """What came of it."""
    click.echo(f"{_conversations(count_of(tally, 'marked'))} marked {walk.mark}.")
    for finding, why in UNDONE.items():
        if count := count_of(tally, finding):
            click.echo(f"{_conversations(count)} {why}.")


def show_stop(tally: Mapping[str, Tally], walk: Walk) -> None:
    """How far it is, and how it goes on."""
    if walk.walked_at is None:
        where = f"after {_pages(walk)}; nothing was ordered yet"
    else:
        left, under_way = count_of(tally, "chosen"), count_of(tally, "ordered")
        where = f"{count_of(tally, 'marked'):,} are marked, {under_way:,} are ordered and will be, {left:,} are left"
    click.echo(f"Stopped: {where}. The same command goes on from here.", err=True)


def for_scripts(ledger: Ledger, walk: Walk, state: str) -> dict[str, Any]:
    """All of it, without who these conversations are with."""
    tally = ledger.tally(walk)
    counts = Counter({name: one.count for name, one in tally.items()})
    chosen = [tally[name] for name in ("chosen", *ORDERED) if name in tally]
    campaigns = ledger.count_notes(walk, ["chosen", *ORDERED], MOST_CAMPAIGNS)
    return {
        "account": walk.account,
        "mark": walk.mark,
        "state": state,
        "dry_run": walk.dry_run,
        "pages": walk.pages if walk.rows else 0,
        "looked_at": walk.rows,
        "chosen": sum(one.count for one in chosen),
        "not_told": counts["untold"],
        "not_known": counts["unknown"],
        "replied_since": counts["replied"],
        **{name: counts[name] for name in ("marked", *UNDONE)},
        "under_way": counts["ordered"],
        "left": counts["chosen"],
        "oldest": iso(min((one.oldest for one in chosen if one.oldest is not None), default=None)),
        "newest": iso(max((one.newest for one in chosen if one.newest is not None), default=None)),
        "campaigns": [{"campaign": name, "chosen": count} for name, count in campaigns],
    }


def was_ordered(tally: Mapping[str, Tally]) -> bool:
    """Whether anything was done yet, by this run or by one before."""
    return any(name in tally for name in ORDERED)


def count_of(tally: Mapping[str, Tally], finding: str) -> int:
    """How many conversations have this finding."""
    return tally[finding].count if finding in tally else 0


def _pages(walk: Walk) -> str:
    return f"{walk.pages:,} page" if walk.pages == 1 else f"{walk.pages:,} pages"


def _conversations(count: int) -> str:
    return f"{count:,} conversation" if count == 1 else f"{count:,} conversations"
