"""A walk through a list that changes under its feet misses no conversation, and comes to an end."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.walk import START, NoWayOnError, Place, walk
from model import InboxPage, InboxRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from model import InboxList

PAGE = 20
LAST_YEAR = 1_700_000_000.0


@dataclass
class Inbox:
    """A list as SmartLead keeps it: the newest reply first. `each_time` happens after each page that is asked for."""

    size: int = 0
    apart: float = 60.0  # seconds from one row's reply to the next
    without_id: frozenset[int] = frozenset()
    each_time: Iterator[Callable[[Inbox], None]] = field(default_factory=lambda: iter(()))
    calls: int = 0

    def __post_init__(self) -> None:
        self.rows = [(number, LAST_YEAR - number * self.apart) for number in range(self.size)]
        self._new_ids = count(1_000_000)
        self._now = LAST_YEAR

    def comes(self, many: int) -> None:
        """Replies in other conversations."""
        self.rows = [(next(self._new_ids), self._tick()) for _ in range(many)][::-1] + self.rows

    def moves(self, positions: set[int]) -> None:
        """Replies in these conversations."""
        moved = [row for position, row in enumerate(self.rows) if position in positions]
        rest = [row for position, row in enumerate(self.rows) if position not in positions]
        self.rows = [(number, self._tick()) for number, _ in moved][::-1] + rest

    def goes(self, positions: set[int]) -> None:
        """These are archived, or read by somebody."""
        self.rows = [row for position, row in enumerate(self.rows) if position not in positions]

    def ask(self, _shown: InboxList, offset: int, _filters: Mapping[str, Any]) -> InboxPage:
        self.calls += 1
        rows = self.rows[offset : offset + PAGE]
        page = InboxPage(tuple(self._shown(*row) for row in rows if row[0] not in self.without_id), len(rows))
        next(self.each_time, nothing)(self)
        return page

    def ids(self) -> set[int]:
        return {number for number, _ in self.rows} - self.without_id

    def _tick(self) -> float:
        self._now += 1.0
        return self._now

    @staticmethod
    def _shown(number: int, at: float) -> InboxRow:
        return InboxRow(email_lead_map_id=number, last_reply_at=at)


def nothing(_inbox: Inbox) -> None:
    """A moment in which nothing happens."""


def seen(pages: Iterator[tuple[InboxPage, Place]]) -> set[int]:
    return {row.email_lead_map_id for page, _ in pages for row in page.rows}


def walk_through(inbox: Inbox, place: Place = START) -> set[int]:
    return seen(walk(inbox.ask, "inbox-replies", {}, place))


@pytest.mark.parametrize("size", [0, 1, 19, 20, 21, 38, 39, 40, 57, 58, 200])
def test_a_list_that_stands_still_costs_a_call_for_19_rows_and_one_more(size: int) -> None:
    inbox = Inbox(size)
    assert walk_through(inbox) == inbox.ids()
    assert inbox.calls <= ceil(size / 19) + 2


def test_replies_of_the_same_moment_cost_no_call_more() -> None:
    inbox = Inbox(200, apart=0.0)
    assert walk_through(inbox) == inbox.ids()
    assert inbox.calls <= ceil(200 / 19) + 2


changes = st.one_of(
    st.integers(1, 45).map(lambda many: lambda inbox: inbox.comes(many)),
    st.sets(st.integers(0, 130), max_size=30).map(lambda positions: lambda inbox: inbox.moves(positions)),
    st.sets(st.integers(0, 130), max_size=60).map(lambda positions: lambda inbox: inbox.goes(positions)),
    st.just(nothing),
)


@given(
    size=st.integers(0, 130),
    apart=st.sampled_from([0.0, 60.0]),
    without_id=st.frozensets(st.integers(0, 130), max_size=8),
    happening=st.lists(changes, max_size=12),
)
def test_what_is_in_the_list_all_the_time_comes_whatever_happens_between_the_pages(
    size: int, apart: float, without_id: frozenset[int], happening: list[Callable[[Inbox], None]]
) -> None:
    inbox = Inbox(size, apart, without_id, iter(happening))
    from_the_beginning = inbox.ids()
    found = walk_through(inbox)
    assert from_the_beginning & inbox.ids() <= found


@given(
    size=st.integers(0, 130),
    happening=st.lists(changes, max_size=12),
    stops=st.sets(st.integers(1, 12), max_size=4),
)
def test_a_walk_that_ends_anywhere_goes_on_from_its_last_place(
    size: int, happening: list[Callable[[Inbox], None]], stops: set[int]
) -> None:
    inbox = Inbox(size, each_time=iter(happening))
    from_the_beginning = inbox.ids()
    found, place = set[int](), START
    while not place.is_end:
        for page, after in walk(inbox.ask, "inbox-replies", {}, place):
            found |= {row.email_lead_map_id for row in page.rows}
            place = Place.from_json(after.to_json())
            if inbox.calls in stops:
                break
    assert from_the_beginning & inbox.ids() <= found
    assert walk_through(inbox, place) == set()


def test_a_walk_goes_back_no_further_than_it_must() -> None:
    inbox = Inbox(200, each_time=iter([nothing, lambda inbox: inbox.goes(set(range(15)))]))
    assert set(range(15, 200)) <= walk_through(inbox)
    assert inbox.calls <= ceil(200 / 19) + 4


def test_a_list_that_all_but_ends_while_it_is_walked_is_walked_to_its_new_end() -> None:
    inbox = Inbox(2000, each_time=iter([*[nothing] * 60, lambda inbox: inbox.goes(set(range(1, 1900)))]))
    assert inbox.ids() - set(range(1, 1900)) <= walk_through(inbox)


def test_a_walk_ends_where_replies_are_older_than_asked_for() -> None:
    inbox = Inbox(200)
    recent = LAST_YEAR - 45 * inbox.apart
    found = seen(walk(inbox.ask, "unread-replies", {}, since=recent))
    assert set(range(46)) <= found <= set(range(60))


def test_a_short_look_is_a_single_call() -> None:
    inbox = Inbox(200)
    seen(walk(inbox.ask, "inbox-replies", {}, since=LAST_YEAR - inbox.apart))
    assert inbox.calls == 1


def unseen_rows_move(inbox: Inbox) -> None:
    inbox.moves(set(range(100, 166)))


THREE_PAGES_LATER = (nothing, nothing, unseen_rows_move)


def test_one_reply_that_claims_to_be_of_next_year_does_not_hide_what_moved_to_the_head() -> None:
    inbox = Inbox(200, each_time=iter(THREE_PAGES_LATER))
    inbox.rows[0] = (0, LAST_YEAR + 365 * 86400.0)
    assert walk_through(inbox) == set(range(200))


def test_what_moves_again_while_the_head_is_looked_at_comes_too() -> None:
    rest = [nothing] * (ceil(200 / 19) - len(THREE_PAGES_LATER))
    again = [*THREE_PAGES_LATER, *rest, lambda inbox: inbox.moves(set(range(25, 57)))]
    assert walk_through(Inbox(200, each_time=iter(again))) == set(range(200))


def test_a_walk_that_goes_on_after_many_replies_does_not_begin_anew() -> None:
    inbox = Inbox(2000, each_time=iter([*[nothing] * 90, lambda inbox: inbox.comes(190)]))
    assert set(range(2000)) <= walk_through(inbox)
    assert inbox.calls <= ceil(2000 / 19) + 2 * ceil(190 / 19) + 3


def test_the_list_and_the_filters_are_asked_for_as_told() -> None:
    asked: list[tuple[str, int, Any]] = []

    def ask(shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage:
        asked.append((shown, offset, filters))
        return InboxPage((), 0)

    seen(walk(ask, "unread-replies", {"campaignId": 7}))
    assert asked == [("unread-replies", 0, {"campaignId": 7})]


def rows_from(first: int) -> InboxPage:
    rows = [InboxRow(email_lead_map_id=number, last_reply_at=1e9 - number) for number in range(first, first + PAGE)]
    return InboxPage(tuple(rows), PAGE)


ENDLESS = [
    pytest.param(lambda _call, _offset: rows_from(1), id="the same page whatever is asked for"),
    pytest.param(lambda call, _offset: rows_from(9_000 - call), id="the same page, and a reply each time"),
    pytest.param(lambda _call, offset: rows_from(1 + offset * PAGE), id="the offset taken for a page's number"),
    pytest.param(lambda call, _offset: rows_from(1 + call * 7919), id="other rows each time"),
]


@pytest.mark.parametrize("answer", ENDLESS)
def test_a_list_without_an_end_is_given_up_with_a_sentence(answer: Callable[[int, int], InboxPage]) -> None:
    calls = count()
    with pytest.raises(NoWayOnError, match="same rows again and again"):
        seen(walk(lambda _shown, offset, _filters: answer(next(calls), offset), "inbox-replies", {}))
    assert next(calls) < 60


def test_a_walk_that_was_given_up_goes_on_once_smartlead_answers_as_it_should() -> None:
    inbox, places = Inbox(100), [START]
    head = walk(lambda shown, _offset, filters: inbox.ask(shown, 0, filters), "inbox-replies", {})
    with pytest.raises(NoWayOnError):
        places.extend(place for _, place in head)
    assert walk_through(inbox, places[-1]) >= set(range(20, 100))
