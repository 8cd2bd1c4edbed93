"""The workers of one process: one for each account, so that none waits for another's SmartLead."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Runs(Protocol):
    """Works until it is told to stop."""

    def run(self) -> None:
        """Work; return when what is in hand is finished."""

    def stop(self) -> None:
        """Take nothing new. May come from another thread, or from a signal."""


class Workers:
    """Runs each in a thread of its own; an account's outage, slow answers or bad key are its own."""

    def __init__(self, workers: Sequence[Runs]) -> None:
        self._workers = tuple(workers)

    def run(self) -> None:
        """Run all until `stop`, and return when each has finished what it has in hand."""
        threads = [
            Thread(target=one.run, name=f"worker-{number}", daemon=True) for number, one in enumerate(self._workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self) -> None:
        """Have all take nothing new."""
        for one in self._workers:
            one.stop()
