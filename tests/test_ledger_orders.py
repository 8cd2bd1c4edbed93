"""What people order and what SmartLead shows, upon the ledger's rows; and calls out of the budget that is left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledgers import CONVERSATION, WINDOWS, arrival, name_categories

from config import Window
from ledger import Hold, Ledger, NotStoredError, Order, Shown, State
from ledger.observation import HAS_IT, MISSED, THEIRS
from ledger.slot import DRY_RUN, SEEN
from model import Delivery, Done, GiveUp, Mark, Retry

if TYPE_CHECKING:
    from pathlib import Path

OTHER = CONVERSATION + 1


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a Hold."""
    name_categories(ledger)
    return ledger


def order(mark: str, map_id: int = CONVERSATION, *, knows_until: float | None = None, dry_run: bool = False) -> Order:
    return Order(
        account="default",
        email_lead_map_id=map_id,
        mark=Mark(mark),
        by="jo",
        knows_until=knows_until,
        dry_run=dry_run,
    )


def shown(ledger: Ledger, *, is_read: bool, map_id: int = CONVERSATION, last_reply_at: float = 1000.0) -> Shown:
    """What SmartLead's list shows two minutes from now."""
    return Shown(
        account="default",
        email_lead_map_id=map_id,
        is_read=is_read,
        last_reply_at=last_reply_at,
        asked_at=ledger.clock() + 120.0,
    )


def delivered(ledger: Ledger, outcome: Done | GiveUp | None = None) -> Delivery:
    """The delivery that was due, with its answer."""
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery), delivery
    ledger.settle(delivery, outcome or Done(), WINDOWS, 3)
    return delivery


def test_each_conversation_is_marked_once_whatever_the_rules_wanted(ledger: Ledger) -> None:
    ledger.record([arrival("unread")])
    assert ledger.order([order("read"), order("read", OTHER), order("read")]) == [True, True, True]
    told = {(one.email_lead_map_id, one.mark) for one in (delivered(ledger), delivered(ledger))}
    assert told == {(CONVERSATION, Mark.READ), (OTHER, Mark.READ)}
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_an_order_that_could_not_know_the_newest_reply_leaves_its_conversation_alone(ledger: Ledger) -> None:
    ledger.record([arrival("leave", at=2000.0)])
    assert ledger.order([order("read", knows_until=1000.0)]) == [False]
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_orders_of_a_dry_run_are_kept_and_never_sent(ledger: Ledger) -> None:
    ledger.order([order("read", dry_run=True)])
    (row,) = ledger.recent_deliveries()
    assert (row.state, row.reason) == (State.WITHDRAWN, DRY_RUN)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_an_order_is_redone_like_any_wish(ledger: Ledger) -> None:
    ledger.record([arrival("leave")])
    ledger.order([order("unread")])
    delivered(ledger, GiveUp("no"))
    assert ledger.redo([CONVERSATION], [State.FAILED]).again == 1
    assert delivered(ledger).mark is Mark.UNREAD


