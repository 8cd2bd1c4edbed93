"""The ledger's clock is known between bounds, and the closest of the last readings tell."""

from __future__ import annotations

from worker.clock import GOOD_FOR, LedgerClock


def test_a_time_of_the_ledgers_has_surely_come_and_one_of_ours_is_never_told_too_early() -> None:
    clock = LedgerClock()
    ahead = 5000.0
    for before, way, back in ((1.0, 0.5, 0.001), (2.0, 0.002, 0.8), (3.0, 0.1, 0.1)):
        offset = clock.read(before, before + way + ahead, before + way + back)
        assert offset.least <= ahead <= offset.most
    assert offset.has_come(5010.0) - 10.0 < 0.0011
    assert offset.at_the_latest(10.0) - 5010.0 < 0.0021


def test_old_readings_count_no_more_for_clocks_drift_apart() -> None:
    clock = LedgerClock()
    clock.read(1.0, 5001.0, 1.0)
    later = 1.0 + GOOD_FOR + 1.0
    offset = clock.read(later, later + 5000.3, later + 0.2)
    assert offset.most < 5000.31
    assert offset.least > 5000.09
