"""What lies in a request's body, without the wrappings that senders and relays put around it.

Pure. A body that cannot be read is a value with a sentence, which never quotes the body: it may hold secrets.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from model import Malformed
from webhooks.nesting import nest, open_texts
from webhooks.storable import MAX_DEPTH, is_storable, storable_event

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_EVENTS: Final = 1000  # in one array
MAX_VALUES: Final = 10_000  # of one event, at every depth; also the fields of a form
_MAX_WRAPPERS: Final = 8  # around one event
_MAX_DIGITS: Final = 19  # of 2^63-1; a longer number stays the text that was sent
_FORM: Final = "application/x-www-form-urlencoded"
# What may stand beside a wrapped event without being part of it, for each key that wraps one.
_WRAPPERS: Final = {
    "body": frozenset({"headers", "params", "query", "webhookUrl", "executionMode"}),  # n8n's webhook
    "json": frozenset({"pairedItem", "binary"}),  # n8n's item
    "event": frozenset(),
    "events": frozenset(),
}
_ENVELOPE: Final = frozenset(
    {"id", "type", "event", "event_type", "created_at", "timestamp", "links", "meta", "secret_key"}
    | {"webhook_id", "webhook_name", "webhook_url"}
)
_NESTED: Final = (dict, list)  # `dict | list` would be made anew for every value

_EMPTY = "The body is empty. Send the event as JSON or as a form; in Zapier, fill the step's Data fields."
_TOO_DEEP = "The JSON is nested too deeply. Send the event as SmartLead does, a few levels deep."
_NO_FORM = "The body is no form, though its type says so. Send JSON, or key=value pairs joined by &."
_NO_EVENT = "The JSON is neither an object nor an array of objects. Send the event as an object: { … }."
_NO_ITEMS = "The JSON array is empty. Send at least one event in it."
_TOO_MANY = f"The JSON array holds more than {MAX_EVENTS} events. Send them in several requests."
_TOO_WIDE = f"An event holds more than {MAX_VALUES} values. Send only those of the reply."
_XML = "XML is not read here. Send JSON: in Zapier, set Payload Type to json."
_MULTIPART = "Multipart forms and files are not read here. Send JSON: in Zapier, leave File empty."


@dataclass(frozen=True, slots=True)
class Unread:
    """An item of a batch that is no event, why, and its JSON."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The items of one body, in their order, at least one of them an event in text that any database takes."""

    items: tuple[dict[str, Any] | Unread, ...]

    @property
    def events(self) -> tuple[dict[str, Any], ...]:
        """Those items that are events."""
        return tuple(item for item in self.items if not isinstance(item, Unread))


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A body of a type that is not read here, and what to send instead."""

    reason: str


def unwrap(body: bytes, content_type: str | None) -> Unwrapped | Malformed | Unsupported:
    """Read the events of a body: JSON under any content type, or a form. Never raises.

    Takes off JSON in a string (twice at most), arrays, n8n's `{headers, params, query, body}`, an envelope around
    `data` or `payload`, a form's only field that holds JSON, and keys flattened as `a__b`, `a.b` or `a[b]`. Of a key
    that comes twice the last value counts.
    """
    text = decode(body).strip("\ufeff \t\r\n")
    kind = (content_type or "").partition(";")[0].strip().lower()
    if not text:
        return Malformed(_EMPTY)
    if text[0] in '{["':
        return _unwrap_json(text)
    if kind == _FORM:
        return _unwrap_form(text)
    if kind.startswith("multipart/"):
        return Unsupported(_MULTIPART)
    if "xml" in kind:
        return Unsupported(_XML)
    return _unwrap_json(text)


def decode(body: bytes) -> str:
    """The body as text: UTF-8, UTF-16 or UTF-32, with a BOM or without; anything else is Windows-1252."""
    try:
        return body.decode(json.detect_encoding(body), "surrogatepass")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _unwrap_form(text: str) -> Unwrapped | Malformed:
    if "=" not in text:
        return Malformed(_NO_FORM)
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_VALUES)
    except ValueError:
        return Malformed(f"The form has more than {MAX_VALUES} fields. Send only those of the reply.")
    only = pairs[0][1].strip() if len(pairs) == 1 else ""
    wrapped = _read_json(only) if only.startswith(("{", "[")) else None
    return _unwrap_value(wrapped if isinstance(wrapped, _NESTED) else dict(pairs), is_clean=False)


def _unwrap_json(text: str) -> Unwrapped | Malformed:
    value = _read_json(text)
    if isinstance(value, Malformed):
        return value
    # Without escapes by number, no text that stands in it as JSON can hold other characters than it does.
    return _unwrap_value(value, is_clean="\\u" not in text and is_storable(text))


def _unwrap_value(value: Any, *, is_clean: bool) -> Unwrapped | Malformed:
    """`is_clean`: any database takes all of its texts, and those that stand in them as JSON."""
    value = _peel(value)
    if isinstance(value, dict):
        tidy = _tidy(value, is_clean=is_clean)
        return Malformed(_TOO_WIDE) if tidy is None else Unwrapped((tidy,))
    return _unwrap_array(value, is_clean=is_clean) if isinstance(value, list) else Malformed(_NO_EVENT)


def _unwrap_array(items: list[Any], *, is_clean: bool) -> Unwrapped | Malformed:
    if not items:
        return Malformed(_NO_ITEMS)
    if len(items) > MAX_EVENTS:
        return Malformed(_TOO_MANY)
    read = tuple(_read_item(item, position, is_clean=is_clean) for position, item in enumerate(items, start=1))
    unread = [item for item in read if isinstance(item, Unread)]
    return Malformed(unread[0].reason) if len(unread) == len(read) else Unwrapped(read)


def _read_item(item: Any, position: int, *, is_clean: bool) -> dict[str, Any] | Unread:
    peeled = _peel(item)
    if not isinstance(peeled, dict):
        why = f"Item {position} of the JSON array is no object. Send each event as an object: {{ … }}."
        return Unread(why, _written(item))
    tidy = _tidy(peeled, is_clean=is_clean)
    return Unread(_TOO_WIDE, _written(item)) if tidy is None else tidy


def _written(item: Any) -> str:
    try:
        return json.dumps(item)
    except RecursionError:
        return ""


def _peel(value: Any, *, strings: int = 2) -> Any:
    """What remains of a value without the wrappers around it; a text that is no JSON remains as it is."""
    for _ in range(_MAX_WRAPPERS):
        if isinstance(value, str) and strings:
            inner, strings = _read_json(value.strip()), strings - 1
        else:
            inner = _wrapped(value) if isinstance(value, dict) else None
        if inner is None or isinstance(inner, Malformed):
            break
        value = inner
    return value


def _wrapped(value: dict[str, Any]) -> Any:
    """The event or events in an object that is only a wrapper; None if it is an event itself."""
    for key, beside in _WRAPPERS.items():
        if key in value and value.keys() - {key} <= beside:
            inner = _opened(value[key])
            return inner if isinstance(inner, _NESTED) or "headers" in value else None
    for key in ("data", "payload"):
        if key in value and value.keys() - {key} <= _ENVELOPE:
            envelope = {name: told for name, told in value.items() if name != key}
            return _with_envelope(_opened(value[key]), envelope)
    return None


def _opened(value: Any) -> Any:
    """The object or array that a text holds as JSON; any other value as it is."""
    inner = _read_json(value) if isinstance(value, str) else value
    return inner if isinstance(inner, _NESTED) else value


def _with_envelope(inner: Any, envelope: dict[str, Any]) -> Any:
    """An envelope may tell an event's name: it is kept, for what the event tells of itself to replace."""
    if isinstance(inner, dict):
        return {**envelope, **inner}
    if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
        return [{**envelope, **item} if isinstance(item, dict) else item for item in inner]
    return None


