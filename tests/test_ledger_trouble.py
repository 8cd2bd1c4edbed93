"""A database in trouble: senders are told to come back, people are told what to do, and afterwards all goes on."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from website import Website, environment, running

from ledger import Ledger, UnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator


EVENT = {"event_type": "EMAIL_REPLY", "sl_lead_email": "ana@lead.example"}
# Root may write everywhere: this starts a program as a root who may not (capabilities 1 and 2 of Linux).
AS_ANYBODY = """\
import ctypes, os, sys
if os.getuid() == 0:
    for override in (1, 2):
        assert ctypes.CDLL(None).prctl(24, override, 0, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
WITHOUT_LEAVE = """\
import json, sys
from pathlib import Path
from test_ledger_trouble import event
from website import environment, running

folder, said = Path(sys.argv[1]), []
with running(environment(f"sqlite:///{folder}/new/ledger.db", folder), migrate=False, live=False) as site:
    def look(conversation):
        said.append([site.post(event(conversation)).status, *site.ask("GET", "/readyz").json["problems"]])
    folder.chmod(0o555)
    look(1)
    folder.chmod(0o755)
    site.parts.ledger.migrate()
    site.parts.rulebook.refresh()
    look(2)
    for one in (folder / "new").iterdir():
        one.chmod(0o444)
    site.parts.ledger._engine.dispose()
    look(3)
    for one in (folder / "new").iterdir():
        one.chmod(0o644)
    look(4)
print(json.dumps(said))
"""
HOLD_THE_LOCK = """\
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def event(conversation: int) -> dict[str, object]:
    words = {"text": "I am out of the office.", "message_id": f"<{conversation}@lead.example>"}
    return EVENT | {"sl_email_lead_map_id": conversation, "reply_message": words}


def assert_taken(site: Website, conversation: int) -> None:
    answer = site.post(event(conversation))
    assert (answer.status, answer.json["status"]) == (200, "accepted"), answer.body


def assert_refused(site: Website, conversation: int, sentence: str) -> None:
    """The sender is told to come back, and /readyz says what is to be done."""
    answer = site.post(event(conversation))
    assert answer.status == 503, answer.body
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json["error"].endswith("Send it again.")
    ready = site.ask("GET", "/readyz")
    assert ready.status == 503
    (problem,) = ready.json["problems"]
    assert sentence in problem


def assert_all_well(site: Website, *conversations: int) -> None:
    """Everything that was acknowledged is there, and what was refused can be sent again."""
    ready = site.ask("GET", "/readyz")
    assert (ready.status, ready.json["problems"]) == (200, []), ready.body
    for conversation in conversations:
        assert site.post(event(conversation)).status == 200
    there = [row.email_lead_map_id for row in site.parts.ledger.recent_events()]
    assert sorted(one for one in there if one) == sorted(conversations)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    return folder / "ledger.db"


@pytest.fixture
def site(file: Path, tmp_path: Path) -> Iterator[Website]:
    with running(environment(f"sqlite:///{file}", tmp_path)) as made:
        assert_taken(made, 1)
        yield made


def reopen(site: Website) -> None:
    """As if these were the first connections: what is open already goes on as before."""
    site.parts.ledger._engine.dispose()


def test_a_full_disk(site: Website) -> None:
    room = [1]  # pages: SQLite takes no less than there are

    @sa.event.listens_for(site.parts.ledger._engine, "connect")
    def limit(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA max_page_count={room[0]}")

    reopen(site)
    taken = [1]
    while site.post(event(taken[-1] + 1)).status == 200:
        taken.append(taken[-1] + 1)
    assert_refused(site, taken[-1] + 1, "make room on it")
    room[0] = 2**30
    reopen(site)
    assert_all_well(site, *taken, taken[-1] + 1)


def test_a_lock_that_another_process_holds(site: Website, file: Path) -> None:
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        assert_refused(site, 2, f"which one writes to {file}")
        other.communicate("")
    while site.ask("GET", "/readyz").status != 200:  # soon: for a moment others need not wait in vain, too
        time.sleep(0.05)
    assert_all_well(site, 1, 2)


def test_a_file_that_was_moved_away_and_put_back(site: Website, file: Path) -> None:
    away = file.with_name("away.db")
    file.rename(away)
    assert_refused(site, 2, "put it back")
    assert not file.exists()
    away.rename(file)
    assert_all_well(site, 1, 2)


def test_a_folder_that_was_removed(site: Website, file: Path) -> None:
    away = file.parent.with_name("away")
    file.parent.rename(away)
    assert_refused(site, 2, "put it back")
    away.rename(file.parent)
    assert_all_well(site, 1, 2)


def test_another_ledger_in_the_place_of_the_first(site: Website, file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(backup)) as there:
        here.backup(there)
    assert_taken(site, 2)
    for one in file.parent.iterdir():
        one.unlink()
    shutil.copy(backup, file)
    assert_all_well(site, 1, 3)


def test_a_backup_that_is_put_beside_the_log_of_the_running_ledger(site: Website, file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(file)) as here, closing(sqlite3.connect(backup)) as there:
        here.backup(there)
    assert_taken(site, 2)
    whole = backup.read_bytes()
    backup.rename(file)
    for _ in range(2):
        assert_refused(site, 3, f"remove {file}-wal and {file}-shm")
    assert file.read_bytes() == whole, "what is left in the log was written into it"
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink()
    assert_all_well(site, 1, 3)


def test_a_ledger_of_the_sandbox_in_the_place_of_a_real_one(site: Website, file: Path, tmp_path: Path) -> None:
    other = Ledger(f"sqlite:///{tmp_path}/other.db", "sandbox")
    other.migrate()
    other.close()
    for one in file.parent.iterdir():
        one.unlink()
    (tmp_path / "other.db").rename(file)
    assert_refused(site, 2, "This is a sandbox ledger")


def test_a_damaged_file(site: Website, file: Path) -> None:
    whole = file.with_name("whole.db")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    reopen(site)
    shutil.copy(file, whole)
    file.write_bytes(b"no database" * 1000)
    assert_refused(site, 2, "restore a backup")
    whole.rename(file)
    assert_all_well(site, 1, 2)


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    in_the_way = tmp_path / "in the way"
    in_the_way.write_text("a file", "utf-8")
    with running(environment(f"sqlite:///{in_the_way}/ledger.db", tmp_path), migrate=False, live=False) as site:
        assert "can not be made" in site.ask("GET", "/readyz").json["problems"][0]
        in_the_way.unlink()
        site.parts.ledger.migrate()
        site.parts.rulebook.refresh()
        assert_all_well(site, 1)


def test_tables_that_are_missing_or_of_another_release(empty_database_url: str, tmp_path: Path) -> None:
    with running(environment(empty_database_url, tmp_path), migrate=False, live=False) as site:
        assert "`flask ledger migrate`" in site.ask("GET", "/readyz").json["problems"][0]
        site.parts.ledger.migrate()
        site.parts.rulebook.refresh()
        assert_taken(site, 1)
        with changing(site) as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        (problem,) = site.ask("GET", "/readyz").json["problems"]
        assert problem.startswith("A newer release")
        with pytest.raises(UnusableError, match="A newer release"):
            site.parts.ledger.migrate()


def test_a_folder_and_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    program = (sys.executable, "-c", WITHOUT_LEAVE, str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", AS_ANYBODY, *program],
        cwd=root,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    refused, taken, locked, again = json.loads(done.stdout)
    assert refused[0] == locked[0] == 503
    assert "must belong to the user" in refused[1]
    assert "Make both writable" in locked[1]
    assert (taken, again) == ([200], [200])


@contextmanager
def changing(site: Website) -> Iterator[sa.Connection]:
    with site.parts.ledger._engine.begin() as connection:
        yield connection


def test_a_table_that_is_gone(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        with changing(site) as connection:
            connection.execute(sa.text("ALTER TABLE slots RENAME TO away"))
        assert site.post(event(1)).status == 503
        assert "`flask ledger migrate`" in (site.parts.ledger._watch.trouble or "")
        with changing(site) as connection:
            connection.execute(sa.text("ALTER TABLE away RENAME TO slots"))
        assert_all_well(site, 1)
