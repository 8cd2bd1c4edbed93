"""One reply that came two ways: told by SmartLead and by a relay, it is two events, and one reply.

`same` is the rule, and `find` asks it, both pure; `earlier` is what the ledger holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import bundles
from ledger.addresses import fold, fold_lead
from ledger.schema import events

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger import dialect
    from ledger.arrivals import Arrival

TOGETHER = 600.0  # seconds between the times that two ways tell of one reply
REPLAYS = 3 * 86400.0  # for so long a relay may send again what tells no time


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A reply as one event told it: what tells it from others."""

    event_id: int
    account: str
    email_lead_map_id: int | None
    lead: str | None  # folded
    campaign_id: str | None
    campaign: str | None
    message_key: str | None
    words_key: str | None
    writer: str | None  # folded; None: untold
    written_at: float | None
    received_at: float

    @property
    def undated(self) -> bool:
        """It told neither its own time nor a message id."""
        return self.written_at is None and self.message_key is None


def same(one: Sighting, other: Sighting) -> bool:
    """Whether these are one reply. Two message ids, or two people, are two replies, whatever their words are."""
    if not _same_conversation(one, other) or (one.writer and other.writer and one.writer != other.writer):
        return False
    if one.message_key and other.message_key:
        return one.message_key == other.message_key
    return one.words_key is not None and one.words_key == other.words_key and _same_time(one, other)


def _same_time(one: Sighting, other: Sighting) -> bool:
    arrivals_apart = abs(one.received_at - other.received_at)
    if one.undated or other.undated:
        return arrivals_apart <= REPLAYS
    if one.written_at is None or other.written_at is None:
        return arrivals_apart <= TOGETHER
    return abs(one.written_at - other.written_at) <= TOGETHER


def _same_conversation(one: Sighting, other: Sighting) -> bool:
    if one.account != other.account:
        return False
    if one.email_lead_map_id is not None and other.email_lead_map_id is not None:
        return one.email_lead_map_id == other.email_lead_map_id
    return one.lead is not None and one.lead == other.lead and _same_campaign(one, other)


def _same_campaign(one: Sighting, other: Sighting) -> bool:
    """Not told is no contradiction."""
    if one.campaign_id and other.campaign_id:
        return one.campaign_id == other.campaign_id
    return not (one.campaign and other.campaign) or one.campaign == other.campaign


def may_have_one(arrival: Arrival) -> bool:
    """Whether it is a reply, and tells what another event that tells it would have in common with it."""
    return arrival.decision is not None and bool(arrival.message_key or arrival.words_key)


def turns(account: str, map_id: int | None, lead: str | None) -> list[str]:
    """What those take turns by who touch this conversation's replies, or what counts for them."""
    return [f"{account} {one}" for one in (lead, map_id) if one]


def find(
    arrivals: Sequence[Arrival], fresh: Mapping[int, int], earlier: Sequence[Sighting], now: float
) -> dict[int, Sighting]:
    """Which of the new events tell a reply again: position in `arrivals` -> the event that told it first."""
    twins: dict[int, Sighting] = {}
    firsts = _Firsts(earlier)
    for index in sorted(fresh):
        if not may_have_one(arrivals[index]):
            continue
        one = _sighting(arrivals[index], fresh[index], now)
        if first := firsts.of(one):
            twins[index] = first
        else:
            firsts.add(one)
    return twins


def earlier(connection: sa.Connection, arrivals: Sequence[Arrival]) -> list[Sighting]:
    """What is recorded of the same conversations with the same message or words: few, for conversations are short."""
    ones = [one for one in arrivals if may_have_one(one)]
    told = [(one.account, one.email_lead_map_id, fold_lead(one.lead), one.message_key, one.words_key) for one in ones]
    return _alike(connection, told)


def _sighting(arrival: Arrival, event_id: int, now: float) -> Sighting:
    return Sighting(
        event_id=event_id,
        account=arrival.account,
        email_lead_map_id=arrival.email_lead_map_id,
        lead=fold_lead(arrival.lead),
        campaign_id=arrival.campaign_id,
        campaign=arrival.campaign,
        message_key=arrival.message_key,
        words_key=arrival.words_key,
        writer=writer_of(arrival),
        written_at=arrival.written_at,
        received_at=now,
    )


def writer_of(arrival: Arrival) -> str | None:
    """Who wrote the reply, where it tells that."""
    return fold(arrival.sender) if arrival.sender and arrival.sender_told else None


class _Firsts:
    """The replies so far, by what a twin has in common with them."""

    def __init__(self, known: Sequence[Sighting]) -> None:
        self._by_word: dict[tuple[str, str | None], list[Sighting]] = {}
        for one in known:
            self.add(one)

    def add(self, one: Sighting) -> None:
        """From now on this is a first."""
        self._by_word.setdefault(("message", one.message_key), []).append(one)
        self._by_word.setdefault(("words", one.words_key), []).append(one)

    def of(self, one: Sighting) -> Sighting | None:
        """The reply that this one tells again."""
        alike = self._by_word.get(("message", one.message_key), []) if one.message_key else []
        alike = alike + (self._by_word.get(("words", one.words_key), []) if one.words_key else [])
        return min((other for other in alike if same(other, one)), key=lambda other: other.event_id, default=None)


TOLD = ("account", "email_lead_map_id", "lead", "message_key", "words_key")
SEEN = (
    events.c.id.label("event_id"),
    *(events.c[name] for name in Sighting.__dataclass_fields__ if name != "event_id"),
)


def _find_alike(insert: dialect.MakeInsert, told: sa.TableClause) -> sa.CompoundSelect[Any]:
    """Two queries: for an `or` between the two SQLite would read all that the account ever got."""
    e = events.c
    # Hidden in a function the bucket tempts no database to take its index, and to read all that was accepted.
    bucket = sa.func.coalesce(e.bucket, "")
    reply = (bucket == "accepted") | (bucket == "parked")
    alike = reply & ((e.message_key == told.c.message_key) | (e.words_key == told.c.words_key))
    of_account = e.account == told.c.account
    by_id = of_account & (e.email_lead_map_id == told.c.email_lead_map_id)
    by_lead = of_account & (e.lead == told.c.lead)
    return sa.union_all(*(bundles.found(SEEN, told, here & alike, insert) for here in (by_id, by_lead)))


_ALIKE = bundles.Rows([events.c[name] for name in TOLD], _find_alike)


def find_recorded(connection: sa.Connection, freed: Sequence[sa.Row[Any]]) -> dict[int, int]:
    """Which of these events, whose conversation's id is found only now, others of the conversation told as well.

    Event id -> id of the event that stands for the reply; `freed` has the columns of `SEEN`.
    """
    ones = [_recorded(row) for row in freed]
    own = {one.event_id for one in ones}
    told = [(one.account, one.email_lead_map_id, one.lead, one.message_key, one.words_key) for one in ones]
    firsts = _Firsts([one for one in _alike(connection, told) if one.event_id not in own])
    twins: dict[int, int] = {}
    for one in ones:
        if first := firsts.of(one):
            twins[one.event_id] = first.event_id
        else:
            firsts.add(one)
    return twins


def _alike(connection: sa.Connection, told: Sequence[tuple[object, ...]]) -> list[Sighting]:
    return [_recorded(row) for row in _ALIKE.execute(connection, told)] if told else []


def _recorded(row: sa.Row[Any]) -> Sighting:
    return Sighting(**{column.name: getattr(row, column.name) for column in SEEN})
