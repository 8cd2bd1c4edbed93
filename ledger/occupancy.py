"""One web process at a time on an SQLite file; a worker and commands beside it are welcome."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

PATIENCE = 5.0  # seconds that one which is just ending is given
PAUSE = 0.1
TAKEN = (
    "Another web process works on {file}, and with SQLite exactly one may: stop that one,"
    " or set DATABASE_URL to a PostgreSQL."
)


class Occupancy:
    """Held from `take` on until the process that took it, and all that it forked, have ended, however they end."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)
        self._lock: int | None = None

    def take(self) -> str | None:
        """A sentence if another web process has it; None where it is ours, or where no file can be made."""
        if self._url.get_backend_name() != "sqlite":
            return None
        # Not the ledger's own file: closing that would give up the locks by which SQLite itself works.
        lock = Path(f"{Path(self._url.database or '').resolve()}.web")
        with suppress(OSError):  # /readyz tells what is wrong with the disk, and the web process may wait for its end
            lock.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(lock, os.O_RDONLY | os.O_CREAT, 0o644)  # to read: root may have made it
        if self._lock is None or _locked(self._lock):
            return None
        return TAKEN.format(file=self._url.database)


def _locked(file: int) -> bool:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE)
        else:
            return True
