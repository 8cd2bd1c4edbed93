"""What guards the whole suite: a secret that any test printed or left in a file fails the run."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import leaks
import pytest
from secrets_of_tests import API_KEY, SECRET, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
SUITES = {
    "printed": "def test_it(): print(TOKEN)",
    "logged": "def test_it(caplog): logging.getLogger().warning('token %s', TOKEN)",
    "printed by a process": "def test_it(capfd): os.system(f'echo {TOKEN}')",
    "printed before the test": "@pytest.fixture\ndef made(): print(TOKEN)\n\ndef test_it(made): pass",
    "in a file": "def test_it(tmp_path): (tmp_path / 'log').write_text(TOKEN)",
}
IMPORTS = "import logging, os, pytest\nfrom secrets_of_tests import TOKEN\n\ndef test_another(): pass\n\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for secrets: gone before the suite that this test belongs to is looked through."""
    (planted := tmp_path / "planted").mkdir()
    yield planted
    shutil.rmtree(planted)


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the suite in this folder, watched as ours is."""
    plugin = ("-p", "suite_output", "-p", "no:cacheprovider", f"--basetemp={folder}/temporary")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *options],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("options", [pytest.param((), id="alone"), pytest.param(("-n", "2"), id="in parallel")])
def test_a_suite_that_leaks_a_secret_fails_and_says_where(folder: Path, options: tuple[str, ...]) -> None:
    for number, (_how, test) in enumerate(SUITES.items()):
        (folder / f"test_{number}.py").write_text(IMPORTS + test, "utf-8")
    done = run(folder, *options)
    assert f"{2 * len(SUITES)} passed" in done.stdout, done.stdout
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    told = done.stdout.partition("secrets of the tests leaked into")[2]
    for number, how in enumerate(SUITES):
        sign = "test_it0/log" if how == "in a file" else f"test_{number}.py::test_it,"
        assert sign in told, how
    assert not leaks.in_text(told)


def test_a_suite_that_leaks_nothing_passes(folder: Path) -> None:
    (folder / "test_clean.py").write_text("def test_it(tmp_path): print(tmp_path)", "utf-8")
    assert run(folder, "-n", "2").returncode == 0


def test_secrets_are_found_in_files_and_in_the_packed_bodies_of_ledgers(folder: Path) -> None:
    (folder / "log").write_text(f"PATCH ?api_key={API_KEY}", "utf-8")
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("CREATE TABLE events (body BLOB)")
        connection.execute("INSERT INTO events VALUES (?)", [zlib.compress(json.dumps([TOKEN, SECRET]).encode())])
        connection.commit()
    assert leaks.in_folder(folder) == {"log": {API_KEY}, "ledger.db": {TOKEN, SECRET}}
