"""Bulk marking: each conversation that is meant is marked once, whatever moves, stops or is killed on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import WINDOWS, arrival, name_categories

from inbox.marking import carry_out, choose, choose_ids
from inbox.selection import Selection
from ledger import Plan, Walk
from model import Delivery, Done, InboxPage, InboxRow, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ledger import Ledger

PLAN = Plan(account="default", purpose="mark", selection="{}", mark=Mark.READ, by="tests", dry_run=False)
UNREAD = Selection(mark=Mark.READ, unread=True)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what the two databases do differently is tried in test_ledger_walks."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a Hold."""
    name_categories(ledger)
    return ledger


def begin(ledger: Ledger) -> Walk:
    walk = ledger.begin_walk(PLAN, take_over=True)
    assert walk is not None
    return walk


def row(number: int, **values: Any) -> InboxRow:
    told: dict[str, Any] = {"email_lead_map_id": number, "is_read": False, "last_reply_at": 1_000_000.0 - number}
    return InboxRow(**(told | values))


class Listed:
    """A list of SmartLead's, which counts its pages and ignores every filter; `after` is called with their number."""

    def __init__(self, rows: list[InboxRow], after: Callable[[int], None] = lambda _: None) -> None:
        self.rows = rows
        self.asked: list[int] = []
        self._after = after

    def __call__(self, _shown: str, offset: int, _filters: Mapping[str, Any]) -> InboxPage:
        self.asked.append(offset)
        ordered = sorted(self.rows, key=lambda one: one.last_reply_at or 0.0, reverse=True)
        page = tuple(ordered[offset : offset + 20])
        self._after(len(self.asked))
        return InboxPage(page, len(page))


def choose_all(ledger: Ledger, ask: Listed, selection: Selection = UNREAD, **how: Any) -> Walk:
    *_, last = choose(ledger, begin(ledger), selection, ask, **how)
    return last.walk


def chosen(ledger: Ledger, walk: Walk) -> list[int]:
    return [one.email_lead_map_id for one in ledger.rows_of(walk, "chosen")]


def deliver(ledger: Ledger) -> list[tuple[int, Mark]]:
    """Deliver what is due, in its order."""
    sent = []
    while isinstance(task := ledger.claim("default", WINDOWS), Delivery):
        ledger.settle(task, Done(), WINDOWS, 3)
        sent.append((task.email_lead_map_id, task.mark))
    return sent


def test_every_conversation_that_is_meant_is_chosen_and_no_other(ledger: Ledger) -> None:
    rows = [row(number, is_read=bool(number % 3)) for number in range(1, 91)]
    walk = choose_all(ledger, Listed(rows))
    assert chosen(ledger, walk) == list(range(3, 91, 3))
    assert (walk.rows, walk.walked_at is not None) == (90, True)


def test_what_is_kept_tells_when_it_was_seen_and_which_reply_was_the_last(ledger: Ledger) -> None:
    before = ledger.clock()
    walk = choose_all(ledger, Listed([row(7, campaign="Spring")]))
    (kept,) = ledger.rows_of(walk, "chosen")
    assert (kept.note, kept.last_reply_at) == ("Spring", 999_993.0)
    assert kept.seen_at is not None
    assert before <= kept.seen_at <= ledger.clock()


def test_who_is_killed_between_two_pages_goes_on_with_the_next(ledger: Ledger) -> None:
    ask = Listed([row(number) for number in range(1, 101)])
    killed = choose(ledger, begin(ledger), UNREAD, ask)
    next(killed), next(killed)
    killed.close()
    before = len(ask.asked)
    walk = choose_all(ledger, ask)
    assert chosen(ledger, walk) == list(range(1, 101))
    assert min(ask.asked[before:-1]) == 38  # the third page; the last look is at the head


def test_a_conversation_that_gets_a_reply_while_the_list_is_walked_is_not_marked_read(ledger: Ledger) -> None:
    rows = [row(number) for number in range(1, 61)]

    def reply(asked: int) -> None:
        if asked == 1:
            rows[4] = replace(rows[4], last_reply_at=ledger.clock() + 1.0)

    walk = choose_all(ledger, Listed(rows, reply))
    assert chosen(ledger, walk) == [one for one in range(1, 61) if one != 5]
    assert ledger.tally(walk)["replied"].count == 1


