"""What a sender sees: a clear answer to everything, and 2xx only for what is in the ledger."""

from __future__ import annotations

import base64
import json
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from secrets_of_tests import ALL, API_KEY, SECRET, TOKEN
from webhook_events import PAYLOADS
from website import Website, environment, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONVERSATION = 2255108337
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


def payload(number: str) -> Any:
    (file,) = PAYLOADS.glob(f"{number}_*.json")
    return json.loads(file.read_text("utf-8"))


def raw(number: str) -> tuple[bytes, dict[str, str]]:
    shape = payload(number)
    return shape["body"].encode(), shape["headers"]


@pytest.mark.parametrize(
    ("number", "mark", "rule"),
    [
        ("01", "unread", "Interest"),  # only a preview
        ("02", "leave", None),  # a colleague answers: no rule
        ("05", "unread", "Interest"),
        ("06", "unread", "Interest"),  # numbers as strings
        ("20", "unread", "Interest"),  # the id only in app_url
        ("24", "read", "Out of office"),
        ("26", "unread", "Stop"),
        ("60", "unread", "Interest"),  # Zapier, flat
    ],
)
def test_a_reply_is_decided_and_answered_flat(site: Website, number: str, mark: str, rule: str | None) -> None:
    answer = site.post(payload(number), source="zapier" if number == "60" else "smartlead")
    assert answer.status == 200
    event_id = answer.json.pop("event_id")
    assert isinstance(event_id, int)
    assert answer.json == {
        "status": "accepted",
        "event_id": event_id,
        "mark": mark,
        "rule": rule,
        "reason": None,
        "email_lead_map_id": CONVERSATION,
    }


def test_a_form_of_zapier_with_basic_auth_is_decided(site: Website) -> None:
    body, headers = raw("64")
    password = base64.b64encode(f"zap:{TOKEN}".encode()).decode()
    answer = site.ask("POST", "/webhooks/zapier", body, headers | {"Authorization": f"Basic {password}"})
    assert (answer.status, answer.json["mark"], answer.json["email_lead_map_id"]) == (200, "unread", CONVERSATION)


@pytest.mark.parametrize("number", ["54", "56"])
def test_what_is_no_reply_is_ignored_with_the_reason(site: Website, number: str) -> None:
    answer = site.post(payload(number))
    assert (answer.status, answer.json["status"], answer.json["mark"]) == (200, "ignored", None)
    assert answer.json["reason"]
    assert site.parts.ledger.recent_deliveries() == []


def test_a_repeat_finds_its_row_and_repeats_the_decision(site: Website) -> None:
    first, second = site.post(payload("24")).json, site.post(payload("24"), source="zapier").json
    assert second == first | {"status": "duplicate"}
    assert site.parts.ledger.buckets() == {"accepted": 1, "duplicates": 1}


def test_a_superseded_reply_is_told_and_recorded_so(site: Website) -> None:
    newer = payload("05") | {"message_id": "<newer@lead.example>"}
    newer["reply_message"] = newer["reply_message"] | {
        "message_id": "<newer@lead.example>",
        "time": "2026-02-12T09:00:00Z",
    }
    site.post(newer)
    first, second = site.post(payload("24")).json, site.post(payload("24")).json
    assert (first["status"], first["mark"]) == ("accepted", "read")
    assert "newer reply" in first["reason"]
    assert second == first | {"status": "duplicate"}


def test_a_reply_without_conversation_id_is_parked_with_its_decision(site: Website) -> None:
    answer = site.post(payload("21")).json
    assert (answer["status"], answer["mark"], answer["email_lead_map_id"]) == ("parked", "unread", None)
    assert "conversation id" in answer["reason"]


def test_a_batch_is_taken_whole(site: Website) -> None:
    answer = site.post(payload("29")).json
    assert [one["email_lead_map_id"] for one in answer["results"]] == [CONVERSATION, 2255108999]
    assert answer["event_id"] == answer["results"][0]["event_id"]


@pytest.mark.parametrize(
    "shown",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": "Basic " + base64.b64encode(f":{TOKEN}".encode()).decode()},
        {"X-Webhook-Token": TOKEN},
    ],
    ids=["bearer", "basic", "header"],
)
def test_a_token_is_taken_from_each_of_its_places(site: Website, shown: dict[str, str]) -> None:
    site.token = None
    assert site.post(payload("01"), **shown).status == 200


