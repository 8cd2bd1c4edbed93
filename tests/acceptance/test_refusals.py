"""What must not start says why, and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acceptance.installation import Installation
from secrets_of_tests import API_KEY, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from acceptance.processes import Process, Processes

    Configure = Callable[..., Installation]

pytestmark = pytest.mark.acceptance

REAL = {"SMARTLEAD_API_KEY": API_KEY, "WEBHOOK_TOKENS": TOKEN}
LOST_KEY = "SMARTLEAD_API_KEY is not set, but "
REFUSED = [
    pytest.param({"WEBHOOK_TOKENS": TOKEN}, LOST_KEY + "WEBHOOK_TOKENS is", id="tokens are for senders"),
    pytest.param({"DATABASE_URL": "sqlite:///var/x.db"}, LOST_KEY + "DATABASE_URL is", id="a ledger was chosen"),
    pytest.param({"PUBLIC_URL": "https://a.example"}, LOST_KEY + "PUBLIC_URL is", id="the world knows its address"),
    pytest.param({"DYNO": "web.1"}, LOST_KEY + "DYNO is", id="a platform runs it"),
    pytest.param({"SMARTLEAD_API_KEY": API_KEY}, "set WEBHOOK_TOKENS", id="anybody could post"),
    pytest.param(REAL | {"SMARTLEAD_RATE_LIMITS": "ten"}, "SMARTLEAD_RATE_LIMITS must be", id="no rate can be read"),
]


@pytest.fixture
def configure(processes: Processes, tmp_path: Path, checkout: Path) -> Configure:
    """Makes an installation in the copied checkout with these settings and no other."""
    return lambda **settings: Installation(processes, tmp_path, settings, checkout)


def assert_refused(process: Process, sentence: str) -> None:
    assert process.exit_code(15.0) != 0
    assert sentence in " ".join(process.output.split())
    assert "Traceback" not in process.output


@pytest.mark.parametrize(("settings", "sentence"), REFUSED)
def test_web_and_worker_refuse_wrong_settings(configure: Configure, settings: dict[str, str], sentence: str) -> None:
    replymark = configure(**settings)
    started = [replymark.start("web"), replymark.start("worker"), replymark.start("release")]
    for process in started:
        assert_refused(process, sentence)


def test_more_than_one_web_process_is_refused_with_sqlite(configure: Configure) -> None:
    assert_refused(configure(**REAL, WEB_CONCURRENCY="2").start("web"), "exactly one web process")


def test_a_worker_is_refused_in_the_sandbox(configure: Configure) -> None:
    assert_refused(configure().start("worker"), "set SMARTLEAD_API_KEY")


def test_a_sandbox_ledger_is_never_opened_for_real_use(configure: Configure) -> None:
    configure().flask("ledger", "migrate")
    replymark = configure(**REAL, DATABASE_URL="sqlite:///var/sandbox.db")
    started = [replymark.start("web"), replymark.start("worker"), replymark.start("release")]
    for process in started:
        assert_refused(process, "This is a sandbox ledger, and this process runs in real mode")


def test_a_real_ledger_is_never_opened_in_the_sandbox(configure: Configure) -> None:
    configure(**REAL, DATABASE_URL="sqlite:///var/sandbox.db").flask("ledger", "migrate")
    replymark = configure()
    for process in [replymark.start("web"), replymark.start("release")]:
        assert_refused(process, "This is a real ledger, and this process runs in sandbox mode")
