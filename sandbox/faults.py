"""Trouble to order: what a test asks the next requests to suffer."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.message import HTML, JSON, TEXT, Answer
from sandbox.orders import read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.orders import Types


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to each of the next `times` requests whose path holds `match`, after `skip` others.

    `delay` (seconds) comes first, before the request has any effect. Then `reset` cuts the connection, without
    effect. Then `status`, `headers` and `body` (text, or JSON) stand for the normal answer, without effect; without
    a `status` the request is carried out and answered as ever. `close_midway` breaks off within the answer's body;
    `drip` (seconds) waits between its bytes. Behind the back of who asked, after the answer is made: `archive` so many
    of the newest conversations, and let the leads of those in `replies` write again.
    """

    match: str = ""
    times: int = 1
    skip: int = 0
    status: int | None = None
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    reset: bool = False
    close_midway: bool = False
    drip: float = 0
    archive: int = 0
    replies: Sequence[int] = ()

    @property
    def answer(self) -> Answer | None:
        """The answer that stands for the normal one."""
        if self.status is None:
            return None
        if isinstance(self.body, str):
            text, content_type = self.body, HTML if self.body.startswith("<") else TEXT
        else:
            text, content_type = json.dumps(self.body), JSON
        return Answer(self.status, text.encode(), {"Content-Type": content_type, **self.headers})


TYPES: dict[str, Types] = {
    "match": str,
    "times": int,
    "skip": int,
    "status": int,
    "body": object,
    "headers": dict,
    "delay": (int, float),
    "reset": bool,
    "close_midway": bool,
    "drip": (int, float),
    "archive": int,
    "replies": list,
}


def read_faults(value: Any) -> list[Fault]:
    """Faults from the JSON list of a test. ValueError with a sentence if it is not such a list."""
    return [Fault(**row) for row in read_rows(value, "fault", TYPES)]


@dataclass(slots=True, eq=False)
class _Waiting:
    fault: Fault
    to_pass: int


class Faults:
    """The faults that are still to come, played in the order in which they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()

    def add(self, faults: list[Fault]) -> None:
        """Queue them; one of several times is as many faults."""
        with self._lock:
            self._waiting += [_Waiting(fault, fault.skip) for fault in faults for _ in range(fault.times)]

    def take(self, path: str) -> Fault | None:
        """The next fault for this path, which is then used up. Those that let it pass have one less to let pass."""
        with self._lock:
            concerned = [each for each in self._waiting if each.fault.match in path]
            due = next((each for each in concerned if not each.to_pass), None)
            for each in concerned:
                each.to_pass = max(0, each.to_pass - 1)
            if due is None:
                return None
            self._waiting.remove(due)
            return due.fault

    def reset(self) -> None:
        """Drop them all."""
        with self._lock:
            self._waiting.clear()
