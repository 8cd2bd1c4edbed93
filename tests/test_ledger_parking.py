"""A reply without its conversation's id waits, is looked up, and enters the conversation with its own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from ledgers import CONVERSATION, LEAD, WINDOWS, arrival, look_up, name_categories, parked, publish

from config import Window
from ledger import Hold, Ledger, State, dialect
from ledger.lookups import PAUSES
from model import CategoriesWanted, CategoryNames, Delivery, Found, Lookup, Mark, NotFound, Retry

if TYPE_CHECKING:
    from collections.abc import Callable


NOWHERE = NotFound("The lead is in no campaign.")


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a Hold."""
    name_categories(ledger)
    return ledger


@pytest.fixture
def make_due(database_url: str) -> Callable[[], float]:
    """Let every lookup be due, as if its pause were over; give the longest pause there was, in seconds."""

    def hurry() -> float:
        engine = dialect.open_engine(database_url)
        with engine.begin() as connection:
            pause = sa.select(sa.text("max(lookup_due_at)") - dialect.now()).select_from(sa.text("conversations"))
            seconds: float = connection.execute(pause).scalar() or 0.0
            connection.execute(sa.text("UPDATE conversations SET lookup_due_at = 0 WHERE lookup_due_at IS NOT NULL"))
        engine.dispose()
        return seconds

    return hurry


def reason_of_parked(ledger: Ledger) -> str:
    (row,) = ledger.recent_events("parked")
    return row.reason or ""


def test_a_parked_reply_is_looked_up_and_marked(ledger: Ledger) -> None:
    ledger.record([parked("read", lead="Ana@Lead.example")])
    lookup = look_up(ledger, Found(CONVERSATION))
    assert (lookup.lead, lookup.campaign_id, lookup.by, lookup.attempt) == (LEAD, "77", "lead", 1)
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert (delivery.email_lead_map_id, delivery.mark) == (CONVERSATION, Mark.READ)
    (row,) = ledger.recent_events()
    assert (row.bucket, row.email_lead_map_id) == ("accepted", CONVERSATION)
    assert "SmartLead told" in (row.reason or "")


def test_an_id_that_was_found_once_is_not_looked_up_again(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    look_up(ledger, Found(CONVERSATION))
    (receipt,) = ledger.record([parked("unread", at=2000.0)])
    assert (receipt.status, receipt.email_lead_map_id) == ("accepted", CONVERSATION)


def test_campaigns_told_by_name_are_looked_up_apart(ledger: Ledger) -> None:
    ledger.record([parked("leave", campaign_id=None, campaign=name) for name in ("Spring", "Autumn")])
    lookups = [look_up(ledger, Found(number)) for number in (1, 2)]
    assert {lookup.campaign for lookup in lookups} == {"Spring", "Autumn"}
    assert {row.email_lead_map_id for row in ledger.recent_events()} == {1, 2}


def test_an_event_that_tells_the_id_later_lets_the_parked_reply_go_on(ledger: Ledger) -> None:
    ledger.record([parked("read", at=1000.0)])
    ledger.record([arrival("leave", at=900.0, lead=LEAD, campaign_id="77")])
    assert [row.bucket for row in ledger.recent_events()] == ["accepted", "accepted"]
    assert isinstance(ledger.claim("default", WINDOWS), Delivery)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)  # nothing is looked up any more


def test_a_parked_reply_that_is_older_than_the_newest_hides_nothing(ledger: Ledger) -> None:
    ledger.record([parked("read", at=1000.0, campaign_id=None)])
    ledger.record([arrival("unread", at=2000.0)])
    unread = ledger.claim("default", WINDOWS)
    assert isinstance(unread, Delivery)
    look_up(ledger, Found(CONVERSATION))
    assert unread.mark is Mark.UNREAD
    assert ledger.recent_deliveries()[0].mark is Mark.UNREAD
    assert "newer reply" in (ledger.recent_events()[-1].reason or "")


def test_a_parked_reply_that_tells_no_time_hides_no_other(ledger: Ledger) -> None:
    ledger.record([parked("read", at=None), arrival("leave", at=1000.0)])
    look_up(ledger, Found(CONVERSATION))
    assert ledger.recent_deliveries() == []


def test_what_was_parked_in_a_dry_run_is_never_sent(ledger: Ledger) -> None:
    ledger.record([parked("read", dry_run=True)])
    look_up(ledger, Found(CONVERSATION))
    assert [row.state for row in ledger.recent_deliveries()] == [State.WITHDRAWN]


def test_one_lookup_serves_all_replies_of_a_lead_in_a_campaign(ledger: Ledger) -> None:
    ledger.record([parked("read", at=1000.0 + number) for number in range(5)])
    look_up(ledger, Found(CONVERSATION))
    assert {row.bucket for row in ledger.recent_events()} == {"accepted"}
    assert len(ledger.recent_deliveries()) == 1


def test_wishes_go_before_categories_and_categories_before_lookups(database_url: str) -> None:
    ledger = Ledger(database_url, "real")
    ledger.migrate()
    publish(ledger)
    ledger.record([parked("read"), arrival("read", email_lead_map_id=5)])
    kinds = [type(ledger.claim("default", WINDOWS)) for _ in range(4)]
    ledger.close()
    assert kinds == [Delivery, CategoriesWanted, Lookup, Hold]


