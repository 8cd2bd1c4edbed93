"""Where the fields of a reply stand in an event: one table in order of trust, and the readers of its values.

Keys compare without case, `_`, `-` and blanks: the row `reply_message.text` also finds `replyMessage.text`.
A reader gives None for what is absent or of another kind; `null`, "", "null" and "undefined" are absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from model import MAX_MAP_ID

T = TypeVar("T")

# Field of `Reply` -> the paths that tell it, the most trusted first.
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    # A lead id is another number, though some integrations take one for the other: it must never stand here.
    "email_lead_map_id": (
        "sl_email_lead_map_id",
        "email_lead_map_id",
        "campaign_lead_map_id",
        "lead_map_id",
    ),
    "lead": (
        "leadCorrespondence.targetLeadEmail",
        "sl_lead_email",
        "lead_email",
        "lead.email",
        "lead_data.email",
        "email",
    ),
    # The nested EMAIL_REPLIED names one person only: `lead` is who replied.
    "sender": (
        "leadCorrespondence.replyReceivedFrom",
        "reply_message.from",
        "reply_message.from_email",
        "reply.from",
        "reply.from_email",
        "lead.email",
    ),
    "mailbox": (
        "sl_senders_mailbox",
        "email_account.from_email",
        "email_account.email",
        "email_account",
        "mailbox",
    ),
    # The event's own subject may be that of our first mail, without "Re:" (seen in production payloads).
    "subject": ("reply_message.subject", "reply.subject", "subject", "email.subject"),
    "text": ("reply_message.text", "reply.text", "reply_text"),
    "html": ("reply_message.html", "reply.html", "reply_body", "reply_html"),
    "preview": ("preview_text",),
    "sent_text": ("sent_message.text",),
    "sent_html": ("sent_message.html", "sent_message_body"),
    "campaign_id": ("campaign_id", "campaign.id", "email_campaign_id"),
    "campaign": ("campaign_name", "campaign.name", "email_campaign_name", "campaign"),
    # A number, a name, a number as text, or an object of both.
    "category": (
        "reply_category",
        "lead_category",
        "category",
        "category_name",
        "lead_data.category",
        "category_id",
        "lead_category_id",
    ),
    "client": ("client_id", "client.id", "client_name", "client"),
    "sequence_step": ("sequence_number", "sequence_step", "current_sequence", "email_seq_number"),
    # Not `email.message_id`, our mail's, nor `stats_id`, which all messages of one sequence step share.
    "message_id": ("reply_message.message_id", "reply.message_id", "message_id"),
    # Not `metadata.webhook_created_at`: that is when the webhook was set up.
    "written_at": (
        "reply_message.time",
        "time_replied",
        "received_at",
        "reply.received_at",
        "event_timestamp",
    ),
}

# What is no field of a reply by itself, but tells about one.
CLUES: Final[Mapping[str, tuple[str, ...]]] = {
    "event": ("event_type", "event"),
    "inbox_link": ("app_url", "ui_master_inbox_link"),
    # SmartLead's guide: ours is `from_email`; relays and production payloads also turn the two round.
    "from": ("from_email", "from"),
    "to": ("to_email", "to"),
    "to_name": ("to_name",),
    "lead_name": ("sl_lead_name", "lead_name", "lead.name"),
    # Text or HTML, only their look tells; counted when no path of `text` and `html` tells anything.
    "body": ("reply_message", "reply.body", "reply", "message", "body"),
    "sent_body": ("sent_message",),
    "sent_message_id": ("sent_message.message_id",),
    "category_name": ("new_name", "name"),
    "category_number": ("new_id", "id"),
}

_ABSENT: Final = {"", "null", "undefined"}
_YEAR_2000: Final = 946_684_800.0
_MILLISECONDS: Final = 1e11  # as seconds that would be the year 5138
_EXACT_FLOATS: Final = 2.0**53  # above it a float may be another id than the one that was sent

_SEPARATORS: Final = re.compile(r"[_\-\s]+")
_ID: Final = re.compile(r"[1-9][0-9]{0,18}")
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_TIME: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?", re.ASCII | re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"""[^\s<>@,;:"()\[\]]+@[^\s<>@,;:"()\[\]]+\.[^\s<>@,;:"()\[\]]+""")
_NAMED: Final = re.compile(r"([^<>]*)<([^<>]*)>")
_LONGEST_ADDRESS: Final = 320


def fold(key: str) -> str:
    """The form in which keys and event names compare."""
    return _SEPARATORS.sub("", key).lower()


def _route(path: str) -> tuple[str, ...]:
    return tuple(fold(step) for step in path.split("."))


_ROUTES: Final = {name: tuple(map(_route, paths)) for name, paths in {**PATHS, **CLUES}.items()}
_DEPTH: Final = max(len(route) for routes in _ROUTES.values() for route in routes) + 1  # and an object at its end


def folded(event: Mapping[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """The event with folded keys, as deep as the table looks; of two spellings the first that is not absent counts."""
    fields: dict[str, Any] = {}
    for key, value in event.items():
        name = fold(key)
        if _is_absent(fields.get(name)):
            fields[name] = folded(value, depth - 1) if isinstance(value, Mapping) and depth > 1 else value
    return fields


def first(fields: Mapping[str, Any], name: str, read: Callable[[Any], T | None]) -> T | None:
    """The first value that the paths of `name` tell and `read` can read; `fields` come from `folded`."""
    return next((found for value in values(fields, name) if (found := read(value)) is not None), None)


def values(fields: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Everything that stands at the paths of `name`, in order of trust."""
    for route in _ROUTES[name]:
        value: Any = fields
        for step in route:
            value = value.get(step) if isinstance(value, Mapping) else None
        if not _is_absent(value):
            yield value


def text(value: Any) -> str | None:
    """A text without the blanks around it; a number as its digits, 884213.0 as "884213"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int | float):
        return str(value)
    return value.strip() if isinstance(value, str) and not _is_absent(value) else None


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
    if isinstance(value, float):
        return int(value) if value.is_integer() and 0 < value < _EXACT_FLOATS else None
    if isinstance(value, str):
        value = int(value) if _ID.fullmatch(value := value.strip()) else None
    return value if isinstance(value, int) and 0 < value <= MAX_MAP_ID else None


def address(value: Any) -> str | None:
    """A mail address as it was written, bare or out of "Name <address>"."""
    if not isinstance(value, str) or len(value) > 2 * _LONGEST_ADDRESS:
        return None
    named = _NAMED.fullmatch(value.strip())
    bare = (named[2] if named else value).strip()
    return bare if len(bare) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(bare) else None


def name_beside_address(value: Any) -> str | None:
    """The name out of "Name <address>"."""
    named = _NAMED.fullmatch(value.strip()) if isinstance(value, str) and address(value) else None
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


def _is_absent(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _ABSENT
    return value is None or value in ({}, [])
