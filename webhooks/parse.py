"""From an event to a reply or a change of category, whatever generation of SmartLead or which relay sent it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from addresses import fold_address
from model import DEFAULT_ACCOUNT, CategoryChange, Ignored, Malformed, Reply
from webhooks.category import category_of, new_category
from webhooks.events import is_category_change, is_known, is_reply, why_ignored
from webhooks.identity import same_message
from webhooks.paths import every, first, folded
from webhooks.people import nobody, people_of
from webhooks.readers import address, conversation, conversation_in_link, identifier, moment, preview, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST_NAME: Final = 200  # characters of a campaign
_CLOCK_SKEW: Final = 300.0  # seconds that an event's own time may be ahead of its arrival
_TAG: Final = re.compile(
    r"<(?:!doctype|/?(?:html|head|body|div|p|br|span|table|td|tr|ul|ol|li|a|b|i|u|em|strong|font|blockquote|img|h[1-6])\b)"
    r"[^<>]*>",
    re.IGNORECASE,
)
_NO_REPLY = (
    "There is no reply in it: neither an event_type, nor a reply's text together with its lead or conversation."
    " In a relay, map reply_text and lead_email, or sl_email_lead_map_id."
)
_NOTHING_TOLD = "It calls itself a reply but tells neither its lead nor its text. Map sl_lead_email and the text."
_WHOSE = "It tells a category, but neither whose (lead_email) nor of which conversation (app_url)."
_SENT = (
    "It tells of a mail to the lead from somebody else, and names no event: a mail of ours, not a reply."
    " If it is a reply, map event_type (EMAIL_REPLY)."
)
_WHICH = "It calls itself a change of category, but tells no category: map category."


def parse(
    event: Mapping[str, Any],
    *,
    account: str = DEFAULT_ACCOUNT,
    received_at: float,
    is_ours: Callable[[str], bool] = nobody,
) -> Reply | CategoryChange | Ignored | Malformed:
    """Read one event out of `unwrap`; `received_at` is its arrival, in seconds since 1970 (UTC).

    Without an event name it is a reply if it has a reply's text and a lead or a conversation id: relays often leave the
    name out. An object in which nothing is known is Ignored, not Malformed, so that a Zap goes on. Malformed is only
    an event that calls itself a reply and tells nothing of it: there the fields were mapped wrongly.

    `is_ours` tells of an address whether it is known as ours: such a one is not taken for the lead.

    A CategoryChange without name and number tells that the conversation has no category any more.
    """
    return parse_fields(folded(event), account=account, received_at=received_at, is_ours=is_ours)


def parse_fields(
    fields: Mapping[str, Any], *, account: str, received_at: float, is_ours: Callable[[str], bool]
) -> Reply | CategoryChange | Ignored | Malformed:
    """As `parse`, of an event that `paths.folded` made."""
    name = _event_name(fields)
    if name is None:
        if _is_sent(fields, is_ours):
            return Ignored(_SENT)
        reply = _reply(fields, account, received_at, is_ours, named=False)
        return reply if _has_text(reply) and (reply.lead or reply.email_lead_map_id) else _unnamed(fields)
    if is_category_change(name):
        return _category_change(fields, account, received_at, is_ours)
    if not is_reply(name):
        return Ignored(why_ignored(name))
    reply = _reply(fields, account, received_at, is_ours, named=True)
    tells = _has_text(reply) or reply.lead or reply.sender or reply.email_lead_map_id or reply.message_id
    return reply if tells else Malformed(_NOTHING_TOLD)


def _event_name(fields: Mapping[str, Any]) -> str | None:
    """The event's name. Anything may be called `type`: it counts only where SmartLead has an event of that name."""
    hint = first(fields, "kind_of_record", text)
    return first(fields, "event", text) or (hint if hint and is_known(hint) else None)


def _unnamed(fields: Mapping[str, Any]) -> Ignored:
    hint = first(fields, "kind_of_record", text)
    return Ignored(why_ignored(hint) if hint else _NO_REPLY)


