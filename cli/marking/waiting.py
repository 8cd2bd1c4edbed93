"""Waiting for the worker to deliver what was ordered: how far it is, and what keeps it."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ledger import SILENT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger import Ledger

LOOK_EVERY = 3.0  # seconds
NO_WORKER = "No worker was seen for a minute: what is ordered is delivered once one runs (flask worker run)."


class Deliverers:
    """Tells, once each time it changes, why marks are not delivered now."""

    def __init__(self, ledger: Ledger, account: str, tell: Callable[[str], None]) -> None:
        self._ledger = ledger
        self._account = account
        self._tell = tell
        self._looked_at = -LOOK_EVERY
        self._told: str | None = None

    def look(self) -> None:
        """Look, unless that was done just now."""
        if time.monotonic() < self._looked_at + LOOK_EVERY:
            return
        self._looked_at = time.monotonic()
        why = self._why_not()
        if why and why != self._told:
            self._tell(why)
        self._told = why

    def _why_not(self) -> str | None:
        silence = self._ledger.worker_silence()
        if silence is None or silence > SILENT_SECONDS:
            return NO_WORKER
        held = self._ledger.held_accounts().get(self._account)
        return f"Waiting, for nothing is sent now: {held.rstrip('.')}." if held else None


@contextmanager
def progress_bar(length: int, label: str) -> Iterator[Callable[[int], None]]:
    """A bar with rate and time left, where somebody watches; the function moves it on by so many."""
    began, done = time.monotonic(), 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        bar.update(count, 60 * done / max(time.monotonic() - began, 0.001))

    with click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True, item_show_func=_rate
    ) as bar:
        yield advance


def _rate(a_minute: float | None) -> str | None:
    return f"{a_minute:,.0f} a minute" if a_minute else None
