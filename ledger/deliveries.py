"""Delivering wishes: claim a due one, settle its answer, list them, send them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect, lost_conversations, slot, slots
from ledger.budget import backoff
from ledger.schema import slots as slot_rows
from ledger.slot import State
from model import Delivery, GiveUp, Mark, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

SAFE_SECONDS = 35.0  # that must be left of a lease to begin a PATCH under it
LONGEST_WAIT = 600.0  # between two tries of a conversation


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


def wait(connection: sa.Connection, account: str, now: float) -> float | None:
    """Seconds until a wish may be sent; None: there is none."""
    c = slot_rows.c
    claimable_at = dialect.later_of(c.due_at, sa.func.coalesce(c.lease_until, 0.0))
    pending = (c.account == account) & (c.state == State.PENDING)
    first: float | None = connection.execute(sa.select(sa.func.min(claimable_at)).where(pending)).scalar()
    return None if first is None else max(0.0, first - now)


def claim(connection: sa.Connection, account: str, lease: str, now: float, seconds: float) -> Delivery | None:
    """The wish that is longest due, leased; None if another worker was quicker."""
    row = connection.execute(_longest_due(account, now)).first()
    if row is None:
        return None
    claimed, delivery = slot.claim(slots.read(row), lease, now, seconds)
    slots.write(connection, [claimed])
    return delivery


def _longest_due(account: str, now: float) -> sa.Select[Any]:
    c = slot_rows.c
    free = sa.or_(c.lease_until.is_(None), c.lease_until <= now)
    due = sa.select(*slots.COLUMNS).where(c.account == account, c.state == State.PENDING, free, c.due_at <= now)
    return due.order_by(c.due_at).limit(1).with_for_update(skip_locked=True)


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


def settle(connection: sa.Connection, delivery: Delivery, outcome: Outcome, max_attempts: int, now: float) -> None:
    """Write an answer down: the wish's end or next try. A conversation that is gone is known by that id no more."""
    if isinstance(outcome, GiveUp) and outcome.gone:
        lost_conversations.forget(connection, delivery.account, delivery.email_lead_map_id, now)
    here = (delivery.account, delivery.email_lead_map_id)
    before = slots.lock(connection, [here])[here]
    after = slot.settle(before, delivery, outcome, now, _pause(delivery, outcome, max_attempts))
    slots.write(connection, [after])


def drop(connection: sa.Connection, delivery: Delivery) -> None:
    """Give a claim back that was not sent."""
    here = (delivery.account, delivery.email_lead_map_id)
    before = slots.lock(connection, [here])[here]
    if before.lease == delivery.lease:
        slots.write(connection, [slot.unclaim(before)])


def _pause(delivery: Delivery, outcome: Outcome, max_attempts: int) -> float | None:
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
    pieces = [chosen]
    if map_ids is not None:
        pieces = [chosen & c.email_lead_map_id.in_(piece) for piece in dialect.in_pieces(map_ids)]
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    ordered = sa.select(*slots.COLUMNS).order_by(c.account, c.email_lead_map_id).with_for_update()
    found = [slots.read(row) for piece in pieces for row in connection.execute(ordered.where(piece))]
    wanted = [one for one in found if one.event_id == one.reply_event and one.reason != slot.DRY_RUN]
    slots.write(connection, [slot.again(one, now) for one in wanted])
    if wanted:
        dialect.wake_workers(connection)
    return Redone(len(wanted), len(found) - len(wanted))
