"""The account: all that a sandbox knows and remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.api import respond
from sandbox.faults import Faults
from sandbox.gate import Gate
from sandbox.log import RequestLog
from sandbox.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.faults import Fault
    from sandbox.message import Answer, Request


class Account:
    """What it holds, the keys' standing, the faults to come and the requests so far."""

    def __init__(self, api_keys: Sequence[str], limits: Sequence[tuple[int, float]], *, strict: bool) -> None:
        self.gate = Gate(api_keys, limits)
        self.workspace = Workspace(strict=strict)
        self.faults = Faults()
        self.log = RequestLog()

    def respond(self, request: Request) -> Answer:
        """Carry a request out that was let in and that no fault stands in the way of."""
        return respond(self.workspace, request)

    def play(self, fault: Fault) -> None:
        """What a fault changes behind the back of who asked."""
        inbox = self.workspace.inbox
        inbox.archive_newest(fault.archive)
        for map_id in fault.replies:
            inbox.write_back(map_id)

    def reset(self) -> None:
        """Back to the first minute."""
        for part in (self.gate, self.workspace, self.faults, self.log):
            part.reset()
