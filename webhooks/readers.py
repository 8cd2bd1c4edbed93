"""Readers of one value of an event: a text, a number, an address, a time.

Each gives None for what is absent or of another kind; `null`, "", "null" and "undefined" are absent. Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from model import MAX_MAP_ID

_ABSENT: Final = {"", "null", "undefined"}
_LONGEST_ABSENT: Final = max(map(len, _ABSENT))  # a mail is not lowered to see that it is no "null"
_YEAR_2000: Final = 946_684_800.0
_MILLISECONDS: Final = 1e11  # as seconds that would be the year 5138
_EXACT_FLOATS: Final = 2.0**53  # above it a float may be another id than the one that was sent
_LONGEST_ADDRESS: Final = 320
_NUMBERS: Final = (int, float)  # `int | float` would be made anew for every value

_ID: Final = re.compile(r"([1-9][0-9]{0,18})(\.0+)?")
_ID_IN_LINK: Final = re.compile(r"[?&;#]leadmap=([^&;#\s]*)", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"""[^\s<>@,;:"()\[\]]+@[^\s<>@,;:"()\[\]]+\.[^\s<>@,;:"()\[\]]+""")
_NAMED: Final = re.compile(r"([^<>]*)<([^<>]*)>")


def is_absent(value: Any) -> bool:
    """Whether a value stands for nothing, as JSON or as a relay's text says it."""
    if isinstance(value, str):
        return text(value) is None
    return value is None or value in ({}, [])


def text(value: Any) -> str | None:
    """A text without the blanks around it; a number as its digits, 884213.0 as "884213"."""
    if isinstance(value, str):
        told = value.strip()
        return None if len(told) <= _LONGEST_ABSENT and told.lower() in _ABSENT else told
    if isinstance(value, bool) or not isinstance(value, _NUMBERS):
        return None
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def preview(value: Any) -> str | None:
    """A text with the blanks around it: the line break at its end tells a whole preview from a cut one."""
    told = text(value)
    return value if told is not None and isinstance(value, str) else told


def line(value: Any) -> str | None:
    """A text on one line, its blanks folded: a name may come with a line break in it (seen in production payloads)."""
    told = text(value)
    return " ".join(told.split()) if told else None


def identifier(value: Any) -> int | None:
    """A positive number up to 2^63-1, also as digits or as a float that is exactly one. True is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and (digits := _ID.fullmatch(value.strip())):
        value = float(value) if digits[2] else int(digits[1])
    if isinstance(value, float):
        return int(value) if value.is_integer() and 0 < value < _EXACT_FLOATS else None
    return value if isinstance(value, int) and 0 < value <= MAX_MAP_ID else None


def conversation(value: Any) -> int | None:
    """A conversation's id: a number, or the `leadMap=` of a link to SmartLead's inbox."""
    return identifier(value) or conversation_in_link(value)


def conversation_in_link(value: Any) -> int | None:
    """The `leadMap=` of a link to SmartLead's inbox."""
    found = _ID_IN_LINK.search(value) if isinstance(value, str) else None
    return identifier(found[1]) if found else None


def address(value: Any) -> str | None:
    """A mail address as it was written, bare or out of "Name <address>"; of two different ones, neither is sure."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _address_in(value) if isinstance(value, str) and len(value) <= 2 * _LONGEST_ADDRESS else None


@lru_cache(maxsize=256)  # an event tells the same two or three addresses under a dozen keys
def _address_in(told: str) -> str | None:
    bare = told.strip()
    if _ADDRESS.fullmatch(bare):  # as nearly all are written
        return bare if len(bare) <= _LONGEST_ADDRESS else None
    named = _NAMED.fullmatch(bare)
    bare = _same_of_all((named[2] if named else told).split(",")).strip()
    return bare if len(bare) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(bare) else None


def _same_of_all(items: list[str]) -> str:
    """The item of a list that a relay joined by commas, if all of its items are the same; else the list as it came."""
    return items[0] if len({item.strip().lower() for item in items}) == 1 else ",".join(items)


def name_beside_address(value: Any) -> str | None:
    """The name out of "Name <address>"."""
    named = _NAMED.fullmatch(value.strip()) if isinstance(value, str) and "<" in value and address(value) else None
    return line(named[1].strip(' "')) if named else None


def moment(value: Any) -> float | None:
    """Seconds since 1970 (UTC) of an ISO 8601 time, of seconds or of milliseconds; before 2000 is no time.

    A time without an offset is UTC. A date alone is None: it does not say which of two replies came first.
    """
    told = text(value)
    if told is None:
        return None
    seconds = _epoch(float(told)) if _NUMBER.fullmatch(told) else _iso(told)
    return seconds if seconds is not None and seconds >= _YEAR_2000 else None


def _epoch(number: float) -> float:
    return number / 1000 if number >= _MILLISECONDS else number


def _iso(told: str) -> float | None:
    parts = _TIME.fullmatch(told)
    if parts is None:
        return None
    day, clock, zone = parts.groups()
    offset = zone if zone and zone[0] in "+-" else "+00:00"
    try:
        return datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        return None
