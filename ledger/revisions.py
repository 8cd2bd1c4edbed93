"""Deciding a conversation's newest reply anew: its next revision, and what its slot wants now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import decisions, dialect, redecision, slots
from ledger.arrivals import Receipt
from ledger.decisions import is_decided
from ledger.parking import keep_notes
from ledger.schema import events
from ledger.slot import SUPERSEDED, State, Wish, own_time
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.decisions import Redecision
    from ledger.slot import Slot
    from ledger.slots import Conversation

GONE = "the reply is not kept any more"
NO_REPLY = "only a reply is decided anew"
OLDER_CATEGORY = "a newer category of this conversation has decided already"
UNNAMED = "category {} has no known name yet: event {} is decided anew once SmartLead has told it"
NOT_WAITING = "the reply does not wait for this category's name any more"

_FOUND = (
    sa.select(*(c for c in events.c if c.name not in {"body", "words"}))
    .where(events.c.id.in_(sa.bindparam("event_ids", expanding=True)))
    .order_by(events.c.id)
    .with_for_update()
)
_CATEGORY = (
    events.update()
    .where(events.c.id == sa.bindparam("of_event"))
    .values(category_id=None, category_at=sa.bindparam("category_at"))
)


@dataclass(slots=True)
class _Desk:
    """What is decided about in one transaction, locked, and as it becomes."""

    now: float
    events: dict[int, sa.Row[Any]]
    slots: dict[Conversation, Slot]
    category_at: dict[int, float | None] = field(default_factory=dict)  # of the events that are decided anew
    made: list[Redecision] = field(default_factory=list)  # what counts


def revise(connection: sa.Connection, made: Sequence[Redecision]) -> list[Receipt]:
    """Put what is decided anew in the place of each reply's earlier decision, if nothing newer is here.

    Otherwise nothing changes: the receipt is `ignored`, with the reason.
    """
    pieces = dialect.in_pieces({one.event_id for one in made})
    found = {row.id: row for piece in pieces for row in connection.execute(_FOUND, {"event_ids": piece})}
    accepted = {(row.account, row.email_lead_map_id) for row in found.values() if row.bucket == "accepted"}
    before = slots.lock(connection, [here for here in accepted if here[1] is not None])
    now = dialect.read_clock(connection)
    desk = _Desk(now, found, dict(before))
    receipts = [_revise_one(connection, desk, one) for one in made]
    told = zip(made, receipts, strict=True)
    keep_notes(connection, {one.told_by: _told(one, receipt) for one, receipt in told if one.told_by is not None})
    decisions.add_revisions(connection, desk.made, now)
    if desk.category_at:
        rows = [{"of_event": event_id, "category_at": at} for event_id, at in sorted(desk.category_at.items())]
        connection.execute(_CATEGORY, rows)
    _write(connection, [after for here, after in sorted(desk.slots.items()) if after != before[here]])
    return receipts


def _told(one: Redecision, receipt: Receipt) -> str:
    if receipt.status == "ignored":
        return f"{one.cause}: event {one.event_id} is not decided anew, for {receipt.reason}"
    return f"{one.cause}: event {one.event_id} decided anew: {receipt.mark}"


def _revise_one(connection: sa.Connection, desk: _Desk, one: Redecision) -> Receipt:
    event = desk.events.get(one.event_id)
    if event is None:
        return Receipt("ignored", one.event_id, reason=GONE)
    if why := _why_not(desk, event, one):
        return Receipt("ignored", one.event_id, reason=why, email_lead_map_id=event.email_lead_map_id)
    note = event.reason
    if event.bucket == "accepted":
        here = (event.account, event.email_lead_map_id)
        wish = _wish(event, one, desk.now)
        alone = wish.mark is not Mark.READ or _is_surely_dated(desk.slots[here], wish) or _is_alone(connection, event)
        desk.slots[here], note = redecision.revise(desk.slots[here], wish, event.received_at, alone=alone)
    desk.made.append(one)
    last = desk.category_at.get(event.id, event.category_at)
    desk.category_at[event.id] = last if one.category_at is None else one.category_at
    return Receipt(event.bucket, event.id, one.decision.mark, one.decision.rule, note, event.email_lead_map_id)


def _why_not(desk: _Desk, event: sa.Row[Any], one: Redecision) -> str | None:
    if event.bucket not in {"accepted", "parked"}:
        return NO_REPLY
    last = desk.category_at.get(event.id, event.category_at)
    if one.category_at is not None and last is not None and one.category_at < last:
        return OLDER_CATEGORY
    number = None if event.id in desk.category_at else event.category_id
    if one.waiting_for is not None and number != one.waiting_for:
        return NOT_WAITING
    if event.bucket == "accepted":
        slot = desk.slots.get((event.account, event.email_lead_map_id))
        return None if slot and slot.reply_event == event.id else SUPERSEDED
    return None


def _wish(event: sa.Row[Any], one: Redecision, now: float) -> Wish:
    at, dated = own_time(event.written_at, event.received_at)
    return Wish(event.id, one.decision.mark, one.decision.rule, at, dated, now, one.dry_run)


def _is_surely_dated(slot: Slot, wish: Wish) -> bool:
    return wish.dated and slot.reply_dated


def _is_alone(connection: sa.Connection, event: sa.Row[Any]) -> bool:
    e = events.c
    others = (e.account == event.account) & (e.email_lead_map_id == event.email_lead_map_id) & (e.id != event.id)
    replies = sa.select(e.id).where(others, e.bucket == "accepted", is_decided()).limit(1)
    return connection.execute(replies).first() is None


def _write(connection: sa.Connection, changed: Sequence[Slot]) -> None:
    slots.write(connection, changed)
    if any(one.state is State.PENDING for one in changed):
        dialect.wake_workers(connection)


def wait_for_name(
    connection: sa.Connection, event_id: int, category_id: int, category_at: float | None, told_by: int | None
) -> None:
    """Have a reply decided anew once this category has a name, unless a newer category decided it."""
    here = events.c.id == event_id
    told: dict[str, Any] = {"category_id": category_id}
    if category_at is not None:
        here &= sa.func.coalesce(events.c.category_at, category_at) <= category_at
        told["category_at"] = category_at
    connection.execute(events.update().where(here).values(told))
    if told_by is not None:
        keep_notes(connection, {told_by: UNNAMED.format(category_id, event_id)})