def test_what_can_not_be_stored_is_told_to_who_orders(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/nowhere/ledger.db", "real")
    try:
        with pytest.raises(NotStoredError):
            ledger.order([order("read")])
    finally:
        ledger.close()


def test_a_lost_answer_is_found_and_written_down_but_not_in_a_dry_run(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivered(ledger, GiveUp("no"))
    for dry_run, state in ((True, State.FAILED), (False, State.SETTLED)):
        (finding,) = ledger.observe([shown(ledger, is_read=True)], dry_run=dry_run)
        assert (finding.email_lead_map_id, finding.kind, finding.note) == (CONVERSATION, "healed", HAS_IT)
        assert ledger.recent_deliveries()[0].state is state


def test_a_mark_that_smartlead_lost_is_sent_again(ledger: Ledger) -> None:
    ledger.record([arrival("unread")])
    delivered(ledger, GiveUp("no"))
    ledger.observe([shown(ledger, is_read=True)], dry_run=False)
    # It is due by the time of the look, which this test has put two minutes ahead.
    assert ledger.recent_deliveries()[0].state is State.PENDING


def test_a_persons_change_stands_until_the_next_reply(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivered(ledger)
    (finding,) = ledger.observe([shown(ledger, is_read=False)], dry_run=False)
    assert (finding.kind, finding.mark, finding.note) == ("changed", Mark.UNREAD, THEIRS)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    ledger.record([arrival("read", at=3000.0)])
    assert delivered(ledger).mark is Mark.READ


def test_a_conversation_that_no_event_told_of_was_missed_and_gets_no_slot(ledger: Ledger) -> None:
    (finding,) = ledger.observe([shown(ledger, is_read=False, map_id=OTHER)], dry_run=False)
    assert (finding.kind, finding.note) == ("missed", MISSED)
    assert ledger.order([order("read", OTHER, knows_until=1000.0)]) == [True]


def test_what_a_sweep_has_looked_into_is_not_missed_again(ledger: Ledger) -> None:
    ledger.record([arrival("leave")])
    assert ledger.observe([shown(ledger, is_read=False, last_reply_at=1500.0)], dry_run=False)
    ledger.note_looked_at("default", {CONVERSATION: 1500.0})
    assert not ledger.observe([shown(ledger, is_read=False, last_reply_at=1500.0)], dry_run=False)
    assert ledger.observe([shown(ledger, is_read=False, last_reply_at=1600.0)], dry_run=False)


def test_a_missed_reply_that_a_person_has_read_is_recorded_and_nothing_is_sent(ledger: Ledger) -> None:
    (receipt,) = ledger.record([arrival("unread", source="sweep", seen=True)])
    assert (receipt.status, receipt.mark, receipt.reason) == ("accepted", Mark.UNREAD, SEEN)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)


def test_spare_calls_wait_for_marks_that_are_due(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    assert isinstance(ledger.begin_call("default", WINDOWS, spare=True), Hold)
    delivered(ledger)
    lease = ledger.begin_call("default", WINDOWS, spare=True)
    assert isinstance(lease, str)
    ledger.end_call("default", WINDOWS, lease)


def test_spare_calls_take_half_of_a_window_and_leave_the_rest_to_marks(ledger: Ledger) -> None:
    windows = (Window(10, 3600.0),)
    taken = [ledger.begin_call("default", windows, spare=True) for _ in range(10)]
    count = sum(isinstance(one, str) for one in taken)
    assert 3 <= count <= 5  # the answer to the question for names counts, too
    ledger.record([arrival("read")])
    assert isinstance(ledger.claim("default", windows), Delivery)


def test_spare_calls_do_not_try_an_account_that_smartlead_holds_up(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    limited = Retry("too many", 600.0, whole_account=True, cause="limit")
    ledger.settle(delivery, limited, WINDOWS, 3)
    assert isinstance(ledger.begin_call("default", WINDOWS, spare=True), Hold)
    assert isinstance(ledger.begin_call("default", WINDOWS), str)


def test_spare_calls_go_on_while_a_person_has_paused_the_marks(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    ledger.pause("default", "jo", None)
    assert isinstance(ledger.begin_call("default", WINDOWS, spare=True), str)


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (Retry("too many", 600.0, whole_account=True, cause="limit"), Hold),
        (Retry("no key", 600.0, whole_account=True, cause="key"), Hold),
        (GiveUp("this one only"), Delivery),
        (None, Delivery),
    ],
)
def test_workers_heed_what_the_answer_to_any_call_says_of_the_whole_account(
    ledger: Ledger, answer: Retry | GiveUp | None, then: type
) -> None:
    ledger.record([arrival("read")])
    lease = ledger.begin_call("default", WINDOWS)
    assert isinstance(lease, str)
    ledger.end_call("default", WINDOWS, lease, answer)
    assert isinstance(ledger.claim("default", WINDOWS), then)
