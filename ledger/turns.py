"""Who writes next in this process: SQLite's own wait for its lock sleeps and polls, a mutex wakes up in turn."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 10.0  # seconds; a sender may wait for this, and then for the lock of another process


class Turns:
    """One writer at a time, or any number where the database keeps them apart by rows.

    Who has just written comes after the one that waited for it: under load a mutex alone would let nobody else in.
    """

    def __init__(self, *, one_at_a_time: bool) -> None:
        self._next, self._now = Lock(), Lock()
        self._locks = one_at_a_time

    @contextmanager
    def taken(self, patience: float = PATIENCE) -> Iterator[None]:
        """The turn, until the block ends. TimeoutError if it does not come in so many seconds."""
        with ExitStack() as turn:
            if self._locks:
                end = time.monotonic() + patience
                with ExitStack() as place:
                    _take(self._next, patience, place)
                    _take(self._now, end - time.monotonic(), turn)
            yield


def _take(lock: Lock, patience: float, until: ExitStack) -> None:
    if not lock.acquire(timeout=max(patience, 0.0)):
        raise TimeoutError("Another thread writes to the ledger")
    until.callback(lock.release)
