"""Deliveries that were refused, counted apart by reason: refused and never arrived must not look alike.

Nothing of their bodies or tokens is kept. They are written down by a thread, at most once a second: strangers must not
keep the ledger busy.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Final

from ledger import Refusal

if TYPE_CHECKING:
    from ledger import Ledger

log = logging.getLogger(__name__)

NO_TOKEN: Final = "no token"  # noqa: S105 - a reason, no token
WRONG_TOKEN: Final = "wrong token"  # noqa: S105 - a reason, no token
OTHER_ACCOUNT: Final = "token of another account"
SMARTLEADS_KEY: Final = "SmartLead's key in place of a token"
WRONG_SECRET: Final = "wrong secret_key"  # noqa: S105 - a reason, no secret
WRONG_SIGNATURE: Final = "wrong signature"
TOO_LARGE: Final = "too large without a token"

PAUSE_SECONDS = 1.0
KEPT = 100  # of the last ones; all are counted


class Refusals:
    """Counts and keeps. Its thread starts with the first refusal, so it is safe to make before a fork."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._last: deque[Refusal] = deque(maxlen=KEPT)
        self._counts: Counter[str] = Counter()
        self._lock = Lock()
        self._some = Event()
        self._closing = Event()
        self._thread: Thread | None = None

    def note(self, reason: str, path: str, sender: str | None) -> None:
        """Count one refusal; `path` without its query, `sender` is the network address it came from."""
        log.warning("refused reason=%r path=%s from=%s", reason, path, sender)
        with self._lock:
            self._last.append(Refusal(time.time(), path, reason, sender))
            self._counts[reason] += 1
            if self._thread is None:
                self._thread = Thread(target=self._run, name="refusals", daemon=True)
                self._thread.start()
        self._some.set()

    def close(self) -> None:
        """Write what waits, then end the thread."""
        self._closing.set()
        self._some.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._some.wait()
            self._some.clear()
            self._write()
            self._closing.wait(PAUSE_SECONDS)
        self._write()

    def _write(self) -> None:
        with self._lock:
            last, counts = list(self._last), Counter(self._counts)
            self._last.clear()
            self._counts.clear()
        if not last:
            return
        try:
            self._ledger.record_refusals(last, counts)
        except Exception as error:  # noqa: BLE001 - whatever a lost database raises; they are written with the next
            log.warning("refusals_not_written reason=%s", type(error).__name__)
            with self._lock:
                self._last = deque([*last, *self._last], maxlen=KEPT)
                self._counts.update(counts)
            self._some.set()
