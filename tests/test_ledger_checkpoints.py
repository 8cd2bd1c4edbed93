"""SQLite's log of changes: written back beside the senders, and never longer than it must be."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from ledgers import arrival, publish

from ledger import Ledger, checkpoints, pack
from ledger.checkpoints import Checkpoints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE_BODY = pack("").ljust(2**20, b"x")
LONG = checkpoints.LONG * 4096 // len(LARGE_BODY) + 1  # such bodies make the log long


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    made = Ledger(f"sqlite:///{file}", "real")
    made._engine.update_execution_options(tended=True)  # its thread would look at moments of its own
    made.migrate()
    publish(made)
    yield made
    made.close()


def look(ledger: Ledger) -> None:
    Checkpoints(ledger._engine, ledger._turns).look()


def fill(ledger: Ledger, count: int = LONG) -> None:
    for _ in range(count):
        ledger.record([arrival(None, bucket="ignored", body=LARGE_BODY, email_lead_map_id=None)])


def size(file: Path) -> int:
    return file.with_name(f"{file.name}-wal").stat().st_size


@contextmanager
def reading(file: Path) -> Iterator[None]:
    """Another program that keeps a snapshot."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM events").fetchall()
        yield


def test_a_long_log_begins_anew_and_is_not_made_longer(ledger: Ledger, file: Path) -> None:
    fill(ledger)
    long = size(file)
    for _ in range(2):
        look(ledger)
        fill(ledger)
    assert size(file) < long * 1.2
    assert ledger.buckets()["ignored"] == 3 * LONG


def test_the_log_of_a_ledger_behind_a_link_is_found_where_the_link_leads(file: Path, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    file.symlink_to(tmp_path / "disk" / "real.db")
    linked = Ledger(f"sqlite:///{file}", "real")
    linked._engine.update_execution_options(tended=True)
    linked.migrate()
    publish(linked)
    fill(linked)
    before = size(tmp_path / "disk" / "real.db")
    look(linked)
    fill(linked)
    assert size(tmp_path / "disk" / "real.db") < before * 1.2
    linked.close()


def test_a_reader_in_the_way_stops_no_sender_and_when_it_ends_the_disk_is_given_back(
    ledger: Ledger, file: Path
) -> None:
    with reading(file):
        for _ in range(5):
            fill(ledger)
            look(ledger)
        assert size(file) > checkpoints.LARGE
    look(ledger)
    assert size(file) == 0
    assert ledger.buckets()["ignored"] == 5 * LONG


def test_a_short_log_is_left_alone(ledger: Ledger, file: Path) -> None:
    before = file.read_bytes()
    fill(ledger, 1)
    look(ledger)
    assert file.read_bytes() == before


@pytest.mark.parametrize(("tended", "pages"), [(True, 0), (False, 4000)], ids=["web", "a worker or a command"])
def test_a_commit_writes_the_log_back_only_where_no_thread_does(file: Path, tended: bool, pages: int) -> None:  # noqa: FBT001
    ledger = Ledger(f"sqlite:///{file}", "real")
    if tended:
        ledger.tend()
    with ledger._engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar() == pages
    ledger.close()


def test_a_log_that_grows_behind_a_reader_is_a_warning(ledger: Ledger, file: Path) -> None:
    tender = Checkpoints(ledger._engine, ledger._turns)
    assert tender.warning() is None
    with file.with_name(f"{file.name}-wal").open("ab") as log:
        log.truncate(checkpoints.HUGE + 1)
    assert f"which one has {file} open" in (tender.warning() or "")
