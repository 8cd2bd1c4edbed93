"""What was asked of the API and answered, for tests to read. It never holds a key."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.message import Request

KEPT = 100_000


class RequestLog:
    """The last API requests in the order of their arrival."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def arrived(self, request: Request, at: float) -> dict[str, Any]:
        """Note an arrival at `at` (seconds since 1970). Its `status` stays null until it is answered."""
        entry = {
            "time": at,
            "method": request.method,
            "path": request.path,
            "query": _without_key(dict(request.query)),
            "user_agent": request.user_agent,
            "body": _without_key(request.body),
            "status": None,
        }
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first."""
        with self._lock:
            return [dict(entry) for entry in self._entries]

    def reset(self) -> None:
        """Forget them all."""
        with self._lock:
            self._entries.clear()


def _without_key(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _without_key(value) for name, value in body.items() if name != "api_key"}
    return [_without_key(item) for item in body] if isinstance(body, list) else body
