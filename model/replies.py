"""What an event tells: a reply, a category, or nothing that anybody decides about."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_ACCOUNT = "default"
MAX_MAP_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply as an event told it, whatever the event's shape was.

    Times are seconds since 1970 (UTC). Addresses and texts are as they came, without the blanks around
    them; only `preview` keeps these, for its last line break tells a whole preview from a cut one.
    """

    account: str = DEFAULT_ACCOUNT
    email_lead_map_id: int | None = None  # the conversation: 1 … 2^63-1; never a lead id
    lead: str | None = None  # address of the lead that the campaign targets
    sender: str | None = None  # address of who really replied; None if the event does not tell
    sender_name: str | None = None
    mailbox: str | None = None  # our own address
    subject: str | None = None
    text: str | None = None  # the mail's plain text, quoted history and all
    html: str | None = None
    preview: str | None = None  # a plain-text beginning that the sender may have cut
    sent_text: str | None = None  # our mail that was answered
    sent_html: str | None = None
    campaign_id: str | None = None
    campaign: str | None = None
    category: str | None = None  # by name
    category_id: int | None = None  # by the account's own number, where no name came
    client: str | None = None
    sequence_step: str | None = None
    message_id: str | None = None
    written_at: float | None = None  # the reply's own time
    ours: bool = False  # our own team wrote it, from outside SmartLead


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChange:
    """SmartLead, or a person in it, gave a conversation a category; `changed_at` is when, None if it is not told."""

    account: str = DEFAULT_ACCOUNT
    email_lead_map_id: int | None = None
    lead: str | None = None
    campaign_id: str | None = None
    category: str | None = None
    category_id: int | None = None
    changed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is no reply, and why nothing is decided about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body from which no event can be read, and why."""

    reason: str
