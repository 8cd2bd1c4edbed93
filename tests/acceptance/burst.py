"""A burst of replies from senders that do not give up: each resends until it is told that its reply was taken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from acceptance.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from acceptance.calls import Answer

SENDERS = 16
PATIENCE = 300.0  # seconds for all of them, on a machine that is busy with other tests
PAUSE = 0.05  # seconds between its requests: no machine is so quick that all is over before the kill


class Burst:
    """Sends events from many threads until the block ends; `acknowledged` has the conversations that were taken."""

    def __init__(self, post: Callable[[Any], Answer], events: Sequence[dict[str, Any]]) -> None:
        self.acknowledged: set[int] = set()
        self._post = post
        self._events = events
        self._over = Event()
        self._pool = ThreadPoolExecutor(SENDERS)

    def __enter__(self) -> Self:
        for event in self._events:
            self._pool.submit(self._send, event)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown(cancel_futures=True)

    def reach(self, count: int) -> None:
        """Wait until so many were taken, while others are still on their way."""
        until(lambda: len(self.acknowledged) >= count, f"{count} replies are taken", PATIENCE)
        assert len(self.acknowledged) < len(self._events), "the burst was over before anything was killed in it"

    def finish(self) -> None:
        """Wait until every one was taken."""
        until(lambda: len(self.acknowledged) == len(self._events), "every reply is taken", PATIENCE)

    def _send(self, event: dict[str, Any]) -> None:
        while not self._over.wait(PAUSE):
            try:
                answer = self._post(event)
            except (OSError, HTTPException):
                continue  # killed meanwhile: whether it was stored, a sender cannot know
            if 200 <= answer.status < 300:
                self.acknowledged.add(event["sl_email_lead_map_id"])
                return
