"""Events and texts that any database takes. Pure."""

from __future__ import annotations

import re
from typing import Any, Final

MAX_DEPTH: Final = 32  # what lies deeper is dropped: no field of a reply stands there
_NESTED: Final = (dict, list)  # `dict | list` would be made anew for every value
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")  # no database takes these as text


def storable_event(event: dict[str, Any]) -> dict[str, Any]:
    """The event with storable texts and keys, without what lies too deep."""
    return {storable(key): _storable_value(value, MAX_DEPTH) for key, value in event.items()}


def storable(text: str) -> str:
    """The text with U+FFFD for NUL and lone surrogates."""
    return text if is_storable(text) else _UNSTORABLE.sub("\ufffd", text)


def is_storable(text: str) -> bool:
    """Whether there is neither NUL nor a lone surrogate in it; the pattern would take ten times as long to say so."""
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _storable_value(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable(value)
    if not isinstance(value, _NESTED):
        return value
    if not depth:
        return None
    if isinstance(value, list):
        return [_storable_value(item, depth - 1) for item in value]
    return {storable(key): _storable_value(item, depth - 1) for key, item in value.items()}
