"""Asking SmartLead one thing after the other, for a person who waits for the answers."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from config import Window
    from handlers.reading import Reading

USELESS = {None, 401, 429}  # no answer, a wrong key, a used-up rate: the next call would get the same


class Asker:
    """Makes calls, never more than the windows allow, and none after an answer that the next call would get, too.

    `get` makes one call. `notice` is told before each what is asked for. `calls` counts them, `troubles` are the
    sentences of those whose answers were of no use.
    """

    def __init__(
        self, get: Callable[[str], Reading], windows: Sequence[Window], notice: Callable[[str], None] = lambda _: None
    ) -> None:
        self._get = get
        self._notice = notice
        self._past = [(window, deque[float](maxlen=window.limit)) for window in windows]
        self.calls = 0
        self.troubles: list[str] = []
        self.gave_up = False

    def ask(self, path: str, what: str) -> Reading | None:
        """The answer for a path below /api/v1; None where no call is worth its while any more."""
        if self.gave_up:
            return None
        self._notice(what)
        self._keep_pace()
        reading = self._get(path)
        self.calls += 1
        for _window, answered in self._past:
            answered.append(time.monotonic())
        if reading.trouble is not None:
            self.troubles.append(reading.trouble)
        self.gave_up = reading.status in USELESS or is_blocked(reading)
        return reading

    def _keep_pace(self) -> None:
        now = time.monotonic()
        full = [(window, answered[0]) for window, answered in self._past if len(answered) == window.limit]
        wait = max((oldest + window.seconds - now for window, oldest in full), default=0.0)
        if wait > 0:
            time.sleep(wait)


def is_blocked(reading: Reading) -> bool:
    """Whether Cloudflare, which stands before SmartLead, turned the call away."""
    return reading.status == 403 and "Cloudflare" in (reading.trouble or "")
