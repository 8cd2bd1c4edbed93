"""Walks through SmartLead's lists: kept page by page, gone on with, and each conversation ordered once."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import WINDOWS, arrival, name_categories

from ledger import Choice, Order, Plan, State, TakenOverError, Walk, WalkRow
from ledger.schema import walks
from ledger.walks import KEPT_SECONDS
from model import Delivery, Done, GiveUp, Mark

if TYPE_CHECKING:
    from ledger import Ledger

PLAN = Plan(account="default", purpose="mark", selection='{"all": true}', mark=Mark.READ, by="tests", dry_run=False)
SWEEP = Plan(account="default", purpose="sweep", selection="{}", mark=None, by="tests", dry_run=False)


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a Hold."""
    name_categories(ledger)
    return ledger


def begin(ledger: Ledger, plan: Plan = PLAN, **how: bool) -> Walk:
    walk = ledger.begin_walk(plan, **({"take_over": True} | how))
    assert walk is not None
    return walk


def changed(**values: Any) -> Plan:
    return Plan(**({name: getattr(PLAN, name) for name in PLAN.__dataclass_fields__} | values))


def chosen(*map_ids: int, at: float = 1000.0) -> list[WalkRow]:
    return [WalkRow(email_lead_map_id=one, finding="chosen", note="Spring", last_reply_at=at) for one in map_ids]


def deliver(ledger: Ledger, outcome: Done | GiveUp | None = None) -> dict[int, Mark]:
    """Deliver what is due: conversation -> mark."""
    sent = {}
    while isinstance(task := ledger.claim("default", WINDOWS), Delivery):
        ledger.settle(task, outcome or Done(), WINDOWS, 3)
        sent[task.email_lead_map_id] = task.mark
    return sent


def test_a_walk_goes_on_where_it_was(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "page 2", chosen(1, 2), looked_at=20)
    again = begin(ledger)
    assert (again.id, again.place, again.pages, again.rows) == (walk.id, "page 2", 1, 20)
    assert [row.email_lead_map_id for row in ledger.rows_of(again, "chosen")] == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"selection": '{"all": false}'}, id="another selection"),
        pytest.param({"mark": Mark.UNREAD}, id="another mark"),
        pytest.param({"account": "sales"}, id="another account"),
        pytest.param({"dry_run": True}, id="a dry run: it must not end what is to be carried out"),
        pytest.param({"purpose": "sweep"}, id="another purpose"),
    ],
)
def test_another_plan_is_another_walk(ledger: Ledger, other: dict[str, Any]) -> None:
    assert begin(ledger, changed(**other)).id != begin(ledger).id


def test_the_same_plan_of_somebody_else_is_the_same_walk(ledger: Ledger) -> None:
    assert begin(ledger, changed(by="jo")).id == begin(ledger).id


def test_a_walk_that_ended_or_is_begun_afresh_begins_at_the_beginning(ledger: Ledger) -> None:
    first = ledger.advance(begin(ledger), "page 2", chosen(1))
    second = begin(ledger, afresh=True)
    assert (second.id != first.id, second.place) == (True, None)
    ledger.end_walk(second)
    assert begin(ledger).id not in {first.id, second.id}


def test_who_takes_a_walk_over_ends_the_one_before(ledger: Ledger) -> None:
    older = begin(ledger)
    newer = begin(ledger)
    for change in (lambda: ledger.advance(older, "late", []), lambda: ledger.order_next(older, 9)):
        with pytest.raises(TakenOverError):
            change()
    assert ledger.advance(newer, "page 2", []).place == "page 2"


def test_two_who_do_not_take_over_never_walk_at_once(ledger: Ledger) -> None:
    first = begin(ledger, SWEEP, take_over=False)
    assert ledger.begin_walk(SWEEP) is None
    ledger.end_walk(first)
    assert ledger.begin_walk(SWEEP) is not None


def test_a_sweep_of_one_account_keeps_no_other_account_waiting(ledger: Ledger) -> None:
    begin(ledger, SWEEP, take_over=False)
    other = Plan(account="sales", purpose="sweep", selection="{}", mark=None, by="tests", dry_run=False)
    assert ledger.begin_walk(other) is not None


def test_a_conversation_that_comes_twice_is_counted_once(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "page 2", chosen(1, 2))
    walk = ledger.advance(walk, "page 3", chosen(2, 3, at=2000.0))
    tally = ledger.tally(walk)["chosen"]
    assert (tally.count, tally.oldest, tally.newest) == (3, 1000.0, 2000.0)
    assert ledger.count_notes(walk, ["chosen"]) == [("Spring", 3)]


