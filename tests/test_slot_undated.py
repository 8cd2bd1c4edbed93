"""A reply that tells no time may be the newest or not: then the cautious mark wins."""

from __future__ import annotations

import pytest
from wishes import LEAVE, READ, UNREAD, after, wish

from ledger.attempts import claim, settle
from ledger.slot import HIDDEN, LEFT, SUPERSEDED, UNDATED, State, take_wish
from model import Done, Mark


def test_an_undated_reply_never_turns_a_known_conversation_read() -> None:
    slot, note = take_wish(after(wish(READ, 100.0)), wish(READ, 5000.0, event=2, dated=False))
    assert (slot.state, slot.reason, note) == (State.WITHDRAWN, LEFT, UNDATED)
    assert after(wish(READ, 5000.0, dated=False)).wanted is READ


def test_an_undated_reply_takes_no_unread_back() -> None:
    slot, note = take_wish(after(wish(UNREAD, 100.0)), wish(READ, 5000.0, event=2, dated=False))
    assert (slot.wanted, slot.state, note) == (UNREAD, State.PENDING, UNDATED)


@pytest.mark.parametrize("mark", [UNREAD, LEAVE])
def test_a_dated_reply_that_comes_later_is_never_older_than_an_undated_one_to_be_read(mark: Mark) -> None:
    sent, delivery = claim(after(wish(READ, 500.0, dated=False)), "lease", now=500.0, seconds=60)
    hidden = settle(sent, delivery, Done(), 501.0, None)
    slot, note = take_wish(hidden, wish(mark, 400.0, event=2))
    assert (slot.wanted, slot.state, slot.reply_event) == (UNREAD, State.PENDING, 2)
    assert note == (HIDDEN if mark is LEAVE else None)


@pytest.mark.parametrize(
    ("earlier", "later", "effective"),
    [
        (READ, READ, READ),
        (LEAVE, READ, LEAVE),
        (LEAVE, UNREAD, UNREAD),
        (UNREAD, LEAVE, UNREAD),
        (UNREAD, READ, UNREAD),
    ],
)
def test_where_the_order_is_not_known_the_cautious_mark_wins(earlier: Mark, later: Mark, effective: Mark) -> None:
    slot = after(wish(earlier, 500.0, dated=False), wish(later, 400.0, event=2))
    assert slot.reply_mark is effective


def test_an_undated_reply_to_be_left_may_still_be_the_newest_when_an_older_one_wins() -> None:
    slot = after(wish(LEAVE, 500.0, dated=False), wish(UNREAD, 300.0, event=2))
    assert take_wish(slot, wish(READ, 400.0, event=3)) == (slot, SUPERSEDED)
    assert take_wish(slot, wish(READ, 600.0, event=3))[0].wanted is READ


def test_an_undated_reply_to_be_left_takes_no_unread_back() -> None:
    slot, _note = take_wish(after(wish(UNREAD, 100.0)), wish(LEAVE, 5000.0, event=2, dated=False))
    assert (slot.wanted, slot.state, slot.reply_mark) == (UNREAD, State.PENDING, LEAVE)


def test_an_undated_reply_may_have_been_written_before_the_read_that_went_out_before_it_came() -> None:
    sent, delivery = claim(after(wish(READ, 100.0)), "lease", now=150.0, seconds=60)
    settled = settle(sent, delivery, Done(), 151.0, None)
    soon, note = take_wish(settled, wish(LEAVE, 200.0, event=2, dated=False))
    assert (soon.wanted, soon.state, note) == (UNREAD, State.PENDING, HIDDEN)
    late, _note = take_wish(settled, wish(LEAVE, 151.0 + 3601.0, event=2, dated=False))
    assert late.state is State.SETTLED
