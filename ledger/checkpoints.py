"""SQLite's log of changes is written back into the ledger's file here, so that no sender's commit waits for it."""

from __future__ import annotations

import logging
import time
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from ledger import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    import sqlalchemy as sa

    from ledger.turns import Turns

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds; so long the log grows under constant load, beyond what is long
SMALL = 4 * 2**20  # bytes: a shorter log costs nobody anything
LONG = 4000  # pages of 4 KB: then the log begins anew, for which writers have to wait a moment
LARGE = 64 * 2**20  # bytes, after which the disk gets them back; until then writing over them is quicker
MOMENT = 100  # milliseconds that writers may wait for those who still read the log
READ_ON = 10.0  # seconds until a reader who was in the way is asked again
HUGE = 256 * 2**20  # bytes: then a reader has been in the way for long
READ_FOR_LONG = (
    "Some process has been reading the ledger for long, and its log has grown to {size} MB since:"
    " find out which one has {file} open, and end it."
)


class Checkpoints:
    """One thread of a process that writes much. Others write the log back by themselves, now and then."""

    def __init__(self, engine: sa.Engine, turns: Turns) -> None:
        self._engine = engine
        self._turns = turns
        self._log = sqlite_file.log_of(engine)
        self._seen = (0, 0)
        self._not_before = 0.0
        self._closing = Event()
        self._thread = Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        """From now on no connection of this engine does it by itself."""
        self._engine.update_execution_options(**{sqlite_file.TENDED: True})
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 - a full or lost disk, of which those who write tell more
                log.debug("no_checkpoint reason=%s", type(error).__name__)

    def look(self) -> None:
        """Write back what is there, and have a log that has grown long begin anew."""
        if (found := self._look_at_log()) == self._seen or found[0] < SMALL:
            return
        with self._connection() as connection:
            _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages > LONG and time.monotonic() >= self._not_before:
                self._begin_anew(connection, "TRUNCATE" if found[0] > LARGE else "RESTART")
        self._seen = self._look_at_log()

    def warning(self) -> str | None:
        """A sentence if the log can not begin anew and grows."""
        size, _ = self._look_at_log()
        file = sqlite_file.path_of(self._engine)
        return READ_FOR_LONG.format(size=size // 2**20, file=file) if size > HUGE else None

    def _begin_anew(self, connection: Connection, way: str) -> None:
        with self._turns.taken():
            (is_read, _, _) = connection.execute(f"PRAGMA wal_checkpoint({way})").fetchone()
        if is_read:
            self._not_before = time.monotonic() + READ_ON

    def _look_at_log(self) -> tuple[int, int]:
        try:
            status = self._log.stat()
        except FileNotFoundError:
            return (0, 0)
        return status.st_size, status.st_mtime_ns

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """One outside any transaction, that keeps writers waiting for a moment only."""
        with closing(self._engine.raw_connection()) as pooled:
            driver: Connection = pooled.driver_connection  # type: ignore[assignment]
            driver.execute(f"PRAGMA busy_timeout={MOMENT}")
            try:
                yield driver
            finally:
                driver.execute(f"PRAGMA busy_timeout={sqlite_file.LOCK_PATIENCE * 1000:.0f}")
