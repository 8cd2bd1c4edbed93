"""One thread that commits what many requests bring: all who wait at the same moment share one flush to disk."""

from __future__ import annotations

import logging
import time
from queue import Empty, Full, Queue, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol, TypeVar

from ledger import batches, dialect, mailboxes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ledger.arrivals import Arrival, Receipt
    from ledger.batches import Answer
    from ledger.mailboxes import Mailbox

Made = TypeVar("Made")
log = logging.getLogger(__name__)

QUEUE_LENGTH = 1024  # requests; more are told to come back
BATCH_EVENTS = 512
BUSY = "the ledger is too busy"
PATIENCE_SECONDS = 20.0  # below the 30 s after which Zapier gives up


class NotStoredError(Exception):
    """The ledger could not take it now; the sender must try again."""


class Done(Protocol):
    """Does some work in one transaction, and gives what comes of it once that is over."""

    def __call__(self, work: Callable[[sa.Connection], Made]) -> Made: ...  # noqa: D102 - the class says it


class Writer:
    """Commits arrivals in groups. Its thread starts with the first arrival, so it is safe to make before a fork."""

    def __init__(self, written: Done) -> None:
        self._written = written
        self._queue: Queue[list[_Item] | None] = Queue(QUEUE_LENGTH)
        self._thread: Thread | None = None
        self._starting = Lock()
        self._mailboxes: set[Mailbox] = set()  # that are surely in the ledger

    def record_each(self, requests: Sequence[Sequence[Arrival]]) -> list[Answer | Exception]:
        """Return once the arrivals of these requests are committed, those of one all in one transaction or none.

        For each its receipts, or why there are none: NotStoredError, or OvertakenError if one of its arrivals was to be
        decided by a category that it did not know.
        """
        self._start()
        items = [_Item(arrivals) for arrivals in requests]
        end = time.monotonic() + PATIENCE_SECONDS
        try:
            self._queue.put(items, timeout=PATIENCE_SECONDS / 4)
        except Full:
            return [NotStoredError(BUSY) for _ in items]
        return [item.wait(end - time.monotonic()) for item in items]

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

    def _gather(self, first: Sequence[_Item]) -> tuple[list[_Item], bool]:
        """The first and whatever waits behind them; and whether the writer is to end after it."""
        batch = list(first)
        while sum(len(item.arrivals) for item in batch) < BATCH_EVENTS:
            try:
                items = self._queue.get_nowait()
            except Empty:
                break
            if items is None:
                return batch, True
            batch += items
        return batch, False

    def _commit(self, batch: list[_Item]) -> None:
        """One transaction for all; if it fails, one each, so that a poisoned row fails only its own sender."""
        try:
            answers = self._record(batch)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a database can raise
            if len(batch) == 1:
                self._rescue(batch[0], error)
                return
            for item in batch:
                self._commit([item])
            return
        self._answer(batch, answers)

    def _rescue(self, item: _Item, error: Exception) -> None:
        """Store all but the row that no database takes, and of that one that it came: it would fail for ever."""
        if not dialect.is_of_the_row(error):
            self._refuse(item, error)
            return
        try:
            receipts = self._written(lambda connection: batches.record_apart(connection, item.arrivals))
        except Exception as another:  # noqa: BLE001 - as above
            self._refuse(item, another)
        else:
            self._answer([item], [receipts])

    def _refuse(self, item: _Item, error: Exception) -> None:
        log.error("not_stored reason=%s", type(error).__name__)  # its text may quote the row
        item.answer(NotStoredError("the ledger could not store it"))

    def _answer(self, batch: Sequence[_Item], answers: Sequence[Answer]) -> None:
        """Tell each what became of it."""
        for item, answer in zip(batch, answers, strict=True):
            item.answer(answer)

    def _record(self, batch: Sequence[_Item]) -> list[Answer]:
        requests = [item.arrivals for item in batch]
        new = mailboxes.unseen((one for request in requests for one in request), self._mailboxes)

        def recorded(current: Sequence[Sequence[Arrival]]) -> list[list[Receipt]]:
            return self._written(lambda connection: record(connection, current))

        def record(connection: sa.Connection, current: Sequence[Sequence[Arrival]]) -> list[list[Receipt]]:
            mailboxes.add(connection, new)
            return batches.record(connection, current)

        answers = batches.answer(requests, recorded)
        self._mailboxes |= new
        if len(self._mailboxes) > mailboxes.MOST:
            self._mailboxes = new
        return answers


class _Item:
    """What one request brought, and where it waits for the commit."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self.arrivals = arrivals
        self._answer: SimpleQueue[Answer | Exception] = SimpleQueue()

    def answer(self, answer: Answer | Exception) -> None:
        """Let the request go on."""
        self._answer.put(answer)

    def wait(self, seconds: float) -> Answer | Exception:
        """What became of it, within so many seconds."""
        try:
            return self._answer.get(timeout=max(0.0, seconds))
        except Empty:
            return NotStoredError(BUSY)
