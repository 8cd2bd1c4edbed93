"""What a person orders for a conversation: it stands until a new reply comes. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ledger.slot import again
from model import Mark

if TYPE_CHECKING:
    from ledger.slot import Slot

ORDERED = "a person's mark stands until a new reply comes"
TAKEN_BACK = "a person took the read back"


def take_back(slot: Slot, now: float) -> Slot:
    """The slot after a person took its `read` back: `unread` is wanted, whether or not the `read` was sent."""
    wanted = replace(slot, wanted=Mark.UNREAD, rule=None, wanted_at=now, reply_mark=Mark.UNREAD, ordered=True)
    return replace(again(wanted, now), reason=TAKEN_BACK)
