"""Bulk marks and sweeps over an inbox that changes, with trouble on the way and processes that die."""

from __future__ import annotations

import json
import time
from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from acceptance.calls import call, post_json
from acceptance.installation import IN_HAND
from acceptance.processes import until
from acceptance.replies import READ, UNREAD

if TYPE_CHECKING:
    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.processes import Process
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance

DAY = 86400.0
FIRST, COUNT = 2_400_000_000, 600
CROWD = range(FIRST, FIRST + COUNT)
CHOSEN = set(CROWD[1::2])  # every second one is in campaign 880001
PAGES = ceil(len(CHOSEN) / 19) + 1
MARK = ("inbox", "mark", "read", "--unread", "--campaign", "880001", "--yes")
LIST = "/unread-replies"
SLOW_PAGES = {"match": LIST, "delay": 0.05, "times": 1000}
SLOW_MARKS = {"delay": 0.02, "times": 1000}
UNTOUCHED = {"is_read": False, "patches": 0}
MARKED = {"is_read": True, "patches": 1}
LEASES_AND_REST = 150.0  # a killed worker's calls are anybody's again 60 seconds after the claim


def order(smartlead: StandIn, name: str, value: Any) -> Any:
    answer = post_json(f"{smartlead.url}/_sandbox/{name}", value)
    assert answer.status == 200, answer.text
    return answer.json


def add_crowd(smartlead: StandIn, days_ago: float) -> None:
    order(smartlead, "crowd", {"count": COUNT, "campaigns": 2, "newest": time.time() - days_ago * DAY})


def pages_asked(smartlead: StandIn) -> int:
    entries: list[dict[str, Any]] = call("GET", f"{smartlead.url}/_sandbox/requests").json
    return sum(entry["path"].endswith(LIST) for entry in entries)


def begin_to_mark(replymark: Installation) -> Process:
    return replymark.run("mark", f"exec flask {' '.join(MARK)}")


def kill_when_marked(smartlead: StandIn, count: int, process: Process) -> None:
    until(lambda: len(smartlead.requests()) >= count, f"{count} marks")
    process.kill()


def assert_only_the_chosen_are_marked(smartlead: StandIn, left_alone: set[int], repeated: int = 0) -> None:
    """Each once, but so many at most that were in the hands of the dead."""
    states = smartlead.inbox()
    others = set(CROWD) - CHOSEN | left_alone
    assert {one for one in others if states[one] != UNTOUCHED} == set()
    more_than_once = {one for one in CHOSEN - left_alone if states[one] != MARKED}
    assert {one for one in more_than_once if states[one] != MARKED | {"patches": 2}} == set()
    assert len(more_than_once) <= repeated


def test_a_list_that_changes_and_fails_while_it_is_walked_is_marked_once_and_wholly(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    add_crowd(smartlead, days_ago=1)
    wrote_again = {CROWD[401], CROWD[403]}
    smartlead.suffer(
        {"match": LIST, "skip": 2, "status": 429, "headers": {"Retry-After": "1"}},
        {"match": LIST, "skip": 4, "archive": 40},
        {"match": LIST, "skip": 6, "replies": sorted(wrote_again)},
        {"match": LIST, "skip": 8, "reset": True},
        {"match": LIST, "skip": 10, "status": 500, "headers": {"Retry-After": "1"}},
    )
    on_sqlite.flask(*MARK)
    assert_only_the_chosen_are_marked(smartlead, left_alone=wrote_again)


def test_killing_the_command_while_it_walks_and_while_it_orders_loses_and_repeats_nothing(
    install: Install, database_url: str, smartlead: StandIn
) -> None:
    add_crowd(smartlead, days_ago=1)
    smartlead.suffer(SLOW_PAGES, SLOW_MARKS)
    replymark = install(database_url, WORKER="separate")
    replymark.start_worker()
    command = begin_to_mark(replymark)
    until(lambda: pages_asked(smartlead) >= 5, "five pages")
    command.kill()
    assert smartlead.requests() == []
    kill_when_marked(smartlead, 120, begin_to_mark(replymark))
    last = begin_to_mark(replymark)
    assert last.exit_code() == 0
    assert pages_asked(smartlead) <= PAGES + 2
    assert "Going on" in last.output
    assert_only_the_chosen_are_marked(smartlead, left_alone=set())


def test_killing_the_worker_in_a_bulk_loses_nothing_and_repeats_at_most_what_was_in_its_hands(
    install: Install, sqlite_url: str, smartlead: StandIn
) -> None:
    add_crowd(smartlead, days_ago=1)
    smartlead.suffer(SLOW_MARKS)
    replymark = install(sqlite_url, WORKER="separate")
    worker = replymark.start_worker()
    command = begin_to_mark(replymark)
    kill_when_marked(smartlead, 100, worker)
    replymark.start_worker()
    assert command.exit_code(LEASES_AND_REST) == 0
    assert_only_the_chosen_are_marked(smartlead, left_alone=set(), repeated=IN_HAND)


def write_back(smartlead: StandIn, words: dict[int, str]) -> list[dict[str, Any]]:
    """The webhooks that SmartLead would send, and does not."""
    events: list[dict[str, Any]] = order(
        smartlead, "replies", [{"map_id": one, "text": text} for one, text in words.items()]
    )
    return events


def test_replies_that_no_webhook_brought_are_marked_by_a_sweep_and_their_late_webhooks_change_nothing(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    add_crowd(smartlead, days_ago=60)
    order(smartlead, "faults", [{"match": "/inbox-replies", "status": 429, "headers": {"Retry-After": "1"}}])
    (told,) = write_back(smartlead, {CROWD[7]: READ})
    assert on_sqlite.post(told).json["status"] == "accepted"
    missed = {CROWD[number]: READ if number % 2 else UNREAD for number in range(100, 130)}
    late = write_back(smartlead, missed)
    on_sqlite.flask("inbox", "sweep", "--apply")
    wanted = {one: "read" if words == READ else "unread" for one, words in missed.items()} | {CROWD[7]: "read"}
    until(lambda: smartlead.shows(wanted), "a mark for each reply")
    assert {on_sqlite.post(event).json["status"] for event in late} == {"duplicate"}
    again = json.loads(on_sqlite.flask("inbox", "sweep", "--json"))
    assert not any(again["counts"].values())
    states = smartlead.inbox()
    assert {one: states[one]["patches"] for one in CROWD} == {one: int(one in wanted) for one in CROWD}
