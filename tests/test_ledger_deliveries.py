"""What goes out: one PATCH a conversation at a time, newest wish only, nothing lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, WINDOWS, arrival, name_categories

from config import Window
from ledger import Hold, Redone, State
from ledger.deliveries import LONGEST_DUE, NEXT_DUE
from model import Decision, Delivery, Done, GiveUp, Mark, Retry

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ledger import Ledger

FEW = 3


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a Hold."""
    name_categories(ledger)
    return ledger


def claim(ledger: Ledger) -> Delivery:
    got = ledger.claim("default", WINDOWS)
    assert isinstance(got, Delivery), got
    return got


def settle(ledger: Ledger, delivery: Delivery, outcome: Done | Retry | GiveUp) -> None:
    ledger.settle(delivery, outcome, WINDOWS, FEW)


def test_a_read_decision_is_claimed_and_settled(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivery = claim(ledger)
    assert (delivery.email_lead_map_id, delivery.mark, delivery.attempt) == (CONVERSATION, Mark.READ, 1)
    assert ledger.recent_deliveries()[0].state is State.SENDING
    assert ledger.holds(delivery)
    settle(ledger, delivery, Done())
    row = ledger.recent_deliveries()[0]
    assert (row.state, row.reason, row.attempts) == (State.SETTLED, None, 1)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_leave_sends_nothing(ledger: Ledger) -> None:
    ledger.record([arrival("leave")])
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert ledger.recent_deliveries() == []


def test_ten_replies_of_a_conversation_cost_one_call(ledger: Ledger) -> None:
    for second in range(10):
        ledger.record([arrival("read" if second % 2 else "unread", at=1000.0 + second)])
    delivery = claim(ledger)
    assert delivery.mark is Mark.READ
    settle(ledger, delivery, Done())
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_a_newer_wish_waits_for_the_answer_that_is_under_way(ledger: Ledger) -> None:
    ledger.record([arrival("read", at=1000.0)])
    first = claim(ledger)
    ledger.record([arrival("unread", at=2000.0)])
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert not ledger.holds(first)
    settle(ledger, first, Done())
    second = claim(ledger)
    assert second.mark is Mark.UNREAD
    settle(ledger, second, Done())
    assert ledger.recent_deliveries()[0].state is State.SETTLED


def test_a_late_answer_never_settles_a_newer_wish(ledger: Ledger) -> None:
    ledger.record([arrival("read", at=1000.0)])
    first = claim(ledger)
    ledger.drop(first)
    second = claim(ledger)
    settle(ledger, first, Done())
    assert ledger.recent_deliveries()[0].state is not State.SETTLED
    settle(ledger, second, Done())
    third = claim(ledger)
    settle(ledger, third, Done())
    assert ledger.recent_deliveries()[0].state is State.SETTLED


def test_a_call_under_way_counts_against_the_rate(ledger: Ledger) -> None:
    one_a_minute = (Window(1, 60.0),)
    ledger.record([arrival("read", email_lead_map_id=1), arrival("read", email_lead_map_id=2)])
    first = ledger.claim("default", one_a_minute)
    assert isinstance(first, Delivery)
    assert isinstance(ledger.claim("default", one_a_minute), Hold)
    ledger.settle(first, Done(), one_a_minute, FEW)
    hold = ledger.claim("default", one_a_minute)
    assert isinstance(hold, Hold)
    assert 55 < hold.seconds <= 62


def test_a_dropped_claim_gives_its_call_back(ledger: Ledger) -> None:
    one_a_minute = (Window(1, 60.0),)
    ledger.record([arrival("read")])
    first = ledger.claim("default", one_a_minute)
    assert isinstance(first, Delivery)
    ledger.drop(first)
    assert isinstance(ledger.claim("default", one_a_minute), Delivery)


def test_a_429_holds_the_whole_account(ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=1), arrival("read", email_lead_map_id=2)])
    settle(ledger, claim(ledger), Retry("too many requests", after=30.0, whole_account=True))
    hold = ledger.claim("default", WINDOWS)
    assert isinstance(hold, Hold)
    assert 25 < hold.seconds <= 30
    assert hold.reason == "too many requests"
    assert ledger.held_accounts() == {"default": "too many requests"}


