"""Ctrl-C and SIGTERM as a wish to stop at the next good moment."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether somebody wants the command to stop, and the exit code that says by which signal."""

    def __init__(self) -> None:
        self.wanted = Event()
        self.exit_code = 0

    def note(self, number: int, _frame: FrameType | None = None) -> None:
        """Remember the signal; the same once more ends the process at once."""
        self.exit_code = 128 + number
        self.wanted.set()
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Until the block ends, Ctrl-C and SIGTERM only set `wanted`. For the main thread."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption.note) for number in SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
