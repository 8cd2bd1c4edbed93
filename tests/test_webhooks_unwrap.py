"""Reading bodies: whatever wrapping a relay puts around an event, the same event comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Malformed
from webhooks.unwrap import MAX_EVENTS, MAX_VALUES, Unsupported, Unwrapped, unwrap

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
EVENT = {"event_type": "EMAIL_REPLY", "reply_message": {"text": "Schöne Grüße"}}


def events(body: bytes | str | list[Any] | dict[str, Any], content_type: str | None = JSON) -> list[dict[str, Any]]:
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    read = unwrap(raw, content_type)
    assert isinstance(read, Unwrapped), read
    return list(read.events)


def reason(body: bytes | str, content_type: str | None = JSON) -> str:
    read = unwrap(body if isinstance(body, bytes) else body.encode(), content_type)
    assert isinstance(read, Malformed), read
    return read.reason


@pytest.mark.parametrize(
    "content_type",
    [
        JSON,
        "application/json; charset=utf-8",
        "text/plain",  # senders that only know texts
        FORM,  # curl -d without a header
        "application/xml",  # a type left over from another step
        "multipart/form-data; boundary=x",
        "nonsense",
        "",
        None,
    ],
)
def test_json_is_read_under_any_content_type(content_type: str | None) -> None:
    assert events(EVENT, content_type) == [EVENT]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(EVENT, ensure_ascii=False).encode(),
        json.dumps(EVENT, ensure_ascii=False).encode("utf-8-sig"),
        json.dumps(EVENT, ensure_ascii=False).encode("utf-16"),
        json.dumps(EVENT, ensure_ascii=False).encode("utf-16-le"),
        json.dumps(EVENT, ensure_ascii=False).encode("utf-32-be"),
        json.dumps(EVENT, ensure_ascii=False).encode("latin-1"),
        b"\r\n " + json.dumps(EVENT).encode() + b"\n",
    ],
    ids=["utf-8", "utf-8 with BOM", "utf-16 with BOM", "utf-16", "utf-32", "latin-1", "blanks around"],
)
def test_every_encoding_gives_the_same_event(body: bytes) -> None:
    assert events(body) == [EVENT]


@pytest.mark.parametrize(
    ("wrapped", "why"),
    [
        ([EVENT], "Zapier's Wrap Request In Array"),
        (json.dumps(json.dumps(EVENT)), "JSON in a JSON string"),
        (json.dumps(json.dumps(json.dumps(EVENT))), "twice so"),
        ({"headers": {"host": "x"}, "params": {}, "query": {}, "body": EVENT}, "n8n's item"),
        (
            [{"headers": {}, "params": {}, "query": {}, "body": EVENT, "webhookUrl": "u", "executionMode": "test"}],
            "n8n",
        ),
        ({"headers": {}, "query": {}, "body": json.dumps(EVENT)}, "n8n with a body that it did not read"),
        ({"body": [EVENT]}, "n8n around an array"),
        ([json.dumps(EVENT)], "an array of texts"),
        ({"event_type": "EMAIL_REPLY", "reply_message__text": "Schöne Grüße"}, "flattened keys"),
        ({"body": {"event_type": "EMAIL_REPLY", "reply_message__text": "Schöne Grüße"}}, "flattened in n8n's item"),
        ({"event_type": "EMAIL_REPLY", "reply_message.text": "Schöne Grüße"}, "flattened with dots"),
        ({"event_type": "EMAIL_REPLY", "reply_message[text]": "Schöne Grüße"}, "flattened with brackets"),
        ({"event_type": "EMAIL_REPLY", "reply_message": '{"text": "Schöne Grüße"}'}, "an object as a text"),
        ([{"json": EVENT, "pairedItem": {"item": 0}}], "n8n's item"),
        ({"body": json.dumps(EVENT)}, "a body that is a text"),
        ({"payload": EVENT}, "a payload"),
        ({"data": [EVENT]}, "data"),
        ({"event": EVENT}, "an event"),
        ({"events": [EVENT]}, "events"),
        (
            {"event_type": "EMAIL_REPLY", "data": {"reply_message": {"text": "Schöne Grüße"}}},
            "an envelope's name stays",
        ),
        ({"event_type": "X", "data": EVENT}, "but the event's own is the better one"),
        ({"data": [EVENT], "event_type": "EMAIL_REPLY"}, "around an array"),
    ],
)
def test_wrappings_come_off(wrapped: str | list[Any] | dict[str, Any], why: str) -> None:
    assert events(wrapped) == [EVENT], why


def test_a_body_key_among_other_fields_is_a_field_and_no_wrapper() -> None:
    event = {"email": "dana@northpier.example", "body": {"text": "Yes"}}
    assert events(event) == [event]


@pytest.mark.parametrize(
    "event",
    [
        {"data": {"a": 1}, "email": "dana@northpier.example"},
        {"payload": "Yes"},
        {"event": "EMAIL_REPLY"},
        {"body": "Yes"},
        {"id": 7, "data": [1, 2]},
        {"secret_key": "hush", "data": {}, "email": "dana@northpier.example"},
    ],
)
def test_an_object_that_only_looks_like_a_wrapper_is_an_event(event: dict[str, Any]) -> None:
    assert events(event) == [event]


def test_an_array_gives_its_events_in_order() -> None:
    assert events([{"n": 1}, {"n": 2}]) == [{"n": 1}, {"n": 2}]


def test_a_form_is_read_with_its_escapes_blank_fields_and_flattened_keys() -> None:
    body = "event_type=EMAIL_REPLY&reply_message__text=Useful+%26+quick+%2B+easy%3F&cc_emails=&n=1&n=2"
    expected = {
        "event_type": "EMAIL_REPLY",
        "reply_message": {"text": "Useful & quick + easy?"},
        "cc_emails": "",
        "n": "2",
    }
    assert events(body, f"{FORM}; charset=UTF-8") == [expected]


@pytest.mark.parametrize(
    ("body", "expected", "why"),
    [
        ("payload=%7B%22a%22%3A+1%7D", [{"a": 1}], "a field that holds JSON"),
        ("body=%5B%7B%22a%22%3A1%7D%2C%7B%22a%22%3A2%7D%5D", [{"a": 1}, {"a": 2}], "a field that holds a batch"),
        ("reply=%5Bimage%5D+Yes", [{"reply": "[image] Yes"}], "a text that begins like one"),
        ("payload=%7B%22a%22%3A+1%7D&b=2", [{"payload": '{"a": 1}', "b": "2"}], "a field among others"),
        ("lead%5Bemail%5D=x&a%5Bb%5D%5Bc%5D=1", [{"lead": {"email": "x"}, "a": {"b": {"c": "1"}}}], "nested keys"),
        ("cc%5B%5D=x&a%5B=1&%5Bb%5D=2", [{"cc[]": "x", "a[": "1", "[b]": "2"}], "brackets that nest nothing"),
    ],
)
def test_a_form_may_hold_json_or_nested_keys(body: str, expected: list[dict[str, Any]], why: str) -> None:
    assert events(body, FORM) == expected, why


@pytest.mark.parametrize(
    ("flat", "expected", "why"),
    [
        ({"a__b__c": 1}, {"a": {"b": {"c": 1}}}, "any depth"),
        ({"a": {"b": 1}, "a__b": 2}, {"a": {"b": 1}}, "what came nested wins"),
        ({"a__b": 2, "a": {"b": 1}}, {"a": {"b": 1}}, "in any order"),
        ({"a": {"b": ""}, "a__b": 2}, {"a": {"b": 2}}, "an empty value wins nothing"),
        ({"a": {"c": 1}, "a__b": 2}, {"a": {"c": 1, "b": 2}}, "they complete each other"),
        ({"a": "b: 2", "a__b": 2}, {"a": {"b": 2}}, "the parts instead of the object shown as a text"),
        ({"www.acme.example": 1, "Dr. Who": 2}, {"www.acme.example": 1, "Dr. Who": 2}, "a dot in a name"),
        ({"__proto__": 1, "a__": 2, "__": 3}, {"__proto__": 1, "a__": 2, "__": 3}, "no way without names"),
        ({"__".join("x" * 5000): 1}, {"__".join("x" * 5000): 1}, "a way that nobody nests so deep stays a key"),
    ],
)
def test_flattened_keys_are_nested_again(flat: dict[str, Any], expected: dict[str, Any], why: str) -> None:
    assert events(flat) == [expected], why


@pytest.mark.parametrize(
    ("body", "expected", "why"),
    [
        (b'{"a": 1, "a": 2}', {"a": 2}, "of a doubled key the last value counts"),
        (b'{"a": "x\\u0000y\\ud800z"}', {"a": "x\ufffdy\ufffdz"}, "NUL and half characters, which databases refuse"),
        (b'{"a\\u0000": ["\\udc00"]}', {"a\ufffd": ["\ufffd"]}, "in keys and lists too"),
        (b'{"a": "\xed\xa0\x80"}', {"a": "\ufffd"}, "a half character in the bytes"),
        (b'{"a": "x\x00y"}', {"a": "x\ufffdy"}, "NUL itself"),
        (b'{"lead": "{\\"a\\": \\"\\\\u0000\\"}"}', {"lead": {"a": "\ufffd"}}, "NUL in a text that is opened"),
        (b'"{\\"a\\": \\"\\u005cu0000\\"}"', {"a": "\ufffd"}, "an escape whose own sign is escaped"),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}, "a whole character in two halves stays"),
        (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}, "no numbers for other readers"),
        (b'{"a": 1e999}', {"a": "1e999"}, "a number beyond floats stays as it was sent"),
        (b'{"a": ' + b"9" * 5000 + b"}", {"a": "9" * 5000}, "a number beyond Python's limit of digits"),
        (b'{"a": -9223372036854775808}', {"a": -(2**63)}, "whole numbers of 64 bits are exact"),
        (b'{"a": "line\nbreak\tand tab"}', {"a": "line\nbreak\tand tab"}, "hand-written JSON holds real line breaks"),
    ],
)
def test_odd_values_become_values_that_can_be_stored(body: bytes, expected: dict[str, Any], why: str) -> None:
    assert events(body) == [expected], why


def test_what_lies_deeper_than_any_field_is_dropped_and_the_rest_is_read() -> None:
    deep: Any = "bottom"
    for _ in range(200):
        deep = {"x": [deep]}
    (event,) = events({"sl_lead_email": "dana@northpier.example", "custom": deep})
    assert event["sl_lead_email"] == "dana@northpier.example"
    assert "bottom" not in json.dumps(event)


@pytest.mark.parametrize("text", ["plain", "half of \ud83d"])
def test_the_deepest_that_is_kept_is_the_same_in_every_text(text: str) -> None:
    deep: Any = {"bottom": 1}
    for _ in range(31):
        deep = [deep]
    (event,) = events({"custom": deep, "deeper": [deep], "subject": text})
    assert json.dumps(event["custom"]).count("bottom") == 1
    assert json.dumps(event["deeper"]).count("[") == 32
    assert "bottom" not in json.dumps(event["deeper"])


def test_as_many_values_as_a_form_may_have_are_read() -> None:
    (event,) = events({f"group__k{n}": n for n in range(MAX_VALUES - 1)})
    assert len(event["group"]) == MAX_VALUES - 1


@pytest.mark.parametrize(
    "event",
    [
        {f"k{n}": n for n in range(MAX_VALUES + 1)},
        {f"group__k{n}": n for n in range(MAX_VALUES + 1)},
        {"a": [1] * MAX_VALUES},
        {"a": [{}] * MAX_VALUES},
        {"lead": json.dumps({"a": [1] * MAX_VALUES})},
    ],
    ids=["keys", "flat keys", "numbers", "objects", "in a text"],
)
def test_an_event_of_more_values_is_not_read(event: dict[str, Any]) -> None:
    assert f"more than {MAX_VALUES} values" in reason(json.dumps(event).encode(), JSON)
    assert f"more than {MAX_VALUES} values" in reason(json.dumps([event, event]).encode(), JSON)
    assert events([EVENT, event]) == events(EVENT)


def test_an_empty_object_is_an_event() -> None:
    assert events("{}") == [{}]


@pytest.mark.parametrize(
    ("body", "content_type", "says"),
    [
        (b"", JSON, "empty"),
        (b" \r\n", None, "empty"),
        (b"", FORM, "empty"),
        (b"\xef\xbb\xbf", JSON, "empty"),
        (b'{"reply": "she said "yes""}', JSON, "line 1, column 22"),
        (b'{"a": 1} {"a": 2}', JSON, "line 1, column 10"),
        (b"hello", "text/plain", "no valid JSON"),
        (b"hello", FORM, "no form"),
        (b"<event/>", JSON, "no valid JSON"),
        (b"5", JSON, "neither an object nor an array"),
        (b"null", JSON, "neither an object nor an array"),
        (b"true", JSON, "neither an object nor an array"),
        (b'"hello"', JSON, "neither an object nor an array"),
        (json.dumps(json.dumps(json.dumps(json.dumps(EVENT)))).encode(), JSON, "neither an object nor an array"),
        (b"[]", JSON, "empty"),
        (b"[null, 7]", JSON, "Item 1 "),
        (b'{"json": "[1, 2]"}', JSON, "Item 1 "),
        (b'[[{"a": 1}]]', JSON, "Item 1 "),
        (b"[null]", JSON, "Item 1 "),
        (b"[" * 100_000, JSON, "nested too deeply"),
        (b'{"a":' * 100_000, JSON, "nested too deeply"),
        (json.dumps([EVENT] * (MAX_EVENTS + 1)).encode(), JSON, f"more than {MAX_EVENTS}"),
    ],
    ids=range(22),
)
def test_what_cannot_be_read_gets_a_sentence_that_says_so(body: bytes, content_type: str | None, says: str) -> None:
    assert says in reason(body, content_type)


def test_a_batch_of_the_largest_size_is_taken() -> None:
    assert len(events([EVENT] * MAX_EVENTS)) == MAX_EVENTS


@pytest.mark.parametrize(
    "body",
    [
        '{"secret_key": "hush-hush", }',
        '["hush-hush"]',
        '"hush-hush"',
        "hush-hush",
        '{"hush-hush"',
        '[null, "hush-hush"]',
    ],
)
@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_a_sentence_never_quotes_the_body(body: str, content_type: str) -> None:
    assert "hush" not in reason(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<event><type>EMAIL_REPLY</type></event>", "application/xml"),
        (b"<event/>", "text/xml; charset=utf-8"),
        (b"<event/>", "application/soap+xml"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--', "multipart/form-data; boundary=x"),
    ],
)
def test_xml_and_multipart_are_unsupported_and_told_to_send_json(body: bytes, content_type: str) -> None:
    read = unwrap(body, content_type)
    assert isinstance(read, Unsupported)
    assert "Send JSON" in read.reason


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]":,\\ue0129-\x00aä', max_size=60).map(str.encode),
    st.sampled_from([JSON, FORM, "text/plain", "text/xml", "multipart/mixed", "", None]),
)
def test_no_bytes_make_it_raise(body: bytes, content_type: str | None) -> None:
    read = unwrap(body, content_type)
    assert isinstance(read, Unwrapped | Malformed | Unsupported)
    if isinstance(read, Unwrapped):
        json.dumps(read.events, allow_nan=False, ensure_ascii=False).encode()
