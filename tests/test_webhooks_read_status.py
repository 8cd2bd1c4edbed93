"""What a call of change-read-status asks for, and every refusal in the vendor's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import MAX_MAP_ID
from webhooks.read_status import Change, Invalid, read_change, read_fields

FORM = "application/x-www-form-urlencoded"
ID = 2255108337


def asked(body: str | bytes, content_type: str | None = "application/json", name: Any = "change-read-status") -> Any:
    """What a body asks for; of a refusal its status, and its message or error."""
    fields = read_fields(body.encode() if isinstance(body, str) else body, content_type)
    found = fields if isinstance(fields, Invalid) else read_change(fields, name)
    return (found.status, found.answer.get("message") or found.answer["error"]) if isinstance(found, Invalid) else found


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", None, FORM, "application/json; charset=utf-8"]
)
def test_json_is_read_under_any_content_type(content_type: str | None) -> None:
    assert asked(f'{{"email_lead_map_id": {ID}, "read_status": false}}', content_type) == Change(ID, is_read=False)


@pytest.mark.parametrize(
    ("body", "change"),
    [
        pytest.param(f"email_lead_map_id={ID}&read_status=true", Change(ID, is_read=True), id="a form"),
        pytest.param(
            f"read_status=False&email_lead_map_id=+{ID}+", Change(ID, is_read=False), id="as Python writes it"
        ),
        pytest.param(
            f"email_lead_map_id={ID}&read_status=1", (422, "read_status must be a boolean value"), id="no boolean"
        ),
        pytest.param(f"email_lead_map_id={ID}", (400, '"read_status" is required'), id="half a form"),
        pytest.param("hello", (400, '"email_lead_map_id" is required'), id="no form"),
        pytest.param("&".join(["a=1"] * 10_001), (400, "The form has too many fields"), id="a huge one"),
    ],
)
def test_a_form_is_read_as_relays_send_it(body: str, change: Any) -> None:
    assert asked(body, FORM) == change


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (ID, ID),
        (str(ID), ID),
        (f" {ID}\n", ID),
        (float(ID), ID),
        (1, 1),
        (MAX_MAP_ID, MAX_MAP_ID),
        (str(MAX_MAP_ID), MAX_MAP_ID),
        (0, "must be a positive number"),
        (-5, "must be a positive number"),
        ("0", "must be a positive number"),
        (MAX_MAP_ID + 1, f"must be less than or equal to {MAX_MAP_ID}"),
        ("9" * 31, "must be a number"),
        (1.5, "must be an integer"),
        (2.0**70, "must be an integer"),
        ("-5", "must be a number"),
        ("1e3", "must be a number"),
        ("٣", "must be a number"),
        ("", "must be a number"),
        ("{{map_id}}", "must be a number"),
        (True, "must be a number"),
        (None, "must be a number"),
        ([ID], "must be a number"),
        ({"id": ID}, "must be a number"),
    ],
)
def test_an_id_is_a_positive_integer_or_its_digits(told: Any, found: int | str) -> None:
    answer = asked(json.dumps({"email_lead_map_id": told, "read_status": True}))
    wrong = (400, f'"email_lead_map_id" {found}')
    assert answer == (Change(found, is_read=True) if isinstance(found, int) else wrong)


@pytest.mark.parametrize("told", ["true", "yes", 1, 0, None, [], {}, "false"])
def test_a_status_in_json_that_is_no_boolean_gets_422(told: Any) -> None:
    body = json.dumps({"email_lead_map_id": ID, "read_status": told})
    assert asked(body) == (422, "read_status must be a boolean value")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("", '"email_lead_map_id" is required', id="empty"),
        pytest.param("{}", '"email_lead_map_id" is required', id="nothing told"),
        pytest.param(f'{{"email_lead_map_id": {ID}}}', '"read_status" is required', id="half"),
        pytest.param('{"read_status": true}', '"email_lead_map_id" is required', id="the other half"),
        pytest.param("[]", '"value" must be of type object', id="an array"),
        pytest.param(
            f'[{{"email_lead_map_id": {ID}, "read_status": true}}]', '"value" must be of type object', id="one in it"
        ),
        pytest.param('"text"', '"value" must be of type object', id="a text"),
        pytest.param("null", '"value" must be of type object', id="null"),
        pytest.param('{"email_lead_map_id": 1,', "The body is no valid JSON", id="cut off"),
        pytest.param("hello", "The body is no valid JSON", id="prose"),
        pytest.param("[" * 100_000, "The body is no valid JSON", id="deep"),
        pytest.param('{"email_lead_map_id": ' + "9" * 5000 + "}", "The body is no valid JSON", id="a number for ever"),
        pytest.param(b"\xff\xfe\x00", "The body is no valid JSON", id="no text"),
    ],
)
def test_what_asks_for_nothing_gets_400_with_the_reason(body: str | bytes, message: str) -> None:
    assert asked(body) == (400, message)


def test_a_refusal_has_the_form_of_smartleads_validator() -> None:
    refusal = read_change({"read_status": True}, "change-read-status")
    assert refusal == Invalid(
        400,
        {
            "statusCode": 400,
            "error": "Bad Request",
            "message": '"email_lead_map_id" is required',
            "validation": {"source": "body", "keys": ["email_lead_map_id"]},
        },
    )


@pytest.mark.parametrize("more", [{}, {"read_status": True}, {"read_status": "x"}])
def test_mark_unread_needs_the_conversation_alone_and_never_marks_read(more: dict[str, Any]) -> None:
    body = json.dumps({"email_lead_map_id": ID} | more)
    assert asked(body, name="mark-unread") == Change(ID, is_read=False)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    body=st.binary(max_size=60)
    | st.fixed_dictionaries({}, optional={"email_lead_map_id": values, "read_status": values}).map(
        lambda told: json.dumps(told).encode()
    ),
    content_type=st.sampled_from([FORM, "application/json", None]),
)
def test_whatever_comes_is_a_change_of_a_real_id_or_a_refusal(body: bytes, content_type: str | None) -> None:
    found = asked(body, content_type)
    if isinstance(found, Change):
        assert 1 <= found.email_lead_map_id <= MAX_MAP_ID
        assert type(found.is_read) is bool
    else:
        assert found[0] in {400, 422}
