"""Tells the threads of this process that something was committed here, so that they need not look for it."""

from __future__ import annotations

from threading import Condition


class Bell:
    """Rung by who committed. `near`: what waiting threads wait for is committed in this process."""

    def __init__(self) -> None:
        self.near = False
        self._rings = 0
        self._condition = Condition()

    @property
    def rings(self) -> int:
        """How often it was rung."""
        return self._rings

    def ring(self) -> None:
        """Wake all who wait."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Return at the first ring after `heard` of them, or after so many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != heard, seconds)
