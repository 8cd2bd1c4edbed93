from __future__ import annotations

import time
from threading import Event

import pytest

from handlers.patience import Patience

LONG = 60.0  # seconds, of which none is waited


def test_a_call_that_takes_too_long_is_given_up() -> None:
    given_up = Event()
    with Patience().until(time.monotonic() + 0.01, given_up.set):
        assert given_up.wait(LONG)


def test_a_moment_that_is_over_already_is_no_trouble() -> None:
    given_up = Event()
    with Patience().until(time.monotonic() - 1.0, given_up.set):
        assert given_up.wait(LONG)


def test_a_call_that_began_later_and_ends_sooner_does_not_wait_for_the_first() -> None:
    patience, first, second = Patience(), Event(), Event()
    with (
        patience.until(time.monotonic() + LONG, first.set),
        patience.until(time.monotonic() + 0.01, second.set),
    ):
        assert second.wait(LONG)
    assert not first.is_set()


def test_a_call_that_ended_in_time_is_not_given_up_afterwards() -> None:
    patience, ended, later = Patience(), Event(), Event()
    with patience.until(time.monotonic() + 0.05, ended.set):
        pass
    with patience.until(time.monotonic() + 0.1, later.set):  # after the first one's moment
        assert later.wait(LONG)
    assert not ended.is_set()


@pytest.mark.parametrize("times", [1, 3])
def test_each_of_many_calls_is_given_up_in_its_time(times: int) -> None:
    patience = Patience()
    for _ in range(times):  # its thread ends after each, and another one begins
        given_up = Event()
        with patience.until(time.monotonic() + 0.01, given_up.set):
            assert given_up.wait(LONG)


def test_what_a_call_raises_goes_through() -> None:
    with pytest.raises(ValueError, match="body"), Patience().until(time.monotonic() + LONG, Event().set):
        raise ValueError("body")
