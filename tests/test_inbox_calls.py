"""Calls for pages and histories: out of the common rate, patient with SmartLead, and stopped at any moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import WINDOWS, arrival, name_categories, publish
from sandbox_client import KEY, control

from config import Window
from handlers.smartlead import SmartLead
from inbox.calls import Calls, StoppedError
from ledger import Hold, Ledger
from model import Delivery, GiveUp, History, InboxPage, Retry
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from handlers import Handler

KNOWN = ("884213", "2700000101")  # campaign and lead of one of the sandbox's conversations


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(f"sqlite:///{tmp_path}/ledger.db", "real")
    made.migrate()
    publish(made)
    yield made
    made.close()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        yield running


@pytest.fixture
def smartlead(box: Sandbox) -> Iterator[SmartLead]:
    made = SmartLead(box.url, KEY, user_agent="Replymark/tests")
    yield made
    made.close()


@dataclass
class Waited:
    """Ends the waiting when it is told what is waited for."""

    stopping: Event = field(default_factory=Event)
    sentences: list[str] = field(default_factory=list)

    def told(self, sentence: str) -> None:
        self.sentences.append(sentence)
        self.stopping.set()


def stopped_calls(ledger: Ledger, handler: Handler, waited: Waited, **more: Any) -> Calls:
    windows = more.pop("windows", WINDOWS)
    return Calls(ledger, handler, "default", windows, stopping=waited.stopping, notice=waited.told, **more)


def first_page(calls: Calls) -> InboxPage:
    return calls.page("inbox-replies", 0, {})


def test_pages_and_histories_come_and_are_counted(ledger: Ledger, smartlead: SmartLead) -> None:
    calls = Calls(ledger, smartlead, "default", WINDOWS)
    assert len(first_page(calls).rows) == 6
    assert isinstance(calls.history(*KNOWN), History)
    assert calls.count == 2


def test_a_call_takes_its_place_in_the_rate_that_the_workers_keep_to(ledger: Ledger, smartlead: SmartLead) -> None:
    two_an_hour, waited = (Window(2, 3600.0),), Waited()
    calls = stopped_calls(ledger, smartlead, waited, windows=two_an_hour)
    first_page(calls)
    first_page(calls)
    assert isinstance(ledger.begin_call("default", two_an_hour), Hold)
    with pytest.raises(StoppedError):
        first_page(calls)
    assert waited.sentences[0].startswith("No call is left within SMARTLEAD_RATE_LIMITS: waiting 36")
    assert calls.count == 2


def test_what_smartlead_asks_to_wait_is_waited_and_the_page_comes_then(
    ledger: Ledger, smartlead: SmartLead, box: Sandbox
) -> None:
    control(box, "faults", [{"status": 429, "headers": {"Retry-After": "1"}}, {"reset": True}])
    calls = Calls(ledger, smartlead, "default", WINDOWS)
    assert len(first_page(calls).rows) == 6
    assert calls.count == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(
            {"status": 429, "headers": {"Retry-After": "50"}}, "rate limit is reached: waiting 50", id="limit"
        ),
        pytest.param(
            {"status": 401, "body": {"message": "Invalid API Key"}}, "check the account's SMARTLEAD_API_KEY", id="key"
        ),
    ],
)
def test_a_person_hears_what_is_waited_for_and_may_end_it(
    ledger: Ledger, smartlead: SmartLead, box: Sandbox, fault: dict[str, Any], told: str
) -> None:
    control(box, "faults", [fault])
    waited = Waited()
    with pytest.raises(StoppedError, match="told to stop"):
        first_page(stopped_calls(ledger, smartlead, waited))
    assert told in waited.sentences[0]


def test_patience_ends_before_a_wait_that_is_longer(ledger: Ledger, smartlead: SmartLead, box: Sandbox) -> None:
    control(box, "faults", [{"status": 429, "headers": {"Retry-After": "600"}}])
    calls = Calls(ledger, smartlead, "default", WINDOWS, patience=300.0)
    with pytest.raises(StoppedError, match=r"rate limit is reached. Given up for now\."):
        first_page(calls)


def test_a_refused_page_is_the_end_with_smartleads_own_words(
    ledger: Ledger, smartlead: SmartLead, box: Sandbox
) -> None:
    control(box, "faults", [{"status": 422, "body": {"error": "campaignId array cannot exceed 5 items"}}])
    with pytest.raises(StoppedError, match=r"campaignId array cannot exceed 5 items\."):
        first_page(Calls(ledger, smartlead, "default", WINDOWS))


def test_a_history_that_can_not_be_had_holds_nobody_up(ledger: Ledger, smartlead: SmartLead, box: Sandbox) -> None:
    calls = Calls(ledger, smartlead, "default", WINDOWS)
    control(box, "faults", [{"match": "message-history", "status": 404, "body": {"error": "Lead not found"}}])
    assert isinstance(calls.history(*KNOWN), GiveUp)
    control(box, "faults", [{"match": "message-history", "status": 500, "headers": {"Retry-After": "1"}, "times": 3}])
    assert isinstance(calls.history(*KNOWN), Retry)
    assert isinstance(calls.history(*KNOWN), History)


def test_who_was_told_to_stop_makes_no_call(ledger: Ledger, smartlead: SmartLead) -> None:
    stopping = Event()
    stopping.set()
    calls = Calls(ledger, smartlead, "default", WINDOWS, stopping=stopping)
    with pytest.raises(StoppedError):
        first_page(calls)
    assert calls.count == 0


def claim(ledger: Ledger) -> Delivery:
    name_categories(ledger)
    ledger.record([arrival("read")])
    claimed = ledger.claim("default", WINDOWS)
    assert isinstance(claimed, Delivery)
    return claimed


def test_spare_calls_wait_while_a_mark_is_due(ledger: Ledger, smartlead: SmartLead) -> None:
    name_categories(ledger)
    ledger.record([arrival("read")])
    waited = Waited()
    with pytest.raises(StoppedError):
        first_page(stopped_calls(ledger, smartlead, waited, spare=True))
    assert waited.sentences == ["Marks and lookups that are due go first: waiting."]
    assert first_page(Calls(ledger, smartlead, "default", WINDOWS)).length == 6


@pytest.mark.parametrize("spare", [False, True])
def test_what_a_worker_was_told_for_the_whole_account_holds_for_these_calls_too(
    ledger: Ledger, smartlead: SmartLead, *, spare: bool
) -> None:
    ledger.settle(claim(ledger), Retry("SmartLead's rate limit is reached", 300.0, whole_account=True), WINDOWS, 3)
    waited = Waited()
    calls = stopped_calls(ledger, smartlead, waited, spare=spare)
    with pytest.raises(StoppedError):
        first_page(calls)
    assert waited.sentences[0].startswith("SmartLead's rate limit is reached: waiting 3")
    assert calls.count == 0