def test_what_comes_twice_is_added_once(ledger: Ledger) -> None:
    rows = [row(number, is_read=number % 19 > 1) for number in range(1, 61)]
    pages = list(choose(ledger, begin(ledger), UNREAD, Listed(rows)))
    assert sum(page.added for page in pages) == len(chosen(ledger, pages[-1].walk))
    assert sum(len(page.chosen) for page in pages) > len(chosen(ledger, pages[-1].walk))


def test_what_a_person_reads_while_the_list_is_walked_needs_no_mark(ledger: Ledger) -> None:
    rows = [row(number) for number in range(1, 61)]

    def look(asked: int) -> None:
        if asked == 1:
            rows[19] = replace(rows[19], is_read=True)  # the last of the first page comes once more

    assert 20 not in chosen(ledger, choose_all(ledger, Listed(rows, look), Selection(mark=Mark.READ)))


def test_an_age_counts_from_when_the_walk_was_begun(ledger: Ledger) -> None:
    ask = Listed([row(number) for number in range(1, 41)])
    old = replace(UNREAD, before=1_000_000.0 - 30)
    killed = choose(ledger, begin(ledger), old, ask)
    next(killed)
    killed.close()
    tomorrow = replace(old, before=1_000_000.0)
    assert chosen(ledger, choose_all(ledger, ask, tomorrow)) == list(range(31, 41))


def test_what_rules_do_not_know_is_counted_and_left_alone(ledger: Ledger) -> None:
    known = {1: True, 2: False, 3: None}
    rows = [row(number) for number in known]
    walk = choose_all(ledger, Listed(rows), matches=lambda one: known[one.email_lead_map_id])
    assert {name: tally.count for name, tally in ledger.tally(walk).items()} == {"chosen": 1, "unknown": 1}


def test_ids_are_chosen_whatever_smartlead_shows(ledger: Ledger) -> None:
    *_, last = choose_ids(ledger, begin(ledger), range(1, 2002))
    assert len(chosen(ledger, last.walk)) == 2001
    assert last.walk.walked_at is not None


def test_few_orders_are_under_way_at_once_and_all_are_carried_out(ledger: Ledger) -> None:
    walk = choose_all(ledger, Listed([row(number) for number in range(1, 61)]))
    sent, ended, most = [], Counter[str](), 0
    for progress in carry_out(ledger, walk, Event(), at_once=16):
        most = max(most, progress.under_way)
        ended += progress.ended
        sent += deliver(ledger)
    assert sorted(sent) == [(number, Mark.READ) for number in range(1, 61)]
    assert (most, ended) == (16, Counter(marked=60))


def test_the_mark_of_a_new_reply_never_waits_behind_the_whole_job(ledger: Ledger) -> None:
    walk = choose_all(ledger, Listed([row(number) for number in range(1, 61)]))
    next(carry_out(ledger, walk, Event(), at_once=16))
    ledger.record([arrival("read", at=2000.0, email_lead_map_id=999)])
    assert deliver(ledger).index((999, Mark.READ)) == 16


def test_a_reply_that_came_after_the_walk_is_left_to_its_own_mark(ledger: Ledger) -> None:
    walk = choose_all(ledger, Listed([row(1), row(2)]))
    ledger.record([arrival("unread", at=2_000_000.0, email_lead_map_id=1)])
    ended = Counter[str]()
    for progress in carry_out(ledger, walk, Event()):
        ended += progress.ended
        deliver(ledger)
    assert ended == Counter(marked=1, overtaken=1)
    assert {one.email_lead_map_id: one.mark for one in ledger.recent_deliveries()} == {1: Mark.UNREAD, 2: Mark.READ}


def test_who_is_killed_while_ordering_orders_nothing_twice(ledger: Ledger) -> None:
    walk = choose_all(ledger, Listed([row(number) for number in range(1, 41)]))
    killed = carry_out(ledger, walk, Event(), at_once=16)
    next(killed)
    killed.close()
    sent = deliver(ledger)
    for _ in carry_out(ledger, begin(ledger), Event(), at_once=16):
        sent += deliver(ledger)
    assert sorted(sent) == [(number, Mark.READ) for number in range(1, 41)]


def test_a_stop_orders_nothing_more_and_what_was_ordered_is_delivered(ledger: Ledger) -> None:
    walk = choose_all(ledger, Listed([row(number) for number in range(1, 41)]))
    stopping = Event()
    for _ in carry_out(ledger, walk, stopping, at_once=16):
        stopping.set()
    assert len(deliver(ledger)) == 16
    assert len(chosen(ledger, walk)) == 24