def _read_json(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except json.JSONDecodeError as error:
        return Malformed(
            f"The body is no valid JSON (line {error.lineno}, column {error.colno}). A hand-written body breaks at a "
            "quote in a mapped field: in Zapier, take POST with Payload Type json, which quotes by itself.",
        )
    except RecursionError:
        return Malformed(_TOO_DEEP)


def _read_integer(digits: str) -> int | str:
    return int(digits) if len(digits.lstrip("-")) <= _MAX_DIGITS else digits


def _read_float(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _read_constant(_name: str) -> None:
    """NaN and Infinity, which no other reader of JSON would take, count as absent."""


# Not strict: a hand-written body holds real line breaks inside its strings.
_JSON: Final = json.JSONDecoder(
    strict=False,
    parse_int=_read_integer,
    parse_float=_read_float,
    parse_constant=_read_constant,
)


def _tidy(event: dict[str, Any], *, is_clean: bool) -> dict[str, Any] | None:
    """The event as everybody else reads it; None if it holds too much."""
    width, depth = _extent(event)
    if width > MAX_VALUES:
        return None
    opened = open_texts(nest(event), _read_json)
    if opened is not event:
        width, depth = _extent(opened)
    if width > MAX_VALUES:
        return None
    return opened if is_clean and depth <= MAX_DEPTH else storable_event(opened)


def _extent(event: dict[str, Any]) -> tuple[int, int]:
    """How many values it holds, at every depth, and how deep they lie; no more is counted of one that is too wide."""
    width = depth = 0
    level: list[Any] = [event]
    while level and width <= MAX_VALUES:
        depth += 1
        width += sum(map(len, level))
        level = [value for one in level for value in _values(one) if isinstance(value, _NESTED)]
    return width, depth


def _values(one: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return one.values() if isinstance(one, dict) else one
