"""`kill -9` in a burst: what was acknowledged is delivered, whatever died meanwhile."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from acceptance.burst import Burst
from acceptance.processes import until
from acceptance.replies import READ, UNREAD, reply

if TYPE_CHECKING:
    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance

EVENTS = 500
WORDS = {2255200000 + number: UNREAD if number % 3 else READ for number in range(EVENTS)}
REPLIES_TAKEN = (100, 250)  # when web is killed
CALLS_MADE = (40, 120)  # when the worker is killed: early, for then its leases begin to run out
SLOW = {"delay": 0.1, "times": 2 * EVENTS}  # so that a worker always has calls in hand
IN_HAND = 8  # calls of one worker at once
# A killed worker's calls are anybody's again when their lease is over: 60 seconds after the claim.
LEASES_AND_REST = 120.0


@pytest.fixture
def replymark(install: Install, database_url: str) -> Installation:
    """Released, and nothing started."""
    return install(database_url, WORKER="separate")


def begin_burst(replymark: Installation) -> Burst:
    return Burst(replymark.post, [reply(conversation, words) for conversation, words in WORDS.items()])


def wait_for_calls(smartlead: StandIn, count: int) -> None:
    until(lambda: len(smartlead.requests()) >= count, f"{count} calls")


def wait_for_all(replymark: Installation, smartlead: StandIn, seconds: float) -> None:
    until(lambda: smartlead.has_all(WORDS), "a PATCH for every conversation", seconds)
    until(lambda: len(of_state(replymark, "settled")) == EVENTS, "every delivery is settled", seconds)


def of_state(replymark: Installation, state: str) -> set[int]:
    rows = replymark.deliveries("--state", state, "--limit", str(2 * EVENTS))
    return {row["email_lead_map_id"] for row in rows}


def assert_nothing_lost(replymark: Installation, smartlead: StandIn, acknowledged: set[int]) -> None:
    """Every reply was taken once, and SmartLead shows each as its words ask for."""
    assert acknowledged == set(WORDS)
    inbox = smartlead.inbox()
    hidden = {conversation for conversation in WORDS if inbox[conversation]["is_read"]}
    assert hidden == {conversation for conversation, words in WORDS.items() if words == READ}
    counts = json.loads(replymark.flask("inbox", "show", "--json", "--limit", "1"))["counts"]
    assert counts["accepted"] == EVENTS


def extra_patches(smartlead: StandIn) -> int:
    inbox = smartlead.inbox()
    return sum(inbox[conversation]["patches"] - 1 for conversation in WORDS)


def test_killing_web_twice_in_a_burst_loses_nothing_and_repeats_nothing(
    replymark: Installation, smartlead: StandIn
) -> None:
    replymark.start_worker()
    web = replymark.start_web()
    with begin_burst(replymark) as burst:
        for count in REPLIES_TAKEN:
            burst.reach(count)
            web.kill()
            web = replymark.start_web()
        burst.finish()
    wait_for_all(replymark, smartlead, 60.0)
    assert_nothing_lost(replymark, smartlead, burst.acknowledged)
    assert extra_patches(smartlead) == 0


def test_killing_the_worker_twice_in_a_burst_loses_nothing_and_repeats_at_most_what_was_in_hand(
    replymark: Installation, smartlead: StandIn
) -> None:
    smartlead.suffer(SLOW)
    replymark.start_web()
    worker = replymark.start_worker()
    in_hand: set[int] = set()
    with begin_burst(replymark) as burst:
        for count in CALLS_MADE:
            wait_for_calls(smartlead, count)
            worker.kill()
            died_with = of_state(replymark, "sending") - in_hand
            assert 0 < len(died_with) <= IN_HAND
            in_hand |= died_with
            worker = replymark.start_worker()
        burst.finish()
    wait_for_all(replymark, smartlead, LEASES_AND_REST)
    assert_nothing_lost(replymark, smartlead, burst.acknowledged)
    assert extra_patches(smartlead) <= len(in_hand)


def test_killing_the_one_process_that_takes_and_delivers_loses_nothing(
    install: Install, sqlite_url: str, smartlead: StandIn
) -> None:
    smartlead.suffer(SLOW)
    replymark = install(sqlite_url, WORKER="inline")
    web = replymark.start_web()
    in_hand: set[int] = set()
    with begin_burst(replymark) as burst:
        for count in REPLIES_TAKEN:
            burst.reach(count)
            web.kill()
            in_hand |= of_state(replymark, "sending")
            web = replymark.start_web()
        burst.finish()
    wait_for_all(replymark, smartlead, LEASES_AND_REST)
    assert_nothing_lost(replymark, smartlead, burst.acknowledged)
    assert extra_patches(smartlead) <= len(in_hand)
