"""Bundles of rows that one statement takes at once, whose number does not change its text.

A text that changes is built by the library, and parsed and planned by PostgreSQL, each time anew; that costs more than
to carry it out. The two databases read a bundle in words of their own: this belongs to `dialect`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections import namedtuple
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.dialect import MakeInsert

    Build = Callable[[MakeInsert, sa.TableClause], sa.Insert | sa.SelectBase]

MOST = 64  # rows in a statement for SQLite, where all are written out: for each number of them it parses another text
_ON_POSTGRES = postgresql.dialect()  # type: ignore[no-untyped-call]


class Rows:
    """A statement that takes rows: it reads them from a table `told`, which has these columns of a real one.

    `build` makes it, of an INSERT that knows ON CONFLICT and of `told`.
    """

    def __init__(self, columns: Sequence[sa.Column[Any]], build: Build) -> None:
        self._columns = columns
        self._names = [column.name for column in columns]
        self._build = build
        self._texts: dict[int, str] = {}  # for SQLite, by the number of rows; for PostgreSQL under 0

    def execute(self, connection: sa.Connection, rows: Sequence[tuple[object, ...]]) -> list[Any]:
        """What the statement gives back for these rows, which it takes in their order."""
        if connection.dialect.name == "postgresql":  # one text: a list of each column costs far more
            named = [dict(zip(self._names, row, strict=True)) for row in rows]
            told = json.dumps(named, default=_base64, allow_nan=False)
            return self._carry_out(connection, 0, (told,))
        made: list[Any] = []
        for start in range(0, len(rows), MOST):
            piece = rows[start : start + MOST]
            made += self._carry_out(connection, len(piece), tuple(chain.from_iterable(piece)))
        return made

    def _carry_out(self, connection: sa.Connection, count: int, values: tuple[object, ...]) -> list[Any]:
        if count not in self._texts:
            self._texts[count] = f"{self._told(count)} {self._statement(connection.dialect)}"
        return _execute(connection, self._texts[count], values)

    def _told(self, count: int) -> str:
        if count:
            row = f"({', '.join('?' * len(self._names))})"
            return f"WITH told ({', '.join(self._names)}) AS (VALUES {', '.join([row] * count)})"
        typed = [f"{one.name} {'text' if _is_binary(one) else one.type.compile(_ON_POSTGRES)}" for one in self._columns]
        read = [f"decode({one.name}, 'base64') AS {one.name}" if _is_binary(one) else one.name for one in self._columns]
        rows = f"json_to_recordset(CAST(%s AS json)) AS told ({', '.join(typed)})"
        return f"WITH told AS (SELECT {', '.join(read)} FROM {rows})"  # noqa: S608 - names of columns and types

    def _statement(self, dialect: sa.Dialect) -> str:
        insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
        told = sa.table("told", *(sa.column(one.name, one.type) for one in self._columns))
        return str(self._build(insert, told).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _execute(connection: sa.Connection, text: str, values: tuple[object, ...]) -> list[Any]:
    """By the driver itself: what the library does around a statement costs as much as many of these do.

    It is asked only what a trouble means: then it lets go of the connection, or of all, as with its own statements.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, values)
        rows = cursor.fetchall() if cursor.description else ()
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, text, values, cursor, None)  # noqa: SLF001 - it has no public name
    names = tuple(column[0] for column in cursor.description or ())
    cursor.close()
    return [*map(_row_of(names)._make, rows)]


@cache
def _row_of(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)  # noqa: PYI024 - its columns are known only here


def _is_binary(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.LargeBinary)


def _base64(value: bytes) -> str:
    return b64encode(value).decode()


def found(
    columns: Sequence[sa.ColumnElement[Any]], told: sa.TableClause, alike: sa.ColumnElement[bool], insert: MakeInsert
) -> sa.Select[Any]:
    """These columns of a table's rows that are alike a told one, each told one looked up by itself.

    PostgreSQL keeps the plan of a statement: one that it made while the table was small would read the whole of it.
    """
    if insert is sqlite.insert:
        return sa.select(*columns).where(alike)
    each = sa.select(*columns).where(alike).offset(sa.literal_column("0")).correlate(told).lateral()
    return sa.select(each).select_from(told.join(each, sa.true()))
