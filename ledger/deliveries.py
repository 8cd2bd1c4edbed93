"""Delivering wishes: claim a due one within the rate, settle its answer, list them, send them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import sqlalchemy as sa

from ledger import budget, dialect, slot, slots
from ledger.budget import Hold, backoff
from ledger.schema import slots as slot_rows
from ledger.slot import State
from model import Delivery, Done, Mark, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Window

LEASE_SECONDS = 60.0  # longer than connecting (3.05), reading (20) and a drip-fed answer (30) together
CALL_SECONDS = 40.0  # after which a call of a worker that died is surely over
SAFE_SECONDS = 35.0  # that must be left of a lease to begin a PATCH under it
LONGEST_WAIT = 600.0  # between two tries of a conversation
NOTHING_DUE = Hold(3600.0)


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A conversation's newest wish and what became of it, as `flask deliveries list` shows it."""

    account: str
    email_lead_map_id: int
    mark: Mark
    state: State
    attempts: int
    reason: str | None
    rule: str | None
    event_id: int | None
    wanted_at: float
    due_at: float | None


def claim(connection: sa.Connection, account: str, windows: Sequence[Window]) -> Delivery | Hold:
    """The wish that is longest due, leased and with the right to one call; or for how long there is nothing to do."""
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    if hold := _nothing_due(connection, account, now):
        return hold
    lease = uuid4().hex
    if hold := budget.take(connection, account, windows, lease, CALL_SECONDS):
        return hold
    row = connection.execute(_longest_due(account, now)).first()
    if row is None:  # another worker was quicker
        budget.forget(connection, lease)
        return Hold(0.01)
    claimed, delivery = slot.claim(slots.read(row), lease, now, LEASE_SECONDS)
    slots.write(connection, [claimed])
    return delivery


def _longest_due(account: str, now: float) -> sa.Select[Any]:
    c = slot_rows.c
    free = sa.or_(c.lease_until.is_(None), c.lease_until <= now)
    due = sa.select(*slots.COLUMNS).where(c.account == account, c.state == State.PENDING, free, c.due_at <= now)
    return due.order_by(c.due_at).limit(1).with_for_update(skip_locked=True)


def _nothing_due(connection: sa.Connection, account: str, now: float) -> Hold | None:
    """For how long nothing is due; None if something is."""
    c = slot_rows.c
    lease_end = sa.func.coalesce(c.lease_until, 0.0)
    claimable_at = sa.case((lease_end > c.due_at, lease_end), else_=c.due_at)
    pending = (c.account == account) & (c.state == State.PENDING)
    first: float | None = connection.execute(sa.select(sa.func.min(claimable_at)).where(pending)).scalar()
    if first is None:
        return NOTHING_DUE
    return Hold(first - now) if first > now else None


def holds(connection: sa.Connection, delivery: Delivery) -> bool:
    """Whether the claim still stands, with time enough to send: asked once more right before the PATCH."""
    still = (
        (slot_rows.c.account == delivery.account)
        & (slot_rows.c.email_lead_map_id == delivery.email_lead_map_id)
        & (slot_rows.c.lease == delivery.lease)
        & (slot_rows.c.generation == delivery.generation)
        & (slot_rows.c.lease_until > dialect.now() + SAFE_SECONDS)
    )
    return connection.execute(sa.select(slot_rows.c.lease).where(still)).first() is not None


def settle(
    connection: sa.Connection,
    delivery: Delivery,
    outcome: Outcome,
    windows: Sequence[Window],
    max_attempts: int,
) -> None:
    """Write an answer down: the wish's end or next try, the call's end, and what it says of the whole account."""
    budget.give_back(connection, delivery.account, windows, delivery.lease)
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    here = (delivery.account, delivery.email_lead_map_id)
    before = slots.lock(connection, [here])[here]
    after = slot.settle(before, delivery, outcome, now, _wait(delivery, outcome, max_attempts))
    slots.write(connection, [after])
    match outcome:
        case Retry(reason, after=seconds, whole_account=True):
            budget.hold(connection, delivery.account, seconds, reason)
        case Done():
            budget.forgive(connection, delivery.account)


def drop(connection: sa.Connection, delivery: Delivery) -> None:
    """Give a claim back that was not sent."""
    budget.forget(connection, delivery.lease)
    here = (delivery.account, delivery.email_lead_map_id)
    before = slots.lock(connection, [here])[here]
    if before.lease == delivery.lease:
        slots.write(connection, [slot.unclaim(before)])


def _wait(delivery: Delivery, outcome: Outcome, max_attempts: int) -> float | None:
    if not isinstance(outcome, Retry):
        return None
    if outcome.whole_account:
        return 0.0  # the account's hold is the wait
    if delivery.attempt >= max_attempts:
        return None
    return max(outcome.after or 0.0, backoff(delivery.attempt, LONGEST_WAIT))


def recent(connection: sa.Connection, state: State | None, limit: int) -> list[DeliveryRow]:
    """The newest wishes, of one state or of all."""
    c = slot_rows.c
    leased = sa.and_(c.state == State.PENDING, sa.func.coalesce(c.lease_until, 0.0) > dialect.now())
    shown = sa.case((leased, State.SENDING.value), else_=c.state).label("shown")
    names = ("account", "email_lead_map_id", "attempts", "reason", "rule", "event_id", "wanted_at", "due_at")
    wishes = sa.select(c.wanted, shown, *(c[name] for name in names)).where(c.wanted.is_not(None))
    if state is not None:
        wishes = wishes.where(shown == state.value)
    rows = connection.execute(wishes.order_by(c.wanted_at.desc(), c.email_lead_map_id).limit(limit))
    return [_delivery(row._asdict()) for row in rows]


def _delivery(values: dict[str, Any]) -> DeliveryRow:
    mark, state = Mark(values.pop("wanted")), State(values.pop("shown"))
    if state not in {State.PENDING, State.SENDING}:
        values["due_at"] = None
    return DeliveryRow(mark=mark, state=state, **values)


@dataclass(frozen=True, slots=True)
class Redone:
    """How many wishes are sent once more, and how many are not, because they are no longer what is wanted."""

    again: int
    outdated: int


def redo(connection: sa.Connection, map_ids: Sequence[int] | None, states: Sequence[State]) -> Redone:
    """Send the wishes of these conversations (None: of all) once more if in one of `states`.

    Not if a newer reply is there whose decision was to leave it, nor what was decided in a dry run.
    """
    c = slot_rows.c
    chosen = sa.and_(c.wanted.is_not(None), c.state.in_([state.value for state in states]))
    if map_ids is not None:
        chosen = sa.and_(chosen, c.email_lead_map_id.in_(map_ids))
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    ordered = sa.select(*slots.COLUMNS).where(chosen).order_by(c.account, c.email_lead_map_id)
    found = [slots.read(row) for row in connection.execute(ordered.with_for_update())]
    wanted = [one for one in found if one.event_id == one.reply_event and one.reason != slot.DRY_RUN]
    slots.write(connection, [slot.again(one, now) for one in wanted])
    if wanted:
        dialect.wake_workers(connection)
    return Redone(len(wanted), len(found) - len(wanted))
