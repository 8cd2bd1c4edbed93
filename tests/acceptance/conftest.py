"""What the acceptance tests share: the processes of a test, SmartLead's stand-in, and installations beside it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from acceptance.installation import Installation, real_settings
from acceptance.processes import Processes
from acceptance.stand_in import CHECKOUT, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    Install = Callable[..., Installation]

STARTED = pytest.StashKey[Processes]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails shows the output of its processes."""
    report = yield
    if report.failed and STARTED in item.stash:
        report.sections += [(f"output of {one.name}", one.last_lines) for one in item.stash[STARTED]]
    return report


@pytest.fixture
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    """None of these outlives its test."""
    started = request.node.stash[STARTED] = Processes(tmp_path / "output")
    yield started
    started.end()


@pytest.fixture
def smartlead(processes: Processes) -> StandIn:
    """A SmartLead that listens and limits nobody."""
    stand_in = StandIn(processes)
    stand_in.start()
    return stand_in


@pytest.fixture
def install(processes: Processes, smartlead: StandIn, tmp_path: Path) -> Install:
    """Makes a released installation on a database; more settings by name."""

    def install_on(database_url: str, **more: str) -> Installation:
        settings = real_settings(database_url, smartlead.url, tmp_path / "rules.yaml") | more
        made = Installation(processes, tmp_path, settings)
        made.release()
        return made

    return install_on


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """Its tables are made by the release."""
    return empty_database_url


@pytest.fixture
def replymark(install: Install, database_url: str) -> Installation:
    """At work as its defaults have it: on SQLite web delivers too, on PostgreSQL a worker does."""
    made = install(database_url)
    made.start_web()
    if not database_url.startswith("sqlite"):
        made.start_worker()
    return made


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what Replymark runs on: what is kept in `var/` stays apart from the developer's own."""
    copy = tmp_path / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(".*", "var", "tests", "docs", "bench"))
    return copy


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database of SQLite alone."""
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def on_sqlite(install: Install, sqlite_url: str) -> Installation:
    """At work on SQLite, for promises to which the database makes no difference."""
    made = install(sqlite_url)
    made.start_web()
    return made
