"""When the next call may be made, by the calls of before. Pure.

SmartLead counts a call when it arrives; we know that it arrives after it was allowed to begin and before its answer
began. So a call counts from its beginning until a whole window after its answer: never more calls than the limit can
arrive in a window, wherever that begins and however slow the network is.

That much is proven. It leaves a round trip of each window unused, and most of that is taken back by experience. An old
call arrived before its answer by the way back, a new one arrives after its sending by the way there: if neither way is
ever shorter than in the shortest round trip of late, so much may be taken off the wait. That is likely and not proven:
one quick way there after many slow ones would come early. So only most of it is taken, less the more round trips
differ (`Standing.allowance`), and a refusal all the same makes it nothing, and cuts the share.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config import Window

SLICES = 512  # of a window: finished calls are counted by slices, whatever the limit, and a slice ends as a whole


@dataclass(frozen=True, slots=True)
class Timing:
    """When a call was over, by the ledger's clock at the latest, and its round trip: 0 where no answer came."""

    answered_at: float
    seconds: float  # from the sending, on a connection that stood


def slice_of(window: Window, at: float) -> int:
    """The slice in which a call is counted that ended at this time."""
    return floor(at / window.seconds * SLICES)


def oldest_slice(window: Window, now: float) -> int:
    """The oldest slice that still counts."""
    return slice_of(window, now - window.seconds)


def leaves_at(window: Window, number: int) -> float:
    """When the calls of a slice count no more."""
    return (number + 1) * window.seconds / SLICES + window.seconds


def room_at(limit: int, window: Window, uses: Mapping[int, int], under_way: int, now: float) -> float | None:
    """When one call more may begin: `now`, or a time after it. None: only an answer can tell.

    `uses` are finished calls by slice, `under_way` those that have begun or may begin without asking again.
    """
    in_the_way = sum(uses.values()) + under_way - limit + 1
    if in_the_way <= 0:
        return now
    for number in sorted(uses):
        in_the_way -= uses[number]
        if in_the_way <= 0:
            return max(now, leaves_at(window, number))
    return None
