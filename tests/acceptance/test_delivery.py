"""SmartLead limits, fails, breaks off, is gone: the mark arrives all the same, and no oftener than it must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acceptance.processes import until
from acceptance.replies import MARK_OF, READ, UNREAD, reply
from acceptance.stand_in import StandIn

if TYPE_CHECKING:
    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.processes import Process, Processes

pytestmark = pytest.mark.acceptance

CONVERSATION = 2255108337
ASKED_SECONDS = 2  # longer than the first wait of Replymark's own

PASSING: dict[str, dict[str, Any]] = {
    "429: the rate limit": {"status": 429, "headers": {"Retry-After": "1"}},
    "500: trouble at SmartLead": {"status": 500, "body": {"error": "Internal Server Error"}},
    "502: trouble before SmartLead": {"status": 502, "body": "<html>Bad gateway</html>"},
    "reset: the network, before the mark was set": {"reset": True},
    "half an answer: the network, after the mark was set": {"close_midway": True},
}
FINAL: dict[str, dict[str, Any]] = {
    "SmartLead does not know this conversation": {"status": 404, "body": {"error": "Lead mapping not found"}},
    "SmartLead refuses the request (status 422)": {"status": 422, "body": {"error": "read_status must be a boolean"}},
}


def wait_for_state(replymark: Installation, state: str, count: int = 1) -> list[dict[str, Any]]:
    """The deliveries of this state, oldest first, once there are so many."""

    def all_of_them() -> list[dict[str, Any]]:
        found = replymark.deliveries("--state", state)
        return found if len(found) == count else []

    return list(reversed(until(all_of_them, f"{count} deliveries are {state}")))


def wait_for_calls(smartlead: StandIn, conversation: int, count: int) -> None:
    until(lambda: calls_about(smartlead, conversation) == count, f"call {count} about {conversation}")


def calls_about(smartlead: StandIn, conversation: int) -> int:
    return sum(entry["body"]["email_lead_map_id"] == conversation for entry in smartlead.requests())


def test_trouble_that_passes_delays_a_mark_and_costs_one_more_call(on_sqlite: Installation, smartlead: StandIn) -> None:
    conversations = range(CONVERSATION, CONVERSATION + len(PASSING))
    for conversation, fault in zip(conversations, PASSING.values(), strict=True):
        smartlead.suffer(fault)
        on_sqlite.post(reply(conversation, READ))
        wait_for_calls(smartlead, conversation, 2)
    wait_for_state(on_sqlite, "settled", len(PASSING))
    for conversation, trouble in zip(conversations, PASSING, strict=True):
        assert smartlead.state_of(conversation) == "read", trouble
        assert calls_about(smartlead, conversation) == 2, trouble


def test_a_retry_comes_no_earlier_than_smartlead_asked(on_sqlite: Installation, smartlead: StandIn) -> None:
    smartlead.suffer({"status": 429, "headers": {"Retry-After": str(ASKED_SECONDS)}})
    on_sqlite.post(reply(CONVERSATION, READ))
    until(lambda: len(smartlead.requests()) == 2, "a second try")
    first, second = smartlead.requests()
    assert second["time"] - first["time"] >= ASKED_SECONDS


def test_what_smartlead_missed_while_it_was_down_arrives_when_it_is_back(
    replymark: Installation, smartlead: StandIn
) -> None:
    wanted = {CONVERSATION + number: UNREAD if number % 3 else READ for number in range(20)}
    smartlead.kill()
    for conversation, words in wanted.items():
        assert replymark.post(reply(conversation, words)).status == 200
    until(lambda: any(row["attempts"] for row in replymark.deliveries("--state", "pending")), "tries in vain")
    smartlead.start()
    until(lambda: smartlead.has_all(wanted), "all are delivered")
    inbox = smartlead.inbox()
    for conversation, words in wanted.items():
        assert inbox[conversation] == {"is_read": MARK_OF[words] == "read", "patches": 1}


def test_a_final_refusal_is_listed_with_its_reason_and_can_be_redone(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    conversations = [CONVERSATION + number for number in range(len(FINAL))]
    for conversation, fault in zip(conversations, FINAL.values(), strict=True):
        smartlead.suffer(fault)
        on_sqlite.post(reply(conversation, READ))
        wait_for_calls(smartlead, conversation, 1)
    failed = wait_for_state(on_sqlite, "failed", len(FINAL))
    assert [row["email_lead_map_id"] for row in failed] == conversations
    assert [row["reason"] for row in failed] == [f"{why}: {fault['body']['error']}" for why, fault in FINAL.items()]
    assert [row["attempts"] for row in failed] == [1, 1]
    on_sqlite.flask("deliveries", "redo", *map(str, conversations))
    wait_for_state(on_sqlite, "settled", len(FINAL))
    assert [smartlead.patches_of(conversation) for conversation in conversations] == [1, 1]


def terminate_during_a_slow_call(replymark: Installation, smartlead: StandIn, deliverer: Process) -> None:
    """SIGTERM while the PATCH waits for its answer; the process must end in peace, with the answer."""
    smartlead.suffer({"delay": 2.0})
    replymark.post(reply(CONVERSATION, READ))
    until(smartlead.requests, "the PATCH has arrived")
    deliverer.terminate()
    assert deliverer.exit_code() == 0
    wait_for_state(replymark, "settled")
    (entry,) = smartlead.requests()
    assert entry["status"] == 200


def test_a_worker_that_is_told_to_end_finishes_its_call(
    install: Install, smartlead: StandIn, database_url: str
) -> None:
    replymark = install(database_url, WORKER="separate")
    replymark.start_web()
    terminate_during_a_slow_call(replymark, smartlead, replymark.start_worker())


def test_a_web_that_delivers_too_finishes_its_call_before_it_ends(
    install: Install, smartlead: StandIn, sqlite_url: str
) -> None:
    replymark = install(sqlite_url)
    terminate_during_a_slow_call(replymark, smartlead, replymark.start_web())


def test_two_workers_together_keep_to_the_rate_limit(install: Install, processes: Processes, database_url: str) -> None:
    strict = StandIn(processes)
    strict.start(limits="10/1s")
    more = {"SMARTLEAD_BASE_URL": strict.url, "SMARTLEAD_RATE_LIMITS": "10/1s", "WORKER": "separate"}
    replymark = install(database_url, **more)
    replymark.start_web()
    workers = [replymark.start_worker(), replymark.start_worker()]
    until(lambda: all("worker_started" in worker.output for worker in workers), "both workers look for work")
    conversations = range(CONVERSATION, CONVERSATION + 40)
    for conversation in conversations:
        replymark.post(reply(conversation, READ))
    until(lambda: strict.has_all(conversations), "all are delivered")
    assert {entry["status"] for entry in strict.requests()} == {200}
    assert len(strict.requests()) == len(conversations)
    assert all("delivered" in worker.output for worker in workers)
