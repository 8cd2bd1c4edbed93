"""The commands, as processes of their own: what they print, and their exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from ledgers import arrival, publish
from secrets_of_tests import API_KEY, TOKEN

from ledger import Ledger
from model import Delivery, GiveUp

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent
FLASK = Path(sys.executable).parent / "flask"
GOOD = """\
version: 1
rules:
  - name: Out of office
    when: {reply contains: [out of the office, annual leave]}
    mark: read
    examples:
      matches: [I am out of the office]
      does not match: [Is your office big?]
"""
WRONG = GOOD.replace("reply contains", "reply containz").replace("mark: read", "mark: yes")


def flask(
    *arguments: str, settings: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    # Without FLASK_SKIP_DOTENV a developer's .env, with a real key in it, would speak here.
    bare = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", "FLASK_SKIP_DOTENV": "1"}
    environment = bare | dict(settings or {})
    return subprocess.run(
        [str(FLASK), *arguments],
        cwd=ROOT,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def settings(tmp_path: Path, file: Path) -> dict[str, str]:
    return {
        "SMARTLEAD_API_KEY": API_KEY,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "RULES_FILE": str(file),
    }


@pytest.fixture
def ledger(settings: dict[str, str]) -> Ledger:
    made = Ledger(settings["DATABASE_URL"], "real")
    made.migrate()
    publish(made)
    return made


def test_check_of_a_good_file_needs_no_setting(file: Path) -> None:
    done = flask("rules", "check", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 rules, no error" in done.stdout


def test_check_shows_every_problem_with_place_caret_and_the_right_word(file: Path) -> None:
    file.write_text(WRONG, "utf-8")
    done = flask("rules", "check", str(file))
    assert done.returncode == 1
    assert f"{file}:4:12: error: " in done.stdout
    assert "^^^^" in done.stdout
    assert "reply contains" in done.stdout
    assert f"{file}:5:11: error: " in done.stdout
    assert "read or unread" in done.stdout


def test_check_says_the_same_as_json(file: Path) -> None:
    file.write_text(WRONG, "utf-8")
    done = flask("rules", "check", "--json", str(file))
    assert done.returncode == 1
    assert [(one["line"], one["column"], one["severity"]) for one in json.loads(done.stdout)] == [
        (4, 12, "error"),
        (5, 11, "error"),
    ]


def test_a_file_that_is_not_there_is_wrong_use() -> None:
    done = flask("rules", "check", "/nowhere/rules.yaml")
    assert done.returncode == 2
    assert "does not exist" in done.stderr


def test_test_runs_the_examples_and_shows_want_and_got(file: Path) -> None:
    assert flask("rules", "test", str(file)).returncode == 0
    file.write_text(GOOD.replace("Is your office big?", "On annual leave?"), "utf-8")
    done = flask("rules", "test", str(file))
    assert done.returncode == 1
    assert f"{file}:8:" in done.stdout
    assert "want:" in done.stdout
    assert "got:" in done.stdout


def test_explain_says_which_rule_decides_by_which_words(file: Path) -> None:
    done = flask("rules", "explain", str(file), "--reply", "Sorry, I’m on Annual Leave until May.")
    assert done.returncode == 0
    assert "“Annual Leave”" in done.stdout
    assert "read: decided by “Out of office”" in done.stdout
    told = json.loads(flask("rules", "explain", str(file), "--reply", "Hello", "--json").stdout)
    assert (told["mark"], told["rule"], told["steps"][0]["verdict"]) == ("leave", None, "no match")


def test_explain_reads_a_webhook_from_standard_input(file: Path) -> None:
    body = (ROOT / "tests/payloads/24_email_reply_out_of_office.json").read_text("utf-8")
    done = flask("rules", "explain", str(file), "--event", "-", stdin=body)
    assert done.returncode == 0
    assert "decided by “Out of office”" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--reply", "x", "--event", "-")], ids=["nothing told", "told twice"])
def test_explain_wants_one_reply(file: Path, arguments: tuple[str, ...]) -> None:
    assert flask("rules", "explain", str(file), *arguments).returncode == 2


def test_publish_makes_a_version_and_history_lists_it(settings: dict[str, str], file: Path) -> None:
    assert flask("ledger", "migrate", settings=settings).returncode == 0
    assert "Version 1 is live" in flask("rules", "publish", settings=settings).stdout
    assert flask("rules", "publish", "--changed", settings=settings).returncode == 0
    file.write_text(WRONG, "utf-8")
    done = flask("rules", "publish", settings=settings)
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert "version 1 stays in force" in done.stderr
    assert "refused" in flask("rules", "history", settings=settings).stdout
    versions = json.loads(flask("rules", "history", "--json", settings=settings).stdout)
    assert [(version["version"], version["status"]) for version in versions] == [(2, "refused"), (1, "live")]


def test_a_git_revert_goes_live_at_release(settings: dict[str, str], file: Path) -> None:
    flask("ledger", "migrate", settings=settings)
    for content in (GOOD, GOOD.replace("annual", "yearly"), GOOD):
        file.write_text(content, "utf-8")
        assert "is live" in flask("rules", "publish", "--changed", settings=settings).stdout


def test_deliveries_are_listed_and_sent_again(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=2**62)])
    claimed = ledger.claim("default", ())
    assert isinstance(claimed, Delivery)
    ledger.settle(claimed, GiveUp("SmartLead does not know it"), (), 3)
    ledger.close()
    (row,) = json.loads(flask("deliveries", "list", "--json", "--state", "failed", settings=settings).stdout)
    assert list(row) == [
        *("account", "email_lead_map_id", "mark", "state", "attempts", "reason", "rule", "event_id"),
        *("wanted_at", "due_at"),
    ]
    assert (row["email_lead_map_id"], row["state"], row["attempts"]) == (2**62, "failed", 1)
    assert row["wanted_at"].endswith("Z")
    assert "does not know it" in flask("deliveries", "list", settings=settings).stdout
    assert "1 conversation is" in flask("deliveries", "redo", "--failed", settings=settings).stdout
    assert json.loads(flask("deliveries", "list", "--json", settings=settings).stdout)[0]["state"] == "pending"
    assert flask("deliveries", "redo", "99", settings=settings).returncode == 1
    assert flask("deliveries", "redo", settings=settings).returncode == 2


def test_the_quarantine_can_be_read(settings: dict[str, str], ledger: Ledger) -> None:
    (receipt,) = ledger.record([arrival(None, bucket="quarantined", reason="The body is empty.")])
    ledger.close()
    assert "The body is empty." in flask("inbox", "show", "--quarantined", settings=settings).stdout
    assert flask("inbox", "show", "--body", str(receipt.event_id), settings=settings).stdout == "{}\n"
    assert flask("inbox", "show", "--body", "999", settings=settings).returncode == 1


def test_a_strangers_words_move_no_terminal(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", sender="a\x1b[2J\x07@b.example")])
    ledger.close()
    shown = flask("inbox", "show", settings=settings).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_without_a_migrated_ledger_a_command_says_what_to_do(settings: dict[str, str]) -> None:
    done = flask("deliveries", "list", settings=settings)
    assert done.returncode == 1
    assert "flask ledger migrate" in done.stderr


@pytest.mark.parametrize("group", ["rules", "deliveries", "inbox", "ledger", "worker", "sandbox"])
def test_every_command_has_help(group: str) -> None:
    done = flask(group, "--help")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines() if line.strip()]
    assert names
    for name in names:
        assert flask(group, name, "--help").returncode == 0


def test_the_worker_refuses_the_sandbox_with_a_sentence() -> None:
    done = flask("worker", "run")
    assert done.returncode == 1
    assert "make run" in done.stderr
