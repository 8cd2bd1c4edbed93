"""The ledger's clock as one process sees it: bounds, never a guess.

Rights to calls begin by the ledger's clock, and are counted until answers by it. Nobody reads it without a way there
and back; but each reading lies between two moments of our own, and the closest of the last readings tell well.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

READINGS = 64
GOOD_FOR = 10.0  # seconds: clocks drift apart


@dataclass(frozen=True, slots=True)
class _Reading:
    before: float
    at: float
    after: float


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the ledger's clock is ahead of `time.monotonic`, between two bounds, in seconds."""

    least: float
    most: float

    def has_come(self, at: float) -> float:
        """Our own moment at which this time of the ledger's has surely come."""
        return at - self.least

    def at_the_latest(self, moment: float) -> float:
        """The ledger's time at this moment of ours, or a little later."""
        return moment + self.most


class LedgerClock:
    """Remembers the last readings. For one thread."""

    def __init__(self) -> None:
        self._readings: deque[_Reading] = deque(maxlen=READINGS)

    def read(self, before: float, at: float, after: float) -> Offset:
        """The offset, now that the ledger's clock said `at` between these two moments of ours."""
        self._readings.append(_Reading(before, at, after))
        good = [one for one in self._readings if one.after > after - GOOD_FOR]
        return Offset(least=max(one.at - one.after for one in good), most=min(one.at - one.before for one in good))
