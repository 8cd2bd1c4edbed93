"""Bulk marking: what is chosen on a walk through SmartLead's list is ordered, some at a time.

The ledger keeps each page before the next is asked for, and each order with the note that it was given. So whoever is
killed goes on where they were; no row is held in memory, and each conversation is ordered once.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from inbox.walk import START, Place
from inbox.walk import walk as pages_of
from ledger import WalkRow

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from threading import Event

    from inbox.selection import Selection, Verdict
    from ledger import Ledger, Walk
    from model import InboxList, InboxPage, InboxRow

    Ask = Callable[[InboxList, int, Mapping[str, Any]], InboxPage]
    Matches = Callable[[InboxRow], bool | None]

AT_ONCE = 100  # orders under way: marks of new replies never wait behind more than these
PIECE = 1000  # ids that are written in one transaction
FIRST_LOOK, LONGEST_LOOK = 0.05, 1.0  # seconds between two looks at what came of the orders


@dataclass(frozen=True, slots=True)
class Page:
    """What one page told: the walk as it stands, and the conversations of this page."""

    walk: Walk
    shown: frozenset[int] = frozenset()
    chosen: tuple[InboxRow, ...] = ()  # of these, for what this page says of them
    added: int = 0  # how many of the chosen the list showed for the first time


@dataclass(frozen=True, slots=True)
class Progress:
    """How many orders are under way now, and what came of others since the last look."""

    under_way: int
    ended: Counter[str]


def choose(
    ledger: Ledger, walk: Walk, selection: Selection, ask: Ask, matches: Matches | None = None
) -> Generator[Page, None, None]:
    """Go on through the list, and keep what is chosen; the last page's walk has `walked_at`.

    A time that the selection names counts from when the walk was begun. What is seen last of a conversation counts.
    """
    selection, here = _as_begun(selection, walk)
    clocked = _Clocked(ledger, ask)
    for page, behind in pages_of(clocked, selection.shown, selection.filters(), here):
        rows = {row.email_lead_map_id: row for row in page.rows}
        verdicts = {row: selection.judge(row, walk.began_at, matches) for row in rows.values()}
        found = [_found(row, verdict, clocked.asked_at) for row, verdict in verdicts.items() if verdict != "other"]
        new = set[int]() if here.until else rows.keys() - set(here.boundary)  # at last the head comes once more
        walk = ledger.advance(walk, _told(selection, behind), found, looked_at=len(new), instead_of=list(rows))
        here = behind
        chosen = tuple(row for row, verdict in verdicts.items() if verdict == "chosen")
        yield Page(walk, frozenset(rows), chosen, sum(row.email_lead_map_id in new for row in chosen))
    yield Page(ledger.end_pages(walk))


class _Clocked:
    """Asks, and remembers when: by the ledger's clock, before the answer was made."""

    def __init__(self, ledger: Ledger, ask: Ask) -> None:
        self._ledger = ledger
        self._ask = ask
        self.asked_at: float | None = None

    def __call__(self, shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage:
        self.asked_at = self._ledger.clock()
        return self._ask(shown, offset, filters)


def _as_begun(selection: Selection, walk: Walk) -> tuple[Selection, Place]:
    if walk.place is None:
        return selection, START
    told = json.loads(walk.place)
    return replace(selection, before=told["before"]), Place.from_json(told["list"])


def _told(selection: Selection, place: Place) -> str:
    return json.dumps({"before": selection.before, "list": place.to_json()})


def _found(row: InboxRow, verdict: Verdict, asked_at: float | None) -> WalkRow:
    return WalkRow(
        email_lead_map_id=row.email_lead_map_id,
        finding=verdict,
        note=row.campaign or row.campaign_id,
        last_reply_at=row.last_reply_at,
        seen_at=asked_at,
    )


def choose_ids(ledger: Ledger, walk: Walk, ids: Iterable[int]) -> Generator[Page, None, None]:
    """Choose these conversations whatever SmartLead shows of them: their orders know of no reply."""
    rest = iter(ids)
    while piece := list(islice(rest, PIECE)):
        found = [WalkRow(email_lead_map_id=one, finding="chosen") for one in piece]
        walk = ledger.advance(walk, "ids", found)
        yield Page(walk)
    yield Page(ledger.end_pages(walk))


def carry_out(ledger: Ledger, walk: Walk, stopping: Event, at_once: int = AT_ONCE) -> Generator[Progress, None, None]:
    """Order what is chosen, `at_once` at most, and wait until the workers have settled it; until all is, or `stopping`.

    Tells how it stands at every look. Orders that are under way at a stop are delivered all the same.
    """
    pause, left = FIRST_LOOK, True
    while not stopping.is_set():
        under_way, ended = ledger.settle_orders(walk)
        ordered = Counter[str]()
        if left and under_way <= at_once // 2:
            ordered = ledger.order_next(walk, at_once - under_way)
            left = bool(ordered)
        ended += Counter(overtaken=ordered["overtaken"])
        yield Progress(under_way + ordered["ordered"], ended)
        if not (left or under_way):
            return
        pause = FIRST_LOOK if ended or ordered else min(pause * 2, LONGEST_LOOK)
        stopping.wait(pause)
