"""Every answer that SmartLead is known to give has its outcome, and so has any other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.answer import classify
from model import Done, GiveUp, Outcome, Retry

DATE = {"Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
HTML = b"<!DOCTYPE html><html><body>Attention Required! | Cloudflare</body></html>"
CANNOT = b"<html><body><pre>Cannot PATCH /api/v1/master-inbox/change-read-status</pre></body></html>"
DONE = Done()


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def account_wide(reason: str, after: float | None = None) -> Retry:
    return Retry(reason, after, whole_account=True)


SUCCESSES = [
    pytest.param(
        body({"success": True, "message": "Read status updated", "data": {"is_read": True}}),
        id="the public documentation",
    ),
    pytest.param(
        body(
            {
                "ok": True,
                "message": "Lead marked as unread successfully",
                "data": {"success": True, "updated": 1},
            }
        ),
        id="the older reference, whose text lies",
    ),
    pytest.param(body({"ok": True, "data": {"updated": "1"}}), id="a count as text"),
    pytest.param(body({}), id="an empty object"),
    pytest.param(body({"ok": True, "error": None}), id="no error, spelled out"),
    pytest.param(body({"ok": True, "error": "a warning"}), id="a flag weighs more than a text"),
    pytest.param(body([]), id="a list"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"\n", id="a blank line"),
    pytest.param(b"success", id="plain text, as other write routes answer"),
    pytest.param(b"OK", id="Express's sendStatus"),
    pytest.param(b'"success"', id="JSON text"),
]


@pytest.mark.parametrize("answer", SUCCESSES)
def test_a_success_in_any_shape_is_done(answer: bytes) -> None:
    assert classify(200, {}, answer) == DONE


def test_no_content_is_done() -> None:
    assert classify(204, {}, b"") == DONE


TROUBLE_WITH_200 = [
    pytest.param(
        body({"success": False, "message": "try later"}),
        Retry("SmartLead reports a failure: try later"),
        id="success: false",
    ),
    pytest.param(
        body({"ok": False, "error": {"code": "X", "message": "db"}}),
        Retry("SmartLead reports a failure: db"),
        id="ok: false",
    ),
    pytest.param(
        body({"ok": True, "data": {"success": False, "message": "inner"}}),
        Retry("SmartLead reports a failure: inner"),
        id="a failure within",
    ),
    pytest.param(body({"error": "lost"}), Retry("SmartLead reports a failure: lost"), id="an error and no flag"),
    pytest.param(
        body({"ok": True, "data": {"success": True, "updated": 0}}),
        GiveUp("SmartLead changed nothing (updated: 0): it may not know this conversation", gone=True),
        id="nothing changed",
    ),
    pytest.param(
        body({"ok": True, "data": {"updated": "0"}}),
        GiveUp("SmartLead changed nothing (updated: 0): it may not know this conversation", gone=True),
        id="nothing changed, as text",
    ),
    pytest.param(
        body({"ok": False, "data": {"updated": 0}}),
        Retry("SmartLead reports a failure"),
        id="a failure explains that nothing changed",
    ),
    pytest.param(HTML, Retry("SmartLead sent a web page instead of an answer (status 200)"), id="a web page"),
    pytest.param(b'{"ok": true, "da', Retry("SmartLead's answer cannot be read (status 200)"), id="half an answer"),
    pytest.param(b"[" * 60_000, Retry("SmartLead's answer cannot be read (status 200)"), id="nested without end"),
    pytest.param(b"\xff\xfe\xfa", Retry("SmartLead's answer cannot be read (status 200)"), id="not text"),
]


@pytest.mark.parametrize(("answer", "outcome"), TROUBLE_WITH_200)
def test_status_200_alone_is_not_believed(answer: bytes, outcome: Outcome) -> None:
    assert classify(200, {}, answer) == outcome


ERRORS = [
    pytest.param(
        400,
        body({"statusCode": 400, "error": "Bad Request", "message": '"read_status" is required'}),
        GiveUp('SmartLead refuses the request (status 400): "read_status" is required'),
        id="the validator's form, message before error",
    ),
    pytest.param(400, b"{}", GiveUp("SmartLead refuses the request (status 400)"), id="an empty object"),
    pytest.param(
        422,
        body({"error": "read_status must be a boolean value", "field": "read_status"}),
        GiveUp("SmartLead refuses the request (status 422): read_status must be a boolean value"),
        id="an error as text",
    ),
    pytest.param(
        409,
        body({"error": {"code": "CONFLICT", "details": {}}}),
        GiveUp("SmartLead refuses the request (status 409): CONFLICT"),
        id="an error with a code alone",
    ),
    pytest.param(413, HTML, GiveUp("SmartLead refuses the request (status 413)"), id="a web page"),
    pytest.param(
        401,
        body({"message": "API key is required."}),
        account_wide("SmartLead refuses the API key (API key is required.): check the account's SMARTLEAD_API_KEY", 60),
        id="no key",
    ),
    pytest.param(
        401,
        body({"success": False, "error": {"code": "UNAUTHORIZED", "message": "Invalid API Key"}}),
        account_wide("SmartLead refuses the API key (Invalid API Key): check the account's SMARTLEAD_API_KEY", 60),
        id="a wrong key, nested",
    ),
    pytest.param(
        401,
        b"",
        account_wide("SmartLead refuses the API key: check the account's SMARTLEAD_API_KEY", 60),
        id="a wrong key, in silence",
    ),
    pytest.param(
        403,
        HTML,
        account_wide("The request was blocked by Cloudflare, which stands before SmartLead (status 403)", 300),
        id="Cloudflare's page",
    ),
    pytest.param(
        403,
        b"error code: 1010",
        account_wide("The request was blocked by Cloudflare, which stands before SmartLead (status 403)", 300),
        id="Cloudflare's line",
    ),
    pytest.param(
        403,
        body({"error": "plan"}),
        account_wide("SmartLead says that the key may not do this (plan): check the account's SMARTLEAD_API_KEY", 60),
        id="a key without the right",
    ),
    pytest.param(
        404,
        body({"error": "Lead mapping not found"}),
        GiveUp("SmartLead does not know this conversation: Lead mapping not found", gone=True),
        id="an unknown conversation",
    ),
    pytest.param(
        404,
        CANNOT,
        GiveUp("SmartLead has no such address (status 404): check SMARTLEAD_BASE_URL"),
        id="Express's page",
    ),
    pytest.param(
        404,
        b"",
        GiveUp("SmartLead has no such address (status 404): check SMARTLEAD_BASE_URL"),
        id="nothing",
    ),
    pytest.param(
        302,
        b"",
        Retry("SmartLead answered with a redirect, which is never followed: check SMARTLEAD_BASE_URL"),
        id="a redirect",
    ),
    pytest.param(408, b"", Retry("SmartLead is in trouble (status 408)"), id="its own timeout"),
    pytest.param(
        500,
        body({"error": "Internal Server Error"}),
        Retry("SmartLead is in trouble (status 500): Internal Server Error"),
        id="a crash",
    ),
    pytest.param(502, HTML, Retry("SmartLead is in trouble (status 502)"), id="a web page of a proxy"),
    pytest.param(
        520,
        b"error code: 520",
        Retry("SmartLead is in trouble (status 520): error code: 520"),
        id="Cloudflare without SmartLead",
    ),
]


@pytest.mark.parametrize(("status", "answer", "outcome"), ERRORS)
def test_every_error_says_what_is_to_be_done(status: int, answer: bytes, outcome: Outcome) -> None:
    assert classify(status, {}, answer) == outcome


LIMITED = body({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Slow down", "retry_after": 30}})
PAUSES = [
    pytest.param({"Retry-After": "12"}, LIMITED, 12, id="the header before the body"),
    pytest.param({"RETRY-AFTER": " 1.5 "}, b"", 1.5, id="any case, blanks, a fraction"),
    pytest.param({"Retry-After": "0"}, b"", 1, id="never at once"),
    pytest.param({"Retry-After": "86400"}, b"", 3600, id="never longer than an hour"),
    pytest.param(
        DATE | {"Retry-After": "Mon, 02 Mar 2026 10:00:20 GMT"},
        b"",
        20,
        id="a date, by the answer's own clock",
    ),
    pytest.param(DATE | {"Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT"}, b"", 1, id="a date that is over"),
    pytest.param({"Retry-After": "Mon, 02 Mar 2026 10:00:20 GMT"}, LIMITED, 30, id="a date without a clock"),
    pytest.param({}, LIMITED, 30, id="the body"),
    pytest.param({"Retry-After": "soon"}, LIMITED, 30, id="an unreadable header"),
    pytest.param({}, body({"error": {"retry_after": "4"}}), 4, id="the body, as text"),
    pytest.param({"x-ratelimit-reset": "25"}, HTML, 25, id="the rate header, in seconds"),
    pytest.param(DATE | {"x-ratelimit-reset": "1772445640"}, b"", 40, id="the rate header, in seconds since 1970"),
    pytest.param(DATE | {"x-ratelimit-reset": "1772445640000"}, b"", 40, id="the rate header, in milliseconds"),
    pytest.param({"x-ratelimit-reset": "1772445640"}, b"", None, id="a moment without a clock"),
    pytest.param(DATE | {"x-ratelimit-reset": "1772445600"}, b"", None, id="a reset that is over"),
    pytest.param({"Retry-After": "-5", "x-ratelimit-reset": "nan"}, b"", None, id="numbers that make no sense"),
    pytest.param({}, b"", None, id="no word"),
]


@pytest.mark.parametrize(("headers", "answer", "after"), PAUSES)
def test_a_429_pauses_the_account_as_long_as_it_asks(
    headers: dict[str, str], answer: bytes, after: float | None
) -> None:
    outcome = classify(429, headers, answer)
    assert isinstance(outcome, Retry)
    assert (outcome.after, outcome.whole_account) == (after, True)
    assert outcome.reason.startswith("SmartLead's rate limit is reached")


def test_a_503_that_names_a_time_is_tried_then_and_holds_nobody_else_up() -> None:
    assert classify(503, {"Retry-After": "9"}, b"") == Retry("SmartLead is in trouble (status 503)", 9)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["ok", "error", "data", "message"]), inner),
    max_leaves=8,
)
header_names = st.sampled_from(["retry-after", "Date", "x-ratelimit-reset"])


@given(
    st.integers(100, 999),
    st.dictionaries(header_names, st.text() | st.from_regex(r"\A[\w ,:+-]*\Z")),
    st.binary() | json_values.map(body),
)
def test_any_answer_at_all_has_an_outcome(status: int, headers: dict[str, str], answer: bytes) -> None:
    outcome = classify(status, headers, answer)
    if isinstance(outcome, Retry) and outcome.after is not None:
        assert 1 <= outcome.after <= 3600
    if not isinstance(outcome, Done):
        assert outcome.reason.isprintable()
        assert len(outcome.reason) < 300
