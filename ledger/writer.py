"""One thread that commits what many requests bring: all who wait at the same moment share one flush to disk."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from ledger import dialect, mailboxes, recording

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ledger.arrivals import Arrival, Receipt
    from ledger.mailboxes import Mailbox

log = logging.getLogger(__name__)

QUEUE_LENGTH = 1024  # requests; more are told to come back
BATCH_EVENTS = 512
PATIENCE_SECONDS = 20.0  # below the 30 s after which Zapier gives up


class NotStoredError(Exception):
    """The ledger could not take it now; the sender must try again."""


class Writer:
    """Commits arrivals in groups. Its thread starts with the first arrival, so it is safe to make before a fork."""

    def __init__(self, written: Callable[[Callable[[sa.Connection], list[Receipt]]], list[Receipt]]) -> None:
        self._written = written  # does some work in one transaction
        self._queue: Queue[_Item | None] = Queue(QUEUE_LENGTH)
        self._thread: Thread | None = None
        self._starting = Lock()
        self._mailboxes: set[Mailbox] = set()  # that are surely in the ledger
        self.failing = False  # the last transaction could not be written

    def record(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Return once these arrivals are committed, all in one transaction; raise NotStoredError otherwise."""
        self._start()
        item = _Item(arrivals)
        try:
            self._queue.put(item, timeout=PATIENCE_SECONDS / 4)
            return item.done.result(PATIENCE_SECONDS)
        except (Full, FutureTimeout):
            raise NotStoredError("the ledger is too busy") from None

    def close(self) -> None:
        """Commit what waits, then end the thread."""
        with self._starting:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join()
                self._thread = None

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="ledger-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            self._commit(batch)
            if last:
                return

    def _gather(self, first: _Item) -> tuple[list[_Item], bool]:
        """The first and whatever waits behind it; and whether the writer is to end after it."""
        batch, size = [first], len(first.arrivals)
        while size < BATCH_EVENTS:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
            size += len(item.arrivals)
        return batch, False

    def _commit(self, batch: list[_Item]) -> None:
        """One transaction for all; if it fails, one each, so that a poisoned row fails only its own sender."""
        try:
            receipts = self._record([one for item in batch for one in item.arrivals], apart=False)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a database can raise
            if len(batch) == 1:
                self._rescue(batch[0], error)
                return
            for item in batch:
                self._commit([item])
            return
        self.failing = False
        for item in batch:
            item.done.set_result(receipts[: len(item.arrivals)])
            del receipts[: len(item.arrivals)]

    def _rescue(self, item: _Item, error: Exception) -> None:
        """Store all but the row that no database takes, and of that one that it came: it would fail for ever."""
        if not dialect.is_of_the_row(error):
            self._refuse(item, error)
            return
        try:
            item.done.set_result(self._record(item.arrivals, apart=True))
        except Exception as another:  # noqa: BLE001 - as above
            self._refuse(item, another)

    def _refuse(self, item: _Item, error: Exception) -> None:
        log.error("not_stored reason=%s", type(error).__name__)  # its text may quote the row
        self.failing = isinstance(error, (OperationalError, OSError))
        item.done.set_exception(NotStoredError("the ledger could not store it"))

    def _record(self, arrivals: Sequence[Arrival], *, apart: bool) -> list[Receipt]:
        record = recording.record_apart if apart else recording.record
        new = mailboxes.unseen(arrivals, self._mailboxes) if not apart else set()

        def work(connection: sa.Connection) -> list[Receipt]:
            mailboxes.add(connection, new)
            return record(connection, arrivals)

        receipts = self._written(work)
        self._mailboxes |= new
        if len(self._mailboxes) > mailboxes.MOST:
            self._mailboxes = new
        return receipts


class _Item:
    """What one request brought, and where it waits for the commit."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.arrivals = arrivals
        self.done: Future[list[Receipt]] = Future()
