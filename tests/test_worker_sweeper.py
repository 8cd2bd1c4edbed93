"""Sweeps by themselves: every so often over all processes, dry until a person has applied one, and never in the way."""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from deliverers import PATIENCE, ask, delivering, order, wait_for
from secrets_of_tests import API_KEY
from sweeps import AWAY, Installation, installed, show, write

from config import read_settings
from inbox.sweep import plan_sweep
from ledger import State
from sandbox import Sandbox
from worker.sweeper import Sweeper, sweep_warnings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR, DAY = 3600.0, 86400.0
PERIOD = {"SWEEP_EVERY": "6h"}


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as made:
        order(made, "empty", {})
        yield made


@pytest.fixture
def here(database_url: str, tmp_path: Path, smartlead: Sandbox) -> Iterator[Installation]:
    with installed(database_url, tmp_path, smartlead, PERIOD) as made:
        yield made


def sweeper(here: Installation) -> Sweeper:
    """What one more process has."""
    return Sweeper(here.ledger, here.handler, "default", here.settings, here.taking)


def warnings(here: Installation) -> list[str]:
    """What /readyz says."""
    return sweep_warnings(here.ledger, ["default"], here.settings.sweep_every)


def test_the_first_is_a_dry_run_and_says_what_a_person_has_to_do(
    here: Installation, smartlead: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    show(smartlead, 7, time.time() - HOUR)
    assert warnings(here) == []
    assert sweeper(here).look() > 5 * HOUR
    (warning,) = warnings(here)
    assert "1 missed" in warning
    assert "flask inbox sweep --apply" in warning
    assert warning in caplog.text
    assert "swept account=default dry_run=True pages=2 conversations=1 missed=1 healed=0 changed=0" in caplog.text
    assert "@lead.example" not in caplog.text
    assert here.events() == []
    here.wait(DAY / 2)
    assert sweeper(here).look() > 0  # a second dry run would tell little more
    assert len(ask(smartlead, "requests")) == 2


def test_it_names_the_account_to_sweep(here: Installation) -> None:
    begun = here.ledger.begin_walk(plan_sweep("acme", "the worker", dry_run=True))
    assert begun is not None
    here.ledger.end_walk(here.ledger.end_pages(begun))
    (warning,) = sweep_warnings(here.ledger, ["acme"], here.settings.sweep_every)
    assert warning.endswith("flask inbox sweep --account acme --apply")


def test_once_a_person_has_applied_one_the_worker_takes_in_what_webhooks_missed(
    here: Installation, smartlead: Sandbox
) -> None:
    here.sweep()
    show(smartlead, 7, time.time() - HOUR)
    write(smartlead, 7, AWAY)
    assert sweeper(here).look() > 5 * HOUR  # not yet
    here.wait(6 * HOUR)
    with delivering(here.ledger, smartlead):  # whose marks go first
        assert sweeper(here).look() > 5 * HOUR
        wait_for(here.ledger, State.SETTLED)
    assert {row.words for row in here.events()} > {AWAY}
    assert here.is_read(7)
    assert warnings(here) == []


def test_of_all_processes_one_sweeps(here: Installation, smartlead: Sandbox) -> None:
    here.sweep()
    here.wait(6 * HOUR)
    asked = len(ask(smartlead, "requests"))
    assert all(sweeper(here).look() > 0 for _ in range(3))
    assert len(ask(smartlead, "requests")) == asked + 2


def test_sweeps_that_do_not_come_to_their_end_are_warned_of(here: Installation) -> None:
    here.sweep()
    here.wait(20 * HOUR)
    assert warnings(here) == []
    here.wait(5 * HOUR)
    assert warnings(here) == ["Account default was not swept for 25 hours: the log tells why."]


def test_without_a_period_nobody_is_warned(here: Installation) -> None:
    here.sweep(dry_run=True)
    assert sweep_warnings(here.ledger, ["default"], 0.0) == []


def test_it_stops_in_the_middle_and_the_next_goes_on_from_there(
    here: Installation, smartlead: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for number in range(45):
        show(smartlead, 100 + number, time.time() - HOUR - number, is_read=True)
    order(smartlead, "faults", [{"match": "inbox-replies", "skip": 2, "delay": 1.0, "times": 1}])
    first = sweeper(here)
    thread = Thread(target=first.run)
    thread.start()
    wait_for_requests(smartlead, 3)
    first.stop()
    thread.join()
    assert here.ledger.last_walk("default", "sweep", dry_run=True) is None
    assert caplog.text == ""  # who is told to stop has no trouble
    here.let_leases_end()
    sweeper(here).look()
    ended = here.ledger.last_walk("default", "sweep", dry_run=True)
    assert ended
    assert (ended.id, set(here.findings(ended))) == (1, set(range(100, 145)))


def wait_for_requests(smartlead: Sandbox, count: int) -> None:
    """Until so many have come."""
    end = time.monotonic() + PATIENCE
    while len(ask(smartlead, "requests")) < count and time.monotonic() < end:
        time.sleep(0.02)
    assert len(ask(smartlead, "requests")) >= count


def test_a_dry_running_installation_sweeps_dry_whatever_was_applied_before(
    database_url: str, tmp_path: Path, smartlead: Sandbox
) -> None:
    with installed(database_url, tmp_path, smartlead, PERIOD | {"DRY_RUN": "1"}) as here:
        here.sweep()
        here.wait(2 * DAY)
        show(smartlead, 7, time.time() - HOUR)
        sweeper(here).look()
        assert here.events() == []
        tried = here.ledger.last_walk("default", "sweep", dry_run=True)
        assert tried
        assert set(here.findings(tried)) == {7}


@pytest.mark.parametrize(("told", "seconds"), [("5m", 300.0), ("6h", 21600.0), ("1d", 86400.0), ("0", 0.0), ("", 0.0)])
def test_the_period_is_told_in_minutes_hours_or_days(told: str, seconds: float) -> None:
    settings = read_settings({"SWEEP_EVERY": told})
    assert (settings.sweep_every, settings.problems) == (seconds, ())


@pytest.mark.parametrize("told", ["4m", "299s", "hourly", "-1h", "1.5h", "6 h"])
def test_a_period_that_can_not_be_used_is_refused_with_one_that_can(told: str) -> None:
    (problem,) = read_settings({"SWEEP_EVERY": told}).problems
    assert "30m, 6h or 1d" in problem
