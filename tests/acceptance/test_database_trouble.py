"""The database fails beneath running processes: nobody restarts them, and nothing that was acknowledged is lost."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from acceptance.calls import call
from acceptance.processes import until
from acceptance.replies import READ, RULES, UNREAD, reply
from postgres import NoPostgresError, Postgres

if sys.platform == "linux":
    from resource import RLIM_INFINITY, RLIMIT_FSIZE, prlimit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from acceptance.conftest import Install
    from acceptance.installation import Installation
    from acceptance.processes import Process
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance

FIRST, SECOND, THIRD = 2255300001, 2255300002, 2255300003
TURNED = RULES.replace("mark: read", "mark: unread")


def problems(replymark: Installation) -> str:
    """What /readyz says is wrong."""
    return " ".join(call("GET", f"{replymark.url}/readyz").json["problems"])


def assert_refused(replymark: Installation, sentence: str) -> None:
    answer = replymark.post(reply(THIRD, READ))
    assert answer.status == 503, answer.text
    assert sentence in problems(replymark)
    assert "Traceback" not in replymark.log_of("web")


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """A PostgreSQL that may die, beside the one that all tests share."""
    try:
        server = Postgres()
        server.start()
    except NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")  # of the shared one CI demands that it is there
    yield server
    server.stop()


def test_web_and_worker_outlive_a_postgresql_that_dies(
    own_server: Postgres, install: Install, smartlead: StandIn, tmp_path: Path
) -> None:
    replymark = install(own_server.new_database())
    web, worker = replymark.start_web(), replymark.start_worker()
    replymark.post(reply(FIRST, READ))
    until(lambda: smartlead.state_of(FIRST) == "read", "the first reply is read")
    own_server.kill()
    assert_refused(replymark, "start PostgreSQL")
    own_server.start()
    until(replymark.is_ready, "/readyz says ready again")
    assert replymark.post(reply(SECOND, UNREAD)).status == 200
    until(lambda: smartlead.state_of(SECOND) == "unread", "the worker delivers again")
    (tmp_path / "rules.yaml").write_text(TURNED, "utf-8")
    until(lambda: "source=file" in replymark.log_of("web"), "the rules are followed again")
    assert replymark.post(reply(THIRD, READ)).json["mark"] == "unread"
    assert web.runs
    assert worker.runs
    assert smartlead.patches_of(FIRST) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of a process that runs already")
def test_web_outlives_a_disk_without_room(on_sqlite: Installation, smartlead: StandIn, sqlite_url: str) -> None:
    ledger = Path(sqlite_url.removeprefix("sqlite:///"))
    on_sqlite.post(reply(FIRST, READ))
    until(lambda: smartlead.state_of(FIRST) == "read", "the first reply is read")
    (web,) = on_sqlite.lines("web")
    backend = web.innermost()
    log = ledger.with_name(f"{ledger.name}-wal")
    prlimit(backend, RLIMIT_FSIZE, (log.stat().st_size, RLIM_INFINITY))
    assert_refused(on_sqlite, "whether files may grow")
    prlimit(backend, RLIMIT_FSIZE, (RLIM_INFINITY, RLIM_INFINITY))
    until(on_sqlite.is_ready, "/readyz says ready again")
    assert on_sqlite.post(reply(SECOND, UNREAD)).json["status"] == "accepted"
    until(lambda: smartlead.state_of(SECOND) == "unread", "the second reply is delivered")
    assert smartlead.patches_of(FIRST) == 1


def children_of(process: Process) -> list[int]:
    pid = process._popen.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def has_told(replymark: Installation, sentence: str, count: int) -> bool:
    return replymark.log_of("web").count(sentence) == count


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the children of a process")
def test_no_signal_brings_a_second_web_process_to_one_sqlite_file(on_sqlite: Installation) -> None:
    (web,) = [process for process in on_sqlite._processes if process.name.endswith("web")]
    before = children_of(web)
    for told in (1, 2):  # at the second the first is over
        web._popen.send_signal(signal.SIGTTIN)
        until(partial(has_told, on_sqlite, "exactly one web process may run, not 2", told), "it is refused")
    assert children_of(web) == before
    assert on_sqlite.post(reply(FIRST, READ)).status == 200


def test_a_second_web_process_on_one_sqlite_file_is_refused(install: Install, sqlite_url: str) -> None:
    first, second = install(sqlite_url), install(sqlite_url)
    web = first.start_web()
    refused = second.start("web")
    assert refused.exit_code() != 0
    assert "Another web process works on" in refused.output
    assert first.start_worker().runs
    assert second.deliveries() == []
    web.kill()
    second.start_web()
