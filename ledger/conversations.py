"""What is known of a lead in a campaign: the conversation's id, and a category that came before its reply.

Only an event that tells lead, campaign and id teaches an id for later: a lead may be in several campaigns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import conversations, events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.arrivals import Arrival
    from model import CategoryChange

c = conversations.c
KEY = ("account", "lead", "campaign_id", "campaign")
Kept = tuple[str | None, int | None, float | None]  # a category's name, its number, and when it was given


class Key(NamedTuple):
    """A conversation as events name it."""

    account: str
    lead: str  # lower case
    campaign_id: str  # empty: untold
    campaign: str  # its name, only where its id is untold


class Known(NamedTuple):
    """What the ledger has of a conversation that an arrival named."""

    email_lead_map_id: int | None
    parked: bool  # replies wait for the id


def key_of(account: str, lead: str | None, campaign_id: str | None, campaign: str | None) -> Key | None:
    """None where no lead is told: nothing else could find the conversation."""
    if not lead:
        return None
    return Key(account, lead.lower(), campaign_id or "", "" if campaign_id else campaign or "")


def key_of_arrival(arrival: Arrival) -> Key | None:
    """The conversation that an arrival names."""
    return key_of(arrival.account, arrival.lead, arrival.campaign_id, arrival.campaign)


def is_here(key: Key) -> sa.ColumnElement[bool]:
    """Of the conversations, this one."""
    return sa.and_(*(c[name] == value for name, value in zip(KEY, key, strict=True)))


def is_of(key: Key) -> sa.ColumnElement[bool]:
    """Of the events, those of this conversation."""
    e = events.c
    named = sa.func.coalesce(e.campaign, "") == key.campaign if not key.campaign_id else sa.true()
    campaign = sa.func.coalesce(e.campaign_id, "") == key.campaign_id
    return sa.and_(e.account == key.account, e.lead == key.lead, campaign, named)


def id_of(connection: sa.Connection, key: Key) -> int | None:
    """The conversation's id, if an event or a lookup told it."""
    found: int | None = connection.execute(sa.select(c.email_lead_map_id).where(is_here(key))).scalar()
    return found


def meet(connection: sa.Connection, told: Sequence[tuple[Key, int | None]]) -> Mapping[Key, Known]:
    """Learn these conversations' ids, the last told, and give what is known of each. Nobody else changes them now."""
    ids: dict[Key, int | None] = {}
    for key, map_id in told:
        ids[key] = (map_id if key.campaign_id else None) or ids.get(key)
    if not ids:
        return {}
    rows = [{**key._asdict(), "email_lead_map_id": ids[key]} for key in sorted(ids)]
    made = connection.execute(_learning(connection), rows)
    return {Key(*row[:4]): Known(*row[4:]) for row in made}


@dialect.built_once
def _learning(insert: dialect.MakeInsert) -> sa.Executable:
    statement = insert(conversations)
    learned = sa.func.coalesce(statement.excluded.email_lead_map_id, c.email_lead_map_id)
    upsert = statement.on_conflict_do_update(index_elements=KEY, set_={"email_lead_map_id": learned})
    return upsert.returning(*(c[name] for name in KEY), c.email_lead_map_id, c.parked)


def keep_category(connection: sa.Connection, change: CategoryChange) -> bool:
    """Keep a category for the conversation's next reply, if `meet` knows the conversation and no newer one is kept.

    Without a lead the conversation must be known by its id.
    """
    key = key_of(change.account, change.lead, change.campaign_id, None)
    by_id = (c.account == change.account) & (c.email_lead_map_id == change.email_lead_map_id)
    here = is_here(key) if key else by_id
    if change.changed_at is not None:
        here &= c.category_at.is_(None) | (c.category_at <= change.changed_at)
    told = {"category": change.category, "category_id": change.category_id, "category_at": change.changed_at}
    return connection.execute(conversations.update().where(here).values(told)).rowcount > 0


def kept_category(connection: sa.Connection, account: str, map_id: int | None, key: Key | None) -> Kept | None:
    """The newest category that was kept for a conversation."""
    named = sa.false() if key is None else is_here(key)
    by_id = sa.false() if map_id is None else c.email_lead_map_id == map_id
    has_one = c.category.is_not(None) | c.category_id.is_not(None)
    kept = sa.select(c.category, c.category_id, c.category_at).where(c.account == account, named | by_id, has_one)
    row = connection.execute(kept.order_by(sa.func.coalesce(c.category_at, 0.0).desc()).limit(1)).first()
    return (row.category, row.category_id, row.category_at) if row else None


def end_waiting(connection: sa.Connection, keys: Sequence[Key]) -> None:
    """Look these conversations up no more, as far as no reply of theirs is parked any longer."""
    none: dict[str, Any] = {"parked": False, "lookup_due_at": None, "lookup_lease": None, "lookup_lease_until": None}
    for key in sorted(set(keys)):
        waits = sa.exists().where(is_of(key), events.c.bucket == "parked")
        ended = conversations.update().where(is_here(key), ~waits).values(**none, lookup_attempts=0, lookup_troubles=0)
        connection.execute(ended)