@pytest.mark.parametrize(
    "shown",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic %%%"}, {"X-Webhook-Token": TOKEN[:-1]}],
    ids=["none", "wrong", "no base64", "too short"],
)
def test_a_stranger_gets_401_and_leaves_nothing(site: Website, shown: dict[str, str]) -> None:
    site.token = None
    answer = site.post(payload("01"), **shown)
    assert answer.status == 401
    assert "token" in answer.json["error"]
    assert site.parts.ledger.recent_events() == []


def test_a_known_secret_key_in_the_body_is_as_good_as_a_token(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path) | {"SMARTLEAD_WEBHOOK_SECRETS": SECRET}) as site:
        site.token = None
        assert site.post(payload("01") | {"secret_key": SECRET}).status == 200
        assert site.post(payload("01") | {"secret_key": "another"}).status == 401
        assert site.post([payload("01") | {"secret_key": SECRET}, payload("24")]).status == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"   ", "application/json", 400),
        (b'{"event_type": ', "application/json", 400),
        (b"true", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"hello there", "text/plain", 400),
        (b"<event/>", "application/xml", 415),
        (b"\xff\xfe\x00", "application/json", 400),
        (b"[" * 100000, "application/json", 400),
    ],
    ids=["empty", "blank", "cut off", "no object", "empty list", "prose", "XML", "no text", "deep"],
)
def test_what_can_not_be_read_is_told_and_kept(site: Website, body: bytes, content_type: str, status: int) -> None:
    answer = site.ask("POST", f"/webhooks/smartlead?token={TOKEN}", body, {"Content-Type": content_type})
    assert answer.status == status
    assert (answer.json["status"], answer.json["mark"]) == ("quarantined", None)
    assert len(answer.json["reason"]) > 20
    (row,) = site.parts.ledger.recent_events("quarantined")
    assert (row.event_id, row.reason) == (answer.json["event_id"], answer.json["reason"])


@pytest.mark.parametrize("bad", [None, 7, "no event", [], {"many": [0] * 10_001}])
def test_what_is_no_event_in_a_batch_is_quarantined_alone(site: Website, bad: object) -> None:
    answer = site.post([payload("01"), bad])
    assert answer.status == 200
    assert [one["status"] for one in answer.json["results"]] == ["accepted", "quarantined"]
    assert len(answer.json["results"][1]["reason"]) > 20
    assert site.post([bad, bad]).status == 400


def test_json_under_a_wrong_content_type_is_read(site: Website) -> None:
    body = json.dumps(payload("01"))
    for content_type in ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded"):
        answer = site.ask("POST", f"/webhooks/smartlead?token={TOKEN}", body, {"Content-Type": content_type})
        assert (answer.status, answer.json["mark"]) == (200, "unread")


def test_a_body_that_is_too_large_gets_413_and_is_counted(site: Website) -> None:
    answer = site.post({"event_type": "EMAIL_REPLY", "preview_text": "x" * 300_000})
    assert answer.status == 413
    assert "200000" in answer.json["reason"]
    assert site.parts.ledger.buckets()["quarantined"] == 1


