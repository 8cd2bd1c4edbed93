"""What docs/connecting.md tells people to run and to send works as it stands there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from commands import ROOT, flask
from secrets_of_tests import API_KEY
from webhook_events import SHORT
from website import environment, running

from cli.doctor.finding import Level
from cli.doctor.forms import ZAP_DATA
from ledger import Receipt
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GUIDE = (ROOT / "docs" / "connecting.md").read_text("utf-8")
LINES = sorted({a or b for a, b in re.findall(r"(?m)^(flask [^#\n]*\S)|`(flask [a-z][^`…]+)`", GUIDE)})
SENT = [shlex.split(line) for line in re.findall(r"(?m)^curl .*$", GUIDE)]
READ_ONLY = re.compile(r"flask (smartlead|inbox show|deliveries list)")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation to which a reply came, and whose worker was seen."""
    told = environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    with Sandbox(api_keys=(API_KEY,), limits=()) as box, running(told) as website:
        website.parts.ledger.beat("a worker")
        assert website.post(SHORT).status == 200
        here = {"SMARTLEAD_BASE_URL": box.url, "PUBLIC_URL": f"http://127.0.0.1:{website.port}"}
        yield told | here


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_page_works(line: str, settings: dict[str, str]) -> None:
    assert READ_ONLY.match(line), line
    done = flask(*shlex.split(line)[1:], settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_shows_the_commands_that_people_need() -> None:
    assert {"flask smartlead doctor", "flask inbox show --refused", "flask smartlead webhooks list"} <= set(LINES)


def test_the_event_of_the_page_is_taken_and_taken_once(tmp_path: Path) -> None:
    command = SENT[0]
    event, address = command[command.index("-d") + 1], command[2]
    assert address.removeprefix("https://YOUR-HOST") == "/webhooks/smartlead?token=YOUR-TOKEN"
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        answers = [website.post(event).json for _ in range(2)]
    assert [answer["status"] for answer in answers] == ["accepted", "duplicate"]
    assert [set(answer) for answer in answers] == [{*Receipt.__dataclass_fields__}] * 2


def test_without_a_token_the_address_answers_as_the_page_says(tmp_path: Path) -> None:
    assert SENT[1][-1] == "https://YOUR-HOST/webhooks/smartlead"
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        website.token = None
        assert website.post({}).status == 401


def test_the_page_explains_every_field_of_the_answer_every_level_and_real_keys() -> None:
    explained = set(re.findall(r"(?m)^\| `(\w+)` \|", GUIDE))
    assert explained >= {*Receipt.__dataclass_fields__, *Level}
    told = GUIDE.partition("4. Data:")[2].partition("\n\n")[0]
    keys = set(re.findall(r"`([a-z_]+)`", told)) - {"event_type"}
    assert keys
    assert keys <= ZAP_DATA.keys()


def test_the_addresses_of_the_page_are_those_that_the_app_answers(tmp_path: Path) -> None:
    shown = set(re.findall(r"https://YOUR-HOST/webhooks/(\w+)", GUIDE))
    assert shown == {"smartlead", "zapier"}
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)) as website:
        assert {website.post(SHORT, source).status for source in shown} == {200}
