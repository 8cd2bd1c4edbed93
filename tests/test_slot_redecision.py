"""What a conversation wants when its newest reply is decided anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.attempts import claim, settle
from ledger.redecision import LEFT_NOW, revise
from ledger.slot import DRY_RUN, HIDDEN, UNDATED, Slot, State, Wish, take_wish
from model import Done, GiveUp, Mark, Retry

if TYPE_CHECKING:
    from collections.abc import Callable

READ, UNREAD, LEAVE = Mark.READ, Mark.UNREAD, Mark.LEAVE
ARRIVED, NOW = 1100.0, 5000.0


def wish(mark: Mark, *, dated: bool = True, dry_run: bool = False, arrived_at: float = ARRIVED) -> Wish:
    return Wish(1, mark, "rule", 1000.0, dated, arrived_at, dry_run)


def pending(mark: Mark) -> Slot:
    slot, _note = take_wish(Slot("default", 7), wish(mark))
    return slot


def delivered(mark: Mark) -> Slot:
    sent, delivery = claim(pending(mark), "lease", now=1200.0, seconds=60)
    return settle(sent, delivery, Done(), 1201.0, None)


def anew(slot: Slot, mark: Mark, *, dated: bool = True, dry_run: bool = False, alone: bool = True) -> Slot:
    made = wish(mark, dated=dated, dry_run=dry_run, arrived_at=NOW)
    return revise(slot, made, ARRIVED, alone=alone)[0]


@pytest.mark.parametrize(
    ("before", "mark", "wanted", "state"),
    [
        (pending(READ), UNREAD, UNREAD, State.PENDING),
        (pending(UNREAD), READ, READ, State.PENDING),  # the later decision, whatever its mark
        (pending(LEAVE), READ, READ, State.PENDING),
        (pending(READ), LEAVE, READ, State.WITHDRAWN),  # nothing was sent yet
        (pending(UNREAD), LEAVE, UNREAD, State.WITHDRAWN),
        (delivered(READ), UNREAD, UNREAD, State.PENDING),
        (delivered(UNREAD), READ, READ, State.PENDING),
        (delivered(READ), LEAVE, UNREAD, State.PENDING),  # our read hid what is to be left
        (delivered(UNREAD), LEAVE, UNREAD, State.SETTLED),
    ],
)
def test_the_new_decision_takes_the_place_of_the_earlier(before: Slot, mark: Mark, wanted: Mark, state: State) -> None:
    after = anew(before, mark)
    assert (after.wanted, after.state, after.reply_mark) == (wanted, state, mark)


@pytest.mark.parametrize("mark", [READ, UNREAD])
@pytest.mark.parametrize("make", [pending, delivered])
def test_what_is_wanted_or_confirmed_already_is_not_sent_again(make: Callable[[Mark], Slot], mark: Mark) -> None:
    before = make(mark)
    assert anew(before, mark) == before


def test_going_back_to_what_smartlead_has_sends_nothing() -> None:
    there_and_back = anew(anew(delivered(READ), UNREAD), READ)
    assert (there_and_back.wanted, there_and_back.state, there_and_back.due_at) == (READ, State.SETTLED, None)


def test_going_back_while_the_other_mark_is_under_way_sends_it() -> None:
    sent, delivery = claim(anew(delivered(READ), UNREAD), "other", now=NOW, seconds=60)
    back = settle(anew(sent, READ), delivery, Done(), NOW + 1, None)
    assert (back.wanted, back.state, back.confirmed) == (READ, State.PENDING, None)


def test_a_wish_that_failed_gets_its_tries_again() -> None:
    sent, delivery = claim(pending(UNREAD), "lease", now=1200.0, seconds=60)
    failed = settle(sent, delivery, GiveUp("unknown conversation"), 1201.0, None)
    assert (anew(failed, UNREAD).state, anew(failed, UNREAD).attempts) == (State.PENDING, 0)
    assert (anew(failed, LEAVE).state, anew(failed, LEAVE).reason) == (State.WITHDRAWN, LEFT_NOW)


def test_a_read_under_way_for_a_reply_that_is_to_be_left_now_is_taken_back() -> None:
    sent, delivery = claim(pending(READ), "lease", now=1200.0, seconds=60)
    after = anew(sent, LEAVE)
    assert (after.wanted, after.reason) == (UNREAD, HIDDEN)
    lost = settle(after, delivery, Retry("no answer", landing="later"), NOW, 1.0)
    assert (lost.wanted, lost.state, lost.due_at) == (UNREAD, State.PENDING, NOW + 60)


def test_a_clock_that_is_ahead_does_not_keep_our_read_from_being_taken_back() -> None:
    ahead = replace(delivered(READ), reply_at=1390.0)
    made = replace(wish(LEAVE, arrived_at=NOW), at=1390.0)
    assert revise(ahead, made, ARRIVED, alone=True)[0].wanted is UNREAD


def test_a_reply_to_be_left_that_is_shown_all_the_same_stays_shown() -> None:
    shown = anew(delivered(READ), LEAVE)
    assert anew(shown, LEAVE) == shown


def test_what_is_decided_anew_in_a_dry_run_is_never_sent() -> None:
    for mark in (READ, UNREAD):
        after = anew(pending(UNREAD), mark, dry_run=True)
        assert (after.wanted, after.state, after.reason) == (mark, State.WITHDRAWN, DRY_RUN)
    real = anew(anew(pending(UNREAD), READ, dry_run=True), READ)
    assert (real.wanted, real.state) == (READ, State.PENDING)


def test_an_undated_reply_beside_others_is_not_marked_read_by_a_second_thought_either() -> None:
    slot, note = revise(pending(UNREAD), wish(READ, dated=False, arrived_at=NOW), ARRIVED, alone=False)
    assert (slot.reply_mark, slot.state, note) == (LEAVE, State.WITHDRAWN, UNDATED)
    assert anew(pending(UNREAD), READ, dated=False, alone=True).wanted is READ


@pytest.mark.parametrize("mark", [READ, UNREAD])
def test_going_back_after_the_other_mark_was_lost_on_its_way_sends_it_again(mark: Mark) -> None:
    other = UNREAD if mark is READ else READ
    sent, delivery = claim(anew(delivered(mark), other), "other", now=NOW, seconds=60)
    lost = settle(sent, delivery, Retry("no answer", landing="later"), NOW + 20, 1.0)
    back = anew(lost, mark)
    assert (back.wanted, back.state) == (mark, State.PENDING)
    assert (back.due_at or 0.0) >= (NOW + 80 if mark is UNREAD else NOW)


@pytest.mark.parametrize("settled", [True, False])
def test_an_unread_is_sent_while_a_read_of_ours_may_land_after_it(*, settled: bool) -> None:
    before = replace(delivered(UNREAD), read_until=NOW + 60)
    back = anew(before if settled else replace(before, wanted=READ), UNREAD)
    assert (back.wanted, back.state, back.due_at) == (UNREAD, State.PENDING, NOW + 60)


def test_an_undated_reply_that_may_be_newer_is_not_hidden_by_a_second_thought() -> None:
    undated, _note = take_wish(Slot("default", 7), replace(wish(LEAVE, dated=False), event_id=2, at=ARRIVED))
    older, _note = take_wish(undated, wish(UNREAD))
    assert (older.reply_event, older.reply_mark) == (1, UNREAD)
    slot, note = revise(older, wish(READ, arrived_at=NOW), ARRIVED, alone=False)
    assert (slot.reply_mark, slot.state, note) == (LEAVE, State.WITHDRAWN, UNDATED)
