"""SmartLead's own endpoints for the read flag, answered here: an existing Zap or script changes host and key only."""

from __future__ import annotations

import base64
import json
import logging
import re
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import requests
from deliverers import ask, at_work, order, wait_for
from ledgers import arrival
from secrets_of_tests import ACME_KEY, ACME_TOKEN, ALL, API_KEY, TOKEN
from website import RULES, Answered, Website, environment, running

from ledger import State
from model import Mark
from sandbox import Sandbox
from serving import Delivering

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CHANGE = "/api/v1/master-inbox/change-read-status"
UNREAD = "/api/v1/master-inbox/mark-unread"
ACME = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": ACME_TOKEN}
ID = 2255108337
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path) | ACME) as made:
        yield made


def patch(
    site: Website, body: Any, query: str = f"?api_key={TOKEN}", path: str = CHANGE, headers: Mapping[str, str] = JSON
) -> Answered:
    sent = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return site.ask("PATCH", path + query, sent, headers)


def change(map_id: Any = ID, status: Any = True) -> dict[str, Any]:  # noqa: FBT002 - what is sent
    return {"email_lead_map_id": map_id, "read_status": status}


def wishes(site: Website) -> list[tuple[str, int, Mark, State]]:
    return [(row.account, row.email_lead_map_id, row.mark, row.state) for row in site.parts.ledger.recent_deliveries()]


@pytest.mark.parametrize("mark", [Mark.READ, Mark.UNREAD])
def test_a_call_is_on_disk_when_it_is_answered_as_both_of_smartleads_references_have_it(
    site: Website, mark: Mark
) -> None:
    answer = patch(site, change(status=mark is Mark.READ))
    told = answer.json
    assert answer.status == 200
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["data"].pop("updated_at"))
    assert told == {
        "ok": True,
        "success": True,
        "message": "Read status updated",
        "data": {"email_lead_map_id": ID, "is_read": mark is Mark.READ, "success": True, "updated": 1},
    }
    assert wishes(site) == [("default", ID, mark, State.PENDING)]
    (row,) = site.parts.ledger.recent_deliveries()
    assert row.reason == "ordered: a call of change-read-status"


def test_mark_unread_does_the_right_thing_and_says_that_it_is_deprecated(site: Website) -> None:
    answer = patch(site, {"email_lead_map_id": str(ID)}, path=UNREAD)
    assert (answer.status, answer.json["data"]["is_read"]) == (200, False)
    assert answer.headers["Deprecation"] == "@1755129600"  # August 14, 2025
    assert answer.headers["Link"] == '<change-read-status>; rel="successor-version"'
    assert wishes(site) == [("default", ID, Mark.UNREAD, State.PENDING)]
    assert "Deprecation" in patch(site, "{}", path=UNREAD).headers
    assert "Deprecation" not in patch(site, change()).headers


@pytest.mark.parametrize(
    ("query", "headers", "body"),
    [
        pytest.param(f"?api_key={TOKEN}", {}, {}, id="api_key, as scripts have it"),
        pytest.param("", {}, {"api_key": TOKEN}, id="api_key in the body, as SmartLead's page allows"),
        pytest.param(f"?token={TOKEN}", {}, {}, id="token"),
        pytest.param("", {"X-Webhook-Token": TOKEN}, {}, id="header"),
        pytest.param("", {"Authorization": f"Bearer {TOKEN}"}, {}, id="bearer"),
        pytest.param(
            "", {"Authorization": "Basic " + base64.b64encode(f"zap:{TOKEN}".encode()).decode()}, {}, id="basic"
        ),
        pytest.param(f"?api_key={API_KEY}", {"X-Webhook-Token": TOKEN}, {}, id="beside the old key"),
    ],
)
def test_the_token_is_taken_from_each_of_its_places(
    site: Website, query: str, headers: dict[str, str], body: dict[str, str]
) -> None:
    assert patch(site, change() | body, query, headers=JSON | headers).status == 200


