"""The objects of an event, rebuilt from the flat keys and the texts that relays make of them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from webhooks.paths import OBJECTS, fold

if TYPE_CHECKING:
    from collections.abc import Callable

_JOINT: Final = re.compile(r"__|\]?\[|\]$|\.")  # a__b of Zapier, a[b] of forms, a.b of other relays
_MAX_STEPS: Final = 8  # in one flattened key


def open_texts(event: dict[str, Any], read: Callable[[str], Any]) -> dict[str, Any]:
    """The event with the objects, or lists of them, that stand as JSON in a text where the table knows an object.

    `read` gives the value of a JSON text, and anything but an object or a list where it is none. Where there is nothing
    to open, it is the very event.
    """
    opened = {
        key: _opened(value, read)
        for key, value in event.items()
        if isinstance(value, str) and value.lstrip().startswith(("{", "[")) and fold(key) in OBJECTS
    }
    return {**event, **opened} if opened else event


def nest(flat: dict[str, Any]) -> dict[str, Any]:
    """Rebuild the nesting of keys like `reply_message__text`; a value that came nested wins unless it is empty.

    Where no key is like these, it is the very same object.
    """
    if not _may_be_joined("\n".join(flat)):
        return flat
    ways = {key: steps for key in flat if (steps := _steps(key))}
    nested = {key: value for key, value in flat.items() if key not in ways}
    for key, steps in ways.items():
        place = nested
        for step in steps[:-1]:
            # A relay shows an object as text beside its parts: the parts are the better reading.
            if not isinstance(place.get(step), dict):
                place[step] = {}
            place = place[step]
        if place.get(steps[-1]) in (None, ""):
            place[steps[-1]] = flat[key]
    return nested


def _opened(value: str, read: Callable[[str], Any]) -> Any:
    inner = read(value)
    objects = inner if isinstance(inner, list) else [inner]
    return inner if objects and all(isinstance(one, dict) for one in objects) else value


def _steps(key: str) -> list[str]:
    """The way that a flattened key tells; none for a key that is one name. A dot stands in many a name, too."""
    if not _may_be_joined(key) or not _JOINT.search(key) or ("." in key and fold(key.partition(".")[0]) not in OBJECTS):
        return []
    steps = _JOINT.split(key.removesuffix("[]"))
    if key.endswith("]") and steps[-1] == "":
        steps.pop()
    return steps if 1 < len(steps) <= _MAX_STEPS and all(steps) else []


def _may_be_joined(key: str) -> bool:
    """What the pattern says at length, of one key or of many."""
    return "__" in key or "." in key or "[" in key or "]" in key
