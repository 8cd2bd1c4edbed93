"""What SmartLead shows of a conversation, against what its slot says: missed, healed, or changed by a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ledger.orders import LIST_LAG, SAME_REPLY
from ledger.slot import ON_THE_WAY, SAME_TIME, Slot, State, again, leave_to_person
from model import Mark

Kind = Literal["missed", "healed", "changed"]

MISSED = "SmartLead shows a reply that no webhook brought"
HAS_IT = "SmartLead has the mark, though its answer was lost"
SENT_AGAIN = "SmartLead does not have the mark: it is sent once more"
THEIRS = "a person changed it in SmartLead: it stands until the next reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One conversation as SmartLead's list showed it. Times are seconds since 1970."""

    account: str
    email_lead_map_id: int
    is_read: bool | None
    last_reply_at: float | None
    asked_at: float  # by the ledger's clock, before the list was asked for


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at one conversation found; `mark` is what is wanted (healed), or shown (changed)."""

    email_lead_map_id: int
    kind: Kind
    mark: Mark | None
    note: str


def observe(slot: Slot, shown: Shown) -> tuple[Slot, Finding | None]:
    """The slot after this look, and what was found.

    Nothing is concluded from what the list does not tell, from a wish that is on its way, or from one that was settled
    so shortly before that the list may not show it yet. A missed reply changes nothing here: it is to be recorded.
    """
    if shown.last_reply_at is None:
        return slot, None
    if _is_missed(slot, shown.last_reply_at, shown.asked_at):
        return slot, Finding(slot.email_lead_map_id, "missed", None, MISSED)
    if shown.is_read is None or not _may_judge(slot, shown, shown.last_reply_at):
        return slot, None
    mark = Mark.READ if shown.is_read else Mark.UNREAD
    if slot.confirmed is not None:
        return (slot, None) if slot.confirmed is mark else _changed(slot, mark, shown, shown.last_reply_at)
    is_wanted = slot.wanted is slot.reply_mark and (slot.wanted is mark or _may_go_again(slot, shown.last_reply_at))
    return _heal(slot, mark, shown) if is_wanted else (slot, None)


def _is_missed(slot: Slot, last_reply_at: float, asked_at: float) -> bool:
    if slot.ordered and slot.wanted_at is not None:
        known = slot.wanted_at - LIST_LAG if slot.knows_until is None else slot.knows_until + SAME_TIME
        if last_reply_at <= known:
            return False
    known = 0.0 if slot.reply_at is None else known_until(slot.reply_at, dated=slot.reply_dated)
    return last_reply_at > known + SAME_TIME and not _was_looked_into(slot, last_reply_at, asked_at)


def known_until(reply_at: float, *, dated: bool) -> float:
    """Up to when no reply is missed; before one that tells no time another may have come that nobody knows."""
    return reply_at if dated else reply_at - ON_THE_WAY


def _was_looked_into(slot: Slot, last_reply_at: float, asked_at: float) -> bool:
    """By a sweep. A time that is yet to come is one reply's lie, and says nothing of the replies before it."""
    if slot.looked_at is None or slot.looked_at > asked_at:
        return slot.looked_at is not None and abs(last_reply_at - slot.looked_at) <= SAME_TIME
    return last_reply_at <= slot.looked_at + SAME_TIME


def _may_go_again(slot: Slot, last_reply_at: float) -> bool:
    """Whether no reply can be there that the wish is not about: a `read` would hide it."""
    if slot.wanted is Mark.UNREAD or slot.ordered or slot.reply_at is None:
        return True
    return slot.reply_dated and last_reply_at <= slot.reply_at + SAME_TIME


def _may_judge(slot: Slot, shown: Shown, last_reply_at: float) -> bool:
    """Whether the list shows the very reply that the slot's settled wish is about, and could show its mark by then."""
    if slot.lease is not None or slot.state not in {State.SETTLED, State.FAILED} or slot.wanted is None:
        return False
    is_same = slot.reply_at is None or not slot.reply_dated or last_reply_at >= slot.reply_at - SAME_REPLY
    latest = max(slot.settled_at or 0.0, slot.wanted_at or 0.0)
    return is_same and latest + LIST_LAG < shown.asked_at


def _changed(slot: Slot, mark: Mark, shown: Shown, last_reply_at: float) -> tuple[Slot, Finding]:
    knows_until = min(max(last_reply_at, slot.reply_at or 0.0), shown.asked_at)
    theirs = leave_to_person(slot, mark, shown.asked_at, knows_until, THEIRS)
    return theirs, Finding(slot.email_lead_map_id, "changed", mark, THEIRS)


def _heal(slot: Slot, mark: Mark, shown: Shown) -> tuple[Slot, Finding]:
    if slot.wanted is mark:
        settled = replace(
            slot, state=State.SETTLED, confirmed=mark, settled_at=shown.asked_at, reason=None, due_at=None
        )
        return settled, Finding(slot.email_lead_map_id, "healed", mark, HAS_IT)
    return again(slot, shown.asked_at), Finding(slot.email_lead_map_id, "healed", slot.wanted, SENT_AGAIN)
