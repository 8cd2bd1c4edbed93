"""What a process loads and when: a command that needs no database waits for none, and no request waits for code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli import GROUPS

ROOT = Path(__file__).parent.parent
FLASK = (sys.executable, "-X", "importtime", "-m", "flask")
SLOW_TO_LOAD = {"sqlalchemy", "alembic", "psycopg", "requests", "urllib3", "gunicorn"}

FIRST_REQUESTS = """\
import json
import sys

import serving
from website import running

REPLY = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "sl_lead_email": "ana@lead.example"}
WORDS = {"text": "I am out of the office", "html": "<p>I am out of the <b>office</b></p>"}

with running({"RULES_FILE": "rules.yaml"}) as site:
    site.token = None
    before = set(sys.modules)
    answers = (
        site.ask("GET", "/healthz"),
        site.post(REPLY | {"reply_message": WORDS}),
        site.ask("GET", "/"),
        site.ask("GET", "/readyz"),
        site.ask("GET", "/nowhere"),
    )
    new = {name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names}
    json.dump({"statuses": [answer.status for answer in answers], "new": sorted(new)}, sys.stdout)
"""


def run(*command: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A process of its own that knows no setting, not even those of a developer's .env."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "FLASK_SKIP_DOTENV": "1",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}",
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def loaded_by(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The libraries that the process imported, from first to last: Python writes a line about each."""
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    "arguments",
    [
        ("rules", "check"),
        ("rules", "test"),
        ("rules", "explain", "--reply", "I am out of the office"),
        ("rules", "--help"),
        ("--help",),
        ("routes",),
    ],
    ids=" ".join,
)
def test_a_command_that_needs_no_database_loads_no_library_of_one(arguments: tuple[str, ...]) -> None:
    done = run(*FLASK, *arguments)
    assert done.returncode == 0, done.stderr
    loaded = loaded_by(done)
    assert "flask" in loaded
    assert loaded & SLOW_TO_LOAD == set()


def test_a_command_that_needs_the_ledger_loads_it(tmp_path: Path) -> None:
    done = run(*FLASK, "--app", str(ROOT / "app.py"), "ledger", "migrate", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {"sqlalchemy", "alembic"} <= loaded_by(done)


def test_the_list_of_commands_names_each_group_with_its_meaning() -> None:
    listed = " ".join(run(*FLASK, "--help").stdout.split())
    for name, meaning in GROUPS.items():
        assert f"{name} {meaning}" in listed


def test_a_command_that_does_not_exist_is_wrong_use() -> None:
    done = run(*FLASK, "rules", "chekc")
    assert done.returncode == 2
    assert "chekc" in done.stderr


def test_the_first_requests_wait_for_no_code_that_is_not_loaded_yet(tmp_path: Path) -> None:
    rules = "version: 1\nrules:\n  - {name: Away, when: {reply contains: out of the office}, mark: read}\n"
    (tmp_path / "rules.yaml").write_text(rules, "utf-8")
    done = run(sys.executable, "-c", FIRST_REQUESTS, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"statuses": [200, 200, 200, 200, 404], "new": []}
