"""Recording what arrived: event, decision and slot, in one transaction; a repeat finds its row."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from ledger import dialect, slots
from ledger.schema import decisions, events
from ledger.slot import Wish
from model import Decision, Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 200  # replies that are read at a time

Bucket = Literal["accepted", "ignored", "parked", "quarantined"]
Status = Literal["accepted", "duplicate", "ignored", "parked", "quarantined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event as it came in, decided, and redacted for keeping."""

    account: str
    source: str
    key: str  # equal for every delivery of the same event
    bucket: Bucket
    reason: str | None = None
    email_lead_map_id: int | None = None
    written_at: float | None = None
    sender: str | None = None
    words: str | None = None
    body: bytes = b""  # as `pack` makes it
    decision: Decision | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger did with an arrival. `mark` and `rule` are those of this very reply's first delivery."""

    status: Status
    event_id: int
    mark: Mark | None = None
    rule: str | None = None
    reason: str | None = None
    email_lead_map_id: int | None = None


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


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A reply as it came, as far as it is kept. `body` is the redacted JSON, None where it was pruned."""

    event_id: int
    account: str
    received_at: float
    body: str | None


def pack(body: str) -> bytes:
    """A redacted body as the ledger keeps it: a reply of 3 kB takes about 0.7 kB."""
    return zlib.compress(body.encode("utf-8", "replace"), level=1)


def unpack(body: bytes) -> str:
    """The redacted body that was packed."""
    return zlib.decompress(body).decode("utf-8") if body else ""


def record(connection: sa.Connection, arrivals: Sequence[Arrival]) -> list[Receipt]:
    """Record what is new, count what is a repeat, and say for each arrival what became of it, in their order."""
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    fresh = _insert_new(connection, arrivals, now)
    _insert_decisions(connection, arrivals, fresh, now)
    notes = _move_slots(connection, arrivals, fresh, now)
    _keep_notes(connection, {fresh[index]: note for index, note in notes.items()})
    # Last: a repeat within this very batch is answered with the decision that was just recorded.
    known = _find_known(connection, [one for index, one in enumerate(arrivals) if index not in fresh])
    return [
        _receipt(arrival, fresh[index], notes.get(index)) if index in fresh else known[_identity(arrival)]
        for index, arrival in enumerate(arrivals)
    ]


def page_of_replies(connection: sa.Connection, since: float, after: int) -> list[StoredReply]:
    """The next replies that arrived since then, by their ids above `after`; empty after the last."""
    e = events.c
    page = sa.select(e.id, e.account, e.received_at, e.body).where(_is_reply(since), e.id > after)
    rows = connection.execute(page.order_by(e.id).limit(PAGE))
    return [StoredReply(row.id, row.account, row.received_at, unpack(row.body or b"") or None) for row in rows]


def count_replies(connection: sa.Connection, since: float) -> int:
    """How many replies arrived since then, those without a body too."""
    return connection.execute(sa.select(sa.func.count()).where(_is_reply(since))).scalar_one()


def _is_reply(since: float) -> sa.ColumnElement[bool]:
    # Hidden in a function the bucket tempts no database to take its index and to sort all the rest for each page.
    bucket = sa.func.coalesce(events.c.bucket, "")
    return bucket.in_(("accepted", "parked")) & (events.c.received_at >= since)


def _insert_new(connection: sa.Connection, arrivals: Sequence[Arrival], now: float) -> dict[int, int]:
    """Insert what was never here: position in `arrivals` -> event id. Sorted, so that no two processes deadlock."""
    first = {_identity(one): index for index, one in reversed(list(enumerate(arrivals)))}
    rows = [_event_values(arrivals[index], now) for _key, index in sorted(first.items())]
    statement = dialect.insert(connection, events).on_conflict_do_nothing(index_elements=["account", "key"])
    made = connection.execute(statement.returning(events.c.id, events.c.account, events.c.key), rows)
    return {first[account, key]: event_id for event_id, account, key in made}


def _event_values(arrival: Arrival, now: float) -> dict[str, Any]:
    return {
        "account": arrival.account,
        "source": arrival.source,
        "key": arrival.key,
        "bucket": arrival.bucket,
        "reason": arrival.reason,
        "email_lead_map_id": arrival.email_lead_map_id,
        "written_at": arrival.written_at,
        "received_at": now,
        "sender": arrival.sender,
        "words": arrival.words,
        "body": arrival.body,
    }


def _find_known(connection: sa.Connection, repeats: Sequence[Arrival]) -> dict[tuple[str, str], Receipt]:
    """The receipts of events that were here before; each repeat is counted."""
    known: dict[tuple[str, str], Receipt] = {}
    for account, group in groupby(sorted(repeats, key=_identity), key=lambda one: one.account):
        keys = [one.key for one in group]
        matching = (events.c.account == account) & events.c.key.in_(sorted(set(keys)))
        for row in connection.execute(_with_first_decision().where(matching)):
            known[account, row.key] = _receipt_of_known(row)
        counted = [{"of_key": key, "times": keys.count(key)} for key in sorted(set(keys))]
        one_event = (events.c.account == account) & (events.c.key == sa.bindparam("of_key"))
        add = events.update().where(one_event).values(repeats=events.c.repeats + sa.bindparam("times"))
        connection.execute(add, counted)
    return known


def _receipt_of_known(row: sa.Row[Any]) -> Receipt:
    """A duplicate repeats the first delivery's decision; what could not be read still can not."""
    status: Status = "quarantined" if row.bucket == "quarantined" else "duplicate"
    mark = Mark(row.mark) if row.mark else None
    return Receipt(status, row.id, mark, row.rule, row.reason, row.email_lead_map_id)


