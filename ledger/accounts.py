"""The accounts' rows: read under lock, moved by `standing`'s pure functions, written back; pauses by hand."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import accounts
from ledger.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = tuple(accounts.c[field.name] for field in fields(Standing))
CHANGING = tuple(column.name for column in COLUMNS if not column.primary_key)

IMPOSSIBLE = 7200.0  # seconds; an answer holds for an hour at most

_IS_THIS = accounts.c.name == sa.bindparam("of_account")
_THIS = sa.select(*COLUMNS).where(_IS_THIS).with_for_update()


def lock(connection: sa.Connection, name: str) -> Standing:
    """The account, which nobody else changes until the transaction ends. Made if it is missing.

    Who also locks slots does so after this.
    """
    row = connection.execute(_THIS, {"of_account": name}).first()
    if row is None:
        connection.execute(dialect.insert(connection, accounts).values(name=name).on_conflict_do_nothing())
        row = connection.execute(_THIS, {"of_account": name}).one()
    return _read(row)


def write(connection: sa.Connection, before: Standing, after: Standing) -> None:
    """Write back what has changed."""
    changed = {name: getattr(after, name) for name in CHANGING if getattr(after, name) != getattr(before, name)}
    if changed:
        connection.execute(_changing(tuple(changed)), changed | {"of_account": after.name})


@cache
def _changing(names: tuple[str, ...]) -> sa.Update:
    """Built once for what one kind of answer changes: that costs more than to execute it."""
    return accounts.update().where(_IS_THIS).values({name: sa.bindparam(name) for name in names})


def every(connection: sa.Connection) -> list[Standing]:
    """All accounts that have ever made a call or were paused, by name."""
    return [_read(row) for row in connection.execute(sa.select(*COLUMNS).order_by(accounts.c.name))]


def end_impossible_holds(connection: sa.Connection) -> None:
    """End holds that no answer can have asked for: the clock was set back since they began."""
    impossible = accounts.c.held_until > dialect.now() + IMPOSSIBLE
    connection.execute(accounts.update().where(impossible).values(held_until=0.0))


def pause(connection: sa.Connection, name: str, by: str, reason: str | None) -> None:
    """Send no mark of this account until `resume`. A pause that is there gets the new reason, and keeps its time."""
    before = lock(connection, name)
    at = dialect.read_clock(connection) if before.paused_at is None else before.paused_at
    values = {"paused_at": at, "paused_by": by, "pause_reason": reason}
    connection.execute(accounts.update().where(accounts.c.name == name).values(values))


def resume(connection: sa.Connection, names: Sequence[str]) -> None:
    """Send marks again."""
    values = {"paused_at": None, "paused_by": None, "pause_reason": None}
    connection.execute(accounts.update().where(accounts.c.name.in_(names)).values(values))
    dialect.wake_workers(connection)


def _read(row: sa.Row[Any]) -> Standing:
    return Standing(**row._asdict())
