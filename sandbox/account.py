"""The account: all that a sandbox knows, and how it answers its API and the controls for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.api import respond
from sandbox.faults import Faults, read_faults
from sandbox.gate import Gate
from sandbox.inbox import Inbox
from sandbox.log import RequestLog
from sandbox.message import Answer, Request, json_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROLS = "/_sandbox/"


class Account:
    """The conversations, the keys' standing, the faults to come and the requests so far."""

    def __init__(self, api_keys: Sequence[str], limits: Sequence[tuple[int, float]], *, strict: bool) -> None:
        self.gate = Gate(api_keys, limits)
        self.inbox = Inbox(strict=strict)
        self.faults = Faults()
        self.log = RequestLog()

    def respond(self, request: Request) -> Answer:
        """Carry a request out that was let in and that no fault stands in the way of."""
        return respond(self.inbox, request)

    def control(self, request: Request) -> Answer:
        """Answer one of the controls."""
        match request.method, request.path.removeprefix(CONTROLS):
            case "POST", "faults":
                return self._add_faults(request.body)
            case "POST", "reset":
                self._reset()
                return json_answer(200, {})
            case "GET", "requests":
                return json_answer(200, self.log.entries())
            case "GET", "inbox":
                return json_answer(200, self._read_states())
            case _:
                return json_answer(404, {"error": "no such control"})

    def _add_faults(self, value: Any) -> Answer:
        try:
            faults = read_faults(value)
        except ValueError as error:
            return json_answer(400, {"error": str(error)})
        self.faults.add(faults)
        return json_answer(200, {"added": len(faults)})

    def _read_states(self) -> dict[str, Any]:
        return {
            str(each.map_id): {"is_read": each.is_read, "patches": each.patches}
            for each in self.inbox.find(lambda _: True)
        }

    def _reset(self) -> None:
        for part in (self.gate, self.inbox, self.faults, self.log):
            part.reset()
