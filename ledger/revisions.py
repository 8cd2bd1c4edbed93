"""Deciding a conversation's newest reply anew: its next revision, and what its slot wants now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import decisions, dialect, redecision, slots
from ledger.arrivals import Receipt
from ledger.decisions import is_decided
from ledger.schema import events
from ledger.slot import SUPERSEDED, State, Wish

if TYPE_CHECKING:
    from ledger.decisions import Revision
    from ledger.slot import Slot

GONE = "the reply is not kept any more"
NO_REPLY = "only a reply is decided anew"


def revise(connection: sa.Connection, event_id: int, made: Revision) -> Receipt:
    """Put what is decided anew in the place of the reply's earlier one, if no newer reply of the conversation is here.

    Otherwise nothing changes: the receipt is `ignored`, with the reason.
    """
    event = connection.execute(sa.select(events).where(events.c.id == event_id).with_for_update()).first()
    if event is None or event.bucket not in {"accepted", "parked"}:
        return Receipt("ignored", event_id, reason=GONE if event is None else NO_REPLY)
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    note = None
    if event.bucket == "accepted":
        here = (event.account, event.email_lead_map_id)
        before = slots.lock(connection, [here]).get(here)
        if before is None or before.reply_event != event_id:
            return Receipt("ignored", event_id, reason=SUPERSEDED, email_lead_map_id=event.email_lead_map_id)
        note = _move_slot(connection, before, event, _wish(event, before, made, now))
    decisions.add_revision(connection, event_id, made, now)
    connection.execute(events.update().where(events.c.id == event_id).values(category_id=None))
    reason = note or (event.reason if event.bucket == "parked" else None)
    return Receipt(event.bucket, event_id, made.decision.mark, made.decision.rule, reason, event.email_lead_map_id)


def wait_for_name(connection: sa.Connection, event_id: int, category_id: int) -> None:
    """Have a reply decided anew once this category has a name."""
    connection.execute(events.update().where(events.c.id == event_id).values(category_id=category_id))


def _wish(event: sa.Row[Any], slot: Slot, made: Revision, now: float) -> Wish:
    at = slot.reply_at if slot.reply_at is not None else event.received_at
    decision = made.decision
    return Wish(event.id, decision.mark, decision.rule, at, event.written_at is not None, now, made.dry_run)


def _move_slot(connection: sa.Connection, before: Slot, event: sa.Row[Any], wish: Wish) -> str | None:
    alone = wish.dated or _is_alone(connection, event)
    after, note = redecision.revise(before, wish, event.received_at, alone=alone)
    if after != before:
        slots.write(connection, [after])
    if after.state is State.PENDING:
        dialect.wake_workers(connection)
    return note


def _is_alone(connection: sa.Connection, event: sa.Row[Any]) -> bool:
    e = events.c
    others = (e.account == event.account) & (e.email_lead_map_id == event.email_lead_map_id) & (e.id != event.id)
    replies = sa.select(e.id).where(others, e.bucket == "accepted", is_decided()).limit(1)
    return connection.execute(replies).first() is None
