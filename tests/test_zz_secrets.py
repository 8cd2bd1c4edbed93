"""The last test of the suite: nothing that ran before it left a secret anywhere. (conftest.py sorts it to the end.)"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import leaks
from secrets_of_tests import API_KEY, SECRET, TOKEN
from suite_output import OUTPUTS

if TYPE_CHECKING:
    import pytest


def test_a_planted_secret_would_be_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("planted")
    (folder / "log").write_text(f"PATCH ?api_key={API_KEY}", "utf-8")
    with closing(sqlite3.connect(folder / "ledger.db")) as connection:
        connection.execute("CREATE TABLE events (body BLOB)")
        connection.execute("INSERT INTO events VALUES (?)", [zlib.compress(json.dumps([TOKEN, SECRET]).encode())])
        connection.commit()
    found = leaks.in_folder(folder)
    for file in folder.iterdir():
        file.unlink()
    assert found == {"log": {API_KEY}, "ledger.db": {TOKEN, SECRET}}


def test_no_secret_appears_in_any_output_of_the_whole_suite(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outputs: list[tuple[str, str]] = request.config.stash[OUTPUTS]
    assert {name for name, text in outputs if leaks.in_text(text)} == set()
    assert leaks.in_folder(tmp_path_factory.getbasetemp()) == {}
