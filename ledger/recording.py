"""Recording what arrived: event, decision and slot, in one transaction; a repeat finds its row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import (
    bundles,
    categories,
    conversations,
    decisions,
    dialect,
    kept_categories,
    parking,
    repeats,
    slots,
    twins,
)
from ledger.addresses import fold_lead
from ledger.arrivals import Arrival, Receipt
from ledger.conversations import Telling, key_of, key_of_arrival, telling_of
from ledger.repeats import identity
from ledger.schema import events
from ledger.slot import Wish, own_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.conversations import Key, Known
    from ledger.twins import Sighting
    from model import CategoryChange, Decision


@dataclass(frozen=True, slots=True)
class Begun:
    """Arrivals whose conversations nobody else touches until the transaction ends."""

    arrivals: Sequence[Arrival]  # with the ids that their conversations are known by
    known: Mapping[Key, Known]
    now: float


def begin(connection: sa.Connection, arrivals: Sequence[Arrival]) -> Begun:
    """Learn what these tell of their conversations, and take turns with all who touch the same ones.

    Whoever locks more than one of these does it in this order: accounts, conversations, turns, events, slots.
    """
    categories.ask_for_unknown(connection, arrivals)
    known = conversations.meet(connection, _tellings(connection, arrivals))
    completed = [_with_known_id(one, known) for one in arrivals]
    now = dialect.begin_turn(connection, [name for one in completed for name in _turns(one, known)])
    return Begun(completed, known, now)


def _turns(arrival: Arrival, known: Mapping[Key, Known]) -> list[str]:
    """What it takes turns by: two that tell one reply must see each other, and a category and its reply, too."""
    if change := arrival.category_change:
        return _turns_of_change(change, known)
    if twins.may_have_one(arrival) or arrival.kept_since < inf:
        return twins.turns(arrival.account, arrival.email_lead_map_id, fold_lead(arrival.lead))
    return []


def _turns_of_change(change: CategoryChange, known: Mapping[Key, Known]) -> list[str]:
    """By the id that is known of it, too: that may be all that its reply tells."""
    key = key_of(change.account, change.lead, change.campaign_id, None)
    found = known.get(key) if key else None
    ids = {change.email_lead_map_id, found.email_lead_map_id if found else None}
    return [name for one in ids for name in twins.turns(change.account, one, fold_lead(change.lead))]


def record(connection: sa.Connection, begun: Begun) -> list[Receipt]:
    """Record what is new, count what is a repeat, and say for each arrival what became of it, in their order."""
    arrivals, known, now = begun.arrivals, begun.known, begun.now
    earlier = twins.earlier(connection, arrivals)
    fresh = _insert_new(connection, arrivals, now)
    same = twins.find(arrivals, fresh, earlier, now)
    new = {index: event_id for index, event_id in fresh.items() if index not in same}
    decisions.add_first(connection, {event_id: arrivals[index] for index, event_id in new.items()}, now)
    _join_twins(connection, [(fresh[index], arrivals[index], first) for index, first in same.items()], now)
    parking.unpark_known(connection, known, now)
    parking.park(connection, [arrivals[index] for index in new], now)
    notes = _move_slots(connection, arrivals, new, now)
    parking.keep_notes(connection, {new[index]: note for index, note in notes.items()})
    kept_categories.keep(connection, [change for index in sorted(fresh) if (change := arrivals[index].category_change)])
    # Last: a repeat within this very batch is answered with the decision that was just recorded.
    before = repeats.find(connection, [one for index, one in enumerate(arrivals) if index not in new])
    repeats.count(connection, [one for index, one in enumerate(arrivals) if index not in fresh])
    return [
        _receipt(arrival, new[index], notes.get(index))
        if index in new
        else _as_twin(before[identity(arrival)], told_now=index in same)
        for index, arrival in enumerate(arrivals)
    ]


def _as_twin(receipt: Receipt, *, told_now: bool) -> Receipt:
    return replace(receipt, twin_of=receipt.event_id) if told_now else receipt


def keep_category(connection: sa.Connection, change: CategoryChange) -> bool:
    """Keep a category for the conversation's next reply; False if nothing names the conversation, or a newer is kept.

    If it tells the conversation's id, the replies go on that wait for it.
    """
    key = key_of(change.account, change.lead, change.campaign_id, None)
    told = [Telling(key, change.email_lead_map_id, change.changed_at)] if key else []
    known = conversations.meet(connection, told)
    now = dialect.begin_turn(connection, _turns_of_change(change, known))
    parking.unpark_known(connection, known, now)
    return kept_categories.keep(connection, [change])[0]


def _tellings(connection: sa.Connection, arrivals: Sequence[Arrival]) -> list[Telling]:
    """What is to be learned, or looked up, of conversations. A repeat without a time of its own would seem new."""
    told = [(arrival, telling) for arrival in arrivals if (telling := telling_of(arrival))]
    undated = [arrival for arrival, telling in told if telling.email_lead_map_id and arrival.written_at is None]
    known = set(repeats.find(connection, undated))
    return [telling for arrival, telling in told if identity(arrival) not in known]


def _with_known_id(arrival: Arrival, known: Mapping[Key, Known]) -> Arrival:
    """A reply without an id gets the one that its conversation is known by."""
    if arrival.bucket != "parked":
        return arrival
    key = key_of_arrival(arrival)
    if key is None:
        why = parking.TOO_LONG if arrival.lead else parking.NOT_TO_BE_FOUND
        return replace(arrival, reason=" ".join(filter(None, (arrival.reason, why))))
    if (map_id := known[key].email_lead_map_id) is None:
        return arrival
    found = replace(arrival, email_lead_map_id=map_id, id_learned=True)
    return replace(found, bucket="accepted", reason=parking.BY_ANOTHER)


def _insert_new(connection: sa.Connection, arrivals: Sequence[Arrival], now: float) -> dict[int, int]:
    """Insert what was never here: position in `arrivals` -> event id. Sorted, so that no two processes deadlock."""
    first = {identity(one): index for index, one in reversed(list(enumerate(arrivals)))}
    rows = [_event_row(arrivals[index], now) for _key, index in sorted(first.items())]
    return {first[account, key]: event_id for event_id, account, key in _NEW.execute(connection, rows)}


AS_THEY_CAME = (
    *("account", "source", "key", "bucket", "reason", "email_lead_map_id", "written_at", "sender", "words", "body"),
    *("campaign_id", "campaign", "message_key", "words_key", "category_id", "id_learned"),
)
_STORED = (*AS_THEY_CAME, "received_at", "lead", "writer")
_as_it_came = attrgetter(*AS_THEY_CAME)


def _event_row(arrival: Arrival, now: float) -> tuple[object, ...]:
    return (*_as_it_came(arrival), now, fold_lead(arrival.lead), twins.writer_of(arrival))


def _inserting(insert: dialect.MakeInsert, told: sa.TableClause) -> sa.Insert:
    statement = insert(events).from_select(_STORED, sa.select(told).where(sa.true()))
    once = statement.on_conflict_do_nothing(index_elements=["account", "key"])
    return once.returning(events.c.id, events.c.account, events.c.key)


_NEW = bundles.Rows([events.c[name] for name in _STORED], _inserting)
TOLD_ONCE = ("message_key", "written_at", "writer")


# What the reply's first event did not tell, a third may have in common with the second alone.
_LEARN = (
    events.update()
    .where(events.c.id == sa.bindparam("of_event"))
    .values({name: sa.func.coalesce(events.c[name], sa.bindparam(f"told_{name}")) for name in TOLD_ONCE})
)


def _join_twins(connection: sa.Connection, same: Sequence[tuple[int, Arrival, Sighting]], now: float) -> None:
    """Note that these events tell again what another told first; what only they tell of it is that one's, too."""
    if not same:
        return
    parking.join(connection, {event_id: first.event_id for event_id, _arrival, first in same})
    learned = [_learned(arrival, first) for _event_id, arrival, first in same]
    connection.execute(_LEARN, sorted(learned, key=lambda row: row["of_event"]))
    for _event_id, arrival, first in sorted(same, key=lambda one: one[2].event_id):
        if arrival.email_lead_map_id is not None and first.email_lead_map_id is None:
            waiting = events.c.id == first.event_id
            parking.unpark(connection, waiting, arrival.email_lead_map_id, parking.BY_TWIN, now)


