"""Sweeps against the sandbox: what webhooks missed is taken in, lost marks are sent again, people are left alone."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from deliverers import ask, order, play
from secrets_of_tests import API_KEY
from sweeps import ASKS, AWAY, Installation, installed, show

from inbox.calls import StoppedError
from inbox.recovery import NO_TEXT
from inbox.sweep import Since, Sweep, plan_sweep
from ledger import State
from model import Mark
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REFUSED = {"status": 404, "body": '{"error": "Lead mapping not found"}', "times": 1}
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        order(made, "empty", {})
        yield made


@pytest.fixture
def here(database_url: str, tmp_path: Path, smartlead: Sandbox) -> Iterator[Installation]:
    with installed(database_url, tmp_path, smartlead) as made:
        yield made


def everything(here: Installation) -> tuple[Any, Any]:
    """All that a sweep may change."""
    return here.ledger.recent_events(limit=1000), here.ledger.recent_deliveries(limit=1000)


def test_a_mark_that_was_given_up_is_sent_again(here: Installation, smartlead: Sandbox) -> None:
    at = time.time() - HOUR
    show(smartlead, 7, at)
    here.receive(7, AWAY, at)
    play(smartlead, REFUSED)
    here.deliver()
    assert (here.state(7), here.is_read(7)) == (State.FAILED, False)
    here.wait(HOUR)
    assert here.findings(here.sweep())[7] == ("healed", Mark.READ)
    assert here.deliver()[7] is Mark.READ
    assert here.is_read(7)
    here.wait(HOUR)
    assert 7 not in here.findings(here.sweep())


def test_a_mark_that_arrived_although_its_answer_was_lost_is_not_sent_again(
    here: Installation, smartlead: Sandbox
) -> None:
    at = time.time() - HOUR
    show(smartlead, 7, at)
    here.receive(7, AWAY, at)
    play(smartlead, REFUSED)
    here.deliver()
    here.mark_as_person(7, Mark.READ)  # as the lost call may have done
    here.wait(HOUR)
    assert here.findings(here.sweep())[7] == ("healed", Mark.READ)
    assert (here.deliver().get(7), here.state(7)) == (None, State.SETTLED)


def test_what_a_person_changed_is_not_fought_until_the_next_reply(here: Installation, smartlead: Sandbox) -> None:
    at = time.time() - HOUR
    show(smartlead, 7, at)
    here.receive(7, ASKS, at)
    assert here.deliver()[7] is Mark.UNREAD
    here.mark_as_person(7, Mark.READ)
    here.wait(HOUR)
    assert here.findings(here.sweep())[7] == ("changed", Mark.READ)
    assert 7 not in here.findings(here.sweep())
    assert (here.deliver().get(7), here.is_read(7)) == (None, True)
    here.receive(7, ASKS, time.time() + 1, "<next@lead.example>")
    assert here.deliver()[7] is Mark.UNREAD


def one_of_each(here: Installation, smartlead: Sandbox) -> None:
    """7: a mark that was refused and has to be healed; 8: one that a person changed; 9: a reply without a webhook."""
    at = time.time() - HOUR
    for map_id in (7, 8, 9):
        show(smartlead, map_id, at)
    here.receive(7, AWAY, at)
    play(smartlead, REFUSED)
    here.deliver()
    here.receive(8, ASKS, at)
    here.deliver()
    here.mark_as_person(8, Mark.READ)
    here.wait(HOUR)


def test_the_documented_generation_of_answers_tells_no_words_and_the_same_otherwise(
    here: Installation, smartlead: Sandbox
) -> None:
    order(smartlead, "generation", {"is_documented": True})
    one_of_each(here, smartlead)
    walk = here.sweep()
    assert here.findings(walk) == {7: ("healed", Mark.READ), 8: ("changed", Mark.READ), 9: ("missed", Mark.LEAVE)}
    assert [row.note for row in here.ledger.rows_of(walk, "missed")] == [NO_TEXT]


def test_a_dry_run_finds_the_same_and_changes_nothing(here: Installation, smartlead: Sandbox) -> None:
    one_of_each(here, smartlead)
    before, asked = everything(here), len(ask(smartlead, "requests"))
    found = here.findings(here.sweep(dry_run=True))
    assert {map_id: found[map_id] for map_id in (7, 8, 9)} == {
        7: ("healed", Mark.READ),
        8: ("changed", Mark.READ),
        9: ("missed", None),
    }
    assert everything(here) == before
    assert {one["path"].rpartition("/")[2] for one in ask(smartlead, "requests")[asked:]} == {
        "unread-replies",
        "inbox-replies",
    }


def test_a_sweep_looks_back_to_the_last_one_less_a_day_and_at_first_a_week(
    here: Installation, smartlead: Sandbox
) -> None:
    for map_id, days in ((1, 6), (2, 8)):
        show(smartlead, map_id, time.time() - days * DAY)
    for number in range(25):  # the walk ends with the page that has come far enough
        show(smartlead, 100 + number, time.time() - 9 * DAY - number)
    first = here.findings(here.sweep())
    assert (1 in first, 124 in first) == (True, False)
    show(smartlead, 3, time.time() - 6 * DAY)
    for number in range(25):
        show(smartlead, 200 + number, time.time() - 2 * DAY)
    assert 3 not in here.findings(here.sweep())
    assert 3 in here.findings(here.sweep(Since("7d", time.time() - 7 * DAY), dry_run=True))
    assert 124 in here.findings(here.sweep(Since("all", None), dry_run=True))


def test_a_sweep_that_a_person_kept_short_does_not_shorten_those_to_come(
    here: Installation, smartlead: Sandbox
) -> None:
    show(smartlead, 7, time.time() - 3 * DAY, is_read=True)  # so it is not among the unread ones
    for number in range(40):
        show(smartlead, 100 + number, time.time() - 2 * DAY, is_read=True)
    assert 7 not in here.findings(here.sweep(Since("1h", time.time() - HOUR)))
    assert 7 in here.findings(here.sweep())


def test_every_conversation_is_looked_at_although_the_list_changes_meanwhile(
    here: Installation, smartlead: Sandbox
) -> None:
    now = time.time()
    for number in range(50):
        show(smartlead, 100 + number, now - HOUR - number)
    moved = iter(range(149, 120, -1))  # from the end to the top, behind our back

    def disturb(*_: object) -> None:
        for map_id in (next(moved), next(moved)):
            show(smartlead, map_id, time.time())

    walk = here.ledger.begin_walk(plan_sweep("default", "tests", dry_run=True))
    assert walk
    sweep = Sweep(ledger=here.ledger, calls=here.calls(), account="default", take=here.taking, progress=disturb)
    assert set(here.findings(sweep.run(walk))) == set(range(100, 150))


def test_a_sweep_that_was_stopped_goes_on_where_it_was(here: Installation, smartlead: Sandbox) -> None:
    for number in range(45):
        show(smartlead, 100 + number, time.time() - HOUR - number)
    stopping = Event()
    begun = here.ledger.begin_walk(plan_sweep("default", "tests", dry_run=False))
    assert begun

    def stop(walk: Any, _place: object) -> None:
        if walk.pages == 2:
            stopping.set()

    calls = here.calls(stopping=stopping)
    sweep = Sweep(ledger=here.ledger, calls=calls, account="default", take=here.taking, progress=stop)
    with pytest.raises(StoppedError):
        sweep.run(begun)
    assert here.ledger.last_walk("default", "sweep") is None
    here.let_leases_end()
    ended = here.sweep()
    assert ended.id == begun.id
    assert set(range(100, 145)) - set(here.findings(ended)) == set()
    events = [row.email_lead_map_id for row in here.events()]
    assert len(events) == len(set(events))


def test_one_process_at_a_time_sweeps_an_account(here: Installation) -> None:
    plan = plan_sweep("default", "tests", dry_run=False)
    assert here.ledger.begin_walk(plan)
    assert here.ledger.begin_walk(plan) is None