def test_what_is_seen_last_counts_where_the_walker_says_so(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "page 2", chosen(1, 2))
    found = WalkRow(email_lead_map_id=2, finding="replied")
    walk = ledger.advance(walk, "page 3", [found], instead_of=[2])
    assert {name: tally.count for name, tally in ledger.tally(walk).items()} == {"chosen": 1, "replied": 1}


def test_many_rows_are_read_page_by_page(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(*range(1, 1202)))
    assert [row.email_lead_map_id for row in ledger.rows_of(walk, "chosen")] == list(range(1, 1202))


def test_the_last_walk_is_the_one_that_ended_last(ledger: Ledger) -> None:
    assert ledger.last_walk("default", "sweep") is None
    ended = ledger.end_walk(ledger.end_pages(begin(ledger, SWEEP)))
    begin(ledger, SWEEP)
    found = ledger.last_walk("default", "sweep")
    assert found is not None
    assert (found.id, found.walked_at is not None) == (ended.id, True)
    assert ledger.last_walk("default", "sweep", dry_run=True) is None


def test_each_chosen_conversation_is_ordered_once_some_at_a_time(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(*range(1, 8)))
    assert ledger.order_next(walk, 4) == Counter(ordered=4)
    assert deliver(ledger) == dict.fromkeys(range(1, 5), Mark.READ)
    assert ledger.settle_orders(walk) == (0, Counter(marked=4))
    walk = begin(ledger)  # as after a kill
    assert ledger.order_next(walk, 4) == Counter(ordered=3)
    assert ledger.order_next(walk, 4) == Counter()
    assert deliver(ledger) == dict.fromkeys(range(5, 8), Mark.READ)
    assert ledger.settle_orders(walk) == (0, Counter(marked=3))
    assert ledger.tally(walk)["marked"].count == 7


def test_what_is_ordered_and_not_sent_is_under_way(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(1, 2))
    ledger.order_next(walk, 9)
    assert ledger.settle_orders(walk) == (2, Counter())
    assert {row.reason for row in ledger.recent_deliveries()} == {"ordered: tests"}


def test_a_conversation_with_a_newer_reply_than_the_list_showed_is_left_alone(ledger: Ledger) -> None:
    ledger.record([arrival("unread", at=2000.0, email_lead_map_id=1)])
    deliver(ledger)
    walk = ledger.advance(begin(ledger), "end", chosen(1, 2))
    assert ledger.order_next(walk, 9) == Counter(ordered=1, overtaken=1)
    assert deliver(ledger) == {2: Mark.READ}
    ledger.settle_orders(walk)
    assert {name: tally.count for name, tally in ledger.tally(walk).items()} == {"overtaken": 1, "marked": 1}


def test_a_reply_that_comes_before_the_order_is_sent_takes_its_place(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(1))
    ledger.order_next(walk, 9)
    ledger.record([arrival("unread", at=2000.0, email_lead_map_id=1)])
    assert deliver(ledger) == {1: Mark.UNREAD}
    assert ledger.settle_orders(walk) == (0, Counter(overtaken=1))


def test_an_order_of_somebody_else_takes_its_place(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(1))
    ledger.order_next(walk, 9)
    ledger.order([Order(account="default", email_lead_map_id=1, mark=Mark.UNREAD, by="jo")])
    assert ledger.settle_orders(walk) == (0, Counter(overtaken=1))


@pytest.mark.parametrize(
    ("end", "came"), [(Done(), "marked"), (GiveUp("no such conversation", gone=True), "failed"), (None, "withdrawn")]
)
def test_what_came_of_an_order_is_noted(ledger: Ledger, end: Done | GiveUp | None, came: str) -> None:
    walk = ledger.advance(begin(ledger), "end", chosen(1))
    ledger.order_next(walk, 9)
    if end is None:
        ledger.cancel(Choice(states=(State.PENDING,)), "no more")
    else:
        deliver(ledger, end)
    assert ledger.settle_orders(walk) == (0, Counter({came: 1}))
    assert ledger.settle_orders(walk) == (0, Counter())


def test_what_nobody_went_on_with_for_months_is_forgotten(ledger: Ledger) -> None:
    walk = ledger.advance(begin(ledger), "page 2", chosen(1))
    with ledger._writing() as connection:
        connection.execute(walks.update().values(lease_until=walk.began_at - KEPT_SECONDS))
    again = begin(ledger)
    assert (again.id != walk.id, again.place) == (True, None)
    assert list(ledger.rows_of(walk, "chosen")) == []
