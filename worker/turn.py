"""One task in a worker's hands, and the moments of its call by this process's own clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model import Task
    from worker.clock import Offset

SHORTLY = 0.025  # seconds before its moment: enough to ask the ledger whether the claim still stands
SEND_WITHIN = 4.0  # seconds after its moment: longer than it takes to connect. Who was frozen longer must not send


@dataclass(frozen=True, slots=True)
class Turn:
    """A task, and how to read the ledger's clock for it."""

    task: Task
    offset: Offset

    @property
    def begins(self) -> float:
        """When its call may be sent, by `time.monotonic`."""
        return self.offset.has_come(self.task.begins_at)

    @property
    def send_before(self) -> float:
        """When it is too late: the right to the call, and the lease that was looked at, are good for little longer."""
        return self.begins + SEND_WITHIN

    def wait_until_shortly_before(self) -> None:
        """Until there is just time to look at the lease."""
        _sleep_until(self.begins - SHORTLY)

    def wait(self) -> None:
        """Until the call may be sent."""
        _sleep_until(self.begins)


def _sleep_until(moment: float) -> None:
    while (left := moment - time.monotonic()) > 0:
        time.sleep(left)
