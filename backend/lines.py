"""The web process's side: each of its threads asks on a line of its own, and waits for the answer."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from model import ReadinessCall, respond
from webhooks.reception import not_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.line import Line, Switchboard
    from model import Call, Response

PATIENCE_SECONDS = 25.0  # below the 30 s after which Zapier gives up, above those that the ledger takes
MUTE_SECONDS = 60.0  # without an answer to anybody, though somebody asks: then it hangs for good
BUSY = "the process that records does not answer"
GONE = "the process that records has ended, and is started anew"


class Lines:
    """A desk in another process. Lines are opened as they are needed, and used again as long as they are good.

    `mute` is called when it answers nobody for `MUTE_SECONDS`, or the `enough` that is given.
    """

    def __init__(
        self,
        switchboard: Switchboard,
        mute: Callable[[], None],
        patience: float = PATIENCE_SECONDS,
        enough: float = MUTE_SECONDS,
    ) -> None:
        self._switchboard = switchboard
        self._mute = mute
        self._patience = patience
        self._enough = enough
        self._asking_since: float | None = None  # since its last answer to anybody
        self._free: SimpleQueue[Line] = SimpleQueue()

    def answer(self, call: Call) -> Response:
        """The response of the other process; 503 if it gives none in time, or is gone."""
        began = time.monotonic()
        if self._asking_since is None:
            self._asking_since = began
        line = None
        try:
            line = self._line()
            line.send(call, self._patience)
            response: Response = line.receive(began + self._patience - time.monotonic())
        except (EOFError, OSError) as error:
            if line:
                line.close()  # an answer that comes after all is nobody's
            return self._unanswered(call, error)
        self._asking_since = None
        self._free.put(line)
        return response

    def _unanswered(self, call: Call, error: Exception) -> Response:
        if not isinstance(error, TimeoutError | BlockingIOError):
            return _unavailable(call, GONE)
        since = self._asking_since
        if since is not None and time.monotonic() - since > self._enough:
            self._mute()
        return _unavailable(call, BUSY)

    def _line(self) -> Line:
        try:
            return self._free.get_nowait()
        except Empty:
            return self._switchboard.open()

    def close(self) -> None:
        """Hang up: the other process answers what it has in hand, and ends."""
        self._switchboard.close()
        while not self._free.empty():
            self._free.get().close()


def _unavailable(call: Call, why: str) -> Response:
    if isinstance(call, ReadinessCall):
        return respond(503, {"ready": False, "problems": [f"{why.capitalize()}."], "warnings": []})
    return not_stored(why)
