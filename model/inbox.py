"""What SmartLead shows of its inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.answers import Heard

InboxList = Literal["inbox-replies", "unread-replies"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One conversation as SmartLead's lists show it. None: the row does not tell, or contradicts itself."""

    email_lead_map_id: int
    is_read: bool | None = None
    last_reply_at: float | None = None  # seconds since 1970 (UTC)
    lead: str | None = None
    lead_id: str | None = None
    lead_name: str | None = None
    campaign_id: str | None = None
    campaign: str | None = None
    category_id: int | None = None
    category: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One mail of a conversation, as SmartLead's history shows it."""

    by_lead: bool
    message_id: str | None = None
    at: float | None = None
    html: str | None = None
    subject: str | None = None
    sender: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class InboxPage(Heard):
    """A page of one of SmartLead's lists; `length` counts the rows that came, also those that tell no conversation."""

    rows: tuple[InboxRow, ...]
    length: int


@dataclass(frozen=True, slots=True)
class History(Heard):
    """The mails of a conversation, the oldest first."""

    messages: tuple[Message, ...]
