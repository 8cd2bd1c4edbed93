"""What is known of a lead in a campaign: the conversation's id.

Only an event that tells lead, campaign and id teaches an id for later: a lead may be in several campaigns. Events that
tell two ids contradict each other: then none is known, until SmartLead is asked. An event that is older than what
told the id neither teaches nor contradicts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ledger import bundles, dialect
from ledger.addresses import LONGEST, fold_lead
from ledger.schema import conversations, events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.arrivals import Arrival

c = conversations.c
KEY = ("account", "lead", "campaign_id", "campaign")
AHEAD = 1e12  # later than any clock shows


class Key(NamedTuple):
    """A conversation as events name it."""

    account: str
    lead: str  # folded
    campaign_id: str  # empty: untold
    campaign: str  # its name, only where its id is untold


class Telling(NamedTuple):
    """A conversation as an event named it, with the id that the event told and its own time, if it told them."""

    key: Key
    email_lead_map_id: int | None = None
    at: float | None = None  # None: its arrival counts


class Known(NamedTuple):
    """What the ledger has of a conversation that an arrival named."""

    email_lead_map_id: int | None
    parked: bool  # replies wait for the id


def key_of(account: str, lead: str | None, campaign_id: str | None, campaign: str | None) -> Key | None:
    """None where nothing could find the conversation: no lead is told, or names longer than any real one."""
    folded = fold_lead(lead)
    names = (campaign_id or "", "" if campaign_id else campaign or "")
    return Key(account, folded, *names) if folded and max(map(len, names)) <= LONGEST else None


def key_of_arrival(arrival: Arrival) -> Key | None:
    """The conversation that an arrival names."""
    return key_of(arrival.account, arrival.lead, arrival.campaign_id, arrival.campaign)


def telling_of(arrival: Arrival) -> Telling | None:
    """What an arrival tells of a conversation, if anything is to be learned or looked up of it."""
    if change := arrival.category_change:
        key = key_of(change.account, change.lead, change.campaign_id, None)
        return Telling(key, change.email_lead_map_id, change.changed_at) if key else None
    key = key_of_arrival(arrival)
    teaches = bool(arrival.email_lead_map_id and arrival.campaign_id)
    wanted = key and (teaches or arrival.bucket == "parked")
    return Telling(key, arrival.email_lead_map_id, arrival.written_at) if key and wanted else None


def is_here(key: Key) -> sa.ColumnElement[bool]:
    """Of the conversations, this one."""
    return sa.and_(*(c[name] == value for name, value in zip(KEY, key, strict=True)))


def is_of(key: Key) -> sa.ColumnElement[bool]:
    """Of the events, those of this conversation."""
    e = events.c
    named = sa.func.coalesce(e.campaign, "") == key.campaign if not key.campaign_id else sa.true()
    campaign = sa.func.coalesce(e.campaign_id, "") == key.campaign_id
    return sa.and_(e.account == key.account, e.lead == key.lead, campaign, named)


def is_of_event() -> sa.ColumnElement[bool]:
    """Of the conversations, the one that an event of the same query names."""
    e = events.c
    campaign_id = sa.func.coalesce(e.campaign_id, "")
    campaign = sa.case((campaign_id == "", sa.func.coalesce(e.campaign, "")), else_="")
    return sa.and_(c.account == e.account, c.lead == e.lead, c.campaign_id == campaign_id, c.campaign == campaign)


def id_of(connection: sa.Connection, key: Key) -> int | None:
    """The conversation's id, if an event or a lookup told it."""
    found: int | None = connection.execute(sa.select(c.email_lead_map_id).where(is_here(key))).scalar()
    return found


def meet(connection: sa.Connection, told: Sequence[Telling]) -> Mapping[Key, Known]:
    """Learn these conversations' ids, and give what is known of each. Nobody else changes them until the end."""
    tellings: dict[Key, list[Telling]] = {}
    for one in told:
        tellings.setdefault(one.key, []).append(one)
    if not tellings:
        return {}
    made = _LEARNING.execute(connection, [_row(key, tellings[key]) for key in sorted(tellings)])
    return {Key(*row[:4]): Known(*row[4:]) for row in made}


def _row(key: Key, told: Sequence[Telling]) -> tuple[object, ...]:
    times = {one.email_lead_map_id: _time(one) for one in told if one.email_lead_map_id and key.campaign_id}
    agreed = next(iter(times)) if len(times) == 1 else None
    told_at = max(_time(one) for one in told if one.email_lead_map_id) if times else None
    return (*key, agreed, len(times) > 1, told_at)  # as _TAUGHT has them


def _time(one: Telling) -> float:
    return AHEAD if one.at is None else one.at  # nothing is told later than it arrives


def _learn(insert: dialect.MakeInsert, rows: sa.TableClause) -> sa.Insert:
    """An id that is known stays; one that an event contradicts is forgotten, and only a lookup tells it again."""
    now, told_at = dialect.now(), rows.c.taught_at
    taught_at = sa.case((told_at < now, told_at), (told_at.is_not(None), now), else_=None)
    taught = sa.select(*(rows.c[name] for name in _TAUGHT[:-1]), taught_at).where(sa.true())
    statement = insert(conversations).from_select(_TAUGHT, taught)
    told = statement.excluded
    outdated = c.contradicted | sa.func.coalesce(told.taught_at < c.taught_at, sa.false())
    differs = (c.email_lead_map_id != told.email_lead_map_id) | told.contradicted
    learned = sa.case(
        (outdated, c.email_lead_map_id),
        (differs, None),
        else_=sa.func.coalesce(c.email_lead_map_id, told.email_lead_map_id),
    )
    changed = {
        "email_lead_map_id": learned,
        "contradicted": c.contradicted | (sa.func.coalesce(differs, sa.false()) & ~outdated),
        "taught_at": sa.case((outdated, c.taught_at), else_=sa.func.coalesce(told.taught_at, c.taught_at)),
    }
    upsert = statement.on_conflict_do_update(index_elements=KEY, set_=changed)
    return upsert.returning(*(c[name] for name in KEY), c.email_lead_map_id, c.parked)


_TAUGHT = (*KEY, "email_lead_map_id", "contradicted", "taught_at")
_LEARNING = bundles.Rows([c[name] for name in _TAUGHT], _learn)


def end_waiting(connection: sa.Connection, keys: Sequence[Key]) -> None:
    """Look these conversations up no more, as far as no reply of theirs is parked any longer."""
    none: dict[str, Any] = {"parked": False, "lookup_due_at": None, "lookup_lease": None, "lookup_lease_until": None}
    for key in sorted(set(keys)):
        waits = sa.exists().where(is_of(key), events.c.bucket == "parked")
        ended = conversations.update().where(is_here(key), ~waits).values(**none, lookup_attempts=0, lookup_troubles=0)
        connection.execute(ended)
