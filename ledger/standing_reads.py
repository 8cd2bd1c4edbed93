"""Conversations that a `read` of ours hides, by the rule or version that wanted it, and how they are shown again."""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq, ge, gt
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import decisions, dialect, orders, parking, slots
from ledger.schema import decisions as decision_rows
from ledger.schema import events
from ledger.schema import slots as slot_rows
from ledger.slot import State
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.slot import Slot

PAGE = 500  # conversations that are locked at a time
STANDING = (State.PENDING, State.SETTLED, State.FAILED)

s, e, d = slot_rows.c, events.c, decision_rows.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where marks came from. All that is given must hold; times are seconds since 1970 by the database's clock."""

    rule: str | None = None
    version: int | None = None
    after_version: int | None = None  # any later one
    since: float | None = None  # when the wish was made
    account: str | None = None
    map_ids: tuple[int, ...] | None = None  # of these conversations alone


@dataclass(frozen=True, slots=True)
class StandingRead:
    """A conversation that was last marked read, or is to be, and the reply that was decided so."""

    account: str
    email_lead_map_id: int
    event_id: int
    state: State
    rule: str | None  # None: the default decided
    version: int
    wanted_at: float
    sender: str | None
    words: str | None


def page(connection: sa.Connection, origin: Origin, after: StandingRead | None) -> list[StandingRead]:
    """The next of them in the order of account and id; empty after the last.

    Not those whose newest reply is another by now, nor those that a person marked since.
    """
    found = (
        sa.select(*(s[name] for name in ("account", "email_lead_map_id", "event_id", "state", "rule")))
        .add_columns(d.version, s.wanted_at, e.sender, e.words)
        .select_from(slot_rows.join(events, e.id == s.event_id).join(decision_rows, d.event_id == s.event_id))
        .where(_is_standing(), decisions.is_newest(), _came_from(origin))
        .order_by(s.account, s.email_lead_map_id)
        .limit(PAGE)
    )
    if after is not None:
        here = sa.tuple_(s.account, s.email_lead_map_id)
        found = found.where(here > sa.tuple_(sa.literal(after.account), sa.literal(after.email_lead_map_id)))
    return [_standing_read(row._asdict()) for row in connection.execute(found)]


def _is_standing() -> sa.ColumnElement[bool]:
    """A wish that was withdrawn too late, or without an answer, may hide its conversation all the same."""
    stands = s.state.in_([state.value for state in STANDING])
    landed = (s.state == State.WITHDRAWN) & (s.read_until.is_not(None) | (s.sending == Mark.READ))
    return (s.wanted == Mark.READ) & (stands | landed) & (s.event_id == s.reply_event) & ~s.ordered


def _came_from(origin: Origin) -> sa.ColumnElement[bool]:
    conditions = (
        (s.rule, eq, origin.rule),
        (d.version, eq, origin.version),
        (d.version, gt, origin.after_version),
        (s.wanted_at, ge, origin.since),
        (s.account, eq, origin.account),
    )
    chosen = sa.true() if origin.map_ids is None else s.email_lead_map_id.in_(origin.map_ids)
    return sa.and_(chosen, *(compare(column, told) for column, compare, told in conditions if told is not None))


def _standing_read(values: dict[str, Any]) -> StandingRead:
    return StandingRead(**values | {"state": State(values["state"])})


def take_back(connection: sa.Connection, chosen: Sequence[StandingRead], why: str) -> int:
    """Want `unread` of these conversations instead, each as a person's order; how many still stood as they did.

    `why` is kept beside the reply.
    """
    before = slots.lock(connection, [(one.account, one.email_lead_map_id) for one in chosen])
    now = dialect.read_clock(connection)
    standing = [one for one in chosen if _stands(before.get((one.account, one.email_lead_map_id)), one)]
    shown = [orders.take_back(before[one.account, one.email_lead_map_id], now) for one in standing]
    slots.write(connection, shown)
    parking.keep_notes(connection, {one.event_id: why for one in standing})
    if shown:
        dialect.wake_workers(connection)
    return len(shown)


def _stands(now: Slot | None, then: StandingRead) -> bool:
    if now is None or now.ordered or now.state not in {*STANDING, then.state}:
        return False
    return now.wanted is Mark.READ and now.event_id == now.reply_event == then.event_id and now.rule == then.rule