def _reply(
    fields: Mapping[str, Any], account: str, received_at: float, is_ours: Callable[[str], bool], *, named: bool
) -> Reply:
    map_id = _only(conversations_told(fields))
    # With an id the conversation is sure without the lead; without one a wrong guess is found out by the lookup.
    people = people_of(fields, guess=named and map_id is None, is_ours=is_ours)
    reply_text, html = _content(fields, "text", "html", "body")
    sent_text, sent_html = _content(fields, "sent_text", "sent_html", "sent_body")
    category, category_id = category_of(fields)
    return Reply(
        account=account,
        email_lead_map_id=map_id,
        lead=people.lead,
        sender=people.sender,
        sender_name=people.sender_name,
        mailbox=people.mailbox,
        subject=first(fields, "subject", text),
        text=reply_text,
        html=html,
        preview=first(fields, "preview", preview),
        sent_text=sent_text,
        sent_html=sent_html,
        campaign_id=_campaign_id(fields),
        campaign=_campaign(fields),
        category=category,
        category_id=category_id,
        client=first(fields, "client", text),
        sequence_step=first(fields, "sequence_step", text),
        message_id=_message_id(fields),
        written_at=_own_time(fields, "written_at", received_at),
        ours=people.ours,
    )


def _category_change(
    fields: Mapping[str, Any], account: str, received_at: float, is_ours: Callable[[str], bool]
) -> CategoryChange | Ignored:
    told, map_id = new_category(fields), _only(conversations_told(fields))
    lead = people_of(fields, guess=map_id is None, is_ours=is_ours).lead
    if told is None:
        return Ignored(_WHICH)
    if map_id is None and lead is None:
        return Ignored(_WHOSE)
    return CategoryChange(
        account=account,
        email_lead_map_id=map_id,
        lead=lead,
        campaign_id=_campaign_id(fields),
        category=told[0],
        category_id=told[1],
        changed_at=_own_time(fields, "changed_at", received_at),
    )


def _has_text(reply: Reply) -> bool:
    return bool(reply.text or reply.html or reply.preview)


def _is_sent(fields: Mapping[str, Any], is_ours: Callable[[str], bool]) -> bool:
    """Whether a mail without an event's name went to the lead, and no key of its own says that it is a reply.

    SmartLead's own replies may name the ends so, too: there the words stand under a reply's keys.
    """
    lead, sent_from, sent_to = (fold_address(first(fields, role, address)) for role in ("lead", "from", "to"))
    says_reply = any(first(fields, row, text) for row in ("text", "html", "preview", "sender"))
    return bool(lead and sent_from) and sent_to == lead != sent_from and not says_reply and not is_ours(lead)


def conversations_told(fields: Mapping[str, Any]) -> set[int]:
    """The conversation's ids of all keys and links of an event that `paths.folded` made; of several none is sure.

    A number that the event calls a lead id is none.
    """
    keys, links = every(fields, "email_lead_map_id", conversation), every(fields, "inbox_link", conversation_in_link)
    ids = {*keys, *links}
    return ids.difference(every(fields, "lead_id", identifier)) if ids else ids


def _only(ids: set[int]) -> int | None:
    """The id that all agree on: the mark of another conversation would hide another lead."""
    return next(iter(ids)) if len(ids) == 1 else None


def _campaign_id(fields: Mapping[str, Any]) -> str | None:
    """No campaign has so long an id: what is longer is another text, and no database's index takes it."""
    told = first(fields, "campaign_id", text)
    return told if told is None or len(told) <= _LONGEST_NAME else None


def _campaign(fields: Mapping[str, Any]) -> str | None:
    told = first(fields, "campaign", text)
    return told[:_LONGEST_NAME] if told else None


def _content(fields: Mapping[str, Any], plain: str, markup: str, either: str) -> tuple[str | None, str | None]:
    """Text and HTML of one mail. Some senders put the one under the other's key, and relays both under one."""
    told_text, html = first(fields, plain, text), first(fields, markup, text)
    told_text = told_text or (None if html else first(fields, either, text))
    if html and not _TAG.search(html):
        return told_text or html, None
    if told_text and not html and _TAG.search(told_text):
        return None, told_text
    return told_text, html


def _message_id(fields: Mapping[str, Any]) -> str | None:
    """The reply's own message id: our mail's, or the sequence step's, would make one of all the replies to it."""
    told = first(fields, "message_id", text)
    others = (first(fields, "sent_message_id", text), first(fields, "stats_id", text))
    return told if same_message(told) not in map(same_message, others) else None


def _own_time(fields: Mapping[str, Any], row: str, received_at: float) -> float | None:
    """When it happened; a clock that is ahead of the arrival would win over every later reply."""
    told = first(fields, row, moment)
    return told if told is not None and told <= received_at + _CLOCK_SKEW else None
