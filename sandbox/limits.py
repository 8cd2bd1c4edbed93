"""How many requests a key may send: strict sliding windows over the arrivals that were let in."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BOUNDLESS = ((1_000_000, 1.0),)
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands after an arrival, told by its fullest window. Times are in seconds."""

    wait: float  # until a refused arrival would be let in; 0 when it was
    limit: int
    remaining: int
    reset: float  # until the window's oldest arrival leaves it


@dataclass(slots=True)
class _Window:
    limit: int
    period: float
    arrivals: deque[float] = field(default_factory=deque)

    def forget_before(self, now: float) -> None:
        while self.arrivals and self.reset(now) <= 0:
            self.arrivals.popleft()

    def remaining(self) -> int:
        return self.limit - len(self.arrivals)

    def reset(self, now: float) -> float:
        return self.arrivals[0] + self.period - now if self.arrivals else 0.0


class SlidingWindows:
    """All windows of all keys. No window ever holds more arrivals than its limit, wherever it begins."""

    def __init__(self, limits: Sequence[tuple[int, float]]) -> None:
        self._limits = tuple(limits) or BOUNDLESS
        self._windows: dict[str, list[_Window]] = {}
        self._lock = threading.Lock()

    def admit(self, key: str, now: float) -> Standing:
        """Count an arrival at `now` (seconds of a clock that never goes back), if every window has room.

        A refused arrival is not counted, so the wait it is told is true whatever the client does meanwhile.
        """
        with self._lock:
            windows = self._windows.setdefault(key, [_Window(*limit) for limit in self._limits])
            for window in windows:
                window.forget_before(now)
            wait = max((window.reset(now) for window in windows if not window.remaining()), default=0.0)
            if not wait:
                for window in windows:
                    window.arrivals.append(now)
            fullest = min(windows, key=lambda window: window.remaining() / window.limit)
            return Standing(wait, fullest.limit, fullest.remaining(), fullest.reset(now))

    def reset(self) -> None:
        """Forget every arrival."""
        with self._lock:
            self._windows.clear()


def read_limits(text: str) -> tuple[tuple[int, float], ...]:
    """Windows as (requests, seconds) from "10/1s 60/1m 1000/1h". ValueError with a sentence if it is not that."""
    if not text.strip():
        raise ValueError("no rate limit is given")
    return tuple(_read_limit(word) for word in text.split())


def _read_limit(word: str) -> tuple[int, float]:
    match = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)([smh])", word)
    if match is None:
        raise ValueError(f"{word!r} is not a rate limit such as 10/1s, 60/1m or 1000/1h")
    return int(match[1]), int(match[2]) * SECONDS[match[3]]
