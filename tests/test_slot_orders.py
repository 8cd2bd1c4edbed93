"""What a person orders for a conversation, and how long it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wishes import EMPTY, LEAVE, READ, UNREAD, after, wish

from ledger.attempts import claim, settle
from ledger.orders import TAKEN_BACK, take_back
from ledger.redecision import revise
from ledger.slot import ORDERED, Slot, State, take_wish
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