def test_lookups_leave_half_of_the_rate_to_wishes(ledger: Ledger) -> None:
    ten_an_hour = (Window(10, 3600.0),)
    ledger.record([parked("read", lead=f"lead-{number}@lead.example") for number in range(10)])
    lookups = 0
    while isinstance(task := ledger.claim("default", ten_an_hour), Lookup):
        ledger.settle(task, NOWHERE, ten_an_hour, 3)
        lookups += 1
    assert isinstance(task, Hold)
    assert (lookups, task.limited) == (5, False)
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 6)])
    assert all(isinstance(ledger.claim("default", ten_an_hour), Delivery) for _ in range(5))
    full = ledger.claim("default", ten_an_hour)
    assert isinstance(full, Hold)


def test_a_rate_of_one_call_is_enough_for_a_lookup(database_url: str) -> None:
    ledger = Ledger(database_url, "real")
    ledger.migrate()
    publish(ledger)
    ledger.record([parked("read")])
    task = ledger.claim("default", (Window(1, 0.2),))
    assert isinstance(task, CategoriesWanted)
    ledger.settle(task, CategoryNames({}), (), 3)
    assert isinstance(ledger.claim("default", (Window(1, 0.2),)), Lookup)
    ledger.close()


def test_a_lookup_asks_by_lead_then_searches_the_inbox_in_rounds_that_grow_apart(
    ledger: Ledger, make_due: Callable[[], float]
) -> None:
    ledger.record([parked("read")])
    for number, pause in enumerate(PAUSES, start=1):
        assert [look_up(ledger, NOWHERE).by for _ in range(2)] == ["lead", "inbox"]
        assert isinstance(ledger.claim("default", WINDOWS), Hold)
        assert pause - 30 < make_due() <= pause
        assert ("once" if number == 1 else f"{number} times") in reason_of_parked(ledger)
    assert [look_up(ledger, NOWHERE).by for _ in range(2)] == ["lead", "inbox"]
    assert make_due() == 0.0
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert f"looked up {len(PAUSES) + 1} times" in reason_of_parked(ledger)


def test_what_was_given_up_is_looked_up_once_more_on_demand(ledger: Ledger, make_due: Callable[[], float]) -> None:
    (receipt,) = ledger.record([parked("read")])
    for _ in range(2 * (len(PAUSES) + 1)):
        look_up(ledger, NOWHERE)
        make_due()
    assert ledger.retry_parked([receipt.event_id + 1]) == 0
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert ledger.retry_parked([receipt.event_id]) == ledger.retry_parked() == 1
    assert look_up(ledger, Found(CONVERSATION)).attempt == 1


def test_a_lookup_without_an_answer_is_tried_again_the_same_way(ledger: Ledger, make_due: Callable[[], float]) -> None:
    ledger.record([parked("read")])
    look_up(ledger, Retry("SmartLead answered 500", after=40.0))
    assert 30 < make_due() <= 40
    again = look_up(ledger, NOWHERE)
    assert (again.by, again.attempt) == ("lead", 1)


def test_trouble_with_the_key_holds_lookups_as_it_holds_wishes(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    look_up(ledger, Retry("too many requests", after=30.0, whole_account=True))
    hold = ledger.claim("default", WINDOWS)
    assert isinstance(hold, Hold)
    assert hold.reason == "too many requests"


def test_a_lookup_that_was_not_made_is_claimed_again(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    first = ledger.claim("default", WINDOWS)
    assert isinstance(first, Lookup)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    ledger.drop(first)
    assert look_up(ledger, Found(CONVERSATION)).attempt == 1


def test_a_reply_without_its_lead_can_not_be_looked_up_and_says_so(ledger: Ledger) -> None:
    (receipt,) = ledger.record([parked("read", lead=None)])
    assert receipt.reason == "No id came. Its lead is not told either, so SmartLead can not be asked for it."
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert ledger.retry_parked() == 0


@pytest.mark.parametrize(("mark", "state"), [("unread", State.PENDING), ("read", State.WITHDRAWN)])
def test_a_dated_reply_enters_before_an_undated_one_that_came_first(ledger: Ledger, mark: str, state: State) -> None:
    ledger.record([parked("read", at=None)])
    ledger.record([parked(mark, at=1000.0)])
    look_up(ledger, Found(CONVERSATION))
    assert [(row.mark, row.state) for row in ledger.recent_deliveries()] == [(mark, state)]


def test_a_reply_without_its_campaign_is_looked_up_by_its_lead_alone(
    ledger: Ledger, make_due: Callable[[], float]
) -> None:
    ledger.record([parked("read", campaign_id=None)])
    for rounds in ("once", "2 times"):
        assert look_up(ledger, NOWHERE).by == "lead"
        assert isinstance(ledger.claim("default", WINDOWS), Hold)
        assert rounds in reason_of_parked(ledger)
        assert "in this campaign" not in reason_of_parked(ledger)
        make_due()


def test_a_list_shows_how_often_a_parked_reply_was_looked_up_and_when_it_will_be(ledger: Ledger) -> None:
    ledger.record(
        [arrival("leave", email_lead_map_id=5), parked("read"), parked("read", campaign_id=None, campaign="A")]
    )
    assert look_up(ledger, NOWHERE).by == "lead"
    rows = ledger.recent_events()
    assert sorted(row.lookup_attempts for row in rows) == [0, 0, 1]
    assert [row.lookup_due_at is None for row in rows] == [row.bucket == "accepted" for row in rows]
