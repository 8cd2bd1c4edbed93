"""Delivering wishes: claim a due one, settle its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import attempts, dialect, lost_conversations, slots
from ledger.budget import backoff
from ledger.schema import slots as slot_rows
from ledger.slot import State
from model import Delivery, GiveUp, Mark, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

SAFE_SECONDS = 35.0  # that must be left of a lease to begin a PATCH under it
LONGEST_WAIT = 600.0  # between two tries of a conversation
MARKS = (Mark.UNREAD, Mark.READ)  # a lead that is to be seen goes before one that is to be hidden

c = slot_rows.c

# As the index has it: a bound value would keep PostgreSQL from using an index of pending slots alone.
_IS_PENDING = c.state == sa.literal_column(f"'{State.PENDING}'")
# Built once: an idle worker asks these every second, a busy one for every mark.
_OF_ACCOUNT = (c.account == sa.bindparam("of_account")) & _IS_PENDING
_NOW: sa.BindParameter[float] = sa.bindparam("now", type_=sa.Double())
_IS_FREE = sa.or_(c.lease_until.is_(None), c.lease_until <= _NOW)
_OF_MARK = _OF_ACCOUNT & (c.wanted == sa.bindparam("mark"))
LONGEST_DUE = sa.select(*slots.COLUMNS).where(_OF_MARK, _IS_FREE, c.due_at <= _NOW).order_by(c.due_at).limit(1)
NEXT_DUE = sa.select(sa.func.min(c.due_at)).where(_OF_MARK, c.due_at > _NOW)
_LOCKED = LONGEST_DUE.with_for_update(skip_locked=True)
_LEASE_ENDS = sa.select(sa.func.min(c.lease_until)).where(_OF_ACCOUNT, c.lease_until.is_not(None))
_STILL_HELD = sa.select(c.lease).where(
    c.account == sa.bindparam("of_account"),
    c.email_lead_map_id == sa.bindparam("of_map_id"),
    c.lease == sa.bindparam("of_lease"),
    c.generation == sa.bindparam("of_generation"),
    c.lease_until > dialect.now() + SAFE_SECONDS,
)


def wait(connection: sa.Connection, account: str, now: float) -> float | None:
    """Seconds until a wish may be sent; None: there is none."""
    asked = [_asked(account, mark, now) for mark in MARKS]
    if any(connection.execute(LONGEST_DUE, one).first() for one in asked):
        return 0.0
    dues = [connection.execute(NEXT_DUE, one).scalar() for one in asked]
    lease_ends = connection.execute(_LEASE_ENDS, {"of_account": account}).scalar()
    times = [time for time in (*dues, lease_ends) if time is not None]
    return max(0.01, min(times) - now) if times else None


def _asked(account: str, mark: Mark, now: float) -> dict[str, Any]:
    return {"of_account": account, "mark": mark, "now": now}


def waiting_of_others(connection: sa.Connection, accounts: Collection[str]) -> dict[str, int]:
    """How many wishes wait of accounts that are not among these, by account."""
    counted = sa.select(c.account, sa.func.count()).where(_IS_PENDING, c.account.not_in(accounts))
    rows = connection.execute(counted.group_by(c.account).order_by(c.account))
    return {account: count for account, count in rows}  # noqa: C416 - a row is no pair to mypy


def claim(connection: sa.Connection, account: str, lease: str, now: float, seconds: float) -> Delivery | None:
    """The wish that is longest due, leased, `unread` before `read`; None if somebody else is changing it."""
    row = next(_lock_due(connection, account, now), None)
    return None if row is None else _lease(connection, row, lease, now, seconds)


def claim_probe(connection: sa.Connection, account: str, lease: str, now: float, seconds: float) -> Delivery | None:
    """As `claim`, whatever the mark: a probe that failed is due anew, so that it is another's turn."""
    row = min(_lock_due(connection, account, now), key=lambda one: one.due_at, default=None)
    return None if row is None else _lease(connection, row, lease, now, seconds)


def _lock_due(connection: sa.Connection, account: str, now: float) -> Iterator[sa.Row[Any]]:
    for mark in MARKS:
        row = connection.execute(_LOCKED, _asked(account, mark, now)).first()
        if row is not None:
            yield row


def _lease(connection: sa.Connection, row: sa.Row[Any], lease: str, now: float, seconds: float) -> Delivery:
    claimed, delivery = attempts.claim(slots.read(row), lease, now, seconds)
    slots.write(connection, [claimed])
    return delivery


def holds(connection: sa.Connection, delivery: Delivery) -> bool:
    """Whether the claim still stands, with time enough to send: asked once more right before the PATCH."""
    asked = {
        "of_account": delivery.account,
        "of_map_id": delivery.email_lead_map_id,
        "of_lease": delivery.lease,
        "of_generation": delivery.generation,
    }
    return connection.execute(_STILL_HELD, asked).first() is not None


def settle(
    connection: sa.Connection, delivery: Delivery, outcome: Outcome, max_attempts: int | None, now: float
) -> None:
    """Write an answer down: the wish's end or next try. A conversation that is gone is known by that id no more.

    Without `max_attempts` the trouble is the whole account's: the try does not count, and its hold is the wait.
    """
    if isinstance(outcome, GiveUp) and outcome.gone:
        lost_conversations.forget(connection, delivery.account, delivery.email_lead_map_id, now)
    before = slots.lock_one(connection, delivery.account, delivery.email_lead_map_id)
    pause = 0.0 if max_attempts is None else _pause(delivery, outcome, max_attempts)
    after = attempts.settle(before, delivery, outcome, now, pause, spared=max_attempts is None)
    slots.write(connection, [after])


def drop(connection: sa.Connection, delivery: Delivery) -> None:
    """Give a claim back that was not sent."""
    before = slots.lock_one(connection, delivery.account, delivery.email_lead_map_id)
    if before.lease == delivery.lease:
        slots.write(connection, [attempts.unclaim(before)])


def _pause(delivery: Delivery, outcome: Outcome, max_attempts: int) -> float | None:
    if not isinstance(outcome, Retry) or delivery.attempt >= max_attempts:
        return None
    return max(outcome.after or 0.0, backoff(delivery.attempt, LONGEST_WAIT))
