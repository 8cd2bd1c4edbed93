"""What one conversation's slot is, and becomes when a reply touches it. Pure; its claims and answers: `attempts`.

The slot holds the newest wish and what SmartLead is known to have. A lease stands beside the wish's state, not in it:
while a PATCH is on its way a newer wish may take the slot, and waits for the answer or the lease's end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from model import Mark


class State(StrEnum):
    """What became of a slot's wish. `sending` is shown for a pending one under lease, never stored."""

    IDLE = "idle"  # no rule ever wanted anything
    PENDING = "pending"
    SENDING = "sending"
    SETTLED = "settled"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


CAUTION = {
    Mark.READ: 0,
    Mark.LEAVE: 1,
    Mark.UNREAD: 2,
}  # between replies of the same time the cautious one wins
HIDDEN = "an earlier read of ours may have reached SmartLead after this reply was written, and hidden it"
LEFT = "a newer reply is left as it is"
SUPERSEDED = "a newer reply of this conversation was already here"
UNDATED = "one reply of this conversation tells no time, and there is another: not marked read"
DRY_RUN = "dry run"
ORDERED = "a person's mark stands until a new reply comes"
SEEN = "it had been read in SmartLead already, so nothing is sent"
SAME_TIME = 2.0  # seconds; SmartLead tells a reply's time with and without thousandths
CLOCKS_DIFFER = 300.0  # seconds by which the clock that tells a reply's time may be ahead of the ledger's
ON_THE_WAY = 3600.0  # seconds; how long before its arrival a reply that tells no time may have been written


@dataclass(frozen=True, slots=True)
class Slot:
    """One conversation, as the ledger's row holds it."""

    account: str
    email_lead_map_id: int
    generation: int = 0
    state: State = State.IDLE
    wanted: Mark | None = None
    event_id: int | None = None
    rule: str | None = None
    wanted_at: float | None = None
    due_at: float | None = None
    attempts: int = 0
    reason: str | None = None
    reply_at: float | None = None
    reply_event: int | None = None
    reply_mark: Mark | None = None
    reply_dated: bool = True  # False: `reply_at` is the arrival of one that tells no time
    arrived_at: float | None = None  # when the newest reply arrived
    ordered: bool = False  # a person's wish: it stands until a reply arrives that they could not know
    knows_until: float | None = None  # own time of the newest reply that they could know
    confirmed: Mark | None = None
    settled_at: float | None = None  # when that was confirmed
    looked_at: float | None = None  # last reply's time, as SmartLead's list told it, that a sweep looked into
    read_until: float | None = None
    sending: Mark | None = None
    lease: str | None = None
    lease_until: float | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What was decided about one reply."""

    event_id: int
    mark: Mark
    rule: str | None
    at: float  # the reply's own time, or its arrival where it told none
    dated: bool  # it told its own time
    arrived_at: float
    dry_run: bool = False
    seen: bool = False  # whoever found it in SmartLead found it read


def own_time(written_at: float | None, arrived_at: float) -> tuple[float, bool]:
    """The time by which a reply takes its place, and whether it told that: no clock that is ahead wins."""
    return (arrived_at, False) if written_at is None else (min(written_at, arrived_at), True)


def take_wish(slot: Slot, wish: Wish) -> tuple[Slot, str | None]:
    """The slot after this reply, and a sentence if the reply's own mark is not what the slot now wants.

    1. A reply older than the slot's newest changes nothing; of two whose order is not known the cautious mark wins.
    2. The newest reply's mark is the wish, whatever stood there unsent; what SmartLead has is unknown again.
    3. To leave drops an older wish that was not carried out, and wants `unread` if our `read` may have hidden it.
    4. A person's order stands against replies that they could know. What they have read in SmartLead stays so, unless
       it may be our `read` that shows there.
    """
    if slot.ordered and _is_known(wish, slot):
        return _note_known(slot, wish), ORDERED
    if _comes_before(wish, slot):
        return slot, SUPERSEDED
    if wish.seen and not may_hide(slot, earliest(wish)):
        return _as_seen(slot, wish), SEEN
    return _take_newest(slot, wish)


def _take_newest(slot: Slot, wish: Wish) -> tuple[Slot, str | None]:
    shows = slot.state is State.PENDING and slot.wanted is Mark.UNREAD
    undated_read = wish.mark is Mark.READ and not wish.dated and slot.reply_event is not None
    if undated_read and shows:
        return slot, UNDATED
    mark, why = (Mark.LEAVE, UNDATED) if undated_read else (wish.mark, None)
    at, dated = _place(slot, wish)
    newest = replace(
        slot,
        reply_at=at,
        reply_dated=dated,
        arrived_at=wish.arrived_at,
        reply_event=wish.event_id,
        reply_mark=mark,
        ordered=False,
        knows_until=None,
        confirmed=None,
    )
    if mark is not Mark.LEAVE:
        return want(newest, wish, mark, None), None
    if may_hide(slot, wish.at if undated_read else earliest(wish)):
        return want(newest, wish, Mark.UNREAD, HIDDEN), HIDDEN
    if slot.state in {State.PENDING, State.FAILED} and (wish.dated or not shows):
        return replace(newest, generation=slot.generation + 1, state=State.WITHDRAWN, reason=LEFT), why
    return newest, why


def _is_known(wish: Wish, slot: Slot) -> bool:
    return wish.dated and slot.knows_until is not None and wish.at <= slot.knows_until


def _note_known(slot: Slot, wish: Wish) -> Slot:
    """The person's mark stands, and the reply takes its place among the others."""
    if slot.reply_at is not None and slot.reply_at >= wish.at:
        return slot
    return _with_reply(slot, wish)


