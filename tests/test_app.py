"""Health, readiness, and who may come near the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledgers import arrival
from website import Website, environment, running

from model import Delivery, Retry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    monkeypatch.chdir(tmp_path)  # the sandbox's ledger lies in var/ of the working folder
    (tmp_path / "rules.yaml").write_text("version: 1\nrules: []\ndefault: unread\n", "utf-8")
    with running({"RULES_FILE": "rules.yaml"}) as made:
        yield made


def test_health_tells_the_version(site: Website) -> None:
    answer = site.ask("GET", "/healthz")
    assert (answer.status, answer.json["status"]) == (200, "ok")
    assert answer.json["version"][0].isdigit()


def test_ready_with_a_warning_while_no_worker_was_seen(site: Website) -> None:
    answer = site.ask("GET", "/readyz")
    assert answer.status == 200
    assert (answer.json["ready"], answer.json["problems"]) == (True, [])
    assert "flask worker run" in answer.json["warnings"][0]
    site.parts.ledger.beat("worker-1")
    assert site.ask("GET", "/readyz").json["warnings"] == []


def test_a_paused_account_is_a_warning(site: Website) -> None:
    ledger = site.parts.ledger
    ledger.beat("worker-1")
    ledger.record([arrival("read")])
    claimed = ledger.claim("default", ())
    assert isinstance(claimed, Delivery)
    ledger.settle(claimed, Retry("SmartLead refuses the API key", after=60.0, whole_account=True), (), 3)
    assert site.ask("GET", "/readyz").json["warnings"] == ["Account default is paused: SmartLead refuses the API key."]


def test_a_refused_rules_file_is_a_warning(site: Website, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nrules: maybe\n", "utf-8")
    site.parts.rulebook.refresh()
    site.parts.rulebook.refresh()
    answer = site.ask("GET", "/readyz")
    assert answer.status == 200
    assert "refused" in answer.json["warnings"][0]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "replymark.example.com"},
        {"Host": "127.0.0.1.evil.example:80"},
        {"X-Forwarded-For": "10.0.0.1"},
        {"Forwarded": "for=10.0.0.1"},
        {"X-Forwarded-Host": "replymark.example.com"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/", "/readyz", "/webhooks/smartlead"])
def test_the_sandbox_answers_this_machine_only(sandbox: Website, headers: dict[str, str], path: str) -> None:
    method = "POST" if "webhooks" in path else "GET"
    answer = sandbox.ask(method, path, headers=headers)
    assert answer.status == 403
    assert "SMARTLEAD_API_KEY" in answer.json["error"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_the_sandbox_answers_every_name_of_this_machine(sandbox: Website, host: str) -> None:
    assert sandbox.ask("GET", "/healthz", headers={"Host": host}).status == 200


def test_the_sandbox_page_shows_replies_and_never_renders_them(sandbox: Website) -> None:
    sandbox.token = None
    words = 'Hello <script>alert(1)</script> &amp; "you"'
    told = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "sl_lead_email": "ana@lead.example"}
    assert sandbox.post(told | {"reply_message": {"text": words}}).json["mark"] == "unread"
    page = sandbox.ask("GET", "/")
    text = page.body.decode()
    assert page.status == 200
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "ana@lead.example" in text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "waiting to be sent" in text
    assert "no rule: the default" in text
    assert sandbox.ask("GET", "/static/console.css").status == 200
