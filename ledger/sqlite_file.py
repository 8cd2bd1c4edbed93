"""The SQLite file behind the ledger: how it is opened, and whether it still is the one that was opened."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger.bell import Bell

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

Number = tuple[int, int]  # of a device, and of a file on it
LOCK_PATIENCE = 8.0  # seconds that a transaction waits for another process to end its own
STATEMENTS = 512  # that a connection keeps parsed: of a `bundle` there is one for each number of rows
CONNECTIONS = 20  # that are kept; of a backend's threads and a worker's 12 some wait for no database
OWN_CHECKPOINT = 4000  # pages of 4 KB: a process whose ledger nobody tends writes its log back after so many
TROUBLES = {
    *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB),
}
HURRY = 500  # milliseconds for who only asks whether all is well
HURRIED = "hurried"
BELL = "bell"  # an option of the engine
CHANGES = "changes"  # in the `info` of a connection: the rows that it changed when the bell was last rung
NUMBER = "file"  # in the `info` of a connection: which file it opened
WRITES = "writes"  # in the `info` of a connection: whether the file could be written when it was opened
TENDED = "tended"  # an option of the engine: somebody else writes the log back


def open_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///path`; it opens the file when it is first used, and makes one where never was any."""
    options: dict[str, Any] = {"timeout": LOCK_PATIENCE, "cached_statements": STATEMENTS}
    engine = sa.create_engine(
        url,
        connect_args=options,
        pool_use_lifo=True,  # who writes again finds its pages still in the connection's own memory
        pool_size=CONNECTIONS,
        pool_timeout=LOCK_PATIENCE,
        hide_parameters=True,
    )
    engine.update_execution_options(**{BELL: Bell()})
    _prepare_connections(engine)
    _keep_to_the_file(engine)
    _let_go_after_trouble(engine)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # IMMEDIATE: a writer that starts as a reader can fail half-way with "database is locked".
        options = connection.get_execution_options()
        if options.get("hurried"):
            connection.exec_driver_sql(f"PRAGMA busy_timeout={HURRY}")
            connection.info[HURRIED] = True
        connection.exec_driver_sql("BEGIN" if options.get("reading") else "BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "checkin")
    def take_time(connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        if connection is not None and entry.info.pop(HURRIED, False):
            connection.cursor().execute(f"PRAGMA busy_timeout={LOCK_PATIENCE * 1000:.0f}")

    return engine


def _prepare_connections(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        own = 0 if engine.get_execution_options().get(TENDED) else OWN_CHECKPOINT
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"wal_autocheckpoint={own}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("SELECT 1 FROM sqlite_schema").fetchone()  # with the first look SQLite opens its log, too
        cursor.close()


def _keep_to_the_file(engine: sa.Engine) -> None:
    """SQLite goes on writing into a file that was removed, and makes an empty one where one is missing.

    Into another file that is put in the place of an open one it would write what is left in the log of the first.
    """
    file = path_of(engine)
    opened: _Opened | None = None

    def look() -> None:
        if opened and number_of(file) != opened.file and opened.log and opened.log == _number_if_there(log_of(engine)):
            raise OSError(errno.ESTALE, "Another file is beside the log of the first")

    @sa.event.listens_for(engine, "do_connect")
    def make_folder(*_: object) -> None:
        look()
        file.parent.mkdir(parents=True, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def remember(_connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        nonlocal opened
        opened = _Opened(number_of(file), _number_if_there(log_of(engine)))
        entry.info[NUMBER] = opened.file
        entry.info[WRITES] = os.access(file, os.W_OK)

    @sa.event.listens_for(engine, "checkout")
    def compare(_connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if number_of(file) != entry.info[NUMBER]:
            look()
            raise sa.exc.DisconnectionError("another file is in its place")  # the pool then opens that one
        if not entry.info[WRITES] and os.access(file, os.W_OK):
            raise sa.exc.DisconnectionError("it was opened while nobody could write, and never will")


@dataclass(frozen=True, slots=True)
class _Opened:
    """Which files the last connection found."""

    file: Number
    log: Number | None


def number_of(file: Path) -> Number:
    """What tells a file from any other that is there at the same time. FileNotFoundError if there is none."""
    status = file.stat()
    return status.st_dev, status.st_ino


def _number_if_there(file: Path) -> Number | None:
    with suppress(FileNotFoundError):
        return number_of(file)
    return None


def _let_go_after_trouble(engine: sa.Engine) -> None:
    """A connection that was opened while the file could not be written never writes, whatever is mended."""

    @sa.event.listens_for(engine, "handle_error")
    def let_go(context: sa.engine.ExceptionContext) -> None:
        if getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF in TROUBLES:
            context.is_disconnect = True


def path_of(engine: sa.Engine) -> Path:
    """The file of this engine's ledger, as its address names it."""
    return Path(engine.url.database or "")


def log_of(engine: sa.Engine) -> Path:
    """The file in which SQLite keeps what is committed, until it is written back: where a link leads to."""
    return Path(f"{path_of(engine).resolve()}-wal")


def bell_of(engine: sa.Engine) -> Bell:
    """The one that is rung when something was committed by this engine."""
    bell: Bell = engine.get_execution_options()[BELL]
    return bell


def committed(connection: sa.Connection) -> None:
    """Wake who waits in this process. FileNotFoundError if the file that was written into is not there any more."""
    if number_of(path_of(connection.engine)) != connection.info[NUMBER]:
        raise FileNotFoundError(errno.ENOENT, "The ledger's file was replaced")
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    if driver.total_changes != connection.info.get(CHANGES, 0):
        connection.info[CHANGES] = driver.total_changes
        bell_of(connection.engine).ring()


def is_read_only(connection: sa.Connection) -> bool:
    """Whether this process may not change the file; of a disk that is mounted read-only root hears that, too."""
    return not os.access(path_of(connection.engine), os.W_OK)
