"""`flask inbox sweep`: what it finds is told and mended, the first time only when a person says so."""

from __future__ import annotations

import json
import os
import signal
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from deliverers import PATIENCE, ask, delivering, order
from leaks import in_text
from secrets_of_tests import ACME_KEY, ACME_TOKEN, API_KEY
from sweeps import AWAY, Installation, installed, show, write
from website import environment

from app import create_app
from cli.sweep import sweep
from config import read_settings
from ledger import Ledger
from parts import parts_of
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

HOUR = 3600.0


@pytest.fixture
def smartlead() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(API_KEY, ACME_KEY), limits=((1000, 1.0),)) as made:
        order(made, "empty", {})
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path, smartlead: Sandbox) -> dict[str, str]:
    reach = {"SMARTLEAD_BASE_URL": smartlead.url, "SMARTLEAD_RATE_LIMITS": "1000/1s"}
    return environment(database_url, tmp_path) | reach


@pytest.fixture
def here(database_url: str, tmp_path: Path, smartlead: Sandbox) -> Iterator[Installation]:
    with installed(database_url, tmp_path, smartlead) as made:
        yield made


def run(settings: dict[str, str], *arguments: str) -> Result:
    """Run the command; what it shows must keep secrets, and who the leads are."""
    app = create_app(read_settings(settings))
    with app.app_context():
        done = app.test_cli_runner().invoke(sweep, arguments)
    parts_of(app).close()
    assert not in_text(done.output), done.output
    assert "lead.example" not in done.output
    return done


def told(settings: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What a run tells a script."""
    done = run(settings, "--json", *arguments)
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_the_first_sweep_is_a_dry_run_until_a_person_applies_one(
    here: Installation, smartlead: Sandbox, settings: dict[str, str]
) -> None:
    show(smartlead, 7, time.time() - HOUR)
    write(smartlead, 7, AWAY)
    with delivering(here.ledger, smartlead):
        first = told(settings)
        assert (first["dry_run"], first["first"], first["counts"]["missed"], here.events()) == (True, True, 1, [])
        applied = told(settings, "--apply")
        assert (applied["dry_run"], applied["first"]) == (False, False)
        (found,) = applied["findings"]
        assert (found["email_lead_map_id"], found["finding"], found["mark"]) == (7, "missed", "read")
        again = told(settings)
        assert (again["dry_run"], again["findings"], again["conversations"]) == (False, [], 1)
    assert here.is_read(7)


def test_a_person_sees_what_was_found_and_that_nothing_was_changed(
    here: Installation, smartlead: Sandbox, settings: dict[str, str]
) -> None:
    for map_id in (7, 8):
        show(smartlead, map_id, time.time() - HOUR)
    done = run(settings, "--limit", "1")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert "2 conversations on 2 pages, 2 calls" in lines[0]
    assert lines[1] == "2 missed, 0 healed, 0 changed by people."
    assert any(line.startswith("7 ") and "missed" in line for line in lines)
    assert lines[-2] == "… and 1 more (--limit)."
    assert lines[-1].endswith("To take all this in: flask inbox sweep --apply")
    assert "No worker has been seen" not in done.stderr
    assert run(settings, "--dry-run").stdout.splitlines()[-1] == "Nothing was changed."
    assert here.events() == []


def test_a_first_sweep_tells_the_whole_command_that_applies_it(
    here: Installation, smartlead: Sandbox, settings: dict[str, str]
) -> None:
    acme = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": ACME_TOKEN}
    for arguments in ("--account acme", "--account acme --since 30d", "--account acme --all"):
        last = run(settings | acme, *arguments.split()).stdout.splitlines()[-1]
        assert last.endswith(f": flask inbox sweep {arguments} --apply")
    assert here.events() == []


def test_without_a_worker_it_says_that_nothing_is_marked_yet(
    here: Installation, smartlead: Sandbox, settings: dict[str, str]
) -> None:
    show(smartlead, 7, time.time() - HOUR)
    assert "No worker has been seen" in run(settings, "--apply").stderr
    assert not here.is_read(7)


def test_who_stops_a_sweep_goes_on_with_the_same_command(
    here: Installation, smartlead: Sandbox, settings: dict[str, str]
) -> None:
    for number in range(45):
        show(smartlead, 100 + number, time.time() - HOUR - number, is_read=True)
    order(smartlead, "faults", [{"match": "inbox-replies", "skip": 2, "delay": 1.0, "times": 1}])
    stopping = Thread(target=terminate_after, args=(smartlead, 3))
    stopping.start()
    stopped = run(settings, "--apply", "--since", "2d")
    stopping.join()
    assert (stopped.exit_code, "goes on where this one was" in stopped.stderr) == (143, True)
    ended = told(settings, "--apply", "--since", "2d")
    assert (ended["counts"]["missed"], len(here.events())) == (45, 45)
    begun = told(settings, "--since", "2d")
    assert begun["began_at"] >= ended["ended_at"]


def terminate_after(smartlead: Sandbox, requests: int) -> None:
    """Send this process SIGTERM once SmartLead was asked so often: the command listens by then."""
    end = time.monotonic() + PATIENCE
    while len(ask(smartlead, "requests")) < requests and time.monotonic() < end:
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def alone(tmp_path: Path) -> dict[str, str]:
    """An installation on SQLite without live rules, that reaches no SmartLead."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    ledger = Ledger(url, "real")
    ledger.migrate()
    ledger.close()
    return environment(url, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "more", "code", "says"),
    [
        (["--apply", "--dry-run"], {}, 2, "say one"),
        (["--all", "--since", "7d"], {}, 2, "say one"),
        (["--since", "yesterday"], {}, 2, "is no time"),
        (["--account", "nobody"], {}, 1, 'There is no account "nobody"'),
        (["--apply"], {"DRY_RUN": "1"}, 1, "DRY_RUN is set"),
        (["--apply"], {}, 1, "There are no live rules"),
    ],
)
def test_wrong_use_is_told(
    alone: dict[str, str], arguments: list[str], more: dict[str, str], code: int, says: str
) -> None:
    done = run(alone | more, *arguments)
    assert (done.exit_code, says in done.stderr) == (code, True), done.output


def test_in_the_sandbox_a_command_has_no_smartlead_to_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ledger = Ledger("sqlite:///var/sandbox.db", "sandbox")
    ledger.migrate()
    ledger.close()
    done = run({})
    assert (done.exit_code, "This is the sandbox" in done.stderr) == (1, True), done.output
