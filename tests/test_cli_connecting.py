"""What docs/connecting.md tells people to run and to send works as it stands there."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, get_args

import pytest
from commands import ROOT, flask
from secrets_of_tests import API_KEY, TOKEN
from webhook_events import SHORT
from website import environment, running

from cli.accounts import TRIAL
from cli.doctor.finding import Level
from cli.doctor.forms import ZAP_DATA
from ledger.arrivals import Status
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUIDE = (ROOT / "docs" / "connecting.md").read_text("utf-8")
LINES = sorted({a or b for a, b in re.findall(r"(?m)^(flask [^#\n]*\S)|`(flask [a-z][^`…]+)`", GUIDE)})
SENT = [shlex.split(line) for line in re.findall(r"(?m)^curl .*$", GUIDE)]
READ_ONLY = re.compile(r"flask (smartlead|inbox (show|lookup)|deliveries list)")
TRIED = [line.strip() for line in TRIAL.splitlines() if line.startswith("  ")]


ANSWER = {"status", "event_id", "mark", "rule", "reason", "email_lead_map_id"}
ALWAYS = ("flask smartlead doctor",)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation to which a reply came, and whose worker was seen."""
    told = environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    with Sandbox(api_keys=(API_KEY,), limits=()) as box, running(told) as website:
        website.parts.ledger.beat("a worker")
        assert website.post(SHORT).status == 200
        here = {"SMARTLEAD_BASE_URL": box.url, "PUBLIC_URL": f"http://127.0.0.1:{website.port}"}
        yield told | here


@pytest.mark.parametrize("line", [line for line in LINES if line not in TRIED or line in ALWAYS])
def test_a_command_of_the_page_works(line: str, settings: dict[str, str]) -> None:
    assert READ_ONLY.match(line), line
    done = flask(*shlex.split(line)[1:], settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_trial_of_page_and_sandbox_works_as_it_stands_there(tmp_path: Path) -> None:
    assert [line for line in TRIED if line not in GUIDE.splitlines()] == []
    assert TRIED[0] == "flask sandbox run"
    exported = [word for line in TRIED if line.startswith("export ") for word in shlex.split(line)[1:]]
    told = dict(word.split("=", 1) for word in exported)
    help_text = flask("sandbox", "run", "--help").stdout
    assert f"[default: {told['SMARTLEAD_BASE_URL'].rpartition(':')[2]}" in help_text
    assert f"[default: {told['SMARTLEAD_API_KEY']}]" in help_text
    # Another port and place of the ledger: the usual ones may be in use where the tests run.
    with Sandbox() as box:
        here = {"SMARTLEAD_BASE_URL": box.url, "DATABASE_URL": f"sqlite:///{tmp_path}/trial.db"}
        done = [flask(*shlex.split(line)[1:], settings=told | here) for line in TRIED[1:] if line.startswith("flask")]
    assert [each.returncode for each in done] == [0, 0, 1]
    assert "1 problem." in done[-1].stdout  # nobody delivers
    assert "SmartLead takes the key" in done[-1].stdout


def test_the_page_shows_the_commands_that_people_need() -> None:
    assert {"flask smartlead doctor", "flask inbox show --refused", "flask smartlead webhooks list"} <= set(LINES)


def test_the_event_of_the_page_is_taken_and_taken_once(tmp_path: Path) -> None:
    command = SENT[0]
    event, address = command[command.index("-d") + 1], command[2]
    assert address.removeprefix("https://YOUR-HOST") == "/webhooks/smartlead?token=YOUR-TOKEN"
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        answers = [website.post(event).json for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["accepted", "duplicate"]
    assert [set(answer) for answer in answers] == [ANSWER] * 2


def test_without_a_token_the_address_answers_as_the_page_says(tmp_path: Path) -> None:
    assert SENT[1][-1] == "https://YOUR-HOST/webhooks/smartlead"
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        website.token = None
        assert website.post({}).status == 401


def test_the_call_of_the_page_is_taken_as_smartlead_would_take_it(tmp_path: Path) -> None:
    command = SENT[-1]
    method, address, body = command[command.index("-X") + 1], command[4], command[command.index("-d") + 1]
    path = address.removeprefix("https://YOUR-HOST").replace("YOUR-TOKEN", TOKEN)
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        answer = website.ask(method, path, body, {"Content-Type": "application/json"})
        (ordered,) = website.parts.ledger.recent_deliveries()
    shown = re.search(r"(?m)^\| 200 `(\{.*\})` \|", GUIDE)
    assert (answer.status, ordered.email_lead_map_id, ordered.mark) == (200, 2255108337, "read")
    assert shown
    assert json.loads(shown[1]).keys() == answer.json.keys()
    assert json.loads(shown[1])["data"].keys() == answer.json["data"].keys()


def test_the_page_explains_every_field_of_the_answer_every_level_and_real_keys() -> None:
    explained = set(re.findall(r"(?m)^\| `(\w+)` \|", GUIDE))
    assert explained >= ANSWER | {*Level}
    told = GUIDE.partition("4. Data:")[2].partition("\n\n")[0]
    statuses = GUIDE.partition("## 6. The answer")[2].partition("\n## ")[0]
    assert all(f"`{status}`" in statuses for status in get_args(Status))
    keys = set(re.findall(r"`([a-z_]+)`", told)) - {"event_type"}
    assert keys
    assert keys <= ZAP_DATA.keys()


def test_the_addresses_of_the_page_are_those_that_the_app_answers(tmp_path: Path) -> None:
    shown = set(re.findall(r"https://YOUR-HOST/webhooks/(\w+)", GUIDE))
    assert shown == {"smartlead", "zapier"}
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        assert {website.post(SHORT, source).status for source in shown} == {200}