def _learned(arrival: Arrival, first: Sighting) -> dict[str, Any]:
    told = (arrival.message_key, arrival.written_at, twins.writer_of(arrival))
    return {"of_event": first.event_id} | {f"told_{name}": one for name, one in zip(TOLD_ONCE, told, strict=True)}


def _move_slots(
    connection: sa.Connection, arrivals: Sequence[Arrival], new: Mapping[int, int], now: float
) -> dict[int, str]:
    """Hand each new reply's wish to its conversation's slot: position -> why its own mark is not what is wanted now."""
    wishes: list[slots.Placed] = []
    for index, event_id in sorted(new.items()):
        arrival = arrivals[index]
        if arrival.bucket == "accepted" and arrival.email_lead_map_id and arrival.decision:
            wish = _wish(arrival, arrival.decision, event_id, now)
            wishes.append(slots.Placed(index, arrival.account, arrival.email_lead_map_id, wish))
    return slots.place(connection, wishes) if wishes else {}


def _wish(arrival: Arrival, decision: Decision, event_id: int, now: float) -> Wish:
    at, dated = own_time(arrival.written_at, now)
    return Wish(event_id, decision.mark, decision.rule, at, dated, now, arrival.dry_run, arrival.seen)


def _receipt(arrival: Arrival, event_id: int, note: str | None) -> Receipt:
    decision = arrival.decision
    return Receipt(
        arrival.bucket,
        event_id,
        decision.mark if decision else None,
        decision.rule if decision else None,
        arrival.reason or note,
        arrival.email_lead_map_id,
    )