def test_a_form_and_json_as_plain_text_are_taken(site: Website) -> None:
    form = urlencode({"email_lead_map_id": ID, "read_status": "true", "api_key": TOKEN})
    assert patch(site, form, "", headers={"Content-Type": "application/x-www-form-urlencoded"}).status == 200
    assert patch(site, json.dumps(change(ID + 1)), headers={"Content-Type": "text/plain"}).status == 200
    assert {row[1:3] for row in wishes(site)} == {(ID, Mark.READ), (ID + 1, Mark.READ)}


def test_the_token_tells_the_account(site: Website) -> None:
    patch(site, change())
    patch(site, change(status=False), f"?api_key={ACME_TOKEN}")
    patch(site, change(8) | {"api_key": ACME_TOKEN}, "")
    assert sorted(wishes(site)) == [
        ("acme", 8, Mark.READ, State.PENDING),
        ("acme", ID, Mark.UNREAD, State.PENDING),
        ("default", ID, Mark.READ, State.PENDING),
    ]


@pytest.mark.parametrize(
    ("query", "body", "message", "reason"),
    [
        pytest.param("", change(), "API key is required.", "no token", id="none"),
        pytest.param("?api_key=", change(), "API key is required.", "no token", id="an empty one"),
        pytest.param("?api_key=wrong-key", change(), "Invalid API Key", "wrong token", id="a wrong one"),
        pytest.param(
            f"?api_key={API_KEY}",
            change(),
            "Invalid API Key",
            "SmartLead's key in place of a token",
            id="the key forgotten",
        ),
        pytest.param(
            "", change() | {"api_key": TOKEN[:-1]}, "Invalid API Key", "wrong token", id="a wrong one in the body"
        ),
        pytest.param(
            f"?api_key={TOKEN}&token={ACME_TOKEN}", change(), "Invalid API Key", "wrong token", id="those of two"
        ),
        pytest.param(
            "?api_key=wrong-key", "no JSON", "Invalid API Key", "wrong token", id="no stranger's body is judged"
        ),
    ],
)
def test_a_stranger_is_refused_in_smartleads_words_and_counted(
    site: Website, query: str, body: Any, message: str, reason: str
) -> None:
    answer = patch(site, body, query)
    assert (answer.status, answer.json) == (401, {"message": message})
    assert answer.headers["WWW-Authenticate"]
    assert wishes(site) == []
    site.parts.ending.close()
    (refusal,) = site.parts.ledger.refusals()
    assert (refusal.reason, refusal.path) == (reason, CHANGE)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (change(status="true"), 422, {"error": "read_status must be a boolean value"}),
        (change("abc"), 400, '"email_lead_map_id" must be a number'),
        (change(0), 400, '"email_lead_map_id" must be a positive number'),
        ({}, 400, '"email_lead_map_id" is required'),
        ([change()], 400, '"value" must be of type object'),
        (b'{"email_lead', 400, "The body is no valid JSON"),
    ],
)
def test_what_asks_for_nothing_is_refused_as_smartlead_does_and_changes_nothing(
    site: Website, body: Any, status: int, told: Any
) -> None:
    answer = patch(site, body)
    assert (answer.status, answer.json if isinstance(told, dict) else answer.json["message"]) == (status, told)
    assert wishes(site) == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", [CHANGE, UNREAD])
def test_another_method_gets_405(site: Website, method: str, path: str) -> None:
    answer = site.ask(method, f"{path}?api_key={TOKEN}")
    assert (answer.status, "PATCH" in answer.json["error"]) == (405, True)


def test_a_body_that_is_too_large_gets_413_and_one_that_ends_early_400(site: Website) -> None:
    large = json.dumps(change() | {"x": "y" * 300_000})
    assert [patch(site, large, query).status for query in (f"?api_key={TOKEN}", "")] == [413, 413]
    head = f"PATCH {CHANGE}?api_key={TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as sender:
        sender.sendall(head.encode() + json.dumps(change()).encode())
        sender.shutdown(socket.SHUT_WR)
        assert b" 400 " in sender.recv(65536).splitlines()[0]
    assert wishes(site) == []
    site.parts.ending.close()
    assert site.parts.ledger.refused_counts() == {"too large without a token": 1}


