"""The worker against the sandbox: real sockets, real databases."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from deliverers import PATIENCE, SETTINGS, ask, delivering, marks, play, wait_for
from ledgers import arrival
from secrets_of_tests import API_KEY, TOKEN

from config import read_settings
from handlers.smartlead import SmartLead
from ledger import State
from sandbox import Sandbox
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger import Ledger


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        yield made


def test_marks_reach_smartlead_once(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.record([arrival("read", email_lead_map_id=11), arrival("unread", email_lead_map_id=12)])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
    inbox = ask(smartlead, "inbox")
    assert (inbox["11"], inbox["12"]) == ({"is_read": True, "patches": 1}, {"is_read": False, "patches": 1})
    assert {request["user_agent"] for request in ask(smartlead, "requests")} == {"Replymark/tests"}


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 429, "headers": {"Retry-After": "1"}, "body": "{}"},
        {"status": 500, "body": "{}"},
        {"status": 200, "body": "<html>Just a moment…</html>"},
        {"reset": True},
        {"close_midway": True},
    ],
    ids=["429", "500", "web page", "reset", "cut off"],
)
def test_trouble_is_retried_until_it_is_over(ledger: Ledger, smartlead: Sandbox, fault: dict[str, Any]) -> None:
    play(smartlead, fault | {"times": 1})
    ledger.record([arrival("read", email_lead_map_id=11)])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
    assert ask(smartlead, "inbox")["11"]["is_read"] is True
    assert len(marks(smartlead)) == 2


def test_trouble_that_does_not_end_fails_with_its_reason(ledger: Ledger, smartlead: Sandbox) -> None:
    play(smartlead, {"status": 500, "body": "{}", "times": 100})
    ledger.record([arrival("read")])
    with delivering(ledger, smartlead):
        (row,) = wait_for(ledger, State.FAILED)
    assert row.attempts == 3
    assert "given up after 3 attempts" in (row.reason or "")


def test_a_final_answer_is_not_tried_again(ledger: Ledger, smartlead: Sandbox) -> None:
    play(smartlead, {"status": 404, "body": '{"error": "Lead mapping not found"}', "times": 1})
    ledger.record([arrival("read")])
    with delivering(ledger, smartlead):
        (row,) = wait_for(ledger, State.FAILED)
        assert "Lead mapping not found" in (row.reason or "")
        ledger.redo(None, [State.FAILED])
        wait_for(ledger, State.SETTLED)
    assert len(marks(smartlead)) == 2


def test_a_wrong_key_holds_everything_and_loses_nothing(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 6)])
    handler = SmartLead(smartlead.url, "a-wrong-key", user_agent="Replymark/tests")
    worker = Worker(ledger, handler, SETTINGS)
    thread = Thread(target=worker.run)
    thread.start()
    end = time.monotonic() + PATIENCE
    while not ledger.held_accounts() and time.monotonic() < end:
        time.sleep(0.02)
    worker.stop()
    thread.join()
    handler.close()
    assert "API key" in ledger.held_accounts()["default"]
    assert {row.state for row in ledger.recent_deliveries()} == {State.PENDING}


def test_stopping_finishes_the_call_in_hand(ledger: Ledger, smartlead: Sandbox) -> None:
    play(smartlead, {"delay": 1.0, "times": 1})
    ledger.record([arrival("read", email_lead_map_id=11)])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SENDING)
    (row,) = ledger.recent_deliveries()
    assert row.state is State.SETTLED
    assert ask(smartlead, "inbox")["11"] == {"is_read": True, "patches": 1}


def test_two_workers_keep_one_rate_against_a_strict_server(ledger: Ledger) -> None:
    limited = read_settings({"SMARTLEAD_API_KEY": API_KEY, "WEBHOOK_TOKENS": TOKEN, "SMARTLEAD_RATE_LIMITS": "10/1s"})
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 41)])
    with Sandbox(api_keys=(API_KEY,), limits=((10, 1.0),)) as strict:
        with delivering(ledger, strict, limited), delivering(ledger, strict, limited):
            wait_for(ledger, State.SETTLED)
        assert {request["status"] for request in ask(strict, "requests")} == {200}


def test_the_log_holds_no_secret(ledger: Ledger, smartlead: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    play(smartlead, {"reset": True, "times": 1})
    ledger.record([arrival("read")])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
    assert "delivered conversation=" in caplog.text
    assert API_KEY not in caplog.text


def test_a_dry_run_tells_smartlead_nothing_not_even_what_waited_before(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.record([arrival("read")])
    worker = Worker(ledger, SmartLead(smartlead.url, API_KEY), replace(SETTINGS, dry_run=True))
    thread = Thread(target=worker.run)
    thread.start()
    end = time.monotonic() + PATIENCE
    while ledger.worker_silence() is None and time.monotonic() < end:
        time.sleep(0.02)
    worker.stop()
    thread.join()
    assert [one for one in ask(smartlead, "requests") if one["method"] != "GET"] == []
    assert ledger.recent_deliveries()[0].state is State.PENDING
