"""From an event to a reply, whatever generation of SmartLead's webhooks or which relay it came from. Pure.

Who is who is told by several keys that contradict each other in the wild. What is not sure stays None: a rule that
asks for it then does not decide, while a wrong guess could hide a lead.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from model import DEFAULT_ACCOUNT, Ignored, Malformed, Reply
from webhooks.paths import (
    address,
    first,
    fold,
    folded,
    identifier,
    line,
    moment,
    name_beside_address,
    preview,
    text,
    values,
)

# SmartLead's pages give all four names; its production sends the first.
_REPLY_EVENTS: Final = {"emailreply", "emailreplied", "replied", "leadreplied"}
_OTHER_EVENTS: Final = {
    "untrackedreplies": "SmartLead ties such a mail to no lead, so there is no conversation to mark",
    "leadcategoryupdated": "it tells a lead's category, not a reply",
}
_CLOCK_SKEW: Final = 300.0  # seconds that a reply's own time may be ahead of its arrival
_LONGEST_EVENT_NAME: Final = 60
_ODD_IN_EVENT_NAME: Final = re.compile(r"[^\w.\- ]", re.ASCII)
_MAP_ID_IN_LINK: Final = re.compile(r"[?&;#]leadmap=([^&;#\s]*)", re.IGNORECASE)
_TAG: Final = re.compile(
    r"<(?:!doctype|/?(?:html|head|body|div|p|br|span|table|td|tr|ul|ol|li|a|b|i|u|em|strong|font|blockquote|img|h[1-6])\b)"
    r"[^<>]*>",
    re.IGNORECASE,
)
_NUMERIC: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def parse(
    event: Mapping[str, Any],
    *,
    account: str = DEFAULT_ACCOUNT,
    received_at: float,
) -> Reply | Ignored | Malformed:
    """Read one event out of `unwrap`; `received_at` is its arrival, in seconds since 1970 (UTC).

    Without an event name it is a reply if it has a reply's text and a lead or a conversation id: relays often leave the
    name out. An object in which nothing is known is Ignored, not Malformed, so that a Zap goes on. Malformed is only
    an event that calls itself a reply and tells nothing of it: there the fields were mapped wrongly.
    """
    fields = folded(event)
    name = first(fields, "event", text)
    if name is not None and fold(name) not in _REPLY_EVENTS:
        return Ignored(_why_no_reply(name))
    reply = _reply(fields, account, received_at, named=name is not None)
    if name is None and not (_has_text(reply) and (reply.lead or reply.email_lead_map_id)):
        return Ignored("There is no reply in it: neither an event_type, nor a reply's text together with its lead.")
    if not (_has_text(reply) or reply.lead or reply.sender or reply.email_lead_map_id or reply.message_id):
        return Malformed(
            "It calls itself a reply but tells neither its lead nor its text. Map sl_lead_email and the text."
        )
    return reply


def event_key(reply: Reply) -> str:
    """The same 64 hex digits for every delivery of one reply, other digits for every other reply.

    Without a message id, two replies of one conversation are one if their own time and their words are the same.
    """
    conversation = reply.email_lead_map_id or [_lower(reply.lead), reply.campaign_id]
    if reply.message_id:
        return _digest([reply.account, conversation, "message", reply.message_id.strip("<> ")])
    words = " ".join((reply.text or reply.html or reply.preview or "").split())
    return _digest([reply.account, conversation, "words", reply.written_at, words])


def body_key(event: Mapping[str, Any]) -> str:
    """64 hex digits over all that an event out of `unwrap` holds, whatever the order of its keys."""
    return _digest(dict(event))


def _digest(value: Any) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _why_no_reply(name: str) -> str:
    shown = _ODD_IN_EVENT_NAME.sub("?", name[:_LONGEST_EVENT_NAME])
    why = _OTHER_EVENTS.get(fold(name), "it is no reply")
    return f"Nothing is decided about {shown}: {why}."


def _reply(fields: Mapping[str, Any], account: str, received_at: float, *, named: bool) -> Reply:
    map_id = _map_id(fields)
    # With an id the conversation is sure without the lead; without one a wrong guess is found out by the lookup.
    people = _people(fields, guess=named and map_id is None)
    reply_text, html = _content(fields, "text", "html", "body")
    sent_text, sent_html = _content(fields, "sent_text", "sent_html", "sent_body")
    category, category_id = _category(fields)
    return Reply(
        account=account,
        email_lead_map_id=map_id,
        lead=people.lead,
        sender=people.sender,
        sender_name=_sender_name(fields, people),
        mailbox=people.mailbox,
        subject=first(fields, "subject", text),
        text=reply_text,
        html=html,
        preview=first(fields, "preview", preview),
        sent_text=sent_text,
        sent_html=sent_html,
        campaign_id=first(fields, "campaign_id", text),
        campaign=first(fields, "campaign", text),
        category=category,
        category_id=category_id,
        client=first(fields, "client", text),
        sequence_step=first(fields, "sequence_step", text),
        message_id=_message_id(fields),
        written_at=_written_at(fields, received_at),
    )


def _has_text(reply: Reply) -> bool:
    return bool(reply.text or reply.html or reply.preview)


def _map_id(fields: Mapping[str, Any]) -> int | None:
    return first(fields, "email_lead_map_id", identifier) or first(fields, "inbox_link", _map_id_in_link)


def _map_id_in_link(value: Any) -> int | None:
    found = _MAP_ID_IN_LINK.search(value) if isinstance(value, str) else None
    return identifier(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class _People:
    lead: str | None
    sender: str | None
    mailbox: str | None


def _people(fields: Mapping[str, Any], *, guess: bool) -> _People:
    """Lead, sender and mailbox as the event names them; the ends of the mail only where the other end is known.

    `guess`: without any name take the ends as SmartLead's guide does, from our mailbox to the lead.
    """
    lead, sender, mailbox = (first(fields, role, address) for role in ("lead", "sender", "mailbox"))
    sent_from, sent_to = first(fields, "from", address), first(fields, "to", address)
    if lead is None:
        lead = _facing(mailbox, sent_from, sent_to) or (sent_to if guess and mailbox is None and sent_from else None)
    if mailbox is None:
        mailbox = _facing(lead, sent_from, sent_to, also=sender) or _facing(sender, sent_from, sent_to, also=lead)
    ours = _lower(mailbox)
    return _People(
        lead=lead if _lower(lead) != ours else None,
        sender=sender if _lower(sender) != ours else None,
        mailbox=mailbox,
    )


def _facing(known: str | None, *ends: str | None, also: str | None = None) -> str | None:
    """The one end of a mail that is neither `known` nor `also`, if the other end is `known`."""
    others = [end for end in ends if end and _lower(end) not in {_lower(known), _lower(also)}]
    return others[0] if len(others) == 1 and _lower(known) in map(_lower, ends) and known else None


def _lower(told: str | None) -> str | None:
    return told.lower() if told else None


def _sender_name(fields: Mapping[str, Any], people: _People) -> str | None:
    """The name of who replied: `to_name` belongs to `to_email`, which need not be the sender."""
    sender = _lower(people.sender)
    if sender is None:
        return None
    beside = first(fields, "sender", name_beside_address)
    named_end = first(fields, "to_name", line) if sender == _lower(first(fields, "to", address)) else None
    lead_name = first(fields, "lead_name", line) if sender == _lower(people.lead) else None
    return beside or named_end or lead_name


def _content(fields: Mapping[str, Any], plain: str, markup: str, either: str) -> tuple[str | None, str | None]:
    """Text and HTML of one mail. Some senders put the one under the other's key, and relays both under one."""
    told_text, html = first(fields, plain, text), first(fields, markup, text)
    told_text = told_text or (None if html else first(fields, either, text))
    if html and not _TAG.search(html):
        return told_text or html, None
    if told_text and not html and _TAG.search(told_text):
        return None, told_text
    return told_text, html


def _category(fields: Mapping[str, Any]) -> tuple[str | None, int | None]:
    """Name and number of the category, from the first path that tells either."""
    for value in values(fields, "category"):
        if isinstance(value, Mapping):
            told = first(value, "category_name", line), first(value, "category_number", identifier)
        else:
            told = _category_name(value), identifier(value)
        if any(told):
            return told
    return None, None


def _category_name(value: Any) -> str | None:
    told = line(value)
    return told if told and not _NUMERIC.fullmatch(told) else None


def _message_id(fields: Mapping[str, Any]) -> str | None:
    """The reply's own message id: our mail's would make one of all the replies to it."""
    told = first(fields, "message_id", text)
    return told if told != first(fields, "sent_message_id", text) else None


def _written_at(fields: Mapping[str, Any], received_at: float) -> float | None:
    """The reply's own time; a clock that is ahead of the arrival would win over every later reply."""
    told = first(fields, "written_at", moment)
    return told if told is not None and told <= received_at + _CLOCK_SKEW else None
