"""Replies that no webhook brought, as the events that SmartLead would have sent. Pure.

The keys are those of its EMAIL_REPLY webhook, so that such a reply is read, decided and recorded as any other. Told is
only what the list and the history surely say of this very reply.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ledger.orders import SAME_REPLY
from ledger.slot import SAME_TIME

if TYPE_CHECKING:
    from model import History, InboxRow, Message

LAST = 5  # replies of one conversation: the newest decides, the others are for who looks later

Event = dict[str, Any]


def missed_events(
    row: InboxRow, history: History | None, known_until: float | None, *, is_whole: bool = True
) -> list[Event]:
    """The replies after `known_until`, the oldest first; none if the history shows none.

    `known_until`: own time of the newest reply that is known, in seconds since 1970; None: none is. Where the history
    has no reply, or (`is_whole`: it had the time to) not the last that the list tells of, that one is told without its
    text: a `read` of ours may hide it.
    """
    mails = _mails(history)
    places = [place for place, mail in enumerate(mails) if mail.by_lead]
    if not places:
        return [_bare_event(row)]
    made = []
    for place in places:
        at = mails[place].at
        if at is None and place == places[-1]:
            at = row.last_reply_at
        if at is not None and (known_until is None or at > known_until + SAME_TIME):
            made.append(_event(row, mails[place], at, _answered(mails[:place])))
    if made and len(places) == 1:
        made[0] |= _category(row)
    is_untold = is_whole and not shows_last(row, history) and mails[places[-1]].at is not None
    return [*made, *([_bare_event(row)] if is_untold else [])][-LAST:]


def shows_last(row: InboxRow, history: History | None) -> bool:
    """Whether the history has the last reply that the list tells of, which may tell a somewhat later time of it."""
    at = row.last_reply_at or 0.0
    return any(mail.by_lead and mail.at is not None and mail.at >= at - SAME_REPLY for mail in _mails(history))


def _mails(history: History | None) -> tuple[Message, ...]:
    return history.messages if history else ()


def tells_words(event: Event) -> bool:
    """Whether what the lead wrote is in it."""
    return "html" in event.get("reply_message", {})


def _event(row: InboxRow, reply: Message, at: float, answered: Message | None) -> Event:
    mail = {
        "message_id": reply.message_id,
        "subject": reply.subject,
        "from": reply.sender,
        "html": reply.html,
        "time": _iso(at),
    }
    ours = {"sl_senders_mailbox": answered.sender, "sent_message": _told({"html": answered.html})} if answered else {}
    return _told(_conversation(row) | ours | {"reply_message": _told(mail)})


def _answered(before: tuple[Message, ...]) -> Message | None:
    """Our last mail before a reply: it is ours whose mailbox is sure, and whose text the reply may quote."""
    return next((mail for mail in reversed(before) if not mail.by_lead), None)


def _bare_event(row: InboxRow) -> Event:
    """What the list alone tells."""
    return _told(_conversation(row) | {"time_replied": _iso(row.last_reply_at)})


def _conversation(row: InboxRow) -> Event:
    return {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": row.email_lead_map_id,
        "sl_email_lead_id": row.lead_id,
        "sl_lead_email": row.lead,
        "sl_lead_name": row.lead_name,
        "campaign_id": row.campaign_id,
        "campaign_name": row.campaign,
        "client_id": row.client,
    }


def _category(row: InboxRow) -> Event:
    """The list tells the conversation's category, which surely is the reply's own only where no other reply is there.

    One that an earlier reply got, and that nobody has changed yet, could hide this one.
    """
    told = _told({"id": row.category_id, "name": row.category})
    return {"reply_category": told} if told else {}


def _told(values: Event) -> Event:
    return {name: value for name, value in values.items() if value not in (None, {})}


def _iso(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
