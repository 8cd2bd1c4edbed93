"""The mails of a conversation, as its history shows them, and the webhook that tells of a reply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.conversation import Conversation

DAY = 86400.0
MASTER_INBOX = "https://app.smartlead.ai/app/master-inbox"
OUR_MAIL = "We cut dock waiting by a third. Worth a call?"
FIRST_REPLY = "Thanks for your mail. Could you tell me more?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. `time` is seconds since 1970 (UTC)."""

    by_lead: bool
    message_id: str
    time: float
    text: str
    subject: str

    @property
    def html(self) -> str:
        """The text as a mail program writes it."""
        return f"<div>{escape(self.text)}</div>"


def first_mails(conversation: Conversation) -> list[Mail]:
    """Our mail and its reply: what every conversation began with."""
    subject = f"Quick idea for {conversation.first_name}".strip()
    came = conversation.last_reply_time
    ours = Mail(by_lead=False, message_id=id_of_mail(conversation, 0), time=came - DAY, text=OUR_MAIL, subject=subject)
    return [ours, reply(conversation, FIRST_REPLY, came, id_of_mail(conversation, 1))]


def reply(conversation: Conversation, text: str, time: float, its_id: str) -> Mail:
    """A mail of the lead's."""
    subject = f"Re: Quick idea for {conversation.first_name}".strip()
    return Mail(by_lead=True, message_id=its_id, time=time, text=text, subject=subject)


def id_of_mail(conversation: Conversation, number: int) -> str:
    """The id of one of its mails."""
    return f"<{conversation.map_id}-{number}@{conversation.email.rpartition('@')[2]}>"


def iso(time: float) -> str:
    """As SmartLead writes times."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def live_history(conversation: Conversation, mails: list[Mail]) -> dict[str, Any]:
    """As integrators recorded it: only our own mails tell a subject."""
    rows = [_live_mail(conversation, mail) for mail in mails]
    return {"history": rows, "from": conversation.mailbox, "to": conversation.email}


def _live_mail(conversation: Conversation, mail: Mail) -> dict[str, Any]:
    ours, theirs = conversation.mailbox, conversation.email
    return {
        "stats_id": f"7be0b9a4-2f53-4a0e-9c1d-{conversation.map_id:012}",
        "from": theirs if mail.by_lead else ours,
        "to": ours if mail.by_lead else theirs,
        "type": "REPLY" if mail.by_lead else "SENT",
        "message_id": mail.message_id,
        "time": iso(mail.time),
        "email_body": mail.html,
        "cc": [],
    } | ({} if mail.by_lead else {"subject": mail.subject, "email_seq_number": "1", "open_count": 0, "click_count": 0})


def documented_history(_conversation: Conversation, mails: list[Mail]) -> dict[str, Any]:
    """As SmartLead's reference shows it: no bodies, no message ids."""
    rows = [
        {
            "id": number,
            "subject": mail.subject,
            "direction": "inbound" if mail.by_lead else "outbound",
            "received_at" if mail.by_lead else "sent_at": iso(mail.time),
        }
        for number, mail in enumerate(mails, start=1)
    ]
    return {"messages": rows}


def reply_head(conversation: Conversation, subject: str, time: str) -> dict[str, Any]:
    """What all generations of EMAIL_REPLY agree on."""
    return {
        "event_type": "EMAIL_REPLY",
        "campaign_id": conversation.campaign_id,
        "campaign_name": conversation.campaign_name,
        "campaign_status": "ACTIVE",
        "sequence_number": 1,
        "sl_email_lead_id": str(conversation.lead_id),
        "sl_lead_email": conversation.email,
        "from_email": conversation.mailbox,
        "to_email": conversation.email,
        "to_name": f"{conversation.first_name} {conversation.last_name}",
        "subject": subject,
        "event_timestamp": time,
    }


def reply_event(conversation: Conversation, mail: Mail) -> dict[str, Any]:
    """EMAIL_REPLY as SmartLead sends it now."""
    head = reply_head(conversation, mail.subject, iso(mail.time))
    told = {"message_id": mail.message_id, "text": mail.text, "html": mail.html, "time": iso(mail.time)}
    return head | {
        "sl_email_lead_map_id": conversation.map_id,
        "preview_text": mail.text[:40],
        "reply_message": told,
        "reply_category": conversation.category_id,
        "client_id": conversation.client_id,
        "app_url": f"{MASTER_INBOX}?leadMap={conversation.map_id}",
    }
