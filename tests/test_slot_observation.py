"""What a look at SmartLead's list makes of a slot: missed, healed, changed by a person, or nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from wishes import EMPTY, LEAVE, READ, UNREAD, after, wish

from ledger.attempts import claim, settle
from ledger.observation import HAS_IT, MISSED, SENT_AGAIN, THEIRS, Shown, observe
from ledger.orders import Order, take_order
from ledger.redecision import revise
from ledger.slot import ORDERED, SEEN, Slot, State, take_wish
from model import Done, GiveUp, Mark, Outcome, Retry

LATER = 5000.0  # long after everything else
REPLY = 100.0  # own time of the reply


def shown(*, is_read: bool | None, last_reply_at: float | None = REPLY, asked_at: float = LATER) -> Shown:
    return Shown(
        account="default", email_lead_map_id=7, is_read=is_read, last_reply_at=last_reply_at, asked_at=asked_at
    )


def sent(mark: Mark, outcome: Outcome) -> Slot:
    """A slot whose wish was sent at 1200 and answered so, without a next try."""
    claimed, delivery = claim(after(wish(mark)), "lease", now=1200.0, seconds=60)
    return settle(claimed, delivery, outcome, 1201.0, None)


def ordered(mark: Mark, *, knows_until: float | None = None, now: float = 2000.0) -> Slot:
    order = Order(account="default", email_lead_map_id=7, mark=mark, by="jo", knows_until=knows_until)
    slot = take_order(EMPTY, order, now)
    assert slot is not None
    return slot


@pytest.mark.parametrize(
    ("slot", "last_reply_at"),
    [
        pytest.param(EMPTY, 100.0, id="no reply of this conversation ever came"),
        pytest.param(sent(READ, Done()), 103.0, id="the newest that came is older"),
        pytest.param(after(wish(LEAVE)), 103.0, id="nothing was ever wanted"),
        pytest.param(ordered(READ, knows_until=100.0), 103.0, id="newer than the order could know"),
        pytest.param(ordered(READ), 1999.0, id="shortly before an order of which nobody knows what it knew"),
        pytest.param(
            replace(sent(READ, Done()), looked_at=9e9), 900.0, id="a sweep looked into one that told a time to come"
        ),
        pytest.param(
            replace(sent(READ, Done()), reply_at=1150.0, reply_dated=False),
            1100.0,
            id="the one that came told no time, so this may be another",
        ),
    ],
)
def test_a_reply_that_is_newer_than_all_that_came_was_missed(slot: Slot, last_reply_at: float) -> None:
    after_it, finding = observe(slot, shown(is_read=False, last_reply_at=last_reply_at))
    assert finding is not None
    assert (after_it, finding.kind, finding.note) == (slot, "missed", MISSED)


@pytest.mark.parametrize(
    ("slot", "last_reply_at"),
    [
        pytest.param(sent(READ, Done()), 100.9, id="the same time, told with thousandths"),
        pytest.param(replace(sent(READ, Done()), looked_at=900.0), 900.0, id="a sweep has looked into it"),
        pytest.param(replace(sent(READ, Done()), looked_at=9e9), 9e9, id="and it told a time that is yet to come"),
        pytest.param(
            replace(sent(READ, Done()), reply_at=1150.0, reply_dated=False, looked_at=1100.0),
            1100.0,
            id="the one that came told no time, and a sweep has looked",
        ),
        pytest.param(ordered(READ, knows_until=100.0), 100.0, id="the order knew it"),
        pytest.param(ordered(READ), 100.0, id="it was there long before the order"),
        pytest.param(EMPTY, None, id="the list does not tell when"),
    ],
)
def test_a_reply_that_was_here_or_known_was_not_missed(slot: Slot, last_reply_at: float | None) -> None:
    assert observe(slot, shown(is_read=True, last_reply_at=last_reply_at)) == (slot, None)


@pytest.mark.parametrize("outcome", [Retry("no answer", landing="later"), GiveUp("no")])
@pytest.mark.parametrize("mark", [READ, UNREAD])
def test_a_mark_that_was_never_confirmed_is_sent_once_more_where_smartlead_does_not_have_it(
    mark: Mark, outcome: Outcome
) -> None:
    healed, finding = observe(sent(mark, outcome), shown(is_read=mark is UNREAD))
    assert (healed.state, healed.wanted, healed.attempts) == (State.PENDING, mark, 0)
    assert finding is not None
    assert (finding.kind, finding.mark, finding.note) == ("healed", mark, SENT_AGAIN)


@pytest.mark.parametrize("mark", [READ, UNREAD])
def test_and_is_known_to_be_there_where_smartlead_has_it(mark: Mark) -> None:
    healed, finding = observe(sent(mark, GiveUp("no")), shown(is_read=mark is READ))
    assert (healed.state, healed.confirmed, healed.reason) == (State.SETTLED, mark, None)
    assert finding is not None
    assert (finding.kind, finding.note) == ("healed", HAS_IT)


@pytest.mark.parametrize("mark", [READ, UNREAD])
def test_what_a_person_changed_is_theirs_until_the_next_reply(mark: Mark) -> None:
    theirs, finding = observe(sent(mark, Done()), shown(is_read=mark is UNREAD))
    other = READ if mark is UNREAD else UNREAD
    assert finding is not None
    assert (finding.kind, finding.mark, finding.note) == ("changed", other, THEIRS)
    assert (theirs.state, theirs.confirmed, theirs.wanted, theirs.reason) == (State.SETTLED, other, other, THEIRS)
    assert observe(theirs, shown(is_read=other is READ)) == (theirs, None)
    assert revise(theirs, wish(mark), 1100.0, alone=True) == (theirs, ORDERED)
    newer, _note = take_wish(theirs, wish(mark, at=6000.0, event=2))
    assert (newer.state, newer.wanted, newer.ordered) == (State.PENDING, mark, False)


@pytest.mark.parametrize(
    ("slot", "look"),
    [
        pytest.param(sent(READ, Done()), shown(is_read=None), id="the list does not tell the flag"),
        pytest.param(sent(READ, Done()), shown(is_read=False, asked_at=1230.0), id="answered half a minute before"),
        pytest.param(sent(READ, Done()), shown(is_read=False, asked_at=1100.0), id="the list is older than the answer"),
        pytest.param(after(wish(READ)), shown(is_read=False), id="it waits to be sent"),
        pytest.param(
            claim(after(wish(READ)), "lease", now=1200.0, seconds=60)[0], shown(is_read=False), id="it is on its way"
        ),
        pytest.param(after(wish(LEAVE)), shown(is_read=True), id="it was left: whoever read it read it"),
        pytest.param(after(wish(READ, dry_run=True)), shown(is_read=False), id="a dry run"),
        pytest.param(
            after(wish(READ, at=3000.0)), shown(is_read=True, last_reply_at=100.0), id="the list shows an older reply"
        ),
        pytest.param(sent(READ, Done()), shown(is_read=True), id="all is as it should be"),
    ],
)
def test_nothing_is_concluded_from(slot: Slot, look: Shown) -> None:
    assert observe(slot, look) == (slot, None)


def test_a_failed_mark_is_not_sent_for_a_reply_that_was_left_since() -> None:
    failed = sent(READ, GiveUp("no"))
    left, _note = take_wish(failed, wish(LEAVE, at=3000.0, event=2))
    _after, finding = observe(left, shown(is_read=False, last_reply_at=3000.0, asked_at=9000.0))
    assert finding is None


@pytest.mark.parametrize(
    ("slot", "last_reply_at"),
    [
        pytest.param(replace(sent(READ, GiveUp("no")), looked_at=900.0), 900.0, id="a later one, that no history has"),
        pytest.param(
            replace(sent(READ, GiveUp("no")), reply_at=1150.0, reply_dated=False, looked_at=1100.0),
            1100.0,
            id="perhaps another one than that which told no time",
        ),
    ],
)
def test_a_failed_read_is_not_sent_again_where_the_list_may_show_another_reply(
    slot: Slot, last_reply_at: float
) -> None:
    assert observe(slot, shown(is_read=False, last_reply_at=last_reply_at)) == (slot, None)


def test_a_person_s_mark_stands_against_no_reply_to_come_whatever_time_the_list_tells() -> None:
    slot = replace(sent(UNREAD, Done()), looked_at=9e9)
    theirs, _finding = observe(slot, shown(is_read=True, last_reply_at=9e9))
    assert (theirs.confirmed, theirs.knows_until) == (READ, LATER)
    newer, _note = take_wish(theirs, wish(UNREAD, at=6000.0, event=2))
    assert (newer.state, newer.wanted) == (State.PENDING, UNREAD)


@pytest.mark.parametrize("mark", [READ, UNREAD, LEAVE])
def test_a_missed_reply_that_a_person_has_read_is_left_to_them(mark: Mark) -> None:
    slot, note = take_wish(EMPTY, replace(wish(mark), seen=True))
    assert (note, slot.state, slot.confirmed, slot.due_at) == (SEEN, State.SETTLED, READ, None)
    assert (slot.ordered, slot.reply_at, slot.reply_event) == (True, REPLY, 1)


def test_a_person_s_reading_of_a_reply_that_tells_no_time_says_nothing_of_other_replies() -> None:
    slot, _note = take_wish(EMPTY, replace(wish(READ, at=1100.0, dated=False), seen=True))
    newer, _note = take_wish(slot, wish(UNREAD, at=1099.0, event=2))
    assert (newer.state, newer.wanted) == (State.PENDING, UNREAD)


@pytest.mark.parametrize(
    "at", [1150.0, 1230.0], ids=["written before it", "written before it by a clock that is ahead"]
)
@pytest.mark.parametrize("mark", [UNREAD, LEAVE])
def test_unless_it_may_be_our_own_read_that_shows_there(mark: Mark, at: float) -> None:
    late = replace(wish(mark, at=at, event=2), arrived_at=9000.0, seen=True)
    slot, _note = take_wish(sent(READ, Done()), late)
    assert (slot.state, slot.wanted, slot.ordered) == (State.PENDING, UNREAD, False)