def test_what_can_not_be_stored_is_not_acknowledged(empty_database_url: str, tmp_path: Path) -> None:
    with running(environment(empty_database_url, tmp_path), migrate=False, live=False) as site:
        answer = patch(site, change())
    assert (answer.status, "Retry-After" in answer.headers) == (503, True)
    assert "Not stored" in answer.json["error"]


def test_it_needs_no_rules(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path), live=False) as site:
        assert patch(site, change()).status == 200


def test_under_dry_run_it_is_recorded_and_never_sent(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path) | {"DRY_RUN": "1"}) as site:
        answer = patch(site, change())
        assert (answer.status, "DRY_RUN" in answer.json["message"]) == (200, True)
        (row,) = site.parts.ledger.recent_deliveries()
    assert (row.mark, row.state, "dry run" in (row.reason or "")) == (Mark.READ, State.WITHDRAWN, True)


def test_the_last_call_counts_and_a_reply_that_comes_later_goes_before_it(site: Website) -> None:
    for status in (True, True, False, True):
        patch(site, change(status=status))
    assert wishes(site) == [("default", ID, Mark.READ, State.PENDING)]
    site.parts.ledger.record([arrival("unread", email_lead_map_id=ID)])
    assert wishes(site) == [("default", ID, Mark.UNREAD, State.PENDING)]


def test_the_key_stands_nowhere(site: Website, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [API_KEY, TOKEN, ACME_TOKEN, "wrong-key-4711"]
    answers = [patch(site, change(), f"?api_key={secret}") for secret in secrets]
    answers += [patch(site, change() | {"api_key": secret}, "") for secret in secrets]
    answers += [patch(site, b"{", f"?api_key={secret}") for secret in secrets]
    answers += [site.ask("GET", f"{CHANGE}?api_key={secret}") for secret in secrets]
    answers += [site.ask("PATCH", f"/api/v1//master-inbox?api_key={secret}") for secret in secrets]
    site.parts.ending.close()
    ledger = site.parts.ledger
    shown = caplog.text + "".join(f"{one.headers}{one.body.decode()}" for one in answers)
    shown += repr(ledger.refusals()) + repr(ledger.recent_deliveries())
    assert not [secret for secret in (*ALL, "wrong-key-4711") if secret in shown]


def test_the_sandbox_asks_for_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its ledger lies in var/ of the working folder
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    with running({"RULES_FILE": "rules.yaml"}) as site:
        assert patch(site, change(), "").status == 200
        assert site.ask("PATCH", CHANGE, json.dumps(change()), {"Host": "replymark.example"}).status == 403


def the_script(host: str, key: str, conversations: list[int]) -> list[bool]:
    """Somebody's script that marks conversations read: it knows nothing of Replymark."""
    done = []
    for number in conversations:
        response = requests.patch(
            f"{host}{CHANGE}",
            params={"api_key": key},
            json={"email_lead_map_id": number, "read_status": True},
            headers={"User-Agent": "a-script/1.0"},
            timeout=30,
        )
        response.raise_for_status()
        done.append(bool(response.json().get("success") or response.json().get("ok")))
    return done


def test_an_existing_script_changes_host_and_key_only(database_url: str, tmp_path: Path) -> None:
    conversations = list(range(101, 111))
    with Sandbox(api_keys=(API_KEY,), limits=((1000, 1.0),)) as smartlead:
        order(
            smartlead, "conversations", [{"map_id": number, "email": f"{number}@x.example"} for number in conversations]
        )
        told = environment(database_url, tmp_path) | {
            "SMARTLEAD_BASE_URL": smartlead.url,
            "SMARTLEAD_RATE_LIMITS": "500/1s",
        }
        assert all(the_script(smartlead.url, API_KEY, conversations[:1]))
        with running(told) as site, at_work(Delivering(site.parts)):
            here = f"http://127.0.0.1:{site.port}"
            assert all(the_script(here, TOKEN, conversations[1:]))
            wait_for(site.parts.ledger, State.SETTLED)
        inbox = ask(smartlead, "inbox")
    assert {number: inbox[str(number)] for number in conversations} == {
        number: {"is_read": True, "patches": 1} for number in conversations
    }
