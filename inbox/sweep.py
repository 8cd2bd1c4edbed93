"""A sweep: what SmartLead's lists show, page by page, against what the ledger knows.

What no webhook brought is taken in like a webhook; what is not as it was delivered is healed, or a person's by now.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from inbox import walk as lists
from inbox.recovery import Recovery
from ledger import Finding, Plan, Shown, TakenOverError, WalkRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from inbox.calls import Calls
    from inbox.recovery import Take
    from ledger import Ledger, Walk
    from ledger.observation import Kind
    from model import InboxList, InboxPage, InboxRow

log = logging.getLogger(__name__)

DAY: Final = 86400.0
OVERLAP: Final = DAY  # before the last sweep: marks that were on their way then, and what people did soon after
FIRST: Final = 7 * DAY  # each missed conversation costs a call of its own, and what is older people have seen
KEEP_EVERY: Final = 30.0  # seconds; without a sign of life a walk is anybody's after two minutes
LAST: Final = "last"
UNREAD: Final = "unread-replies"
ALL: Final = "inbox-replies"
KINDS: Final[tuple[Kind, ...]] = ("missed", "healed", "changed")


@dataclass(frozen=True, slots=True)
class Since:
    """How far back a sweep looks: `at` in seconds since 1970, None for all there is; `told` tells one from another."""

    told: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sweep goes on."""

    shown: InboxList
    since: float | None
    within: lists.Place
    reached: float | None = None  # own time of the last reply of the page's last row

    def to_json(self) -> str:
        """As the ledger keeps it."""
        told = {"list": self.shown, "since": self.since, "within": self.within.to_json(), "reached": self.reached}
        return json.dumps(told)

    @classmethod
    def from_json(cls, text: str) -> Place:
        """What `to_json` made."""
        told = json.loads(text)
        return cls(told["list"], told["since"], lists.Place.from_json(told["within"]), told["reached"])


def plan_sweep(account: str, by: str, *, dry_run: bool, since: Since | None = None) -> Plan:
    """What the ledger begins, or goes on with, as a sweep; without `since` it looks back as far as it needs to."""
    told = _selection(since.told if since else LAST)
    return Plan(account=account, purpose="sweep", selection=told, mark=None, by=by, dry_run=dry_run)


def _selection(since: str) -> str:
    return json.dumps({"since": since})


def count_findings(ledger: Ledger, walk: Walk) -> dict[Kind, int]:
    """How many conversations a sweep found to be what."""
    found = ledger.tally(walk)
    return {kind: found[kind].count if kind in found else 0 for kind in KINDS}


def was_swept(ledger: Ledger, account: str) -> bool:
    """Whether a sweep that changes things ever came to its end."""
    return ledger.last_walk(account, "sweep") is not None


