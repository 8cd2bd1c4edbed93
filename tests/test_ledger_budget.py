"""One budget for all: taken ahead, learnt from what SmartLead tells, given back by those who died."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from ledgers import arrival, name_categories

from config import Window
from ledger import Hold, Timing, budget, dialect
from ledger.schema import accounts
from model import Delivery, Done, Mark, Retry, Told

if TYPE_CHECKING:
    from ledger import Ledger

DAY = 86400.0
TEN_AN_HOUR = (Window(10, 3600.0),)
FEW = 3


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names, and has twenty reads to send."""
    name_categories(ledger)
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 21)])
    return ledger


def claim(ledger: Ledger, windows: tuple[Window, ...], ahead: float = 0.0) -> Delivery:
    claimed = ledger.claim("default", windows, ahead=ahead)
    assert isinstance(claimed, Delivery), claimed
    return claimed


def hold(ledger: Ledger, windows: tuple[Window, ...]) -> Hold:
    held = ledger.claim("default", windows)
    assert isinstance(held, Hold), held
    return held


def settle(ledger: Ledger, delivery: Delivery, answer: Done | Retry, windows: tuple[Window, ...]) -> None:
    ledger.settle(delivery, answer, windows, FEW)


def told(limit: int, remaining: int, reset: float | None = None) -> Told:
    return Told(heard_at=0.0, limit=limit, remaining=remaining, reset=reset)


def test_a_call_may_be_claimed_shortly_before_it_may_begin(ledger: Ledger) -> None:
    one_a_minute = (Window(1, 60.0),)
    settle(ledger, claim(ledger, one_a_minute), Done(), one_a_minute)
    assert hold(ledger, one_a_minute).seconds > 55
    early = claim(ledger, one_a_minute, ahead=61.0)
    assert 59 < early.begins_at - early.claimed_at <= 60.2
    assert hold(ledger, one_a_minute).limited


def test_a_call_counts_from_its_answers_beginning_not_from_when_that_was_written_down(ledger: Ledger) -> None:
    one_a_minute = (Window(1, 60.0),)
    first = claim(ledger, one_a_minute)
    ledger.settle(first, Done(), one_a_minute, FEW, Timing(first.claimed_at + 0.001, 0.001))
    second = claim(ledger, one_a_minute, ahead=61.0)
    assert second.begins_at - first.claimed_at == pytest.approx(60.0, abs=60 / 256)


def test_the_fullest_of_several_windows_holds(ledger: Ledger) -> None:
    three = (Window(2, 2.0), Window(4, 60.0), Window(8, 3600.0))
    waits = []
    for _ in range(4):
        delivery = claim(ledger, three, ahead=3.0)
        waits.append(delivery.begins_at - delivery.claimed_at)
        settle(ledger, delivery, Done(), three)
    assert waits[:2] == [0.0, 0.0]
    assert 0.0 < waits[2] <= 2.1
    assert 55 < hold(ledger, three).seconds <= 60.2


def test_calls_of_other_tools_that_smartlead_counts_leave_room_for_themselves(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, TEN_AN_HOUR), Done(told=told(limit=10, remaining=2)), TEN_AN_HOUR)
    for _ in range(2):
        claim(ledger, TEN_AN_HOUR)
    assert hold(ledger, TEN_AN_HOUR).limited


def test_our_own_calls_are_not_taken_for_those_of_others(ledger: Ledger) -> None:
    in_hand = [claim(ledger, TEN_AN_HOUR) for _ in range(4)]
    for number, delivery in enumerate(in_hand, start=1):
        settle(ledger, delivery, Done(told=told(limit=10, remaining=10 - number, reset=3600.0)), TEN_AN_HOUR)
    assert [claim(ledger, TEN_AN_HOUR) for _ in range(6)]
    assert ledger.held_accounts() == {}


def test_when_others_have_used_everything_up_it_waits_for_the_reset_with_the_reason(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, TEN_AN_HOUR), Done(told=told(limit=10, remaining=0, reset=30.0)), TEN_AN_HOUR)
    held = hold(ledger, TEN_AN_HOUR)
    assert 25 < held.seconds <= 30
    assert "somebody else uses the key" in (held.reason or "")


def test_a_window_that_is_not_ours_is_heeded_when_nothing_is_left_and_for_a_minute_at_most(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, TEN_AN_HOUR), Done(told=told(limit=77, remaining=0, reset=900.0)), TEN_AN_HOUR)
    assert 55 < hold(ledger, TEN_AN_HOUR).seconds <= 60


def test_using_the_whole_rate_ourselves_is_no_reason_to_wait_longer(ledger: Ledger) -> None:
    windows = (Window(2, 0.5),)
    in_hand = [claim(ledger, windows), claim(ledger, windows)]
    for remaining, delivery in zip((1, 0), in_hand, strict=True):
        settle(ledger, delivery, Done(told=told(limit=2, remaining=remaining, reset=60.0)), windows)
    assert hold(ledger, windows).seconds <= 0.6


def test_a_limit_that_came_unexpected_slows_all_down_once(ledger: Ledger) -> None:
    in_hand = [claim(ledger, TEN_AN_HOUR) for _ in range(3)]
    for delivery in in_hand:
        settle(ledger, delivery, Retry("429", 0.0, whole_account=True, cause="limit"), TEN_AN_HOUR)
    shares = [one.share for one in ledger.standings()]
    assert 0.3 < shares[0] <= 0.7
    more = 0
    while isinstance(ledger.claim("default", TEN_AN_HOUR), Delivery):
        more += 1
    assert more < 7


def test_a_call_that_nobody_ends_keeps_its_place_until_it_is_lost(ledger: Ledger) -> None:
    one_a_minute = (Window(1, 60.0),)
    lost = claim(ledger, one_a_minute)
    ledger.keep_calls([lost.lease])
    assert hold(ledger, one_a_minute).limited
    settle(ledger, lost, Done(), one_a_minute)
    assert 55 < hold(ledger, one_a_minute).seconds <= 60.2


def test_a_clock_that_was_a_day_ahead_and_is_set_right_holds_nobody_up_for_a_day(ledger: Ledger) -> None:
    settle(ledger, claim(ledger, TEN_AN_HOUR), Done(), TEN_AN_HOUR)
    with ledger._writing() as connection:
        connection.execute(accounts.update().values(held_until=dialect.now() + DAY))
        tomorrow = connection.execute(sa.select(dialect.now() + DAY)).scalar_one()
        budget.count(connection, "default", TEN_AN_HOUR, tomorrow, uses=10)
    assert hold(ledger, TEN_AN_HOUR).seconds > DAY / 2
    ledger.beat("a worker")
    assert [claim(ledger, TEN_AN_HOUR) for _ in range(9)]
    assert hold(ledger, TEN_AN_HOUR).limited  # the call that was really made counts


def test_unread_goes_before_read_however_long_that_waits(ledger: Ledger) -> None:
    ledger.record([arrival("unread", email_lead_map_id=99)])
    assert [claim(ledger, TEN_AN_HOUR).mark for _ in range(2)] == [Mark.UNREAD, Mark.READ]