def test_a_retry_is_due_later_and_the_last_one_fails_with_its_reason(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivery = claim(ledger)
    ledger.settle(delivery, Retry("SmartLead answered 500"), WINDOWS, max_attempts=2)
    row = ledger.recent_deliveries()[0]
    assert (row.state, row.reason) == (State.PENDING, "SmartLead answered 500")
    hold = ledger.claim("default", WINDOWS)
    assert isinstance(hold, Hold)
    assert 0 < hold.seconds <= 1.0
    ledger.redo([CONVERSATION], [State.PENDING])
    ledger.settle(claim(ledger), Retry("SmartLead answered 500"), WINDOWS, max_attempts=1)
    row = ledger.recent_deliveries(State.FAILED)[0]
    assert row.reason == "given up after 1 attempts; the last: SmartLead answered 500"


def test_a_final_answer_fails_and_redo_sends_it_again(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    settle(ledger, claim(ledger), GiveUp("SmartLead does not know this conversation"))
    row = ledger.recent_deliveries()[0]
    assert (row.state, row.reason) == (State.FAILED, "SmartLead does not know this conversation")
    assert ledger.redo(None, [State.FAILED]).again == 1
    assert claim(ledger).attempt == 1


def test_a_hold_outlives_the_answer_of_a_call_that_was_made_before_it(ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=number) for number in (1, 2, 3)])
    first, second = claim(ledger), claim(ledger)
    settle(ledger, first, Retry("too many requests", after=30.0, whole_account=True))
    settle(ledger, second, Done())
    hold = ledger.claim("default", WINDOWS)
    assert isinstance(hold, Hold)
    assert hold.seconds > 25


def test_refusals_that_name_no_time_hold_for_longer_each_time(ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 6)])
    claims = [claim(ledger) for _ in range(5)]
    holds = []
    for one in claims:
        settle(ledger, one, Retry("too many requests", whole_account=True))
        hold = ledger.claim("default", WINDOWS)
        assert isinstance(hold, Hold)
        holds.append(hold.seconds)
    assert holds[0] <= 1
    assert holds[-1] > 7


def test_redo_never_sends_a_read_over_a_newer_reply_that_is_left(ledger: Ledger) -> None:
    ledger.record([arrival("read", at=1000.0)])
    settle(ledger, claim(ledger), Done())
    ledger.record([arrival("leave", at=9e9)])
    done = ledger.redo([CONVERSATION], list(State))
    assert (done.again, done.outdated) == (0, 1)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_redo_never_sends_a_read_of_a_reply_that_is_to_be_left_by_now(ledger: Ledger) -> None:
    (reply,) = ledger.record([arrival("read")])
    ledger.revise(reply.event_id, Decision(Mark.LEAVE, None, version=1), "the category came", dry_run=False)
    assert ledger.redo([CONVERSATION], [State.WITHDRAWN]) == Redone(again=0, outdated=1)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_a_wish_that_came_while_a_claim_was_given_back_begins_with_its_first_try(ledger: Ledger) -> None:
    ledger.record([arrival("read", at=1000.0)])
    delivery = claim(ledger)
    ledger.record([arrival("unread", at=2000.0)])
    ledger.drop(delivery)
    assert claim(ledger).attempt == 1


def test_redo_leaves_what_was_decided_in_a_dry_run(ledger: Ledger) -> None:
    ledger.record([arrival("read", dry_run=True)])
    assert ledger.redo(None, list(State)).again == 0


def test_what_was_decided_in_a_dry_run_is_never_sent(ledger: Ledger) -> None:
    ledger.record([arrival("read", dry_run=True)])
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    row = ledger.recent_deliveries()[0]
    assert (row.state, row.reason, row.due_at) == (State.WITHDRAWN, "dry run", None)


def test_an_alarm_wakes_when_a_wish_is_committed(ledger: Ledger) -> None:
    alarm = ledger.alarm()
    alarm.wait(0.01)
    ledger.record([arrival("read")])
    alarm.wait(30)
    assert isinstance(ledger.claim("default", WINDOWS), Delivery)
    alarm.close()


@pytest.mark.parametrize("find", [LONGEST_DUE, NEXT_DUE], ids=["what is due", "what is due next"])
def test_an_index_finds_what_is_due_however_many_conversations_there_are(ledger: Ledger, find: sa.Select[Any]) -> None:
    with ledger._reading() as connection:
        told = find.params(of_account="default", mark=Mark.UNREAD, now=5.0)
        asked = told.compile(connection.engine, compile_kwargs={"literal_binds": True})
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # so small a table is read as a whole
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            rows = connection.exec_driver_sql(f"EXPLAIN {asked}")
        plan = "\n".join(str(row[-1]) for row in rows)
    assert "slots_due" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
