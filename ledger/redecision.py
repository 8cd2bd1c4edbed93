"""What a conversation's slot becomes when its newest reply is decided anew. Pure."""

from __future__ import annotations

from dataclasses import replace

from ledger.slot import HIDDEN, ORDERED, UNDATED, Slot, State, Wish, earliest, may_hide, want
from model import Mark

LEFT_NOW = "decided anew: it is to be left as it is"


def revise(slot: Slot, wish: Wish, seen_at: float, *, alone: bool) -> tuple[Slot, str | None]:
    """The slot after this new decision about its newest reply, and a sentence if that mark is not what it now wants.

    `wish.arrived_at` is the time of the new decision, `seen_at` when the reply itself arrived; `alone`: the
    conversation has no other reply.

    A person's order stands, whatever is decided anew. Else:
    1. The new mark takes the earlier one's place. What is wanted already, or what SmartLead surely has, is not sent.
    2. To leave drops a wish that was not carried out, and wants `unread` if our `read` may have reached SmartLead.
    """
    if slot.ordered:
        return slot, ORDERED
    undated_read = wish.mark is Mark.READ and not alone and not (wish.dated and slot.reply_dated)
    mark, why = (Mark.LEAVE, UNDATED) if undated_read else (wish.mark, None)
    newest = replace(slot, reply_mark=mark)
    if mark is not Mark.LEAVE:
        return _want_anew(newest, wish, mark), None
    if slot.reply_mark is Mark.LEAVE:
        return newest, why
    # A clock that is ahead puts a reply's own time after the PATCH that it brought about.
    if may_hide(slot, min(wish.at if undated_read else earliest(wish), seen_at)):
        return want(newest, wish, Mark.UNREAD, HIDDEN), HIDDEN
    if slot.state in {State.PENDING, State.FAILED}:
        return replace(newest, generation=slot.generation + 1, state=State.WITHDRAWN, reason=LEFT_NOW), why
    return newest, why


def _want_anew(slot: Slot, wish: Wish, mark: Mark) -> Slot:
    wanted = slot.wanted is mark and slot.event_id == wish.event_id
    may_be_hidden = mark is Mark.UNREAD and slot.read_until is not None
    if wanted and slot.state is State.SETTLED and not may_be_hidden:
        return replace(slot, rule=wish.rule)
    if wanted and slot.state is State.PENDING and not wish.dry_run:
        return replace(slot, rule=wish.rule)
    anew = want(slot, wish, mark, None)
    if slot.confirmed is mark and slot.lease is None and not may_be_hidden and not wish.dry_run:
        return replace(anew, state=State.SETTLED, due_at=None)
    return anew
