"""When SmartLead itself is out of order: one call at a time, no try used up, and on again by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from ledgers import WINDOWS, arrival, name_categories, parked

from ledger import Choice, Hold, State
from ledger.schema import accounts
from ledger.standing import Standing, after_answer
from model import Delivery, Done, GiveUp, Lookup, Mark, Retry, Told

if TYPE_CHECKING:
    from ledger import Ledger

FEW = 3
DOWN = Retry("SmartLead refused the connection", landing="no", cause="outage")
WRONG_KEY = Retry("SmartLead refuses the API key", 60.0, whole_account=True, cause="key")
ODD = Retry("SmartLead is in trouble (status 500)", told=Told(heard_at=0.0))


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    name_categories(ledger)
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 11)])
    return ledger


def claim(ledger: Ledger) -> Delivery:
    claimed = ledger.claim("default", WINDOWS)
    assert isinstance(claimed, Delivery), claimed
    return claimed


def fail(ledger: Ledger, times: int, answer: Retry = DOWN) -> None:
    for delivery in [claim(ledger) for _ in range(times)]:
        ledger.settle(delivery, answer, WINDOWS, FEW)


def end_hold(ledger: Ledger) -> None:
    """As if the time of the hold had gone by."""
    with ledger._writing() as connection:
        connection.execute(accounts.update().values(held_until=0.0))
        connection.execute(sa.text("UPDATE slots SET due_at = 0 WHERE due_at IS NOT NULL"))


def test_failures_in_a_row_hold_the_account_and_say_so(ledger: Ledger) -> None:
    fail(ledger, FEW)
    held = ledger.claim("default", WINDOWS)
    assert isinstance(held, Hold)
    assert held.limited
    assert "SmartLead refused the connection" in ledger.held_accounts()["default"]


def test_then_one_call_at_a_time_is_tried_and_each_failure_holds_longer(ledger: Ledger) -> None:
    fail(ledger, FEW)
    pauses = []
    for _ in range(5):
        end_hold(ledger)
        probe = claim(ledger)
        second = ledger.claim("default", WINDOWS)
        assert isinstance(second, Hold)
        assert second.reason
        ledger.settle(probe, DOWN, WINDOWS, FEW)
        held = ledger.claim("default", WINDOWS)
        assert isinstance(held, Hold)
        pauses.append(held.seconds)
    assert pauses[-1] > 4 * pauses[0]
    assert max(pauses) <= 60


def test_one_success_opens_all_again(ledger: Ledger) -> None:
    fail(ledger, FEW)
    end_hold(ledger)
    ledger.settle(claim(ledger), Done(), WINDOWS, FEW)
    assert [claim(ledger) for _ in range(5)]
    assert ledger.held_accounts() == {}


def test_an_outage_of_any_length_turns_no_wish_into_a_failed_one(ledger: Ledger) -> None:
    fail(ledger, 8)
    for _ in range(20):
        end_hold(ledger)
        ledger.settle(claim(ledger), DOWN, WINDOWS, FEW)
    assert {row.state for row in ledger.recent_deliveries()} == {State.PENDING}
    assert max(row.attempts for row in ledger.recent_deliveries()) < FEW


def test_a_single_wish_outlives_an_outage_too(ledger: Ledger) -> None:
    ledger.cancel(Choice(map_ids=range(2, 11)), "only one is to be left")
    for _ in range(10):
        end_hold(ledger)
        ledger.settle(claim(ledger), DOWN, WINDOWS, FEW)
    (row,) = ledger.recent_deliveries(State.PENDING)
    assert row.attempts < FEW


def test_a_wrong_key_is_tried_with_one_call_at_a_time(ledger: Ledger) -> None:
    fail(ledger, 1, WRONG_KEY)
    assert "API key" in ledger.held_accounts()["default"]
    end_hold(ledger)
    probe = claim(ledger)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    ledger.settle(probe, Done(), WINDOWS, FEW)
    assert claim(ledger)
    assert ledger.held_accounts() == {}


def test_a_conversation_that_alone_gets_no_answer_lets_others_be_tried(ledger: Ledger) -> None:
    ledger.record([arrival("unread", email_lead_map_id=99), parked()])
    alone, *others = (claim(ledger) for _ in range(FEW))
    for delivery in (*others, alone):
        ledger.settle(delivery, DOWN, WINDOWS, FEW)
    assert alone.mark is Mark.UNREAD
    probes = []
    for _ in range(3):
        with ledger._writing() as connection:
            connection.execute(accounts.update().values(held_until=0.0))
        probe = ledger.claim("default", WINDOWS)
        assert not isinstance(probe, Hold)
        probes.append(probe.mark if isinstance(probe, Delivery) else type(probe))
        ledger.settle(probe, DOWN, WINDOWS, FEW)
    assert {Mark.READ, Lookup} <= set(probes)


def test_the_wait_that_an_outage_asks_for_is_kept(ledger: Ledger) -> None:
    fail(ledger, FEW, Retry("SmartLead is in trouble (status 503)", 300.0, cause="outage"))
    held = ledger.claim("default", WINDOWS)
    assert isinstance(held, Hold)
    assert held.seconds > 290


@pytest.mark.parametrize("answer", [Done(), GiveUp("unknown"), Retry("429", 1.0, whole_account=True, cause="limit")])
def test_an_answer_that_makes_sense_ends_a_row_of_failures(answer: Done | GiveUp | Retry) -> None:
    troubled = Standing("default", failures=4, probing=True, held_until=5.0)
    after = after_answer(troubled, answer, 10.0, conversation=7, break_after=5, chance=1.0)
    assert not after.probing


def test_one_conversation_that_fails_again_and_again_tells_nothing_of_the_others() -> None:
    account = Standing("default")
    for _ in range(20):
        account = after_answer(account, ODD, 10.0, conversation=7, break_after=5, chance=1.0)
    assert account.why_held(10.0) is None
    for conversation in range(5):
        account = after_answer(account, ODD, 10.0, conversation=conversation, break_after=5, chance=1.0)
    assert "one call at a time" in (account.why_held(10.0) or "")


def test_a_share_that_was_cut_grows_back_by_itself() -> None:
    limit = Retry("429", 1.0, whole_account=True, cause="limit")
    account = after_answer(Standing("default"), limit, 1000.0, conversation=7, break_after=5, chance=1.0)
    assert account.share_now(1000.0) == pytest.approx(0.7)
    assert 0.7 < account.share_now(1060.0) < 1.0
    assert account.share_now(1300.0) == 1.0
