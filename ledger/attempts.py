"""What a conversation's slot becomes when a worker claims its wish, and when an answer comes. Pure."""

from __future__ import annotations

from dataclasses import replace

from ledger.slot import HIDDEN, Slot, State, again, due
from model import Delivery, Done, GiveUp, Mark, Outcome, Retry

LINGER_SECONDS = 60.0  # a request whose answer we stopped waiting for may be carried out as much later


def claim(slot: Slot, lease: str, now: float, seconds: float) -> tuple[Slot, Delivery]:
    """The slot under a lease, and the delivery that a worker may now try. The slot's wish must be pending."""
    if slot.wanted is None:
        raise ValueError("a slot without a wish can not be claimed")
    lost_read = slot.sending is Mark.READ and slot.lease_until is not None  # its worker never answered
    claimed = replace(
        slot,
        lease=lease,
        lease_until=now + seconds,
        attempts=slot.attempts + 1,
        sending=slot.wanted,
        confirmed=None,  # until the answer is here
        read_until=max(slot.read_until or 0.0, slot.lease_until or 0.0) if lost_read else slot.read_until,
    )
    delivery = Delivery(
        account=slot.account,
        email_lead_map_id=slot.email_lead_map_id,
        mark=slot.wanted,
        generation=slot.generation,
        lease=lease,
        attempt=claimed.attempts,
    )
    return claimed, delivery


def unclaim(slot: Slot) -> Slot:
    """The slot after a claim that was not sent. A newer wish has no try yet that could be taken off."""
    return replace(_released(slot), attempts=max(0, slot.attempts - 1))


def settle(  # noqa: PLR0913 - the answer, and what it means for the next try
    slot: Slot, delivery: Delivery, outcome: Outcome, now: float, wait: float | None, *, spared: bool = False
) -> Slot:
    """The slot after an answer. `wait`: seconds until the next try, None when none is left; `spared`: this was none.

    An answer settles only the very wish that was sent, and only under the lease it was sent with.
    """
    if slot.lease != delivery.lease:
        return _after_late_answer(slot, delivery, outcome, now)
    free = replace(_released(_after_landing(slot, delivery.mark, outcome, now)), confirmed=None)
    if slot.generation != delivery.generation:
        return replace(free, due_at=due(free, free.wanted, now))
    match outcome:
        case Done():
            return replace(free, state=State.SETTLED, confirmed=delivery.mark, settled_at=now, reason=None, due_at=None)
        case GiveUp(reason):
            return replace(free, state=State.FAILED, reason=reason, due_at=None)
        case Retry(reason) if wait is None:
            why = f"given up after {slot.attempts} attempts; the last: {reason}"
            return replace(free, state=State.FAILED, reason=why, due_at=None)
        case Retry(reason, whole_account=limited):
            spent = slot.attempts - 1 if limited or spared else slot.attempts  # the key's trouble is not its own
            return replace(free, reason=reason, attempts=spent, due_at=now + (wait or 0.0))


def _released(slot: Slot) -> Slot:
    return replace(slot, lease=None, lease_until=None, sending=None)


def _may_have_landed(outcome: Outcome) -> bool:
    """Whether SmartLead may have the mark: also when its answer was lost, or was trouble of its own."""
    if isinstance(outcome, Retry):
        return not outcome.whole_account and outcome.landing != "no"
    return isinstance(outcome, Done)


def _after_landing(slot: Slot, mark: Mark, outcome: Outcome, now: float) -> Slot:
    """What is known of our `read` after an answer: it may have landed by now, or without an answer may land yet."""
    if mark is Mark.READ and _may_have_landed(outcome):
        lingers = isinstance(outcome, Retry) and outcome.landing == "later"
        until = now + LINGER_SECONDS if lingers else now
        return replace(slot, read_until=max(until, slot.read_until or until))
    if mark is Mark.UNREAD and isinstance(outcome, Done):
        return replace(slot, read_until=None)  # it was due only when no `read` could land any more
    return slot


def _after_late_answer(slot: Slot, delivery: Delivery, outcome: Outcome, now: float) -> Slot:
    """Our PATCH may have landed on top of a newer mark: what SmartLead has is unknown, and the newest wish goes again.

    If the newest reply is to be left and a `read` may have landed on it, it is shown.
    """
    late = replace(slot, confirmed=None)
    if not _may_have_landed(outcome):
        return late
    if delivery.mark is Mark.READ:
        late = _after_landing(late, delivery.mark, outcome, now)
    if slot.reply_mark is Mark.LEAVE:
        return _show(late, now) if delivery.mark is Mark.READ else late
    return again(late, now) if slot.state in {State.SETTLED, State.PENDING} else late


def _show(slot: Slot, now: float) -> Slot:
    wanted = replace(slot, wanted=Mark.UNREAD, event_id=slot.reply_event, rule=None, wanted_at=now)
    return replace(again(wanted, now), reason=HIDDEN)
