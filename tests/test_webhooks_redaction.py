"""What is stored of an event holds no secret, and still tells everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webhooks.redaction import (
    _MAX_DEPTH,
    MAX_BYTES,
    REDACTED,
    _known,
    _redact_object,
    redact,
    redact_text,
    scrub,
    scrub_name,
)

PAYLOADS = Path(__file__).parent / "payloads"
TOKEN = "wh/Tok+en==7Qx"


@pytest.mark.parametrize(
    "key",
    [
        "secret_key",
        "secretKey",
        "SECRET-KEY",
        "api_key",
        "apikey",
        "X-Api-Key",
        "token",
        "access_token",
        "X-Webhook-Token",
        "Authorization",
        "Proxy-Authorization",
        "password",
        "Cookie",
        "set-cookie",
        "client_secret",
    ],
)
@pytest.mark.parametrize("value", ["hush", ["hush"], {"inner": "hush"}, 4711])
def test_values_of_secret_keys_go_at_any_depth(key: str, value: Any) -> None:
    assert redact({"a": [{"b": {key: value}}]}, ()) == {"a": [{"b": {key: REDACTED}}]}


def test_an_event_that_hides_nothing_is_not_copied() -> None:
    event = {"reply_message": {"text": "Schöne Grüße – bis Montag"}, "cc": ["ana@x.example"], "secret_key": "hush"}
    stored = redact(event, [TOKEN])
    assert stored["reply_message"] is event["reply_message"]
    assert stored["cc"] is event["cc"]
    assert event["secret_key"] == "hush"


def test_keys_that_nobody_sends_twice_are_not_remembered_for_ever() -> None:
    secrets = ["a-secret-of-this-test"]
    for block in range(30):
        redact({f"key {block} {n}": n for n in range(500)}, secrets)
    assert len(_known(frozenset(secrets)).plain) <= 4096


def test_an_absent_secret_still_shows_as_absent() -> None:
    assert redact({"secret_key": None, "token": ""}, ()) == {"secret_key": None, "token": ""}


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://hooks.example.net/smartlead/tok_abc?x=1#y", f"https://hooks.example.net/{REDACTED}"),
        ("https://user:pass@hooks.example.net:8443/t", f"https://hooks.example.net:8443/{REDACTED}"),
        ("hooks.example.net/tok_abc", REDACTED),
        (["https://hooks.example.net/tok_abc"], REDACTED),
    ],
)
@pytest.mark.parametrize("key", ["webhook_url", "webhookUrl"])
def test_of_a_webhooks_own_address_only_the_host_stays(key: str, link: object, shown: str) -> None:
    assert redact({key: link}, ()) == {key: shown}


@pytest.mark.parametrize(
    "spelling",
    [TOKEN, quote(TOKEN, safe=""), quote_plus(TOKEN), quote(TOKEN, safe="").lower(), json.dumps(TOKEN)[1:-1]],
)
def test_a_known_secret_goes_from_every_text_and_key(spelling: str) -> None:
    event = {f"k {spelling}": [f"see https://x.example/{spelling}/y"], "webhook_url": f"https://{spelling}.example/"}
    assert spelling not in json.dumps(redact(event, [TOKEN]))
    assert spelling not in redact_text(f"broken {{ {spelling} }}", [TOKEN])


@pytest.mark.parametrize(
    "spelling",
    ['two "words"\\', "two%20%22words%22%5C", "two+%22words%22%5C", r"two \"words\"\\"],
    ids=["plain", "in a link", "in a form", "in JSON"],
)
def test_a_secret_of_odd_characters_goes_in_every_spelling(spelling: str) -> None:
    assert redact({"a": f"x {spelling} y"}, ['two "words"\\']) == {"a": f"x {REDACTED} y"}


@pytest.mark.parametrize(
    "spelling", ["tick-KEY-5", "TICK-key-5", "T\u0130CK-KEY-5", "t\u0131ck-key-5", "tic\u212a-key-5"]
)
def test_a_secret_goes_in_any_case_also_in_that_of_odd_letters(spelling: str) -> None:
    assert redact({"note": f"it is {spelling}!"}, ["Tick-Key-5"]) == {"note": f"it is {REDACTED}!"}


def test_a_secret_of_letters_beyond_ascii_goes_too() -> None:
    assert redact({"note": "\u017fesam-\u00c4 SESAM-\u00e4"}, ["sesam-\u00e4"]) == {"note": f"{REDACTED} {REDACTED}"}


def test_the_longer_of_two_secrets_goes_whole() -> None:
    assert redact({"a": "abc-123-long"}, ["abc-123", "abc-123-long"]) == {"a": REDACTED}


def test_empty_secrets_redact_nothing() -> None:
    assert redact({"a": "some words"}, ["", " "]) == {"a": "some words"}


def test_what_is_no_secret_stays_as_it_is() -> None:
    event = {
        "reply_message": {"text": "Token of my thanks: cookies! The secret is out: our key partner, author of it."},
        "sl_email_lead_map_id": 2255108337,
        "cc_emails": [],
        "client_id": None,
        "ok": True,
        "app_url": "https://app.smartlead.ai/app/master-inbox?leadMap=2255108337",
    }
    assert redact(event, [TOKEN]) == event


@pytest.mark.parametrize("name", ["05_email_reply_production_full.json", "40_lead_category_updated_2024_full.json"])
def test_of_a_real_event_only_its_secrets_go(name: str) -> None:
    event = json.loads((PAYLOADS / name).read_text())
    stored = redact(event, [TOKEN])
    assert {key for key in event if stored[key] != event[key]} == {"secret_key", "webhook_url"}


@pytest.mark.parametrize(
    "text",
    [
        '{"secret_key": "hush", oops',
        '{"secret_key":"hush" "x"',
        "{'api_key': 'hush', oops",
        '{secret_key: "hush"',
        '{"secret_key": hush}',
        r'{"x": "{\"secret_key\": \"hush\", \"a\": 1}"',
        r'{"x": "{\\\"token\\\":\\\"hush\\\"}"',
        '{"token": "with \\"quotes\\" hush"}',
        "api_key=hush&x=1",
        "x=1&token=hush",
        "token%3Dhush%26x%3D1",
        "%7B%22secret_key%22%3A%22hush%22%2C%22x",
        "https://x.example/p?access_token=hush#top",
        "Authorization: Basic hush",
        "authorization: Bearer hush",
        "X-Webhook-Token: hush",
        '{"webhook_url": "https://x.example/hush"',
        '{"password" : "hush',
    ],
)
def test_what_stands_beside_a_secrets_name_goes_from_a_text_that_cannot_be_parsed(text: str) -> None:
    assert "hush" in text
    shown = redact_text(text, ())
    assert "hush" not in shown
    assert REDACTED in shown


def test_the_rest_of_a_text_stays_readable() -> None:
    text = '{"reply": "she said "yes"", "secret_key": "abc", "campaign_id": 884213}'
    expected = '{"reply": "she said "yes"", "secret_key": "[redacted]", "campaign_id": 884213}'
    assert redact_text(text, ()) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1"])
def test_a_text_is_read_in_its_own_encoding_before_secrets_are_sought(encoding: str) -> None:
    shown = redact_text(f'{{"grüße": "{TOKEN}", oops'.encode(encoding), [TOKEN])
    assert shown == f'{{"grüße": "{REDACTED}", oops'


def test_a_text_is_cut_only_after_its_secrets_are_gone() -> None:
    text = "x" * (MAX_BYTES - 5) + TOKEN + "y" * 100
    shown = redact_text(text, [TOKEN])
    assert len(shown) == MAX_BYTES
    assert TOKEN[:5] not in shown


def test_a_cut_text_is_still_whole_characters() -> None:
    shown = redact_text("x" + "ä" * MAX_BYTES, ())
    assert shown.endswith("ä")
    assert len(shown.encode()) == MAX_BYTES - 1


def test_a_text_that_a_database_refuses_becomes_one_that_it_takes() -> None:
    assert redact_text("a\x00b\ud800c", ()) == "a\ufffdb\ufffdc"


def test_an_event_nested_too_deep_is_cut_and_hides_what_lies_there() -> None:
    deep: Any = "hush"
    for _ in range(5000):
        deep = {"x": [deep]}
    assert "hush" not in json.dumps(redact({"a": deep}, ()))


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(f"a {TOKEN} b"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.just(TOKEN), inner, max_size=4)
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.text(max_size=8) | st.sampled_from(["token", "webhook_url"]), JSON_VALUES, max_size=5))
def test_no_event_keeps_a_known_secret(event: dict[str, Any]) -> None:
    assert TOKEN not in json.dumps(redact(event, [TOKEN]), ensure_ascii=False)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300) | st.text(alphabet="token=:\"\\' \x00\ud800ä", max_size=80))
def test_any_text_becomes_valid_text(text: str | bytes) -> None:
    shown = redact_text(text, [TOKEN])
    assert "\x00" not in shown
    assert len(shown.encode()) <= MAX_BYTES


def test_half_a_secret_at_the_end_of_what_is_searched_is_not_kept() -> None:
    hidden = f'"token": "{"h" * 220_000}"'
    text = hidden + "x" * (256 * 1024 - len(hidden) - 7) + TOKEN
    shown = redact_text(text, [TOKEN])
    assert len(shown) < MAX_BYTES
    assert TOKEN[:7] not in shown


def test_of_a_name_only_our_own_secrets_go() -> None:
    assert scrub_name(f"token=ann {TOKEN}@x.example", [TOKEN]) == f"token=ann {REDACTED}@x.example"
    assert scrub_name("token=ann@x.example", []) == "token=ann@x.example"


NAMES = (
    "token",
    "Secret_Key",
    "api-key",
    "PASSWORD",
    "coo\u212aie",
    "\u017fecret",
    "author\u0130zation",
    "webhook_url",
)
BESIDE = ("=", '": "', "': '", "%3D", ": Bearer ", "\n", "hush", "Stra\u00dfe", "\u2013", "\ud800")
PIECES = st.sampled_from((*NAMES, *BESIDE, TOKEN, TOKEN.upper(), "t\u0131ck"))
TEXTS = st.lists(PIECES, max_size=5).map("".join)
EVENTS = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(TEXTS, EVENTS, max_size=4), st.sampled_from([(), (TOKEN,), (TOKEN, "Tick"), ("hush-\u00e4",)]))
def test_the_search_in_all_texts_at_once_misses_nothing(event: dict[str, Any], secrets: tuple[str, ...]) -> None:
    assert redact(event, secrets) == _redact_object(event, _known(frozenset(secrets)), _MAX_DEPTH)


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_a_text_is_kept_in_an_event_as_it_is_kept_beside_one(text: str) -> None:
    assert redact({"reply": text, "other": ["plain"]}, [TOKEN]) == {"reply": scrub(text, [TOKEN]), "other": ["plain"]}
