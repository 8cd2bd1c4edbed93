"""The decisions about each event: the first on arrival, then a revision each time it is decided anew."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import bundles, dialect
from ledger.schema import decisions, events
from model import Check, Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ledger.arrivals import Arrival
    from model import Decision

_JSON = json.JSONEncoder(ensure_ascii=False)
STEP, CHECK = (tuple(field.name for field in fields(noun)) for noun in (Step, Check))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecision:
    """What is decided anew about a reply, and why.

    `category_at`: by a category that was given then; it does not count once a newer one decided. `waiting_for`: because
    this category has a name now; it does not count once the reply waits for it no more. `told_by`: the event that told
    the category; lists show beside it what became of the reply.
    """

    event_id: int
    decision: Decision
    cause: str
    dry_run: bool
    category_at: float | None = None
    waiting_for: int | None = None
    told_by: int | None = None


def add_first(connection: sa.Connection, made: Mapping[int, Arrival], now: float) -> None:
    """Keep what was decided on arrival: event id -> its arrival. Those without a decision have none to keep."""
    rows = [
        (event_id, 1, now, arrival.dry_run, *_values(arrival.decision).values())
        for event_id, arrival in sorted(made.items())
        if arrival.decision is not None
    ]
    if rows:
        _ADDED.execute(connection, rows)


def _add(insert: dialect.MakeInsert, told: sa.TableClause) -> sa.Insert:
    return insert(decisions).from_select(_FIRST, sa.select(told))


_FIRST = ("event_id", "revision", "decided_at", "dry_run", "mark", "rule", "version", "steps")
_ADDED = bundles.Rows([decisions.c[name] for name in _FIRST], _add)


def add_revisions(connection: sa.Connection, made: Sequence[Redecision], now: float) -> None:
    """Keep what was decided anew; the very same decision as the newest makes no revision of its own."""
    before = newest(connection, sorted({one.event_id for one in made}))
    last = {event_id: row._asdict() for event_id, row in before.items()}
    rows = []
    for one in made:
        values = _values(one.decision) | {"dry_run": one.dry_run}
        known = last[one.event_id]
        if any(value != known[name] for name, value in values.items()):
            told = {"event_id": one.event_id, "decided_at": now, "cause": one.cause}
            last[one.event_id] = values | told | {"revision": known["revision"] + 1}
            rows.append(last[one.event_id])
    if rows:
        connection.execute(decisions.insert(), rows)


def _values(decision: Decision) -> dict[str, Any]:
    return {
        "mark": decision.mark,
        "rule": decision.rule,
        "version": decision.version,
        "steps": _JSON.encode([_told(step, STEP) | {"checks": _checks(step)} for step in decision.steps]),
    }


def _checks(step: Step) -> list[dict[str, Any]]:
    return [_told(check, CHECK) for check in step.checks]


def _told(noun: Step | Check, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(noun, name) for name in names}  # asdict would copy each value deeply


def newest(connection: sa.Connection, event_ids: Sequence[int]) -> dict[int, sa.Row[Any]]:
    """The row of each event's newest decision, by the event's id."""
    pieces = dialect.in_pieces(event_ids)
    return {row.event_id: row for piece in pieces for row in connection.execute(_NEWEST, {"event_ids": piece})}


def is_newest() -> sa.ColumnElement[bool]:
    """Of the decisions about an event, the one that counts."""
    later = decisions.alias("later")
    highest = sa.select(sa.func.max(later.c.revision)).where(later.c.event_id == decisions.c.event_id)
    return decisions.c.revision == highest.scalar_subquery()


_NEWEST = sa.select(decisions).where(decisions.c.event_id.in_(sa.bindparam("event_ids", expanding=True)), is_newest())


def is_decided() -> sa.ColumnElement[bool]:
    """Whether an event is a reply: only replies are decided about."""
    return sa.exists().where(decisions.c.event_id == events.c.id)
