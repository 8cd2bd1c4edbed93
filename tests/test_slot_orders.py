"""What a person orders for a conversation, and how long it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wishes import EMPTY, LEAVE, READ, UNREAD, after, wish

from ledger.attempts import claim, settle
from ledger.orders import TAKEN_BACK, Order, take_back, take_order
from ledger.redecision import revise
from ledger.slot import DRY_RUN, ORDERED, Slot, State, take_wish
from model import Done, GiveUp, Retry

if TYPE_CHECKING:
    from model import Mark, Outcome

NOW = 5000.0


def sent(outcome: Outcome) -> Slot:
    """A slot whose `read` was sent, and answered so; without a next try."""
    claimed, delivery = claim(after(wish(READ)), "lease", now=1200.0, seconds=60)
    return settle(claimed, delivery, outcome, 1201.0, None)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(after(wish(READ)), id="waits"),
        pytest.param(claim(after(wish(READ)), "lease", now=1200.0, seconds=60)[0], id="under way"),
        pytest.param(sent(Done()), id="delivered"),
        pytest.param(sent(Retry("no answer", landing="later")), id="failed"),
        pytest.param(sent(GiveUp("no")), id="refused"),
    ],
)
def test_a_read_that_is_taken_back_becomes_an_unread(before: Slot) -> None:
    taken = take_back(before, NOW)
    assert (taken.state, taken.wanted, taken.rule, taken.reason) == (State.PENDING, UNREAD, None, TAKEN_BACK)
    assert (taken.generation, taken.attempts, taken.lease) == (before.generation + 1, 0, before.lease)


def test_the_unread_waits_for_a_read_that_may_land_yet() -> None:
    before = sent(Retry("no answer", landing="later"))
    assert take_back(before, 1202.0).due_at == before.read_until


def test_the_answer_of_the_read_that_was_under_way_does_not_settle_what_took_its_place() -> None:
    claimed, delivery = claim(after(wish(READ)), "lease", now=1200.0, seconds=60)
    answered = settle(take_back(claimed, 1201.0), delivery, Done(), 1202.0, None)
    assert (answered.state, answered.wanted, answered.confirmed) == (State.PENDING, UNREAD, None)


@pytest.mark.parametrize("mark", [READ, UNREAD, LEAVE])
def test_a_decision_made_anew_leaves_it_alone(mark: Mark) -> None:
    taken = take_back(sent(Done()), NOW)
    assert revise(taken, wish(mark), 1100.0, alone=True) == (taken, ORDERED)


def test_a_newer_reply_decides_again() -> None:
    taken = take_back(sent(Done()), NOW)
    newer, note = take_wish(taken, wish(READ, at=200.0, event=2))
    assert (newer.wanted, newer.event_id, newer.ordered, note) == (READ, 2, False, None)
    assert revise(newer, wish(LEAVE, at=200.0, event=2), 1300.0, alone=False)[1] != ORDERED


def test_an_older_reply_that_comes_late_changes_nothing() -> None:
    taken = take_back(sent(Done()), NOW)
    assert take_wish(taken, wish(READ, at=50.0, event=2))[0] == taken
    assert EMPTY.ordered is False


def order(mark: Mark, *, knows_until: float | None = None, **values: Any) -> Order:
    return Order(account="default", email_lead_map_id=7, mark=mark, by="jo", knows_until=knows_until, **values)


def test_an_order_is_sent_whatever_the_rules_wanted() -> None:
    slot = take_order(after(wish(UNREAD)), order(READ), NOW)
    assert slot is not None
    assert (slot.state, slot.wanted, slot.rule, slot.reason) == (State.PENDING, READ, None, "ordered: jo")
    assert revise(slot, wish(UNREAD), 1100.0, alone=True) == (slot, ORDERED)


def test_an_order_for_a_conversation_without_a_reply_is_sent() -> None:
    slot = take_order(EMPTY, order(UNREAD), NOW)
    assert slot is not None
    assert claim(slot, "lease", now=NOW, seconds=60)[1].mark is UNREAD


@pytest.mark.parametrize(
    ("slot", "one"),
    [
        pytest.param(after(wish(READ, at=200.0)), order(READ, knows_until=100.0), id="another reply came"),
        pytest.param(
            after(wish(READ, at=200.0)),
            order(READ, knows_until=100.0, asked_at=1230.0),
            id="and the list may not have shown it yet",
        ),
        pytest.param(
            after(wish(READ, at=900.0)),
            order(READ, knows_until=100.0, asked_at=9000.0),
            id="and is too much later for the same one, told by another clock",
        ),
        pytest.param(
            after(wish(LEAVE, at=200.0, dated=False)), order(READ, knows_until=150.0), id="one came at an unknown time"
        ),
    ],
)
def test_an_order_that_could_not_know_the_newest_reply_is_not_taken(slot: Slot, one: Order) -> None:
    assert take_order(slot, one, NOW) is None


def test_an_event_that_tells_its_reply_a_little_late_is_no_newer_reply() -> None:
    slot = take_order(after(wish(READ, at=105.0)), order(READ, knows_until=100.0, asked_at=9000.0), NOW)
    assert slot is not None
    assert slot.ordered


def test_the_same_order_once_more_sends_nothing_more() -> None:
    slot = take_order(EMPTY, order(READ), NOW)
    assert slot is not None
    assert take_order(slot, order(READ), NOW + 5) == slot


def test_a_reply_that_the_order_knew_takes_its_place_and_changes_nothing() -> None:
    slot = take_order(EMPTY, order(READ, knows_until=100.0), NOW)
    assert slot is not None
    known, note = take_wish(slot, wish(LEAVE, at=100.0))
    assert (known.state, known.wanted, known.ordered, note) == (State.PENDING, READ, True, ORDERED)
    assert (known.reply_at, known.reply_event) == (100.0, 1)


def test_an_older_reply_that_nobody_knew_of_is_shown_if_the_rules_want_it_shown() -> None:
    slot = take_order(after(wish(READ)), order(READ), NOW)
    assert slot is not None
    late, note = take_wish(slot, wish(UNREAD, at=50.0, event=2))
    assert (late.wanted, late.ordered, late.reply_at, note) == (UNREAD, False, 100.0, None)


@pytest.mark.parametrize("asked_at", [4900.0, None])
def test_an_order_knows_of_no_reply_to_come_whatever_time_the_list_tells(asked_at: float | None) -> None:
    slot = take_order(EMPTY, order(READ, knows_until=9e9, asked_at=asked_at), NOW)
    assert slot is not None
    newer, _note = take_wish(slot, wish(UNREAD, at=NOW + 10))
    assert (newer.wanted, newer.ordered) == (UNREAD, False)


def test_an_order_of_a_dry_run_is_never_sent() -> None:
    slot = take_order(after(wish(UNREAD)), order(READ, dry_run=True), NOW)
    assert slot is not None
    assert (slot.state, slot.reason, slot.due_at) == (State.WITHDRAWN, DRY_RUN, None)


def test_a_mark_that_smartlead_was_given_since_it_was_asked_is_not_sent_again() -> None:
    slot = take_order(sent(Done()), order(READ, knows_until=100.0, asked_at=1100.0), NOW)
    assert slot is not None
    assert (slot.state, slot.ordered, slot.confirmed, slot.due_at) == (State.SETTLED, True, READ, None)
    for asked_at, mark in ((1300.0, READ), (1100.0, UNREAD), (None, READ)):
        again = take_order(sent(Done()), order(mark, knows_until=100.0, asked_at=asked_at), NOW)
        assert again is not None
        assert again.state is State.PENDING