def _identity(arrival: Arrival) -> tuple[str, str]:
    return arrival.account, arrival.key


def _with_first_decision() -> sa.Select[Any]:
    first = (decisions.c.event_id == events.c.id) & (decisions.c.revision == 1)
    e, d = events.c, decisions.c
    columns = (e.id, e.key, e.bucket, e.reason, e.email_lead_map_id, d.mark, d.rule)
    return sa.select(*columns).select_from(events.outerjoin(decisions, first))


def _insert_decisions(
    connection: sa.Connection, arrivals: Sequence[Arrival], fresh: dict[int, int], now: float
) -> None:
    rows = [
        {
            "event_id": event_id,
            "revision": 1,
            "mark": decision.mark,
            "rule": decision.rule,
            "version": decision.version,
            "steps": json.dumps([asdict(step) for step in decision.steps], ensure_ascii=False),
            "decided_at": now,
        }
        for index, event_id in sorted(fresh.items())
        if (decision := arrivals[index].decision) is not None
    ]
    if rows:
        connection.execute(decisions.insert(), rows)


def _move_slots(
    connection: sa.Connection, arrivals: Sequence[Arrival], fresh: dict[int, int], now: float
) -> dict[int, str]:
    """Hand each new reply's wish to its conversation's slot: position -> why its own mark is not what is wanted now."""
    wishes: list[slots.Placed] = []
    for index, event_id in sorted(fresh.items()):
        arrival = arrivals[index]
        if arrival.bucket == "accepted" and arrival.email_lead_map_id and arrival.decision:
            wish = _wish(arrival, arrival.decision, event_id, now)
            wishes.append(slots.Placed(index, arrival.account, arrival.email_lead_map_id, wish))
    return slots.place(connection, wishes) if wishes else {}


def _keep_notes(connection: sa.Connection, notes: dict[int, str]) -> None:
    """Why a reply's own mark is not what is wanted, beside the event: people ask later."""
    if notes:
        one = events.c.id == sa.bindparam("of_event")
        statement = events.update().where(one).values(reason=sa.bindparam("note"))
        connection.execute(statement, [{"of_event": event_id, "note": note} for event_id, note in notes.items()])


def _wish(arrival: Arrival, decision: Decision, event_id: int, now: float) -> Wish:
    dated = arrival.written_at is not None
    at = arrival.written_at if arrival.written_at is not None else now
    return Wish(event_id, decision.mark, decision.rule, at, dated, now, arrival.dry_run)


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
