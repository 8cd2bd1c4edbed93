"""Moments after which a call is given up: one thread watches all calls, for to start one costs more than a call."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Patience:
    """Gives calls up in time. Its thread starts with the first call, and ends some time after the last one."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._ends: dict[object, tuple[float, Callable[[], None]]] = {}
        self._thread: Thread | None = None
        self._wakes_at = 0.0

    @contextmanager
    def until(self, moment: float, give_up: Callable[[], None]) -> Iterator[None]:
        """Call `give_up` from the other thread unless this block ends before, by `time.monotonic`; never after it."""
        call = object()
        with self._changed:
            self._ends[call] = moment, give_up
            self._be_watched(moment)
        try:
            yield
        finally:
            with self._changed:
                self._ends.pop(call, None)

    def _be_watched(self, moment: float) -> None:
        if self._thread is None or not self._thread.is_alive():  # a fork leaves it behind
            self._thread = Thread(target=self._watch, name="patience", daemon=True)
            self._thread.start()
        elif moment < self._wakes_at:
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while self._ends:
                call, (moment, give_up) = min(self._ends.items(), key=lambda item: item[1][0])
                if (left := moment - time.monotonic()) > 0:
                    self._wakes_at = moment
                    self._changed.wait(left)
                else:
                    del self._ends[call]
                    give_up()
            self._thread = None
