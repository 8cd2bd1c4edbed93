"""What the worker asks SmartLead beside its PATCHes: ids that no event told, and the categories' names."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

import pytest
from deliverers import PATIENCE, ask, delivering, marks, order, play, wait_for
from ledgers import arrival
from secrets_of_tests import API_KEY

from ledger import State
from sandbox import Sandbox
from worker import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger import Arrival, Ledger

ASTRID = "astrid.lund@northpier.example"
SPRING, AUTUMN = 2433664091, 2433664092
TWICE = [
    {"map_id": SPRING, "email": ASTRID, "campaign_id": 11, "campaign_name": "Spring"},
    {"map_id": AUTUMN, "email": ASTRID, "campaign_id": 12, "campaign_name": "Autumn"},
]


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        order(made, "conversations", TWICE)
        yield made


def without_id(lead: str = ASTRID, campaign_id: str = "12", **values: Any) -> Arrival:
    return arrival("read", email_lead_map_id=None, bucket="parked", lead=lead, campaign_id=campaign_id, **values)


def lookups(smartlead: Sandbox) -> list[dict[str, Any]]:
    return [request for request in ask(smartlead, "requests") if request["path"].endswith(("/leads/", "inbox-replies"))]


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_conversation_without_id_is_looked_up_in_the_events_own_campaign_and_marked(
    ledger: Ledger, smartlead: Sandbox
) -> None:
    ledger.record([without_id()])
    with delivering(ledger, smartlead):
        (row,) = wait_for(ledger, State.SETTLED)
    assert row.email_lead_map_id == AUTUMN
    assert ask(smartlead, "inbox")[str(AUTUMN)] == {"is_read": True, "patches": 1}
    assert ask(smartlead, "inbox")[str(SPRING)]["patches"] == 0
    assert len(lookups(smartlead)) == 1


def test_one_lookup_serves_all_replies_of_a_conversation(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.record([without_id(at=1000.0), without_id(at=2000.0), without_id(at=3000.0)])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
    assert (len(lookups(smartlead)), len(marks(smartlead))) == (1, 1)
    assert ledger.recent_events("parked") == []


def test_an_unknown_lead_is_looked_for_both_ways_and_stays_parked(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.record([without_id("nobody@northpier.example"), arrival("unread")])
    with delivering(ledger, smartlead):
        until(lambda: [request["status"] for request in lookups(smartlead)] == [200, 200])
        wait_for(ledger, State.SETTLED)
    assert [request["method"] for request in lookups(smartlead)] == ["GET", "POST"]
    (parked,) = ledger.recent_events("parked")
    assert parked.email_lead_map_id is None


def test_lookups_that_hang_hold_no_mark_up(ledger: Ledger, smartlead: Sandbox) -> None:
    play(smartlead, {"match": "/leads/", "delay": 3600, "times": 100})
    ledger.record([without_id(f"lead-{number}@northpier.example") for number in range(3 * QUESTIONS)])
    with delivering(ledger, smartlead):
        until(lambda: len(lookups(smartlead)) >= QUESTIONS - 1)  # the categories may be asked for, too, and hang
        ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 21)])
        wait_for(ledger, State.SETTLED)
        assert {request["status"] for request in lookups(smartlead)} == {None}
        smartlead.stop()


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": "{}"},
        {"status": 200, "body": "<html>Just a moment…</html>"},
        {"status": 200, "body": '{"data": 5}'},
        {"status": 403, "body": {"error": "plan"}},
        {"reset": True},
    ],
    ids=["500", "web page", "another shape", "not in this plan", "reset"],
)
def test_questions_that_fail_leave_the_marks_as_they_are(
    ledger: Ledger, smartlead: Sandbox, fault: dict[str, Any]
) -> None:
    play(smartlead, *({"match": path, "times": 100} | fault for path in ("/leads", "inbox-replies")))
    ledger.record([without_id(), arrival("read", email_lead_map_id=7), arrival("unread", email_lead_map_id=8)])
    with delivering(ledger, smartlead):
        until(lambda: any(request["method"] != "PATCH" for request in ask(smartlead, "requests")))
        wait_for(ledger, State.SETTLED)
    assert len(marks(smartlead)) == 2
    assert len(ledger.recent_events("parked")) == 1
    assert ledger.held_accounts() == {}


def test_the_categories_are_asked_for_once_and_decided_by_when_they_are_known(
    ledger: Ledger, smartlead: Sandbox
) -> None:
    known: list[bool] = []

    def decide_anew(account: str) -> None:
        known.append(ledger.category_names(account).get(6) == "Out Of Office")

    with delivering(ledger, smartlead, decide_anew=decide_anew):
        until(lambda: True in known)
        ledger.record([arrival("read")])
        wait_for(ledger, State.SETTLED)
    assert [request["path"] for request in ask(smartlead, "requests")].count("/api/v1/leads/fetch-categories") == 1


def test_what_waits_for_a_name_is_decided_at_the_start_too_for_a_worker_may_have_died_before(
    ledger: Ledger, smartlead: Sandbox
) -> None:
    with delivering(ledger, smartlead):
        until(lambda: ledger.category_names("default"))
    decided: list[str] = []
    with delivering(ledger, smartlead, decide_anew=decided.append):
        until(lambda: decided)
    assert decided == ["default"]


def test_a_mistake_in_deciding_anew_ends_no_worker(
    ledger: Ledger, smartlead: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(account: str) -> None:
        raise LookupError(account)

    with delivering(ledger, smartlead, decide_anew=stumble):
        until(lambda: "not_decided_anew account=default" in caplog.text)
        ledger.record([arrival("read")])
        wait_for(ledger, State.SETTLED)


def test_no_lead_is_named_in_the_log(ledger: Ledger, smartlead: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    play(smartlead, {"match": "/leads/", "status": 422, "body": {"error": f"{ASTRID} is odd"}})
    ledger.record([without_id(), without_id("nobody@northpier.example")])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
        until(lambda: "not_found lookup by=inbox account=default" in caplog.text)
    assert "found lookup by=inbox account=default" in caplog.text
    assert "northpier" not in caplog.text
