"""The web process's side: each of its threads asks on a line of its own, and waits for the answer."""

from __future__ import annotations

import pickle
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from model import ReadinessCall, respond
from webhooks.reception import not_stored

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.connection import Connection

    from model import Call, Response

PATIENCE_SECONDS = 25.0  # below the 30 s after which Zapier gives up, above those that the ledger takes
BUSY = "the process that records does not answer"
GONE = "the process that records has ended, and is started anew"


class Lines:
    """A desk in another process. As many calls are under way as there are lines; more wait for one that is free."""

    def __init__(self, connections: Iterable[Connection], patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._all = [_Line(one) for one in connections]
        self._free: SimpleQueue[_Line] = SimpleQueue()
        for line in self._all:
            self._free.put(line)

    def answer(self, call: Call) -> Response:
        """The response of the other process; 503 if it gives none in time, or is gone."""
        end = time.monotonic() + self._patience
        try:
            line = self._free.get(timeout=self._patience)
        except Empty:
            return _unavailable(call, BUSY)
        try:
            response = line.ask(call, end)
        except (EOFError, OSError):
            response = _unavailable(call, GONE)
        finally:
            self._free.put(line)
        return response or _unavailable(call, BUSY)

    def close(self) -> None:
        """Hang up: the other process finishes what it has in hand, and ends."""
        for line in self._all:
            line.close()


class _Line:
    """For one thread at a time. An answer that came too late for its call is not taken for that of the next."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._number = 0

    def ask(self, call: Call, end: float) -> Response | None:
        """The response, None if there is none at the time `end`. Raises EOFError or OSError if nobody is there."""
        self._number += 1
        self._connection.send_bytes(pickle.dumps((self._number, call)))
        while self._connection.poll(max(0.0, end - time.monotonic())):
            number, response = pickle.loads(self._connection.recv_bytes())  # noqa: S301 - our own child wrote it
            if number == self._number:
                made: Response = response
                return made
        return None

    def close(self) -> None:
        self._connection.close()


def _unavailable(call: Call, why: str) -> Response:
    if isinstance(call, ReadinessCall):
        return respond(503, {"ready": False, "problems": [f"{why.capitalize()}."], "warnings": []})
    return not_stored(why)
