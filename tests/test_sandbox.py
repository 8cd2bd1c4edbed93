"""The stand-in keeps to what SmartLead is known to answer, so that what works here works there."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from commands import BARE, FLASK, ROOT
from sandbox_client import CHANGE, KEY, KNOWN, call, change, control

from sandbox import Sandbox
from sandbox.conversation import SEEDED
from sandbox.limits import SlidingWindows, read_limits

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        yield running


def test_a_change_of_the_read_status_is_kept_and_shown(box: Sandbox) -> None:
    answer = change(box, read_status=True)
    assert answer.status == 200
    assert answer.json["ok"] is True
    assert answer.json["data"] == {"success": True, "updated": 1}
    change(box, read_status=False)
    change(box, read_status=True)
    assert control(box, "inbox").json[str(KNOWN)] == {"is_read": True, "patches": 3}


def test_an_unknown_conversation_is_made_so_that_every_id_works(box: Sandbox) -> None:
    assert change(box, 42).status == 200
    assert control(box, "inbox").json["42"] == {"is_read": True, "patches": 1}


def test_a_strict_sandbox_does_not_know_an_unknown_conversation() -> None:
    with Sandbox(api_keys=(KEY,), strict=True) as box:
        answer = change(box, 42)
        assert (answer.status, answer.json) == (404, {"error": "Lead mapping not found"})
        assert "42" not in control(box, "inbox").json


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        pytest.param({"read_status": True}, 400, '"email_lead_map_id" is required', id="no id"),
        pytest.param({"email_lead_map_id": 1}, 400, '"read_status" is required', id="no status"),
        pytest.param(None, 400, '"email_lead_map_id" is required', id="no body"),
        pytest.param({"email_lead_map_id": "1", "read_status": True}, 400, "must be a number", id="an id as text"),
        pytest.param(
            {"email_lead_map_id": 1, "read_status": "true"},
            422,
            "read_status must be a boolean value",
            id="a status as text",
        ),
        pytest.param([1], 400, "must be of type object", id="a list"),
        pytest.param(b"{nope", 400, "Invalid request payload", id="not JSON"),
        pytest.param(b"[" * 50_000, 400, "Invalid request payload", id="nested without end"),
        pytest.param(b" " * 1_100_000, 400, "greater than maximum", id="huge"),
        pytest.param(b'{"api_key": "\\ud800"}', 400, "is required", id="half a character"),
    ],
)
def test_a_bad_body_is_refused_as_smartlead_does(box: Sandbox, body: Any, status: int, error: str) -> None:
    answer = call(box, "PATCH", CHANGE, body)
    assert answer.status == status
    assert error in str(answer.json.get("message") or answer.json["error"])
    assert control(box, "requests").json[0]["status"] == status


@pytest.mark.parametrize(
    ("key", "agent", "status", "holds"),
    [
        pytest.param(None, "curl/8", 401, "API key is required.", id="no key"),
        pytest.param("wrong", "curl/8", 401, "Invalid API Key", id="wrong key"),
        pytest.param(KEY, "python-requests/2.34.2", 403, "Cloudflare", id="requests' own agent"),
        pytest.param(KEY, "Python-urllib/3.13", 403, "Cloudflare", id="urllib's own agent"),
        pytest.param(KEY, "Replymark/1 (python-requests)", 200, "ok", id="an agent of one's own"),
    ],
)
def test_only_a_key_and_an_agent_open_the_door(
    box: Sandbox, key: str | None, agent: str, status: int, holds: str
) -> None:
    answer = change(box, key=key, agent=agent)
    assert answer.status == status
    assert holds in answer.text


def test_a_key_in_the_body_is_let_in_and_not_logged(box: Sandbox) -> None:
    body = {"email_lead_map_id": 1, "read_status": True, "api_key": KEY}
    assert call(box, "PATCH", CHANGE, body, key=None).status == 200
    assert KEY not in control(box, "requests").text


def test_an_unknown_route_is_expresss_web_page(box: Sandbox) -> None:
    answer = call(box, "PATCH", "/api/v1/master-inbox/read-status", {})
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Cannot PATCH /api/v1/master-inbox/read-status" in answer.text


def test_the_retired_route_is_refused_with_the_way_out(box: Sandbox) -> None:
    answer = call(box, "PATCH", "/api/v1/master-inbox/mark-unread", {"email_lead_map_id": KNOWN})
    assert answer.status == 410
    assert "change-read-status" in answer.json["message"]


def test_unread_replies_are_those_that_no_patch_has_read(box: Sandbox) -> None:
    change(box, KNOWN)
    every = call(box, "POST", "/api/v1/master-inbox/inbox-replies", {}).json["data"]
    unread = call(box, "POST", "/api/v1/master-inbox/unread-replies", {}).json["data"]
    assert {row["email_lead_map_id"]: row["has_new_unread_email"] for row in every}[str(KNOWN)] is False
    assert str(KNOWN) not in [row["email_lead_map_id"] for row in unread]
    assert len(unread) == len(every) - 1


def test_the_inbox_comes_in_pages(box: Sandbox) -> None:
    def page(offset: int) -> list[str]:
        answer = call(
            box,
            "POST",
            "/api/v1/master-inbox/inbox-replies?fetch_message_history=false",
            {"offset": offset, "limit": 4},
        ).json
        assert (answer["ok"], answer["offset"], answer["limit"]) == (True, offset, 4)
        return [row["email_lead_map_id"] for row in answer["data"]]

    first, second = page(0), page(4)
    assert (len(first), len(second), page(8)) == (4, 2, [])
    assert not set(first) & set(second)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        pytest.param({"search": "SOLHEIM"}, 1, id="part of a name, any case"),
        pytest.param({"search": "northpier"}, 1, id="part of the address"),
        pytest.param({"campaignId": 884213}, 5, id="one campaign"),
        pytest.param({"campaignId": [884213, 884377]}, 6, id="two campaigns"),
        pytest.param({"search": "marit", "campaignId": 884377}, 0, id="both must hold"),
    ],
)
def test_filters_narrow_the_list(box: Sandbox, filters: dict[str, Any], found: int) -> None:
    answer = call(box, "POST", "/api/v1/master-inbox/inbox-replies", {"filters": filters})
    assert len(answer.json["data"]) == found


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 21},
        {"limit": 0},
        {"limit": "20"},
        {"offset": -1},
        {"filters": {"search": "x" * 31}},
        {"filters": {"campaignId": [1, 2, 3, 4, 5, 6]}},
    ],
)
def test_a_list_beyond_the_documented_bounds_is_refused(box: Sandbox, body: dict[str, Any]) -> None:
    assert call(box, "POST", "/api/v1/master-inbox/unread-replies", body).status == 422


def test_the_rate_limit_is_told_before_and_when_it_is_reached() -> None:
    with Sandbox(api_keys=(KEY, "other"), limits=((2, 3600.0),)) as box:
        assert change(box).headers["x-ratelimit-remaining"] == "1"
        assert change(box).headers["x-ratelimit-remaining"] == "0"
        refused = change(box)
        assert refused.status == 429
        assert 3590 <= int(refused.headers["retry-after"]) <= 3600
        assert refused.json["error"]["code"] == "RATE_LIMIT_EXCEEDED"
        assert refused.json["error"]["retry_after"] == int(refused.headers["retry-after"])
        assert change(box, key="other").status == 200
        assert control(box, "inbox").json[str(KNOWN)]["patches"] == 3


def test_no_window_ever_holds_more_arrivals_than_its_limit() -> None:
    windows = SlidingWindows(((3, 1.0), (4, 10.0)))
    assert [windows.admit("k", at).wait for at in (0.0, 0.5, 0.9)] == [0, 0, 0]
    assert windows.admit("k", 0.95).wait == pytest.approx(0.05)  # a refused arrival fills no place …
    assert windows.admit("k", 1.0).wait == 0  # … and a place is free when its arrival is a period old
    assert windows.admit("k", 2.5).wait == pytest.approx(7.5)  # the longer window is full
    assert windows.admit("k", 10.0).wait == 0


@pytest.mark.parametrize("text", ["", "10", "10/s", "0/1s", "10/1d", "x"])
def test_an_unreadable_rate_limit_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="rate limit"):
        read_limits(text)


def test_rate_limits_are_read_in_every_unit() -> None:
    assert read_limits("10/1s 60/2m 1000/1h") == ((10, 1.0), (60, 120.0), (1000, 3600.0))


def test_the_request_log_tells_all_but_the_key(box: Sandbox) -> None:
    change(box, 42, agent="Replymark/1")
    answer = control(box, "requests")
    (entry,) = answer.json
    assert entry.pop("time") > 1e9
    assert entry == {
        "method": "PATCH",
        "path": CHANGE,
        "query": {},
        "user_agent": "Replymark/1",
        "body": {"email_lead_map_id": 42, "read_status": True},
        "status": 200,
    }
    assert KEY not in answer.text


def test_reset_forgets_everything() -> None:
    with Sandbox(api_keys=(KEY,), limits=((1, 3600.0),)) as box:
        change(box, 42)
        control(box, "faults", [{"status": 500}])
        control(box, "reset", {})
        assert control(box, "requests").json == []
        assert "42" not in control(box, "inbox").json
        assert change(box).status == 200


def test_it_comes_back_on_the_same_port_with_its_memory(box: Sandbox) -> None:
    change(box, 42)
    url = box.url
    box.stop()
    with pytest.raises(ConnectionRefusedError):
        change(box)
    box.start()
    assert box.url == url
    assert "42" in control(box, "inbox").json


def test_stopping_ends_a_request_that_hangs_before_it_has_any_effect(box: Sandbox) -> None:
    control(box, "faults", [{"delay": 3600}])

    def hang() -> None:
        with suppress(OSError, http.client.HTTPException):
            change(box)

    hanging = threading.Thread(target=hang)
    hanging.start()
    assert any(control(box, "requests").json for _ in range(10_000))
    box.stop()
    hanging.join(10)
    assert not hanging.is_alive()
    box.start()
    assert control(box, "inbox").json[str(KNOWN)]["patches"] == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_its_url_and_ends_cleanly(end: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox", "--api-key", KEY, "--rate-limits", "1/1h"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.rsplit(":", 1)[1])
        running = Sandbox(port)
        assert [change(running).status for _ in range(2)] == [200, 429]
        process.send_signal(end)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert KEY not in line + output
    assert errors == ""


def test_the_command_fills_the_inbox_with_so_many_conversations() -> None:
    command = [str(FLASK), "sandbox", "run", "--port", "0", "--conversations", "30"]
    with subprocess.Popen(command, cwd=ROOT, env=BARE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        running = Sandbox(int(process.stdout.readline().rsplit(":", 1)[1]))
        inbox = control(running, "inbox").json
        process.terminate()
    assert (process.returncode, len(inbox)) == (0, len(SEEDED) + 30)


def test_the_command_says_when_the_port_is_taken(box: Sandbox) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", str(urlsplit(box.url).port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("The sandbox cannot listen on 127.0.0.1:")
    assert "Traceback" not in done.stderr
