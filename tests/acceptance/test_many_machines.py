"""Two web and three worker processes on one PostgreSQL, behind a proxy; machines die, and freeze, and come back."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import pytest
from acceptance.burst import Burst
from acceptance.calls import post_json
from acceptance.installation import IN_HAND
from acceptance.processes import until
from acceptance.proxy import Proxy
from acceptance.replies import MARK_OF, READ, UNREAD, reply
from acceptance.stand_in import StandIn
from secrets_of_tests import TOKEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from acceptance.calls import Answer
    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.processes import Process, Processes
    from postgres import Postgres

pytestmark = pytest.mark.acceptance

LIMITS = f"{3 * IN_HAND}/1s"
SLOW = {"delay": 2.0, "times": 4 * IN_HAND}  # the first calls, so that every worker has some in hand
WORDS = {2255300000 + number: UNREAD if number % 3 else READ for number in range(400)}
CALLS_OF_THE_THIRD = 2 * IN_HAND  # in which it has settled what it had in hand
LATER = range(2255309000, 2255309030)
PATIENCE = 240.0  # seconds; a lease is 60


@pytest.fixture
def strict(processes: Processes) -> StandIn:
    """A SmartLead that refuses what is above the rate limit."""
    smartlead = StandIn(processes)
    smartlead.start(LIMITS)
    smartlead.suffer(SLOW)
    return smartlead


@pytest.fixture
def machines(install: Install, strict: StandIn, postgres: Postgres) -> tuple[Installation, Installation]:
    """Two machines with the same settings."""
    more = {"SMARTLEAD_BASE_URL": strict.url, "SMARTLEAD_RATE_LIMITS": LIMITS}
    url = postgres.new_database()
    one, other = install(url, **more), install(url, **more)
    return one, other


@pytest.fixture
def proxy(machines: tuple[Installation, Installation]) -> Iterator[Proxy]:
    """Both take webhooks behind it."""
    for machine in machines:
        machine.start_web()
    with Proxy([machine.port for machine in machines]) as made:
        yield made


def post(proxy: Proxy, event: object) -> Answer:
    return post_json(f"{proxy.url}/webhooks/smartlead?token={TOKEN}", event)


def sending(machine: Installation) -> set[int]:
    return {row["email_lead_map_id"] for row in machine.deliveries("--state", "sending")}


def settled(machine: Installation) -> int:
    return len(machine.deliveries("--state", "settled", "--limit", "1000"))


def wait_until_all_are_calling(smartlead: StandIn) -> None:
    """Two workers alone could not have so many calls under way."""
    until(lambda: unanswered(smartlead) > 2 * IN_HAND, "three workers have calls under way", PATIENCE)


def unanswered(smartlead: StandIn) -> int:
    return sum(entry["status"] is None for entry in smartlead.requests())


def wait_for_more_calls(smartlead: StandIn, count: int) -> None:
    goal = len(smartlead.requests()) + count
    until(lambda: len(smartlead.requests()) >= goal, f"{count} more calls", PATIENCE)


def delivered_by(worker: Process, conversations: Collection[int]) -> set[int]:
    told = re.findall(r" delivered conversation=(\d+)", worker.output)
    return {int(conversation) for conversation in told} & set(conversations)


def opposite(words: str) -> str:
    return READ if words == UNREAD else UNREAD


def test_a_lost_worker_and_a_frozen_one_cost_no_reply_no_newer_mark_and_no_call_above_the_limit(
    machines: tuple[Installation, Installation], proxy: Proxy, strict: StandIn
) -> None:
    one, other = machines
    lost, frozen, _third = one.start_worker(), one.start_worker(), other.start_worker()
    with Burst(partial(post, proxy), [reply(*each) for each in WORDS.items()]) as burst:
        wait_until_all_are_calling(strict)
        frozen.freeze()
        lost.kill()  # for good
        burst.finish()
    stuck = sending(one)
    wait_for_more_calls(strict, CALLS_OF_THE_THIRD)
    stuck &= sending(one)
    assert 2 <= len(stuck) <= 2 * IN_HAND
    wanted = WORDS | {conversation: opposite(WORDS[conversation]) for conversation in stuck}
    for conversation in stuck:
        assert post(proxy, reply(conversation, wanted[conversation])).json["status"] == "accepted"
    marks = {conversation: MARK_OF[words] for conversation, words in wanted.items()}
    until(lambda: strict.shows(marks), "SmartLead shows every mark, though one is lost and one is frozen", PATIENCE)
    frozen.thaw()
    until(lambda: delivered_by(frozen, stuck), "the frozen worker wakes up with its answers", PATIENCE)
    for conversation in LATER:
        assert post(proxy, reply(conversation, READ)).status == 200
    until(lambda: delivered_by(frozen, LATER), "it delivers as before", PATIENCE)
    until(lambda: settled(one) == len(WORDS) + len(LATER), "all is settled", PATIENCE)
    assert strict.shows(marks | dict.fromkeys(LATER, "read"))
    assert {entry["status"] for entry in strict.requests()} == {200}
