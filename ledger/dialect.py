"""Where SQLite and PostgreSQL differ: opening, time, locking, waking up; and in `bundles` how they take many at once.

Nothing else knows which one it is.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from ledger import postgres_server, sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.sql.compiler import SQLCompiler

CHANNEL = "replymark_due"
POLL_SECONDS = 0.05  # asking SQLite for its data_version this often costs a tenth of a percent of a core
SLOW_POLL_SECONDS = 0.25  # where only commands commit in other processes

LANES = 1024  # for turns: a server has room for a few thousand locks, whatever a batch names
PIECE = 5000  # values in a list of a statement: SQLite may take 32,766 in all, PostgreSQL 65,535
TURNS = 7265707  # the space of these locks' numbers

Insert = sqlite.Insert | postgresql.Insert
MakeInsert = Callable[[sa.Table], Insert]
Statement = TypeVar("Statement")
Listed = TypeVar("Listed", int, str)


class now(FunctionElement[float]):  # noqa: N801 - reads as SQL's own now()
    """The database's clock, in seconds since 1970: hosts may disagree about the time, workers must not."""

    type = sa.Double()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(_element: now, _compiler: SQLCompiler, **_options: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) AS double precision)"


def open_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://…`; connects when first used, not now."""
    return sqlite_file.open_engine(url) if url.startswith("sqlite") else postgres_server.open_engine(url)


def is_sqlite(engine: sa.Engine) -> bool:
    """Whether one process at a time writes this ledger."""
    return engine.dialect.name == "sqlite"


def identity(connection: sa.Connection) -> object:
    """What tells the database behind this connection from one that is put in its place."""
    return connection.info.get(sqlite_file.NUMBER, connection.engine.url)


def committed(connection: sa.Connection) -> None:
    """After a commit: FileNotFoundError if somebody removed the file meanwhile; else who waits here is woken."""
    if connection.dialect.name == "sqlite":
        sqlite_file.committed(connection)


def is_read_only(connection: sa.Connection) -> bool:
    """Whether this database lets nobody write."""
    is_file = connection.dialect.name == "sqlite"
    return sqlite_file.is_read_only(connection) if is_file else postgres_server.is_read_only(connection)


def insert(connection: sa.Connection, table: sa.Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def later_of(one: sa.ColumnElement[float], other: sa.ColumnElement[float]) -> sa.ColumnElement[float]:
    """The later of two times; neither is null."""
    return sa.case((one > other, one), else_=other)


def built_once(build: Callable[[MakeInsert], Statement]) -> Callable[[sa.Connection], Statement]:
    """A statement with an INSERT that knows ON CONFLICT, built once: that costs more than to execute it."""

    @cache
    def built(name: str) -> Statement:
        return build(sqlite.insert if name == "sqlite" else postgresql.insert)

    return lambda connection: built(connection.dialect.name)


def in_pieces(values: Iterable[Listed]) -> Iterator[list[Listed]]:
    """These values in order, some thousands at a time: more in one statement than a driver takes are refused."""
    ordered = sorted(values)
    for start in range(0, len(ordered), PIECE):
        yield ordered[start : start + PIECE]


def is_worth_another_try(error: sa.exc.DBAPIError) -> bool:
    """Whether the same work may succeed at once: after a deadlock or a conflict, or on a new connection."""
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in {"40P01", "40001"}


def is_of_the_row(error: Exception) -> bool:
    """Whether what was to be written is the trouble, not the database: the same row would fail for ever."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state[:2] in {"22", "23", "54"} or isinstance(error, (sa.exc.DataError, ValueError, OverflowError))


def lock_for_migration(connection: sa.Connection) -> None:
    """Two release phases at once must not migrate side by side; SQLite's BEGIN IMMEDIATE sees to it already."""
    if connection.dialect.name == "postgresql":
        postgres_server.have_all_the_time(connection)
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7265706)")


_NOW = sa.select(now())


def read_clock(connection: sa.Connection) -> float:
    """The time by the database's clock."""
    return connection.execute(_NOW).scalar_one()


# The clock last: read before the locks it would be early by the wait for them. PostgreSQL keeps the plans of what
# follows: where one is made while a table has a page or two, that is to be one for a large table, too.
_TURN = sa.text("""
    WITH turns AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(:turns, lane) FROM unnest(CAST(:lanes AS int[])) AS lane
    )
    SELECT CAST(extract(epoch from clock_timestamp()) AS double precision), set_config('enable_seqscan', 'off', true)
    FROM (SELECT count(*) FROM turns) AS taken
""")


def begin_turn(connection: sa.Connection, names: Iterable[str]) -> float:
    """The time, once no other transaction has a turn by any of these names; the turn ends with the transaction."""
    lanes = sorted({zlib.crc32(name.encode("utf-8", "replace")) % LANES for name in names})
    if connection.dialect.name == "sqlite" or not lanes:  # BEGIN IMMEDIATE lets one write at a time
        return read_clock(connection)
    listed = f"{{{','.join(map(str, lanes))}}}"  # the driver would look into each number of a list
    began: float = connection.execute(_TURN, {"turns": TURNS, "lanes": listed}).scalar_one()
    return began


def wake_workers(connection: sa.Connection) -> None:
    """Tell waiting workers, once this transaction commits, that a wish is due."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


class Alarm:
    """Waits until somebody commits something that may be due. For one thread; close it at the end."""

    def __init__(self, engine: sa.Engine) -> None:
        self._connection = engine.raw_connection()
        self._driver = cast("Any", self._connection.driver_connection)
        self._connection.detach()  # it listens: not for the pool
        self._listens = engine.dialect.name == "postgresql"
        self._version = -1
        if not self._listens:
            self._bell = sqlite_file.bell_of(engine)
        else:
            self._driver.autocommit = True
            self._driver.execute(f"LISTEN {CHANNEL}")

    def wait(self, seconds: float) -> None:
        """Return when something was committed elsewhere since the last call, or after so many seconds."""
        if self._listens:
            for _notice in self._driver.notifies(timeout=seconds, stop_after=1):
                return
            return
        end = time.monotonic() + seconds
        poll = SLOW_POLL_SECONDS if self._bell.near else POLL_SECONDS
        heard = self._bell.rings
        while not self._has_changed() and (left := end - time.monotonic()) > 0:
            self._bell.wait(heard, min(poll, left))

    def _has_changed(self) -> bool:
        (version,) = self._driver.execute("PRAGMA data_version").fetchone()
        changed: bool = version != self._version
        self._version = version
        return changed

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
