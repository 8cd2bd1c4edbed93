"""The rate as a strict server counts it: whatever the network does, no window ever holds a call too many."""

from __future__ import annotations

import heapq
from collections import Counter
from random import Random

import pytest

from config import Window
from ledger.pace import room_at, slice_of
from ledger.standing import Standing, after_round_trip

CALLS = 1500
# Seconds: the shortest way to the server, how much longer it may be; the rest until the answer, the same.
NETWORKS = {
    "answers at once": (0.0, 0.0, 0.001, 0.0),
    "a slow server": (0.005, 0.001, 0.3, 0.02),
    "a slow server that is sometimes much slower": (0.005, 0.001, 0.1, 0.4),
    "a long way": (0.25, 0.02, 0.005, 0.002),
    "a way that is sometimes much longer": (0.02, 0.3, 0.01, 0.01),
    "both": (0.1, 0.2, 0.1, 0.2),
}


def arrivals(windows: list[Window], network: tuple[float, float, float, float], seed: int) -> list[float]:
    """When calls reach a server, each sent as soon as it may be, by what is known of those before."""
    way, more_way, rest, more_rest = network
    chance, now, account = Random(seed), 1000.0, Standing("default")
    uses = {window: Counter[int]() for window in windows}
    under_way: list[tuple[float, float]] = []
    arrived: list[float] = []
    while len(arrived) < CALLS:
        soonest = now + account.allowance
        times = [room_at(one.limit, one, uses[one], len(under_way), soonest) for one in windows]
        known = [time - account.allowance for time in times if time is not None]
        begins = max(known) if len(known) == len(windows) else None
        if under_way and (begins is None or under_way[0][0] <= begins):
            now, began = heapq.heappop(under_way)
            account = after_round_trip(account, now - began)
            for window in windows:
                uses[window][slice_of(window, now)] += 1
            continue
        assert begins is not None
        now = max(now, begins)
        arrives = now + way + chance.uniform(0, more_way)
        arrived.append(arrives)
        heapq.heappush(under_way, (arrives + rest + chance.uniform(0, more_rest), now))
    return sorted(arrived)


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("windows", [[Window(10, 1.0)], [Window(1, 1.0)], [Window(10, 1.0), Window(40, 5.0)]], ids=str)
def test_no_window_ever_holds_a_call_too_many(
    windows: list[Window], network: tuple[float, float, float, float]
) -> None:
    for seed in range(3):
        times = arrivals(windows, network, seed)
        for window in windows:
            pairs = zip(times, times[window.limit :], strict=False)
            assert min(later - earlier for earlier, later in pairs) >= window.seconds, (seed, window)