def _after_the_last(ledger: Ledger, account: str) -> float:
    last = ledger.last_walk(account, "sweep", selection=_selection(LAST))  # others may have left something out
    return last.began_at - OVERLAP if last else ledger.clock() - FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Sweeps one account. Whatever `calls` and the ledger raise goes through: the sweep goes on from its place later.

    `progress` is told the walk and the place after each page.
    """

    ledger: Ledger
    calls: Calls
    account: str
    take: Take
    progress: Callable[[Walk, Place], None] = field(default=lambda _walk, _place: None)

    def run(self, walk: Walk, since: Since | None = None) -> Walk:
        """Look at everything down to `since` (default: the last sweep less a day, or a week); the walk that ended."""
        place = Place.from_json(walk.place) if walk.place else self._start(since)
        with _kept(self.ledger, walk):
            if place.shown == UNREAD:  # first what nobody has seen yet
                walk = self._walk(walk, place)
                place = Place(ALL, place.since, lists.START)
            walk = self._walk(walk, place)
        ended = self.ledger.end_walk(self.ledger.end_pages(walk))
        self._tell(ended)
        return ended

    def _start(self, since: Since | None) -> Place:
        back_to = since.at if since else _after_the_last(self.ledger, self.account)
        return Place(UNREAD, back_to, lists.START)

    def _walk(self, walk: Walk, place: Place) -> Walk:
        listing = _Listing(self.ledger, self.calls)
        before: set[int] = set()
        for page, within in lists.walk(listing, place.shown, {}, place.within, place.since):
            here = {row.email_lead_map_id for row in page.rows}
            is_new = place.shown == ALL and place.within.until is None  # neither the unread ones nor the head once more
            reached = min((row.last_reply_at for row in page.rows if row.last_reply_at is not None), default=None)
            place = replace(place, within=within, reached=reached)
            found = self._look(walk, place.shown, page, listing.asked_at)
            new = len(here - before) if is_new else 0
            walk, before = self.ledger.advance(walk, place.to_json(), found, looked_at=new), here
            self.progress(walk, place)
        return walk

    def _look(self, walk: Walk, shown: InboxList, page: InboxPage, asked_at: float) -> list[WalkRow]:
        """What is found on one page; unless it is a dry run, all of it is mended."""
        rows = {row.email_lead_map_id: replace(row, is_read=_is_read(row, shown)) for row in page.rows}
        looks = [
            Shown(
                account=self.account,
                email_lead_map_id=row.email_lead_map_id,
                is_read=row.is_read,
                last_reply_at=row.last_reply_at,
                asked_at=asked_at,
            )
            for row in rows.values()
        ]
        found = self.ledger.observe(looks, dry_run=True)
        if walk.dry_run:
            return [_row(one, rows[one.email_lead_map_id], asked_at) for one in found]
        missed = [rows[one.email_lead_map_id] for one in found if one.kind == "missed"]
        recovery = Recovery(self.ledger, self.calls, self.account, self.take)
        recovered = recovery.recover(missed, asked_at)
        mended = [one for one in self.ledger.observe(looks, dry_run=False) if one.kind != "missed"]
        listed = [_row(one, rows[one.email_lead_map_id], asked_at) for one in mended]
        return [*listed, *recovered]

    def _tell(self, walk: Walk) -> None:
        counts = " ".join(f"{kind}={count}" for kind, count in count_findings(self.ledger, walk).items())
        told = (walk.account, walk.dry_run, walk.pages, walk.rows, counts)
        log.info("swept account=%s dry_run=%s pages=%d conversations=%d %s", *told)


@contextmanager
def _kept(ledger: Ledger, walk: Walk) -> Iterator[None]:
    """Keep the walk while this process lives: a call may have to wait for hours, and nobody else need begin it."""
    ended = Event()
    keeper = Thread(target=_keep, args=(ledger, walk, ended), name="sweep-lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _keep(ledger: Ledger, walk: Walk, ended: Event) -> None:
    while not ended.wait(KEEP_EVERY):
        try:
            ledger.keep_walk(walk)
        except TakenOverError:
            return  # whoever sweeps learns it from the next page
        except Exception as error:  # noqa: BLE001 - whatever a lost database raises; it may come back in time
            log.warning("sweep_not_kept account=%s reason=%s", walk.account, type(error).__name__)


class _Listing:
    """Asks for pages, and remembers since when what it got is true."""

    def __init__(self, ledger: Ledger, calls: Calls) -> None:
        self._ledger = ledger
        self._calls = calls
        self.asked_at = 0.0

    def __call__(self, shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage:
        self.asked_at = self._ledger.clock()
        return self._calls.page(shown, offset, filters)


def _is_read(row: InboxRow, shown: InboxList) -> bool | None:
    """What the row says, unless the list says otherwise by having it."""
    if shown == UNREAD:
        return None if row.is_read else False
    return row.is_read


def _row(finding: Finding, row: InboxRow, asked_at: float) -> WalkRow:
    return WalkRow(
        email_lead_map_id=finding.email_lead_map_id,
        finding=finding.kind,
        mark=finding.mark,
        note=finding.note,
        last_reply_at=row.last_reply_at,
        seen_at=asked_at,
    )
