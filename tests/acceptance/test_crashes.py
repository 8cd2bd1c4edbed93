"""`kill -9` in a burst of 5,000 replies: what was acknowledged is delivered, whatever died meanwhile."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from acceptance.burst import Burst
from acceptance.installation import IN_HAND
from acceptance.processes import until
from acceptance.replies import READ, UNREAD, reply

if TYPE_CHECKING:
    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.processes import Process
    from acceptance.stand_in import StandIn
    from postgres import Postgres

pytestmark = pytest.mark.acceptance

EVENTS = 5000
WORDS = {2255200000 + number: UNREAD if number % 3 else READ for number in range(EVENTS)}
REPLIES_TAKEN = (1000, 2500)  # at each of these a process is killed
CALLS_MADE = (200, 500)
SLOW = {"delay": 0.05, "times": 2 * EVENTS}  # so that a worker always has calls in hand
# A killed worker's calls are anybody's again when their lease is over, 60 seconds after the claim; and a busy
# machine with two cores delivers some 40 in a second.
LEASES_AND_REST = 300.0


@pytest.fixture
def replymark(install: Install, database_url: str) -> Installation:
    """Released, and nothing started."""
    return install(database_url, WORKER="separate")


def begin_burst(replymark: Installation) -> Burst:
    return Burst(replymark.post, [reply(conversation, words) for conversation, words in WORDS.items()])


def wait_for_calls(smartlead: StandIn, count: int) -> None:
    until(lambda: len(smartlead.requests()) >= count, f"{count} calls", LEASES_AND_REST)


def wait_for_all(replymark: Installation, smartlead: StandIn) -> None:
    until(lambda: smartlead.has_all(WORDS), "a PATCH for every conversation", LEASES_AND_REST)
    until(lambda: len(of_state(replymark, "settled")) == EVENTS, "every delivery is settled", LEASES_AND_REST)


def kill_backend(replymark: Installation, web: Process) -> None:
    """Kill it alone, and wait for the next one."""
    os.kill(killed := web.innermost(), signal.SIGKILL)
    until(lambda: web.innermost() != killed and replymark.is_ready(), "another backend")


def of_state(replymark: Installation, state: str) -> set[int]:
    rows = replymark.deliveries("--state", state, "--limit", str(2 * EVENTS))
    return {row["email_lead_map_id"] for row in rows}


def in_hand_of_the_dead(replymark: Installation, earlier: set[int]) -> set[int]:
    """The conversations whose calls nobody can settle now: some, and no more than one worker makes at once."""
    found = of_state(replymark, "sending") - earlier
    assert 0 < len(found) <= IN_HAND
    return found


def assert_nothing_lost(replymark: Installation, smartlead: StandIn, burst: Burst) -> None:
    """Every reply was taken once, and SmartLead shows each as its words ask for."""
    assert burst.acknowledged == set(WORDS)
    inbox = smartlead.inbox()
    hidden = {conversation for conversation in WORDS if inbox[conversation]["is_read"]}
    assert hidden == {conversation for conversation, words in WORDS.items() if words == READ}
    counts = json.loads(replymark.flask("inbox", "show", "--json", "--limit", "1"))["counts"]
    assert counts["accepted"] == EVENTS


def repeated(smartlead: StandIn) -> dict[int, int]:
    """Conversation -> PATCHes that it had beyond the first."""
    inbox = smartlead.inbox()
    extra = {conversation: inbox[conversation]["patches"] - 1 for conversation in WORDS}
    return {conversation: count for conversation, count in extra.items() if count}


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
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert not repeated(smartlead)


def test_killing_the_backend_twice_in_a_burst_loses_nothing_and_needs_no_supervisor(
    replymark: Installation, smartlead: StandIn
) -> None:
    replymark.start_worker()
    web = replymark.start_web()
    with begin_burst(replymark) as burst:
        for count in REPLIES_TAKEN:
            burst.reach(count)
            kill_backend(replymark, web)
        burst.finish()
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert not repeated(smartlead)
    assert web.output.count("backend_ended") == len(REPLIES_TAKEN)
    assert web.runs


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
            burst.reach(0)
            worker.kill()
            in_hand |= in_hand_of_the_dead(replymark, in_hand)
            worker = replymark.start_worker()
        burst.finish()
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert repeated(smartlead).items() <= dict.fromkeys(in_hand, 1).items()


def test_killing_web_and_worker_at_once_twice_in_a_burst_loses_nothing_and_repeats_at_most_what_was_in_hand(
    replymark: Installation, smartlead: StandIn
) -> None:
    smartlead.suffer(SLOW)
    web, worker = replymark.start_web(), replymark.start_worker()
    in_hand: set[int] = set()
    with begin_burst(replymark) as burst:
        for count in REPLIES_TAKEN:
            burst.reach(count)
            worker.kill()  # first: without the web process it would soon have nothing in hand
            web.kill()
            in_hand |= in_hand_of_the_dead(replymark, in_hand)
            web, worker = replymark.start_web(), replymark.start_worker()
        burst.finish()
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert repeated(smartlead).items() <= dict.fromkeys(in_hand, 1).items()


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
            in_hand |= in_hand_of_the_dead(replymark, in_hand)
            web = replymark.start_web()
        burst.finish()
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert repeated(smartlead).items() <= dict.fromkeys(in_hand, 1).items()


def test_killing_every_process_of_postgresql_twice_in_a_burst_loses_nothing_and_needs_no_supervisor(
    install: Install, own_postgres: Postgres, smartlead: StandIn
) -> None:
    smartlead.suffer(SLOW)
    replymark = install(own_postgres.new_database(), WORKER="separate")
    web, worker = replymark.start_web(), replymark.start_worker()
    with begin_burst(replymark) as burst:
        for count in REPLIES_TAKEN:
            burst.reach(count)
            own_postgres.kill()
            own_postgres.start()
        burst.finish()
    wait_for_all(replymark, smartlead)
    assert_nothing_lost(replymark, smartlead, burst)
    assert sum(repeated(smartlead).values()) <= IN_HAND * len(REPLIES_TAKEN)
    assert web.runs
    assert worker.runs
