"""Replies whose conversation has no id yet: they wait, and enter its slot with their own time once it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import conversations, decisions, dialect, slots, twins
from ledger.conversations import Key, key_of, key_of_arrival
from ledger.schema import conversations as rows_of_conversations
from ledger.schema import events
from ledger.slot import Wish, own_time
from ledger.slots import Placed
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ledger.arrivals import Arrival

NOT_TO_BE_FOUND = "Its lead is not told either, so SmartLead can not be asked for it."
TOO_LONG = "Its lead's address or its campaign is longer than any real one, so SmartLead can not be asked for it."
BY_ANOTHER = "another event of this lead in this campaign told the conversation's id"
BY_TWIN = "the same reply came another way, with the conversation's id"
BY_LOOKUP = "SmartLead told the conversation's id when it was asked for this lead"
REFUSED = "SmartLead did not know that conversation when it was to be marked, and is not told again by itself"

c = rows_of_conversations.c


def park(connection: sa.Connection, made: Iterable[Arrival], now: float) -> None:
    """Have the conversations of these new parked replies looked up; one that was given up starts again."""
    waiting = {key for arrival in made if arrival.bucket == "parked" and (key := key_of_arrival(arrival))}
    for key in sorted(waiting):
        look_up(connection, key, now)


def look_up(connection: sa.Connection, key: Key, now: float) -> None:
    """Have SmartLead asked for this conversation now; if it was given up, for as many rounds as the first time."""
    given_up = c.lookup_due_at.is_(None)
    attempts = sa.case((given_up, 0), else_=c.lookup_attempts)
    due = rows_of_conversations.update().where(conversations.is_here(key))
    connection.execute(due.values(parked=True, lookup_due_at=now, lookup_attempts=attempts, lookup_troubles=0))
    dialect.wake_workers(connection)


def retry(connection: sa.Connection, event_ids: Sequence[int] | None) -> int:
    """Look the conversations of these parked replies (None: of all) up now; how many of the replies can be."""
    now = dialect.read_clock(connection)
    e = events.c
    chosen = (e.bucket == "parked") & e.lead.is_not(None)
    pieces = [chosen] if event_ids is None else [chosen & e.id.in_(piece) for piece in dialect.in_pieces(event_ids)]
    columns = sa.select(e.account, e.lead, e.campaign_id, e.campaign)
    found = [row for piece in pieces for row in connection.execute(columns.where(piece))]
    keys = [key for row in found if (key := key_of(*row))]
    for key in sorted(set(keys)):
        look_up(connection, key, now)
    return len(keys)


def unpark_known(connection: sa.Connection, known: Mapping[Key, conversations.Known], now: float) -> None:
    """Let the replies go on that waited for an id which is known by now."""
    for key, one in sorted(known.items()):
        if one.parked and one.email_lead_map_id is not None:
            unpark(connection, conversations.is_of(key), one.email_lead_map_id, BY_ANOTHER, now)


def unpark(
    connection: sa.Connection, waiting: sa.ColumnElement[bool], map_id: int, how: str, now: float
) -> dict[int, str | None]:
    """Let the parked ones of these events enter the slot of this id: event id -> why its mark is not what is wanted.

    One that tells what another event of the conversation told as well is a duplicate, and enters nothing. Nor does one
    that is there already, whose mark SmartLead refused for not knowing this very id.
    """
    rows = _free(connection, waiting, map_id, how)
    if not rows:
        return {}
    same = twins.find_recorded(connection, rows)
    join(connection, same)
    _follow(connection, rows, same)
    newest = decisions.newest(connection, [row.event_id for row in rows if row.event_id not in same])
    wishes = [
        Placed(row.event_id, row.account, map_id, _wish(row, newest[row.event_id], now))
        for row in sorted(rows, key=lambda row: row.written_at is None)  # else an undated one would seem to be alone
        if row.event_id in newest and row.lost_id != map_id
    ]
    notes = slots.place(connection, wishes) if wishes else {}
    notes |= {row.event_id: REFUSED for row in rows if row.lost_id == map_id}
    keep_notes(connection, {event_id: f"{how}; {note}" for event_id, note in notes.items()})
    keys = [key_of(row.account, row.lead, row.campaign_id, row.campaign) for row in rows]
    conversations.end_waiting(connection, [key for key in keys if key])
    return {row.event_id: notes.get(row.event_id) for row in rows}


def _free(connection: sa.Connection, waiting: sa.ColumnElement[bool], map_id: int, how: str) -> list[sa.Row[Any]]:
    freed = events.update().where(waiting, events.c.bucket == "parked")
    told = freed.values(bucket="accepted", email_lead_map_id=map_id, id_learned=how != BY_TWIN, reason=how)
    rows = connection.execute(told.returning(*twins.SEEN, events.c.lost_id))
    return sorted(rows, key=lambda row: row.event_id)


_JOIN = (
    events.update()
    .where(events.c.id == sa.bindparam("of_event"))
    .values(bucket="duplicate", twin_of=sa.bindparam("first"), reason=sa.bindparam("why"))
)


def join(connection: sa.Connection, same: Mapping[int, int]) -> None:
    """Note that these events tell a reply that another stands for: event id -> that one's."""
    if same:
        why = "the same reply as event {}, by another way"
        rows = [{"of_event": one, "first": first, "why": why.format(first)} for one, first in sorted(same.items())]
        connection.execute(_JOIN, rows)


def _follow(connection: sa.Connection, rows: Iterable[sa.Row[Any]], same: Mapping[int, int]) -> None:
    """What told the same as one of these, which was parked then and found by its lead, tells the other's reply now."""
    e = events.c
    for row in rows:
        if row.event_id in same:
            told_again = (e.account == row.account) & (e.lead == row.lead) & (e.twin_of == row.event_id)
            connection.execute(events.update().where(told_again).values(twin_of=same[row.event_id]))


def _wish(event: sa.Row[Any], decision: sa.Row[Any], now: float) -> Wish:
    at, dated = own_time(event.written_at, event.received_at)
    return Wish(event.event_id, Mark(decision.mark), decision.rule, at, dated, now, decision.dry_run)


def keep_notes(connection: sa.Connection, notes: Mapping[int, str]) -> None:
    """Why a reply's own mark is not what is wanted, beside the event: people ask later."""
    if notes:
        one = events.c.id == sa.bindparam("of_event")
        statement = events.update().where(one).values(reason=sa.bindparam("note"))
        connection.execute(
            statement, [{"of_event": event_id, "note": note} for event_id, note in sorted(notes.items())]
        )
