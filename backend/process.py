"""The backend as a process: forked by the web process, ended by hanging up, and missed when it ends by itself."""

from __future__ import annotations

import logging
import signal
from multiprocessing import Pipe, get_context
from threading import Thread
from typing import TYPE_CHECKING

from backend.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

log = logging.getLogger(__name__)

# A terminal or a supervisor may send them to every process of the group: the web process heeds them, and hangs up.
OF_THE_OTHER = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP),
    *(signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH),
)


class NotStartedError(Exception):
    """The process ended before it was ready; its log says why."""


class Backend:
    """A child of this process, with its own interpreter, and what memory it has not changed in common."""

    def __init__(self, lines: int, run: Callable[[Sequence[Connection], Callable[[], None]], None]) -> None:
        """Fork one that runs this with its ends of so many lines, and calls what it is handed once it is ready.

        Returns when it is. NotStartedError if it ends before. To be called while this process has no other threads.
        """
        ours, theirs = zip(*(Pipe() for _ in range(lines)), strict=True)
        waits, tells = Pipe(duplex=False)

        def begin() -> None:
            for end in (*ours, waits):
                end.close()
            _heed_no_signals()
            run(theirs, lambda: tells.send_bytes(b"ready"))

        self._process = get_context("fork").Process(target=begin, name="backend", daemon=True)
        self._process.start()
        for end in (*theirs, tells):
            end.close()
        _wait_for(waits)
        self.lines = Lines(ours)
        self._stopping = False

    def watch(self, missed: Callable[[], None]) -> None:
        """Call this, from another thread, when the process ends though nobody stopped it."""
        Thread(target=self._watch, args=(missed,), name="backend-watch", daemon=True).start()

    def stop(self, seconds: float) -> None:
        """Hang up, and give it so many seconds to finish what it has in hand."""
        self._stopping = True
        self.lines.close()
        self._process.join(seconds)

    def _watch(self, missed: Callable[[], None]) -> None:
        self._process.join()
        if not self._stopping:
            log.error("backend_ended code=%s", self._process.exitcode)
            missed()


def _heed_no_signals() -> None:
    signal.set_wakeup_fd(-1)  # the web process's own
    for one in OF_THE_OTHER:
        signal.signal(one, signal.SIG_IGN)


def _wait_for(ready: Connection) -> None:
    try:
        ready.recv_bytes()
    except EOFError:
        raise NotStartedError("The process that records could not be started; the log above says why.") from None
    finally:
        ready.close()
