"""What SmartLead shows of a conversation, against what its slot says: missed, healed, or changed by a person. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ledger.orders import LIST_LAG, SAME_REPLY
from ledger.slot import SAME_TIME, Slot, State, again, leave_to_person
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
    if _is_missed(slot, shown.last_reply_at):
        return slot, Finding(slot.email_lead_map_id, "missed", None, MISSED)
    if shown.is_read is None or not _may_judge(slot, shown, shown.last_reply_at):
        return slot, None
    mark = Mark.READ if shown.is_read else Mark.UNREAD
    if slot.confirmed is not None:
        return (slot, None) if slot.confirmed is mark else _changed(slot, mark, shown, shown.last_reply_at)
    return _heal(slot, mark, shown) if slot.wanted is slot.reply_mark else (slot, None)


def _is_missed(slot: Slot, last_reply_at: float) -> bool:
    if slot.ordered and slot.wanted_at is not None:
        known = slot.wanted_at - LIST_LAG if slot.knows_until is None else slot.knows_until + SAME_TIME
        if last_reply_at <= known:
            return False
    looked_into = max(slot.reply_at or 0.0, slot.looked_at or 0.0)
    return last_reply_at > looked_into + SAME_TIME


def _may_judge(slot: Slot, shown: Shown, last_reply_at: float) -> bool:
    """Whether the list shows the very reply that the slot's settled wish is about, and could show its mark by then."""
    if slot.lease is not None or slot.state not in {State.SETTLED, State.FAILED} or slot.wanted is None:
        return False
    is_same = slot.reply_at is None or not slot.reply_dated or last_reply_at >= slot.reply_at - SAME_REPLY
    latest = max(slot.settled_at or 0.0, slot.wanted_at or 0.0)
    return is_same and latest + LIST_LAG < shown.asked_at


def _changed(slot: Slot, mark: Mark, shown: Shown, last_reply_at: float) -> tuple[Slot, Finding]:
    knows_until = max(last_reply_at, slot.reply_at or 0.0)
    theirs = leave_to_person(slot, mark, shown.asked_at, knows_until, THEIRS)
    return theirs, Finding(slot.email_lead_map_id, "changed", mark, THEIRS)


def _heal(slot: Slot, mark: Mark, shown: Shown) -> tuple[Slot, Finding]:
    if slot.wanted is mark:
        settled = replace(
            slot, state=State.SETTLED, confirmed=mark, settled_at=shown.asked_at, reason=None, due_at=None
        )
        return settled, Finding(slot.email_lead_map_id, "healed", mark, HAS_IT)
    return again(slot, shown.asked_at), Finding(slot.email_lead_map_id, "healed", slot.wanted, SENT_AGAIN)