def _as_seen(slot: Slot, wish: Wish) -> Slot:
    knows_until = wish.at if wish.dated else None
    return leave_to_person(_with_reply(slot, wish), Mark.READ, wish.arrived_at, knows_until, SEEN)


def _with_reply(slot: Slot, wish: Wish) -> Slot:
    return replace(
        slot,
        reply_at=wish.at,
        reply_dated=wish.dated,
        arrived_at=wish.arrived_at,
        reply_event=wish.event_id,
        event_id=wish.event_id,
    )


def leave_to_person(slot: Slot, shown: Mark, now: float, knows_until: float | None, why: str) -> Slot:
    """The slot with the mark that a person gave in SmartLead itself: it stands, and nothing is sent."""
    return replace(
        slot,
        generation=slot.generation + 1,
        state=State.SETTLED,
        wanted=shown,
        rule=None,
        wanted_at=now,
        due_at=None,
        attempts=0,
        reason=why,
        reply_mark=shown,
        ordered=True,
        knows_until=knows_until,
        confirmed=shown,
        settled_at=now,
    )


def earliest(wish: Wish) -> float:
    """When the reply was written at the earliest. The arrival of what a sweep found corrects no clock."""
    if not wish.dated:
        return wish.at - ON_THE_WAY
    return wish.at - CLOCKS_DIFFER if wish.seen else wish.at


def _place(slot: Slot, wish: Wish) -> tuple[float, bool]:
    """The newest reply's time, and whether it is its own.

    An undated reply that is not to be read may still be the newest when an older dated one takes the slot.
    """
    if slot.ordered and slot.reply_at is not None and slot.reply_at > wish.at:
        return slot.reply_at, slot.reply_dated
    if _order_is_unknown(wish, slot) and slot.reply_mark is not Mark.READ and slot.reply_at is not None:
        return slot.reply_at, False
    return wish.at, wish.dated


def may_hide(slot: Slot, written_at: float) -> bool:
    """Whether a `read` of ours is under way, or may have landed after a reply of that time was written."""
    under_way = slot.lease is not None and slot.sending is Mark.READ
    return under_way or (slot.read_until is not None and slot.read_until >= written_at)


def due(slot: Slot, mark: Mark | None, now: float) -> float:
    """When a wish may go: an `unread` only after a `read` that nobody answered can no longer come after it."""
    return max(now, slot.read_until or 0.0) if mark is Mark.UNREAD else now


def _comes_before(wish: Wish, slot: Slot) -> bool:
    if slot.reply_at is None or slot.reply_mark is None:
        return False
    if slot.ordered and slot.knows_until is None and CAUTION[wish.mark] > CAUTION[slot.reply_mark]:
        return False  # nobody knows what who ordered knew
    if wish.at == slot.reply_at or _order_is_unknown(wish, slot):
        return CAUTION[wish.mark] < CAUTION[slot.reply_mark]
    return wish.at < slot.reply_at


def _order_is_unknown(wish: Wish, slot: Slot) -> bool:
    """An undated reply was written at any time before its arrival."""
    return wish.dated and not slot.reply_dated and slot.reply_at is not None and wish.at < slot.reply_at


def want(slot: Slot, wish: Wish, mark: Mark, why: str | None) -> Slot:
    """The slot with this wish in place of any other; what was decided in a dry run is never sent."""
    return replace(
        slot,
        generation=slot.generation + 1,
        state=State.WITHDRAWN if wish.dry_run else State.PENDING,
        wanted=mark,
        event_id=wish.event_id,
        rule=wish.rule,
        wanted_at=wish.arrived_at,
        due_at=due(slot, mark, wish.arrived_at),
        attempts=0,
        reason=DRY_RUN if wish.dry_run else why,
    )


def withdraw(slot: Slot, reason: str) -> Slot:
    """The slot after its unsent wish was dropped; one whose PATCH is on its way lands, and settles nothing."""
    return replace(slot, generation=slot.generation + 1, state=State.WITHDRAWN, reason=reason, due_at=None)


def again(slot: Slot, now: float) -> Slot:
    """The slot with its wish to be sent once more, as if it were new."""
    return replace(
        slot,
        generation=slot.generation + 1,
        state=State.PENDING,
        confirmed=None,
        attempts=0,
        due_at=due(slot, slot.wanted, now),
        reason=None,
    )
