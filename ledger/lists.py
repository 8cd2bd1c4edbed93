"""What people ask the ledger: the newest events, and how many ended where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ledger.conversations import is_of_event
from ledger.decisions import is_newest
from ledger.schema import conversations, decisions, events, slots
from model import Mark

OF_EVENT = (
    *("id", "account", "source", "bucket", "reason", "email_lead_map_id"),
    *("received_at", "repeats", "sender", "words", "lead", "twin_of"),
)

_LOOKUP = (
    conversations.c.lookup_due_at,
    sa.func.coalesce(conversations.c.lookup_attempts, 0).label("lookup_attempts"),
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """A recorded event, for lists."""

    event_id: int
    account: str
    source: str
    bucket: str
    reason: str | None
    email_lead_map_id: int | None
    received_at: float
    repeats: int
    sender: str | None
    words: str | None
    mark: Mark | None
    rule: str | None
    version: int | None
    state: str | None  # of the conversation's slot, where this event is the one that wants its mark
    lead: str | None = None
    twin_of: int | None = None  # the event that told the same reply first
    cause: str | None = None  # why it was decided anew, if it was
    lookup_due_at: float | None = None  # of a parked one: when SmartLead is asked for its conversation
    lookup_attempts: int = 0  # and how many answers did not have it


def recent_events(connection: sa.Connection, bucket: str | None, limit: int) -> list[EventRow]:
    """The newest events first, each with its newest decision and, if it holds the slot, the slot's state.

    Of the bucket `duplicate` are also the events that came more than once.
    """
    e, d, s = events.c, decisions.c, slots.c
    columns = [getattr(events.c, name) for name in OF_EVENT] + [d.mark, d.rule, d.version, d.cause, s.state, *_LOOKUP]
    same_conversation = (s.account == e.account) & (s.email_lead_map_id == e.email_lead_map_id)
    found = (
        sa.select(*columns)
        .select_from(events)
        .outerjoin(decisions, (d.event_id == e.id) & is_newest())
        .outerjoin(slots, same_conversation & (s.event_id == e.id))
        .outerjoin(conversations, (e.bucket == "parked") & is_of_event())
        .order_by(e.id.desc())
        .limit(limit)
    )
    if bucket is not None:
        repeated = e.repeats > 0 if bucket == "duplicate" else sa.false()
        found = found.where((e.bucket == bucket) | repeated)
    return [_event(row._asdict()) for row in connection.execute(found)]


def _event(values: dict[str, Any]) -> EventRow:
    mark = values.pop("mark")
    return EventRow(event_id=values.pop("id"), mark=Mark(mark) if mark else None, **values)


def body_of(connection: sa.Connection, event_id: int) -> bytes | None:
    """The packed body of one event."""
    body: bytes | None = connection.execute(sa.select(events.c.body).where(events.c.id == event_id)).scalar()
    return body


def buckets(connection: sa.Connection) -> dict[str, int]:
    """Events by bucket; the repeats among them and the replies that came another way, too, are `duplicates`."""
    counted = sa.select(events.c.bucket, sa.func.count(), sa.func.sum(events.c.repeats)).group_by(events.c.bucket)
    rows = connection.execute(counted).all()
    counts = {bucket: count for bucket, count, _repeats in rows}
    return counts | {"duplicates": counts.pop("duplicate", 0) + sum(row[2] for row in rows)}
