"""Makers of wishes, and of the slot that took them."""

from __future__ import annotations

from ledger.slot import Slot, Wish, take_wish
from model import Mark

EMPTY = Slot("default", 7)
READ, UNREAD, LEAVE = Mark.READ, Mark.UNREAD, Mark.LEAVE


def wish(mark: Mark, at: float = 100.0, *, event: int = 1, dated: bool = True, dry_run: bool = False) -> Wish:
    return Wish(event, mark, "rule", at, dated, arrived_at=at + 1000.0, dry_run=dry_run)


def after(*wishes: Wish) -> Slot:
    slot = EMPTY
    for one in wishes:
        slot, _note = take_wish(slot, one)
    return slot
