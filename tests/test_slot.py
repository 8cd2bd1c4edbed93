"""Who wins in a conversation: the newest reply by its own time, and the cautious mark when times are equal."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from wishes import LEAVE, READ, UNREAD, after, wish

from ledger.attempts import claim, settle
from ledger.slot import DRY_RUN, HIDDEN, LEFT, SUPERSEDED, State, take_wish
from model import Done, GiveUp, Mark, Retry


@pytest.mark.parametrize(
    ("earlier", "later", "wanted", "state"),
    [
        (READ, UNREAD, UNREAD, State.PENDING),  # the newer reply's mark, one PATCH
        (UNREAD, READ, READ, State.PENDING),
        (READ, LEAVE, READ, State.WITHDRAWN),  # to leave withdraws what was not sent
        (UNREAD, LEAVE, UNREAD, State.WITHDRAWN),
        (LEAVE, READ, READ, State.PENDING),
        (LEAVE, LEAVE, None, State.IDLE),
    ],
)
def test_the_newest_reply_decides(earlier: Mark, later: Mark, wanted: Mark | None, state: State) -> None:
    slot = after(wish(earlier, 100.0, event=1), wish(later, 200.0, event=2))
    assert (slot.wanted, slot.state) == (wanted, state)


def test_a_reply_that_comes_late_changes_nothing() -> None:
    newest = after(wish(UNREAD, 200.0))
    assert take_wish(newest, wish(READ, 100.0, event=2)) == (newest, SUPERSEDED)


@pytest.mark.parametrize("first", list(Mark))
@pytest.mark.parametrize("second", list(Mark))
def test_of_two_replies_with_the_same_time_the_cautious_mark_wins_in_either_order(first: Mark, second: Mark) -> None:
    slot = after(wish(first, event=1), wish(second, event=2))
    expected = UNREAD if UNREAD in {first, second} else LEAVE if LEAVE in {first, second} else READ
    assert slot.reply_mark is expected
    assert (slot.state is State.PENDING) == (expected is not LEAVE)


def test_a_read_that_went_out_after_a_newer_reply_was_written_is_taken_back() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=500.0, seconds=60)
    settled = settle(sent, delivery, Done(), 501.0, None)
    slot, note = take_wish(settled, wish(LEAVE, 400.0, event=2))
    assert (slot.wanted, slot.state, note) == (UNREAD, State.PENDING, HIDDEN)


def test_a_read_that_went_out_before_the_newer_reply_was_written_stays() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=500.0, seconds=60)
    settled = settle(sent, delivery, Done(), 501.0, None)
    slot, note = take_wish(settled, wish(LEAVE, 600.0, event=2))
    assert (slot.state, slot.confirmed, note) == (State.SETTLED, None, None)


def test_a_new_reply_is_sent_even_if_it_wants_what_was_sent_before() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=150.0, seconds=60)
    settled = settle(sent, delivery, Done(), 151.0, None)
    assert settled.confirmed is READ
    slot, _ = take_wish(settled, wish(READ, 200.0, event=2))
    assert (slot.state, slot.confirmed) == (State.PENDING, None)


def test_a_dry_run_keeps_the_wish_without_ever_sending_it() -> None:
    slot = after(wish(READ, dry_run=True))
    assert (slot.wanted, slot.state, slot.reason) == (READ, State.WITHDRAWN, DRY_RUN)


def test_a_newer_reply_to_be_left_drops_a_wish_that_failed() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=150.0, seconds=60)
    failed = settle(sent, delivery, GiveUp("unknown conversation"), 151.0, None)
    slot, _ = take_wish(failed, wish(LEAVE, 200.0, event=2))
    assert (slot.state, slot.reason) == (State.WITHDRAWN, LEFT)


@pytest.mark.parametrize("outcome", [Done(), Retry("no answer"), Retry("429", whole_account=True)])
def test_a_reply_to_be_left_that_comes_while_our_read_is_under_way_is_shown(outcome: Done | Retry) -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=101.0, seconds=60)
    newer, note = take_wish(sent, wish(LEAVE, 110.0, event=2))
    slot = settle(newer, delivery, outcome, 125.0, 1.0)
    assert (slot.wanted, slot.state, note) == (UNREAD, State.PENDING, HIDDEN)


@pytest.mark.parametrize("outcome", [Done(), Retry("no answer")])
def test_a_reply_that_was_written_while_our_read_was_under_way_is_shown(outcome: Done | Retry) -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=101.0, seconds=60)
    answered = settle(sent, delivery, outcome, 125.0, 600.0)
    slot, note = take_wish(answered, wish(LEAVE, 110.0, event=2))
    assert (slot.wanted, slot.state, note) == (UNREAD, State.PENDING, HIDDEN)


def test_an_unread_waits_until_a_read_without_answer_can_no_longer_come_after_it() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=101.0, seconds=60)
    newer, _ = take_wish(sent, wish(UNREAD, 110.0, event=2))
    lost = settle(newer, delivery, Retry("no answer within 20 seconds", landing="later"), 121.0, 1.0)
    assert (lost.wanted, lost.due_at) == (UNREAD, 181.0)
    lost = settle(sent, delivery, Retry("no answer within 20 seconds", landing="later"), 121.0, 1.0)
    newer, _ = take_wish(lost, replace(wish(UNREAD, 110.0, event=2), arrived_at=122.0))
    assert (newer.wanted, newer.due_at) == (UNREAD, 181.0)


def test_a_read_that_never_left_hides_nothing() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=101.0, seconds=60)
    refused = settle(sent, delivery, Retry("connection refused", landing="no"), 125.0, 5.0)
    slot, _ = take_wish(refused, wish(LEAVE, 110.0, event=2))
    assert slot.state is State.WITHDRAWN


def test_a_read_that_surely_changed_nothing_hides_nothing() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=101.0, seconds=60)
    limited = settle(sent, delivery, Retry("429", after=30.0, whole_account=True), 125.0, 0.0)
    slot, _ = take_wish(limited, wish(LEAVE, 110.0, event=2))
    assert slot.state is State.WITHDRAWN


def test_a_read_whose_worker_died_counts_as_landed_until_its_lease_ended() -> None:
    lost, _ = claim(after(wish(READ, 100.0)), "lost", now=101.0, seconds=60)
    second, delivery = claim(lost, "second", now=170.0, seconds=60)
    limited = settle(second, delivery, Retry("429", after=30.0, whole_account=True), 171.0, 0.0)
    slot, _ = take_wish(limited, wish(LEAVE, 150.0, event=2))
    assert (slot.wanted, slot.state) == (UNREAD, State.PENDING)


def test_an_unread_that_failed_does_not_hide_that_a_read_landed() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "first", now=100.8, seconds=60)
    landed = settle(sent, delivery, Done(), 101.0, None)
    newer, _ = take_wish(landed, wish(UNREAD, 100.5, event=2))
    sent, delivery = claim(newer, "second", now=102.0, seconds=60)
    failed = settle(sent, delivery, GiveUp("no"), 103.0, None)
    slot, _ = take_wish(failed, wish(LEAVE, 100.7, event=3))
    assert (slot.wanted, slot.state) == (UNREAD, State.PENDING)


def test_a_late_read_on_top_of_a_reply_to_be_left_is_taken_back() -> None:
    lost, first = claim(after(wish(READ, 100.0)), "lost", now=101.0, seconds=60)
    again, second = claim(replace(lost, lease=None, sending=None), "second", now=170.0, seconds=60)
    settled = settle(again, second, Done(), 171.0, None)
    left, _ = take_wish(settled, wish(LEAVE, 180.0, event=2))
    assert left.state is State.SETTLED
    slot = settle(left, first, Done(), 200.0, None)
    assert (slot.wanted, slot.state, slot.event_id, slot.reason) == (UNREAD, State.PENDING, 2, HIDDEN)


def test_an_answer_settles_only_the_wish_it_was_sent_for() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=150.0, seconds=60)
    newer, _ = take_wish(sent, wish(UNREAD, 200.0, event=2))
    assert newer.lease == "lease"
    slot = settle(newer, delivery, Done(), 210.0, None)
    assert (slot.wanted, slot.state, slot.confirmed, slot.lease) == (UNREAD, State.PENDING, None, None)


def test_to_leave_while_unread_is_under_way_wants_no_more_tries() -> None:
    sent, delivery = claim(after(wish(UNREAD, 100.0)), "lease", now=150.0, seconds=60)
    newer, _ = take_wish(sent, wish(LEAVE, 200.0, event=2))
    slot = settle(newer, delivery, Retry("SmartLead answered 500"), 210.0, 1.0)
    assert (slot.state, slot.reason) == (State.WITHDRAWN, LEFT)


@pytest.mark.parametrize("outcome", [Done(), Retry("no answer")])
def test_an_answer_after_the_lease_was_lost_sends_the_newest_wish_again(outcome: Done | Retry) -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lost", now=150.0, seconds=60)
    other, second = claim(replace(sent, lease=None), "other", now=300.0, seconds=60)
    settled = settle(other, second, Done(), 301.0, None)
    slot = settle(settled, delivery, outcome, 302.0, 1.0)
    assert (slot.state, slot.confirmed, slot.generation > settled.generation) == (State.PENDING, None, True)


def test_an_answer_that_surely_changed_nothing_sends_nothing_again() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lost", now=150.0, seconds=60)
    other, second = claim(replace(sent, lease=None), "other", now=300.0, seconds=60)
    settled = settle(other, second, Done(), 301.0, None)
    assert settle(settled, delivery, GiveUp("unknown conversation"), 302.0, None).state is State.SETTLED


def test_trouble_with_the_key_costs_the_conversation_no_try() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=150.0, seconds=60)
    slot = settle(sent, delivery, Retry("429", after=30.0, whole_account=True), 151.0, 30.0)
    assert (slot.state, slot.attempts, slot.due_at) == (State.PENDING, 0, 181.0)


def test_a_sure_answer_does_not_forget_a_read_that_may_land_yet() -> None:
    first, delivery = claim(after(wish(READ, 100.0)), "first", now=101.0, seconds=60)
    lost = settle(first, delivery, Retry("no answer", landing="later"), 121.0, 1.0)
    second, delivery = claim(lost, "second", now=123.0, seconds=60)
    landed = settle(second, delivery, Done(), 124.0, None)
    slot, note = take_wish(landed, wish(LEAVE, 150.0, event=2))
    assert (slot.wanted, slot.due_at, note) == (UNREAD, 1150.0, HIDDEN)
    assert landed.read_until == 181.0


@pytest.mark.parametrize("landing", ["no", "maybe", "later"])
def test_what_smartlead_has_is_unknown_once_another_mark_was_on_its_way(
    landing: Literal["no", "maybe", "later"],
) -> None:
    pending = replace(after(wish(READ, 100.0)), confirmed=UNREAD)
    sent, delivery = claim(pending, "lease", now=150.0, seconds=60)
    assert sent.confirmed is None
    assert (
        settle(replace(sent, confirmed=UNREAD), delivery, Retry("lost", landing=landing), 151.0, 1.0).confirmed is None
    )
