"""The order of rules: which of them were moved, and past which rules of another mark."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.engine.ruleset import Rule

MOST_NAMED = 20

Places = tuple[int, int]
"""Where a rule stands in the old file and in the new one, counted from 0."""


@dataclass(frozen=True, slots=True)
class Passed:
    """The rules of another mark that a rule has passed, by their new names; of many only the first few."""

    above: tuple[str, ...] = ()  # it stood below these, and stands above them now
    below: tuple[str, ...] = ()  # the other way round


def find_passed(old: Sequence[Rule], new: Sequence[Rule], pairs: Sequence[Places]) -> dict[int, Passed]:
    """Find what each moved rule has passed, by its place in the new file. `pairs` are in the order of the new file.

    As few rules as possible count as moved: those outside the longest run that kept its order.
    """
    by_marks = defaultdict(list)
    for before, after in pairs:
        by_marks[old[before].mark, new[after].mark].append((before, after))
    stayed = _longest_rising([before for before, _ in pairs])
    passed = {}
    for at, (before, after) in enumerate(pairs):
        if at not in stayed:
            own = old[before].mark, new[after].mark
            others = chain.from_iterable(places for marks, places in by_marks.items() if marks != own)
            swapped = (other[1] for other in others if (other[0] < before) != (other[1] < after))
            places = sorted(islice(swapped, MOST_NAMED))
            above = tuple(new[other].name for other in places if other > after)
            below = tuple(new[other].name for other in places if other < after)
            passed[after] = Passed(above, below)
    return passed


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The positions of a longest rising run within `numbers`; its members need not be neighbours."""
    ends: list[int] = []  # the smallest last number of the runs of each length
    last: list[int] = []  # where it stands
    previous: list[int] = []
    for at, number in enumerate(numbers):
        length = bisect_left(ends, number)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [at]
    found: set[int] = set()
    at = last[-1] if last else -1
    while at >= 0:
        found.add(at)
        at = previous[at]
    return found
