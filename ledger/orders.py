"""What a person orders for a conversation: it stands until a reply comes that they could not know. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ledger.slot import DRY_RUN, SAME_TIME, State, again
from model import Mark

if TYPE_CHECKING:
    from ledger.slot import Slot

TAKEN_BACK = "a person took the read back"
SAME_REPLY = 300.0  # seconds by which an event may tell its reply later than SmartLead's list does
LIST_LAG = 60.0  # seconds after which a reply whose webhook is here surely shows in the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A mark that a person wants, or a tool of theirs. Times are seconds since 1970."""

    account: str
    email_lead_map_id: int
    mark: Mark  # READ or UNREAD
    by: str  # who, for lists: "inbox mark by jo"
    knows_until: float | None = None  # own time of the newest reply that they could see; None: nobody knows
    asked_at: float | None = None  # when that was asked for, by the ledger's clock
    dry_run: bool = False


def take_order(slot: Slot, order: Order, now: float) -> Slot | None:
    """The slot after this order; None if a newer reply is here than the order could know.

    The same order once more changes nothing while it is not settled, and what SmartLead was given since it was asked
    is not sent again.
    """
    newest = None if order.knows_until is None else min(order.knows_until, order.asked_at or now)  # clocks may be ahead
    if newest is not None and not _could_see(slot, order, newest):
        return None
    known = _latest(slot.knows_until if slot.ordered else None, newest)
    if slot.ordered and slot.state is State.PENDING and slot.wanted is order.mark and not order.dry_run:
        return replace(slot, knows_until=known)
    ordered = replace(
        slot,
        wanted=order.mark,
        event_id=slot.reply_event,
        rule=None,
        wanted_at=now,
        reply_mark=order.mark,
        ordered=True,
        knows_until=known,
    )
    if _has_it(slot, order):
        return replace(ordered, state=State.SETTLED, due_at=None, reason=None)
    if order.dry_run:
        return replace(ordered, generation=slot.generation + 1, state=State.WITHDRAWN, due_at=None, reason=DRY_RUN)
    return replace(again(ordered, now), reason=f"ordered: {order.by}")


def _has_it(slot: Slot, order: Order) -> bool:
    """Whether SmartLead was given this very mark since it was asked what it shows."""
    if slot.confirmed is not order.mark or slot.state is not State.SETTLED or slot.lease is not None:
        return False
    return order.asked_at is not None and slot.settled_at is not None and slot.settled_at > order.asked_at


def _could_see(slot: Slot, order: Order, knows_until: float) -> bool:
    """Whether the slot's newest reply was among those that the order could know."""
    if slot.reply_at is None or slot.reply_at <= knows_until + SAME_TIME:
        return True
    if not slot.reply_dated:  # written at any time before its arrival
        return order.mark is Mark.UNREAD
    was_shown = (
        order.asked_at is not None and slot.arrived_at is not None and slot.arrived_at + LIST_LAG < order.asked_at
    )
    return was_shown and slot.reply_at <= knows_until + SAME_REPLY


def _latest(one: float | None, other: float | None) -> float | None:
    return max((time for time in (one, other) if time is not None), default=None)


def take_back(slot: Slot, now: float) -> Slot:
    """The slot after a person took its `read` back: `unread` is wanted, whether or not the `read` was sent."""
    wanted = replace(
        slot,
        wanted=Mark.UNREAD,
        rule=None,
        wanted_at=now,
        reply_mark=Mark.UNREAD,
        ordered=True,
        knows_until=slot.reply_at,
    )
    return replace(again(wanted, now), reason=TAKEN_BACK)
