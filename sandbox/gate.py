"""What stands before SmartLead's routes: Cloudflare, the API key, the rate limit."""

from __future__ import annotations

import math
import re
import time
from typing import TYPE_CHECKING

from sandbox.limits import SlidingWindows, Standing
from sandbox.message import Answer, Request, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BARE_PYTHON = re.compile(r"python-(requests|urllib3?)/", re.IGNORECASE)
BLOCKED = """<!DOCTYPE html>
<html lang="en-US">
<head><title>Attention Required! | Cloudflare</title></head>
<body><h1>Sorry, you have been blocked</h1><p>You are unable to access smartlead.ai</p></body>
</html>
"""


class Gate:
    """Lets a request in, or answers for the house."""

    def __init__(self, api_keys: Sequence[str], limits: Sequence[tuple[int, float]]) -> None:
        self._keys = tuple(api_keys)
        self._windows = SlidingWindows(limits)

    def admit(self, request: Request) -> tuple[Answer | None, Mapping[str, str]]:
        """The refusal, or None; and the rate headers for whatever is answered."""
        if BARE_PYTHON.match(request.user_agent):
            return html_answer(403, BLOCKED), {}
        if not request.api_key:
            return json_answer(401, {"message": "API key is required."}), {}
        if request.api_key not in self._keys:
            return json_answer(401, {"message": "Invalid API Key"}), {}
        standing = self._windows.admit(request.api_key, time.monotonic())
        return (_too_many(standing) if standing.wait else None), _rate_headers(standing)

    def reset(self) -> None:
        """Forget every arrival."""
        self._windows.reset()


def _too_many(standing: Standing) -> Answer:
    seconds = math.ceil(standing.wait)
    error = {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests", "retry_after": seconds}
    return json_answer(429, {"error": error}, {"Retry-After": str(seconds)})


def _rate_headers(standing: Standing) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(standing.limit),
        "x-ratelimit-remaining": str(standing.remaining),
        "x-ratelimit-reset": str(math.ceil(standing.reset)),  # seconds from now
    }
