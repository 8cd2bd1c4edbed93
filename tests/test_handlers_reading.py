"""An answer to a question: its JSON, or trouble in the same words as a PATCH's; and the rate that its headers tell."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_answers import answering

from handlers.answer import classify, judge_reading
from handlers.reading import Rate, read_rate
from handlers.smartlead import SmartLead
from model import GiveUp, Retry

HTML = b"<!DOCTYPE html><html><body>Attention Required! | Cloudflare</body></html>"


@pytest.mark.parametrize("value", [{}, [], [{"id": 1}], {"ok": True, "data": []}, {"success": True}, "text", 5])
def test_any_json_that_reports_no_failure_is_read(value: Any) -> None:
    assert judge_reading(200, {}, json.dumps(value).encode()) == value


SAME = [
    pytest.param(200, {}, HTML, id="a web page with 200"),
    pytest.param(200, {}, b'{"ok": true, "da', id="half an answer"),
    pytest.param(200, {}, b'{"ok": false, "message": "try later"}', id="a failure with 200"),
    pytest.param(307, {}, b"", id="a redirect"),
    pytest.param(400, {}, b'{"message": "\\"email\\" is required"}', id="the validator"),
    pytest.param(401, {}, b'{"message": "Invalid API Key"}', id="a wrong key"),
    pytest.param(403, {}, HTML, id="Cloudflare's page"),
    pytest.param(403, {}, b"error code: 1010", id="Cloudflare's line"),
    pytest.param(404, {}, HTML, id="Express's page"),
    pytest.param(429, {"Retry-After": "7"}, b"", id="the rate limit"),
    pytest.param(500, {}, b"{}", id="a crash"),
    pytest.param(503, {"Retry-After": "9"}, b"", id="a pause"),
]


@pytest.mark.parametrize(("status", "headers", "body"), SAME)
def test_trouble_means_the_same_whatever_was_asked(status: int, headers: dict[str, str], body: bytes) -> None:
    trouble = judge_reading(status, headers, body)
    assert isinstance(trouble, (Retry, GiveUp))
    assert trouble == classify(status, headers, body)


@pytest.mark.parametrize("body", [b"", b"success", b"OK"])
def test_a_success_without_json_answers_no_question(body: bytes) -> None:
    assert judge_reading(200, {}, body) == Retry("SmartLead's answer cannot be read (status 200)")


def test_a_key_that_may_not_ask_this_holds_no_mark_up() -> None:
    reason = "SmartLead says that the key may not do this (plan): check the account's SMARTLEAD_API_KEY"
    assert judge_reading(403, {}, b'{"error": "plan"}') == GiveUp(reason)


def test_what_is_not_there_is_not_called_a_conversation() -> None:
    assert judge_reading(404, {}, b'{"error": "Resource not found"}') == GiveUp(
        "SmartLead does not know what was asked for: Resource not found"
    )


def test_a_message_hidden_below_any_number_of_objects_is_no_error() -> None:
    body = b'{"message":' * 5_000 + b'"deep"' + b"}" * 5_000
    assert judge_reading(500, {}, body).reason.startswith("SmartLead is in trouble (status 500)")


def test_a_message_of_megabytes_is_quoted_short() -> None:
    trouble = judge_reading(500, {}, json.dumps({"message": "x" * 3_000_000}).encode())
    assert len(trouble.reason) < 300


RATES = [
    pytest.param(
        {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "25"},
        Rate(60, 0, "25"),
        id="all three",
    ),
    pytest.param({"x-ratelimit-remaining": "59"}, Rate(None, 59, None), id="one of them"),
    pytest.param({"x-ratelimit-limit": "many"}, Rate(None, None, None), id="no number"),
    pytest.param({"retry-after": "7"}, None, id="none"),
]


@pytest.mark.parametrize(("headers", "rate"), RATES)
def test_the_rate_headers_are_read_where_they_come(headers: dict[str, str], rate: Rate | None) -> None:
    assert read_rate(headers) == rate


@given(st.integers(100, 999), st.binary())
def test_any_answer_at_all_is_read_or_has_its_trouble(status: int, body: bytes) -> None:
    read = judge_reading(status, {}, body)
    if not 200 <= status < 300:
        assert isinstance(read, (Retry, GiveUp))
    if isinstance(read, (Retry, GiveUp)):
        assert read.reason.isprintable()
        assert len(read.reason) < 300


def test_a_header_never_repeats_the_key() -> None:
    key = "sk-a-key/with+signs"
    head = f"HTTP/1.1 302 Found\r\nLocation: https://other.example/?api_key={quote(key, safe='')}\r\nX-Key: {key}\r\n"
    with answering(f"{head}Content-Length: 0\r\n\r\n".encode(), end=b"\r\n\r\n") as url:
        smartlead = SmartLead(url, key)
        reading = smartlead.get("/campaigns")
        smartlead.close()
    assert reading.headers["location"] == "https://other.example/?api_key=..."
    assert reading.headers["x-key"] == "..."
