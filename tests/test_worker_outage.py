"""SmartLead away and back, a person's pause, and a worker that woke up too late."""

from __future__ import annotations

import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from deliverers import PATIENCE, SETTINGS, ask, delivering, marks, play, wait_for
from ledgers import arrival
from secrets_of_tests import API_KEY

from handlers.smartlead import SmartLead
from ledger import State
from sandbox import Sandbox
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger import Ledger
    from model import Delivery, Outcome, Unsent


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        yield made


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_what_waited_for_smartlead_costs_one_patch_a_conversation_the_newest_wish_alone(
    ledger: Ledger, smartlead: Sandbox
) -> None:
    smartlead.stop()
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 11)])
    with delivering(ledger, smartlead):
        until(lambda: "SmartLead refused the connection" in ledger.held_accounts().get("default", ""))
        ledger.record([arrival("unread", at=2000.0, email_lead_map_id=number) for number in range(1, 6)])
        smartlead.start()
        wait_for(ledger, State.SETTLED)
    assert ledger.held_accounts() == {}
    assert {number: state["is_read"] for number, state in ask(smartlead, "inbox").items() if state["patches"]} == {
        str(number): number > 5 for number in range(1, 11)
    }
    assert len(marks(smartlead)) == 10


def test_gateway_errors_of_any_number_fail_no_wish(ledger: Ledger, smartlead: Sandbox) -> None:
    play(smartlead, {"status": 503, "body": "<html>Service unavailable</html>", "times": 5})
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 4)])
    with delivering(ledger, smartlead):
        wait_for(ledger, State.SETTLED)
    assert len(marks(smartlead)) == 8


def test_a_pause_holds_the_marks_and_the_next_worker_knows_it(ledger: Ledger, smartlead: Sandbox) -> None:
    ledger.pause("default", "jo", "campaign under review")
    ledger.record([arrival("read")])
    with delivering(ledger, smartlead):
        until(lambda: ask(smartlead, "requests"))  # it asks for the categories all the same
    assert marks(smartlead) == []
    assert "campaign under review" in ledger.held_accounts()["default"]
    with delivering(ledger, smartlead):
        ledger.resume(["default"])
        wait_for(ledger, State.SETTLED)


class Frozen(SmartLead):
    """Stops before its first mark for longer than that may be sent, as a process does between SIGSTOP and SIGCONT."""

    def mark(self, delivery: Delivery, send_before: float | None = None) -> Outcome | Unsent:
        """As if the moment until which it may be sent were over."""
        first = delivery.attempt == 1 and not hasattr(self, "woken")
        self.woken = True
        return super().mark(delivery, time.monotonic() - 1.0 if first else send_before)


def test_a_worker_that_woke_up_too_late_sends_nothing_and_the_wish_is_free_again(
    ledger: Ledger, smartlead: Sandbox
) -> None:
    ledger.record([arrival("read", email_lead_map_id=11)])
    handler = Frozen(smartlead.url, API_KEY, user_agent="Replymark/tests")
    worker = Worker(ledger, handler, SETTINGS)
    thread = Thread(target=worker.run)
    thread.start()
    (row,) = wait_for(ledger, State.SETTLED)
    worker.stop()
    thread.join()
    handler.close()
    assert row.attempts == 1
    assert len(marks(smartlead)) == 1
