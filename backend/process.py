"""The backend as a process: forked by the web process, ended by hanging up, and missed when it ends by itself."""

from __future__ import annotations

import logging
import os
import signal
from threading import Event, Thread
from typing import TYPE_CHECKING, NoReturn

from backend.line import make_switchboard
from backend.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.line import Switchboard

    Run = Callable[[Switchboard, Callable[[], None]], None]

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

    def __init__(self, run: Run, missed: Callable[[], None]) -> None:
        """Fork one that does `run` with its end of the switchboard, and calls what it is handed once it is ready.

        Returns when it is. NotStartedError if it ends before. To be called while this process has no other threads.
        `missed` is called, from another thread, when it ends later though nobody stopped it.
        """
        ours, theirs = make_switchboard()
        ready, tells = os.pipe()
        self._process = os.fork()
        if not self._process:
            ours.close()
            os.close(ready)
            _be(run, theirs, tells)
        theirs.close()
        os.close(tells)
        is_ready = os.read(ready, 1)
        os.close(ready)
        self._stopping = False
        self._ended = Event()
        if not is_ready:
            os.waitpid(self._process, 0)
            raise NotStartedError("The process that records could not be started; the log above says why.")
        self.lines = Lines(ours, self._kill)
        Thread(target=self._watch, args=(missed,), name="backend-watch", daemon=True).start()

    def stop(self, seconds: float) -> None:
        """Hang up, and give it so many seconds to finish what it has in hand."""
        self._stopping = True
        self.lines.close()
        self._ended.wait(seconds)

    def _kill(self) -> None:
        """End one that hangs: who watches it then sees to another."""
        log.error("backend_mute killed=%d", self._process)
        os.kill(self._process, signal.SIGKILL)

    def _watch(self, missed: Callable[[], None]) -> None:
        _, status = os.waitpid(self._process, 0)
        self._ended.set()
        if not self._stopping:
            log.error("backend_ended code=%s", os.waitstatus_to_exitcode(status))
            missed()


def _be(run: Run, switchboard: Switchboard, tells: int) -> NoReturn:
    """What the child does, and nothing of its parent's after it."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)  # the web process's own
        for one in OF_THE_OTHER:
            signal.signal(one, signal.SIG_IGN)
        run(switchboard, lambda: _say(tells))
        code = 0
    except BaseException:
        log.exception("backend_failed")
    finally:
        logging.shutdown()
        os._exit(code)


def _say(tells: int) -> None:
    os.write(tells, b"+")
    os.close(tells)
