"""Whatever becomes of a payload on its way, no wrong conversation is named, and no mailbox of ours is a person."""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhook_events import ARRIVAL, DANA, names, unwrapped

from model import CategoryChange, Ignored, Malformed, Reply
from webhooks.identity import body_key, event_key, message_key
from webhooks.parse import parse
from webhooks.paths import CLUES, PATHS, fold
from webhooks.unwrap import Unwrapped, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Event = dict[str, Any]
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
KINDS = ("reply", "category change", "ignored", "batch")
EVENTS = {f"{name} {at}": event for kind in KINDS for name in names(kind) for at, event in enumerate(unwrapped(name))}
KEYS = sorted({step for paths in {**PATHS, **CLUES}.values() for path in paths for step in path.split(".")})
LEAD_ID = 2710034418


def flat(event: Event, join: Callable[[str, str], str], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in event.items():
        way = join(above, key) if above else key
        if isinstance(value, dict) and value:
            yield from flat(value, join, way)
        else:
            yield way, value


def as_text(value: Any) -> str:
    """A field of a form as relays write it: no `.0`, nothing for null, commas in a list of texts, JSON otherwise."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = ",".join(value)
    return "" if value in (None, {}) else value if isinstance(value, str) else json.dumps(value)


def form(event: Event, join: Callable[[str, str], str]) -> bytes:
    return urlencode({way: as_text(value) for way, value in flat(event, join)}).encode()


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def zapier(above: str, key: str) -> str:
    return f"{above}__{key}"


def php(above: str, key: str) -> str:
    return f"{above}[{key}]"


N8N = {"headers": {"host": "n8n.example"}, "params": {}, "query": {}}
WRAPPERS: dict[str, Callable[[Event], tuple[bytes, str | None]]] = {
    "as it is": lambda event: (dumped(event), JSON),
    "no content type": lambda event: (dumped(event), None),
    "text/plain": lambda event: (dumped(event), "text/plain"),
    "UTF-16": lambda event: (json.dumps(event, ensure_ascii=False).encode("utf-16", "surrogatepass"), JSON),
    "an array": lambda event: (dumped([event]), JSON),
    "JSON in a string": lambda event: (dumped(json.dumps(event)), JSON),
    "JSON in a string in a string": lambda event: (dumped(json.dumps(json.dumps(event))), JSON),
    "an array of strings": lambda event: (dumped([json.dumps(event)]), JSON),
    "n8n's webhook": lambda event: (dumped([{**N8N, "body": event}]), JSON),
    "n8n's webhook, unread": lambda event: (dumped({**N8N, "body": json.dumps(event)}), JSON),
    "n8n's item": lambda event: (dumped([{"json": {**N8N, "body": event}, "pairedItem": {"item": 0}}]), JSON),
    "body": lambda event: (dumped({"body": event}), JSON),
    "body as a string": lambda event: (dumped({"body": json.dumps(event)}), JSON),
    "an envelope": lambda event: (dumped({"id": "evt_1", "data": event, "meta": {"attempt": 1}}), JSON),
    "payload": lambda event: (dumped({"payload": event}), JSON),
    "events": lambda event: (dumped({"events": [event]}), JSON),
    "flattened": lambda event: (dumped(dict(flat(event, zapier))), JSON),
    "flattened in an array": lambda event: (dumped([dict(flat(event, zapier))]), JSON),
    "objects as texts": lambda event: (
        dumped({key: json.dumps(value) if isinstance(value, dict) else value for key, value in event.items()}),
        JSON,
    ),
    "a form": lambda event: (form(event, zapier), FORM),
    "a form with nested keys": lambda event: (form(event, php), FORM),
    "a form around JSON": lambda event: (urlencode({"payload": json.dumps(event)}).encode(), FORM),
    "without its empty fields": lambda event: (
        dumped({key: value for key, value in event.items() if value not in ("", None)}),
        JSON,
    ),
}


def readings(body: bytes, content_type: str | None) -> list[Reply | CategoryChange | Ignored | Malformed]:
    read = unwrap(body, content_type)
    assert isinstance(read, Unwrapped), read
    return [parse(event, received_at=ARRIVAL) for event in read.events]


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_a_wrapping_changes_nothing_that_is_read(wrapper: str) -> None:
    wrapped = {name: readings(*WRAPPERS[wrapper](event)) for name, event in EVENTS.items()}
    assert wrapped == {name: [parse(event, received_at=ARRIVAL)] for name, event in EVENTS.items()}


def retyped(value: Any) -> list[Any]:
    return [str(value), [value], {"id": value}, {"value": value}, None, "", 0, True, f"map{value}", json.dumps(value)]


def change(event: Event, data: st.DataObject) -> None:
    """One accident that happens to a payload in a relay."""
    keys = sorted(event) or ["none"]
    key, other = data.draw(st.sampled_from(keys)), data.draw(st.sampled_from(keys))
    match data.draw(st.sampled_from(["drop", "rename", "retype", "nest", "lift", "double", "swap"])):
        case "drop":
            event.pop(key, None)
        case "rename":
            event[data.draw(st.sampled_from(KEYS) | st.text(max_size=8))] = event.pop(key, None)
        case "retype":
            event[key] = data.draw(st.sampled_from(retyped(event.get(key))))
        case "nest":
            event[data.draw(st.sampled_from(KEYS))] = {data.draw(st.sampled_from(KEYS)): event.pop(key, None)}
        case "lift" if isinstance(inner := event.get(key), dict):
            event.update(inner)
        case "double":
            event[data.draw(st.sampled_from([key.upper(), f" {key}", key.replace("_", "-")]))] = event.get(other)
        case "swap":
            event[key], event[other] = event.get(other), event.get(key)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[bytes, str | None]:
    """A payload after a few accidents, in any wrapping, perhaps with a key that comes twice."""
    data = draw(st.data())
    event = copy.deepcopy(EVENTS[data.draw(st.sampled_from(sorted(EVENTS)))])
    for _ in range(data.draw(st.integers(1, 6))):
        change(event, data)
    if data.draw(st.booleans()) and event:
        twice = {data.draw(st.sampled_from(sorted(event))): data.draw(st.sampled_from(list(event.values())))}
        return dumped(event)[:-1] + b", " + dumped(twice)[1:], JSON
    return WRAPPERS[data.draw(st.sampled_from(sorted(WRAPPERS)))](event)


def texts_at(event: Event, paths: tuple[str, ...]) -> list[str]:
    """Whatever stands at one of these paths, in any spelling of its keys."""
    ways = {tuple(map(fold, path.split("."))) for path in paths}
    return [as_text(value).strip() for way, value in walked(event) if way in ways]


def walked(event: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in event.items():
        way = (*above, fold(key))
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(inner, dict):
            yield from walked(inner, way)
        else:
            yield way, value


@settings(deadline=None, max_examples=150)
@given(bodies())
def test_a_conversation_is_only_named_by_its_own_keys_and_never_by_a_lead_id(body: tuple[bytes, str | None]) -> None:
    read = unwrap(*body)
    for event in read.events if isinstance(read, Unwrapped) else ():
        told = parse(event, received_at=ARRIVAL)
        if isinstance(told, Reply | CategoryChange) and told.email_lead_map_id is not None:
            named = texts_at(event, (*PATHS["email_lead_map_id"], *CLUES["inbox_link"]))
            assert re.search(rf"(?<!\d){told.email_lead_map_id}(?!\d)", " ".join(named))
            # Of two spellings of one key only the first counts.
            spelled = {key: value for key, value in event.items() if [*map(fold, event)].count(fold(key)) == 1}
            assert str(told.email_lead_map_id) not in texts_at(spelled, CLUES["lead_id"])


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_lead_id_stays_one_wherever_it_is_put_but_under_the_conversations_own_key(data: st.DataObject) -> None:
    own = {fold(path) for path in (*PATHS["email_lead_map_id"], *CLUES["inbox_link"])}
    key = data.draw(st.sampled_from([key for key in KEYS if fold(key) not in own]) | st.text(max_size=8))
    event = {"event_type": "EMAIL_REPLY", "reply_text": "Yes", "lead_email": DANA, key: LEAD_ID}
    wrapped = WRAPPERS[data.draw(st.sampled_from(sorted(WRAPPERS)))](event)
    for told in readings(*wrapped):
        assert getattr(told, "email_lead_map_id", None) is None


@settings(deadline=None, max_examples=150)
@given(bodies())
def test_our_own_mailbox_is_never_the_lead_nor_who_replied(body: tuple[bytes, str | None]) -> None:
    read = unwrap(*body)
    for event in read.events if isinstance(read, Unwrapped) else ():
        told = parse(event, received_at=ARRIVAL)
        assert isinstance(told, Reply | CategoryChange | Ignored | Malformed)
        assert len(body_key(event)) == 64
        if isinstance(told, Reply):
            assert len(event_key(told, ARRIVAL)) == 64
            assert (message_key(told) is None) or told.message_id
            mailbox = told.mailbox.lower() if told.mailbox else ""
            assert mailbox not in {person.lower() for person in (told.lead, told.sender) if person}


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["EMAIL_REPLY", "LEAD_CATEGORY_UPDATED", "2255108337", DANA, f"Dana <{DANA}>", "<p>x</p>", "\ud800", '{"id":1}']
    )
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(deadline=None, max_examples=150)
@given(JSON_VALUES)
def test_no_json_value_makes_it_raise(value: Any) -> None:
    read = unwrap(json.dumps(value).encode(), JSON)
    for event in read.events if isinstance(read, Unwrapped) else ():
        told = parse(event, received_at=ARRIVAL)
        assert isinstance(told, Reply | CategoryChange | Ignored | Malformed)
        map_id = getattr(told, "email_lead_map_id", None)
        assert map_id is None or 1 <= map_id <= 2**63 - 1