def test_a_chunked_body_that_is_too_large_is_not_taken_for_its_beginning(site: Website) -> None:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    form = b"event_type=EMAIL_REPLY&sl_email_lead_map_id=7&preview_text=" + b"x" * 300_000
    pieces = (form[at : at + 50_000] for at in range(0, len(form), 50_000))
    connection.request("POST", f"/webhooks/zapier?token={TOKEN}", pieces, {"Content-Type": FORM}, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413
    connection.close()
    assert site.parts.ledger.buckets() == {"quarantined": 1, "duplicates": 0}


def test_a_body_that_ends_early_is_not_taken_and_does_not_make_the_whole_one_a_duplicate(site: Website) -> None:
    form = b"event_type=EMAIL_REPLY&sl_email_lead_map_id=7&message_id=1&reply_text=Stop+by+on+Monday"
    head = f"POST /webhooks/zapier?token={TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as sender:
        sender.sendall(f"{head}Content-Length: {len(form)}\r\n\r\n".encode() + form[:-14])
        sender.shutdown(socket.SHUT_WR)
        assert b" 400 " in sender.recv(65536).splitlines()[0]
    whole = site.ask("POST", f"/webhooks/zapier?token={TOKEN}", form, {"Content-Type": FORM})
    assert (whole.json["status"], whole.json["mark"]) == ("accepted", "leave")


@pytest.mark.parametrize("place", ["event_type", "reply_text", "sender", "note"])
def test_no_secret_is_kept_or_answered_wherever_a_stranger_puts_it(site: Website, place: str) -> None:
    told = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_text": "Two slots, please"}
    answer = site.post(told | {place: f"two slots {API_KEY} {TOKEN}"})
    (row,) = site.parts.ledger.recent_events()
    shown = answer.body.decode() + repr(row) + (site.parts.ledger.body_of(row.event_id) or "")
    assert not any(secret in shown for secret in ALL)


def test_a_right_token_counts_beside_a_wrong_one_and_a_slash_at_the_end_does_no_harm(site: Website) -> None:
    body, json_type = json.dumps(payload("01")), {"Content-Type": "application/json"}
    assert site.ask("POST", f"/webhooks/smartlead/?token=wrong&token={TOKEN}", body, json_type).status == 200
    doubled = site.ask("POST", f"/webhooks//smartlead?token={TOKEN}", body, json_type)
    assert (doubled.status, doubled.headers.get("Location")) == (404, None)


@pytest.mark.parametrize(
    ("method", "path", "status", "right"),
    [
        ("GET", "/webhooks/smartlead", 405, "webhooks are POSTed"),
        ("POST", "/nowhere", 404, "POST /webhooks/smartlead"),
        ("PATCH", "/api/v1/master-inbox/update-category", 404, "only change-read-status and mark-unread are answered"),
    ],
)
def test_a_wrong_address_says_what_is_right(site: Website, method: str, path: str, status: int, right: str) -> None:
    answer = site.ask(method, path)
    assert answer.status == status
    assert right in answer.json["error"]


def test_without_live_rules_the_sender_is_told_to_come_back(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path), live=False) as site:
        answer = site.post(payload("01"))
        assert (answer.status, "Retry-After" in answer.headers) == (503, True)
        ready = site.ask("GET", "/readyz")
        assert (ready.status, ready.json["ready"]) == (503, False)
        assert "no live rules" in ready.json["problems"][0]


def test_without_a_migrated_ledger_nothing_is_acknowledged(empty_database_url: str, tmp_path: Path) -> None:
    with running(environment(empty_database_url, tmp_path), migrate=False, live=False) as site:
        assert site.post(b"not json").status == 503
        assert "flask ledger migrate" in site.ask("GET", "/readyz").json["problems"][0]
        assert site.ask("GET", "/healthz").json["status"] == "ok"


def test_what_is_stored_holds_no_secret(site: Website) -> None:
    event = payload("05") | {"secret_key": SECRET, "webhook_url": f"https://hooks.example/?token={TOKEN}", "x": API_KEY}
    stored = site.parts.ledger.body_of(site.post(event).json["event_id"])
    broken = site.parts.ledger.body_of(site.post(json.dumps(event)[:-1]).json["event_id"])
    for body in (stored, broken):
        assert body
        assert "Sounds useful" in body
        assert not any(secret in body for secret in ALL)


def test_the_console_page_is_not_there_in_real_use(site: Website) -> None:
    assert site.ask("GET", "/").status == 404


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
keys_of_replies = st.sampled_from(["event_type", "sl_email_lead_map_id", "reply_message", "subject", "time_replied"])
replies = st.dictionaries(keys_of_replies, json_values).map(lambda event: {"event_type": "EMAIL_REPLY"} | event)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=json_values | replies | st.lists(replies, max_size=3))
def test_any_json_value_gets_a_clear_answer_and_never_5xx(site: Website, value: Any) -> None:
    answer = site.post(json.dumps(value))
    assert answer.status in {200, 400}, answer.body
    assert answer.json["status"] in {"accepted", "duplicate", "ignored", "parked", "quarantined"}


def test_a_reply_with_two_conversation_ids_is_parked_and_says_why(site: Website) -> None:
    told = {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": 7,
        "sl_lead_email": "d@x.example",
        "reply_text": "stop",
    }
    answer = site.post(told | {"app_url": "https://app.smartlead.ai/app/master-inbox?leadMap=8"}).json
    assert (answer["status"], answer["email_lead_map_id"]) == ("parked", None)
    assert "more than one conversation id" in answer["reason"]


def test_an_answer_has_the_promised_fields_and_no_other(site: Website) -> None:
    told = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_text": "stop"}
    fields = {"status", "event_id", "mark", "rule", "reason", "email_lead_map_id"}
    assert site.post(told).json.keys() == fields
    assert site.post([told, told]).json.keys() == fields | {"results"}
