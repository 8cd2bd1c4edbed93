"""The names of an account's categories: when SmartLead is asked for them, and what it told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import budget, dialect
from ledger.schema import accounts, categories
from model import Answer, CategoriesWanted, CategoryNames, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.arrivals import Arrival

DAY = 86400.0
SOONEST = 300.0  # seconds from one time to the next, whatever unknown numbers come
TRY_AGAIN = 60.0

a = accounts.c


def ask_for_unknown(connection: sa.Connection, arrivals: Sequence[Arrival]) -> None:
    """Have the names fetched soon of the accounts whose replies tell a number without a known name."""
    for account in sorted({one.account for one in arrivals if one.category_id is not None}):
        soon = sa.func.coalesce(a.categories_at + SOONEST, 0.0)
        later = (a.name == account) & (a.categories_due_at > soon)
        connection.execute(accounts.update().where(later).values(categories_due_at=soon))
        dialect.wake_workers(connection)


def wait(connection: sa.Connection, account: str, now: float) -> float:
    """Seconds until the names are to be fetched."""
    due = sa.select(dialect.later_of(a.categories_due_at, sa.func.coalesce(a.categories_lease_until, 0.0)))
    at: float | None = connection.execute(due.where(a.name == account)).scalar()
    return max(0.0, (at or 0.0) - now)


def claim(connection: sa.Connection, account: str, lease: str, now: float, seconds: float) -> CategoriesWanted | None:
    """The right to fetch them, if nobody else has it; the account is locked already."""
    free = a.categories_lease_until.is_(None) | (a.categories_lease_until <= now)
    due = (a.name == account) & (a.categories_due_at <= now) & free
    leased = accounts.update().where(due).values(categories_lease=lease, categories_lease_until=now + seconds)
    return CategoriesWanted(account, lease) if connection.execute(leased).rowcount else None


def settle(connection: sa.Connection, task: CategoriesWanted, answer: Answer, now: float) -> None:
    """Keep the names that were told, all others of the account go; or try again later."""
    match answer:
        case CategoryNames(names):
            connection.execute(categories.delete().where(categories.c.account == task.account))
            rows = [{"account": task.account, "id": n, "name": name, "fetched_at": now} for n, name in names.items()]
            if rows:
                connection.execute(categories.insert(), rows)
            _end(connection, task, categories_at=now, categories_due_at=now + DAY)
        case Retry(_, after=after, whole_account=limited):
            pause = 0.0 if limited else max(after or 0.0, budget.backoff(8, TRY_AGAIN))
            _end(connection, task, categories_due_at=now + pause)
        case _:
            _end(connection, task, categories_due_at=now + DAY)


def drop(connection: sa.Connection, task: CategoriesWanted) -> None:
    """Give a claim back for which nothing was asked."""
    _end(connection, task)


def _end(connection: sa.Connection, task: CategoriesWanted, **values: float) -> None:
    own = (a.name == task.account) & (a.categories_lease == task.lease)
    connection.execute(
        accounts.update().where(own).values(categories_lease=None, categories_lease_until=None, **values)
    )


def names_of(connection: sa.Connection, account: str) -> dict[int, str]:
    """The account's categories by their numbers."""
    mine = sa.select(categories.c.id, categories.c.name).where(categories.c.account == account)
    return {number: name for number, name in connection.execute(mine)}  # noqa: C416 - a row is no pair to mypy
