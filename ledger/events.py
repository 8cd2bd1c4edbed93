"""Replies as they came, read again: to decide them anew, or to see what other rules would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import conversations
from ledger.arrivals import unpack
from ledger.conversations import Key, key_of
from ledger.decisions import is_decided
from ledger.schema import categories, events, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PAGE = 200  # replies that are read at a time


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply as it came, as far as it is kept. `body` is the redacted JSON, None where it was pruned."""

    event_id: int
    account: str
    received_at: float
    body: str | None
    email_lead_map_id: int | None = None
    written_at: float | None = None
    category_id: int | None = None  # a category that had no known name when the reply arrived


COLUMNS = (
    *(events.c.id, events.c.account, events.c.received_at, events.c.body),
    *(events.c.email_lead_map_id, events.c.written_at, events.c.category_id),
)


def page_of_replies(connection: sa.Connection, since: float, after: int) -> list[StoredReply]:
    """The next replies that arrived since then, by their ids above `after`; empty after the last."""
    page = sa.select(*COLUMNS).where(_is_reply(since), events.c.id > after)
    return _stored(connection.execute(page.order_by(events.c.id).limit(PAGE)))


def count_replies(connection: sa.Connection, since: float) -> int:
    """How many replies arrived since then, those without a body too."""
    return connection.execute(sa.select(sa.func.count()).select_from(events).where(_is_reply(since))).scalar_one()


def _is_reply(since: float) -> sa.ColumnElement[bool]:
    # Hidden in a function the bucket tempts no database to take its index and to sort all the rest for each page.
    bucket = sa.func.coalesce(events.c.bucket, "")
    return bucket.in_(("accepted", "parked")) & (events.c.received_at >= since) & is_decided()


def stored_reply(connection: sa.Connection, event_id: int) -> StoredReply | None:
    """One reply as it came, if it is there."""
    found = _stored(connection.execute(sa.select(*COLUMNS).where(events.c.id == event_id, is_decided())))
    return found[0] if found else None


def own_time() -> sa.ColumnElement[float]:
    """When a reply was written, at the latest when it arrived: a clock that is ahead must not win."""
    at = events.c.written_at
    return sa.case((at < events.c.received_at, at), else_=events.c.received_at)


def newest_reply(connection: sa.Connection, account: str, map_id: int | None, key: Key | None) -> StoredReply | None:
    """The newest reply of a conversation that is known by its id, or by lead and campaign; a parked one too."""
    if map_id is None and key is not None:
        map_id = conversations.id_of(connection, key)
    found = _newest_of_slot(connection, account, map_id) if map_id is not None else []
    if not found and key is not None:
        found = _newest_parked(connection, key)
    return found[0] if found else None


def _newest_of_slot(connection: sa.Connection, account: str, map_id: int) -> list[StoredReply]:
    here = (slots.c.account == account) & (slots.c.email_lead_map_id == map_id)
    holds = sa.select(*COLUMNS).join(slots, slots.c.reply_event == events.c.id)
    return _stored(connection.execute(holds.where(here)))


def _newest_parked(connection: sa.Connection, key: Key) -> list[StoredReply]:
    parked = sa.select(*COLUMNS).where(conversations.is_of(key), events.c.bucket == "parked")
    return _stored(connection.execute(parked.order_by(own_time().desc(), events.c.id.desc()).limit(1)))


def replies_to_name(connection: sa.Connection, account: str) -> list[StoredReply]:
    """The newest replies of their conversations whose category had no name when they came, and has one now."""
    e = events.c
    named = (categories.c.account == e.account) & (categories.c.id == e.category_id)
    in_slot = (slots.c.account == e.account) & (slots.c.reply_event == e.id)
    may_be_newest = slots.c.reply_event.is_not(None) | (e.bucket == "parked")
    found = (
        sa.select(*COLUMNS, e.bucket, e.lead, e.campaign_id, e.campaign)
        .select_from(events.join(categories, named).outerjoin(slots, in_slot & _same_conversation()))
        .where(e.account == account, e.category_id.is_not(None), may_be_newest)
        .order_by(e.id)
    )
    rows: Sequence[Any] = connection.execute(found).all()
    return _stored(row for row in rows if row.bucket != "parked" or _is_newest_parked(connection, row))


def _same_conversation() -> sa.ColumnElement[bool]:
    return slots.c.email_lead_map_id == events.c.email_lead_map_id


def _is_newest_parked(connection: sa.Connection, row: sa.Row[Any]) -> bool:
    key = key_of(row.account, row.lead, row.campaign_id, row.campaign)
    return key is None or any(one.event_id == row.id for one in _newest_parked(connection, key))


def _stored(rows: Iterable[sa.Row[Any]]) -> list[StoredReply]:
    return [
        StoredReply(
            row.id,
            row.account,
            row.received_at,
            unpack(row.body or b"") or None,
            row.email_lead_map_id,
            row.written_at,
            row.category_id,
        )
        for row in rows
    ]
