"""What a worker does next, within the account's rate: a PATCH, then the names of the categories, then a lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import sqlalchemy as sa

from ledger import budget, categories, deliveries, dialect, lookups
from ledger.budget import Hold
from model import Answer, CategoriesWanted, Delivery, Done, GiveUp, Lookup, Retry, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Window

LEASE_SECONDS = 60.0  # longer than connecting (3.05), reading (20) and a drip-fed answer (30) together
CALL_SECONDS = 40.0  # after which a call of a worker that died is surely over
QUESTIONS = (categories, lookups)
KINDS = (deliveries, *QUESTIONS)  # what comes first goes first
SHARES = {lookups: 0.5}  # of each window, at most: a thousand parked replies must not hold up one PATCH
LONGEST_HOLD = 3600.0


def claim(connection: sa.Connection, account: str, windows: Sequence[Window], *, marks: bool = True) -> Task | Hold:
    """The task that is due, leased and with the right to one call; or for how long there is nothing to do.

    Without `marks` no wish is carried out: a dry run asks SmartLead, and tells it nothing.
    """
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    hold = LONGEST_HOLD
    for kind in KINDS if marks else QUESTIONS:
        wait = kind.wait(connection, account, now)
        if wait == 0.0:
            lease = uuid4().hex
            share = SHARES.get(kind, 1.0)
            if limited := budget.take(connection, account, windows, lease, CALL_SECONDS, share=share):
                return limited if limited.limited else Hold(min(hold, limited.seconds))
            task: Task | None = kind.claim(connection, account, lease, now, LEASE_SECONDS)
            if task is not None:
                return task
            budget.forget(connection, lease)  # another worker was quicker
            return Hold(0.01)
        hold = hold if wait is None else min(hold, wait)
    return Hold(hold)


def settle(connection: sa.Connection, task: Task, answer: Answer, windows: Sequence[Window], max_attempts: int) -> None:
    """Write an answer down: what came of the task, the call's end, and what it says of the whole account."""
    budget.give_back(connection, task.account, windows, task.lease)
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    match task, answer:
        case Delivery(), Done() | Retry() | GiveUp():
            deliveries.settle(connection, task, answer, max_attempts, now)
        case Lookup(), _:
            lookups.settle(connection, task, answer, now)
        case CategoriesWanted(), _:
            categories.settle(connection, task, answer, now)
        case _:
            raise TypeError(f"{type(answer).__name__} is no answer to a {type(task).__name__}")
    match answer:
        case Retry(reason, after=seconds, whole_account=True):
            budget.hold(connection, task.account, seconds, reason)
        case Retry() | GiveUp():
            pass
        case _:
            budget.forgive(connection, task.account)


def begin_call(connection: sa.Connection, account: str, windows: Sequence[Window]) -> str | Hold:
    """The right to one call that is no worker's, as the lease to end it by; or for how long there is none."""
    lease = uuid4().hex
    return budget.take(connection, account, windows, lease, CALL_SECONDS, though_held=True) or lease


def drop(connection: sa.Connection, task: Task) -> None:
    """Give a claim back for which nothing was sent."""
    budget.forget(connection, task.lease)
    match task:
        case Delivery():
            deliveries.drop(connection, task)
        case Lookup():
            lookups.drop(connection, task)
        case CategoriesWanted():
            categories.drop(connection, task)
