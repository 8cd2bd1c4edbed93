"""Where the fields of a reply stand in an event: one table in order of trust, and the way through an event by it.

Keys compare without case, `_`, `-` and blanks: the row `reply_message.text` also finds `replyMessage.text`.
docs/webhooks.md shows the table to people.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from webhooks.readers import is_absent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

# Field of `Reply` -> the paths that tell it, the most trusted first: SmartLead's own keys of all generations, then
# those that people choose in a relay.
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    # A lead id is another number, though some integrations take one for the other: it must never stand here.
    "email_lead_map_id": (
        "sl_email_lead_map_id",
        "email_lead_map_id",
        "campaign_lead_map_id",
        "lead_map_id",
        "leadMap",
        "conversation_id",
    ),
    "lead": (
        "leadCorrespondence.targetLeadEmail",
        "sl_lead_email",
        "lead_email",
        "lead.email",
        "lead_data.email",
        "target_lead_email",
        "email",
        "lead",
        "prospect_email",
        "contact_email",
    ),
    # Not `sender_email`: in SmartLead's own words that is our mailbox.
    "sender": (
        "leadCorrespondence.replyReceivedFrom",
        "reply_message.from",
        "reply_message.from_email",
        "reply.from",
        "reply.from_email",
        "reply_received_from",
        "replier_email",
        "replier",
    ),
    "mailbox": (
        "sl_senders_mailbox",
        "email_account.from_email",
        "email_account.email",
        "email_account",
        "mailbox",
        "our_mailbox",
    ),
    # The event's own subject may be that of our first mail, without "Re:" (seen in production payloads).
    "subject": ("reply_message.subject", "reply.subject", "reply_subject", "subject", "email.subject", "email_subject"),
    "text": ("reply_message.text", "reply.text", "reply_text"),
    "html": ("reply_message.html", "reply.html", "reply_body", "reply_html"),
    "preview": ("preview_text", "preview", "snippet"),
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
    "message_id": ("reply_message.message_id", "reply.message_id", "message_id", "reply_message_id"),
    # Not `metadata.webhook_created_at`: that is when the webhook was set up. Nor a key that people choose: a time
    # without its zone could make a reply older than the one before it.
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
    "kind_of_record": ("type",),  # names an event only if SmartLead has one of that name
    "inbox_link": ("app_url", "ui_master_inbox_link", "inbox_link", "link", "url"),
    "lead_id": ("sl_email_lead_id", "email_lead_id", "lead_id", "lead.id"),
    # The nested EMAIL_REPLIED names one person only: `lead` is who replied.
    "only_person": ("lead.email",),
    # SmartLead's guide: ours is `from_email`; relays and production payloads also turn the two round.
    "from": ("from_email", "from"),
    "to": ("to_email", "to"),
    "to_name": ("to_name",),
    "lead_name": ("sl_lead_name", "lead_name", "lead.name", "name"),
    # Text or HTML, only their look tells; counted when no path of `text` and `html` tells anything.
    "body": ("reply_message", "reply.body", "reply", "message", "body", "text", "html"),
    "sent_body": ("sent_message",),
    "sent_message_id": ("sent_message.message_id",),
    "stats_id": ("stats_id",),
    "category_name": ("new_name", "name"),
    "category_number": ("new_id", "id"),
    "old_category": ("lead_category.old_id", "lead_category.old_name"),
    # Of an event that tells a category and no reply.
    "new_category": (
        "lead_category.new",
        "lead_category",
        "new_category",
        "category",
        "category_name",
        "lead_data.category",
        "lead_category_id",
        "category_id",
    ),
    "changed_at": ("event_timestamp", "created_at"),
}

_NESTED: Final = (dict, list)
_SEPARATORS: Final = re.compile(r"[_\-\s]+")
_LONGEST_KNOWN: Final = 64  # characters of a key that is remembered


def fold(key: str) -> str:
    """The form in which keys and event names compare."""
    return _fold_known(key) if len(key) <= _LONGEST_KNOWN else _SEPARATORS.sub("", key).lower()


@lru_cache(maxsize=4096)  # events have the same keys again and again
def _fold_known(key: str) -> str:
    return _SEPARATORS.sub("", key).lower()


def describe() -> dict[str, tuple[str, ...]]:
    """For people: each field of a reply with the paths that fill it, the most trusted first."""
    links = tuple(f"{path} (?leadMap=…)" for path in CLUES["inbox_link"])
    both = (*CLUES["from"], *CLUES["to"])
    ends = tuple(f"{path} (if the other end is known)" for path in both)
    guessed = tuple(f"{path} (if the other end is ours; of a named reply without id)" for path in both)
    last = {
        "email_lead_map_id": links,
        "lead": (*ends, *guessed),
        "sender": CLUES["only_person"],
        "mailbox": ends,
        "text": tuple(f"{path} (if it has no tags)" for path in CLUES["body"]),
        "html": tuple(f"{path} (if it has tags)" for path in CLUES["body"]),
    }
    names = tuple(f"{path} (if it is the sender's)" for path in (*CLUES["to_name"], *CLUES["lead_name"]))
    events = (
        *CLUES["event"],
        *(f"{path} (if SmartLead has an event of that name)" for path in CLUES["kind_of_record"]),
    )
    fields = {field: (*paths, *last.get(field, ())) for field, paths in PATHS.items()}
    return {"event_type": events, **fields, "sender_name": names}


def _route(path: str) -> tuple[str, tuple[str, ...]]:
    key, *way = map(fold, path.split("."))
    return key, tuple(way)


# Of each row the folded key in the event itself and the way from there, path by path.
_ROUTES: Final = {name: tuple(map(_route, paths)) for name, paths in {**PATHS, **CLUES}.items()}
_DEPTH: Final = max(len(way) for routes in _ROUTES.values() for _, way in routes) + 2  # the key, an object at the end
# Folded keys under which an object may stand: where a relay sends a text instead, the object may be in it.
OBJECTS: Final = frozenset(
    {key for routes in _ROUTES.values() for key, way in routes if way}.union(map(fold, PATHS["category"]))
)


def folded(event: Mapping[str, Any], depth: int = _DEPTH) -> dict[str, Any]:
    """The event with folded keys, as deep as the table looks; of two spellings the first that is not absent counts."""
    fields: dict[str, Any] = {}
    for key, value in event.items():
        name = _fold_known(key) if len(key) <= _LONGEST_KNOWN else fold(key)
        if name not in fields or is_absent(fields[name]):
            fields[name] = _folded_inside(value, depth - 1) if isinstance(value, _NESTED) else value
    return fields


def _folded_inside(value: dict[str, Any] | list[Any], depth: int) -> Any:
    """An object with folded keys, also one that stands alone in a list: some senders make lists of their objects."""
    inner = value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else value
    return folded(inner, depth) if isinstance(inner, dict) and depth > 0 else inner


def first(fields: Mapping[str, Any], name: str, read: Callable[[Any], T | None]) -> T | None:
    """The first value that the paths of `name` tell and `read` can read; `fields` come from `folded`.

    `read` gives None for what is absent, as all readers do.
    """
    for key, way in _ROUTES[name]:
        if key in fields:
            value = _at(fields[key], way) if way else fields[key]
            if value is not None and (found := read(value)) is not None:
                return found
    return None


def every(fields: Mapping[str, Any], name: str, read: Callable[[Any], T | None]) -> list[T]:
    """All values that the paths of `name` tell and `read` can read, in order of trust."""
    all_read = []
    for key, way in _ROUTES[name]:
        if key in fields:
            value = _at(fields[key], way) if way else fields[key]
            if value is not None and (found := read(value)) is not None:
                all_read.append(found)
    return all_read


def _at(value: Any, way: Sequence[str]) -> Any:
    """What stands at the end of a way of folded keys; None if it leads nowhere."""
    for step in way:
        value = value.get(step) if isinstance(value, dict) else None
    return value
