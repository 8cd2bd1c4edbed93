"""What people ask the ledger: the newest events, and how many ended where."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ledger.events import EventRow
from ledger.schema import decisions, events, slots
from model import Mark

OF_EVENT = (
    *("id", "account", "source", "bucket", "reason", "email_lead_map_id"),
    *("received_at", "repeats", "sender", "words"),
)


def recent_events(connection: sa.Connection, bucket: str | None, limit: int) -> list[EventRow]:
    """The newest events first, each with its newest decision and, if it holds the slot, the slot's state."""
    e, d, s = events.c, decisions.c, slots.c
    columns = [getattr(events.c, name) for name in OF_EVENT] + [d.mark, d.rule, d.version, s.state]
    later = decisions.alias("later")
    newest = sa.select(sa.func.max(later.c.revision)).where(later.c.event_id == e.id).scalar_subquery()
    same_conversation = (s.account == e.account) & (s.email_lead_map_id == e.email_lead_map_id)
    found = (
        sa.select(*columns)
        .select_from(events)
        .outerjoin(decisions, (d.event_id == e.id) & (d.revision == newest))
        .outerjoin(slots, same_conversation & (s.event_id == e.id))
        .order_by(e.id.desc())
        .limit(limit)
    )
    if bucket is not None:
        found = found.where(e.bucket == bucket)
    return [_event(row._asdict()) for row in connection.execute(found)]


def _event(values: dict[str, Any]) -> EventRow:
    mark = values.pop("mark")
    return EventRow(event_id=values.pop("id"), mark=Mark(mark) if mark else None, **values)


def body_of(connection: sa.Connection, event_id: int) -> bytes | None:
    """The packed body of one event."""
    body: bytes | None = connection.execute(sa.select(events.c.body).where(events.c.id == event_id)).scalar()
    return body


def buckets(connection: sa.Connection) -> dict[str, int]:
    """Events by bucket, and the repeats among them as `duplicates`."""
    counted = sa.select(events.c.bucket, sa.func.count(), sa.func.sum(events.c.repeats)).group_by(events.c.bucket)
    rows = connection.execute(counted).all()
    return {bucket: count for bucket, count, _repeats in rows} | {"duplicates": sum(row[2] for row in rows)}
