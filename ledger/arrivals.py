"""What the ledger takes, and what it answers."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from model import CategoryChange, Decision, Mark

Bucket = Literal["accepted", "ignored", "parked", "quarantined"]
Status = Literal["accepted", "duplicate", "ignored", "parked", "quarantined"]
Kept = tuple[str | None, int | None, float | None]  # a category's name, its number, and when it was given or taken away


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One event as it came in, decided, and redacted for keeping.

    It is a reply if it has a decision. What stands behind `decision` tells one reply from another, and finds the
    conversation of a reply that came without an id.
    """

    account: str
    source: str
    key: str  # equal for every delivery of the same event
    bucket: Bucket
    reason: str | None = None
    email_lead_map_id: int | None = None
    id_learned: bool = False  # the ledger's own: another event, or SmartLead when it was asked, told that id
    written_at: float | None = None
    sender: str | None = None
    sender_told: bool = True  # False: `sender` only stands in for one that the event does not tell
    words: str | None = None
    body: bytes = b""  # as `pack` makes it
    decision: Decision | None = None
    dry_run: bool = False
    seen: bool = False  # SmartLead showed it as read when it was found there
    lead: str | None = None
    campaign_id: str | None = None
    campaign: str | None = None  # by name
    message_key: str | None = None  # digest of the message id
    words_key: str | None = None  # digest of the new words
    mailbox: str | None = None
    category_id: int | None = None  # only where no name is known of it
    category_change: CategoryChange | None = None  # kept for the conversation's next reply
    kept: Kept | None = None  # the category that was kept for the conversation, as far as it was decided with that
    kept_since: float = inf  # one that was given since then counts for it


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the ledger did with an arrival. `mark` and `rule` are those of this very reply's first delivery.

    Of a duplicate, `event_id` is the event that told the reply first. `twin_of` is that same event where this arrival
    told it for the first time by another way: it may tell more of the reply. `kept`: the category that is kept for the
    conversation after the commit, where the arrival asked for one.
    """

    status: Status
    event_id: int
    mark: Mark | None = None
    rule: str | None = None
    reason: str | None = None
    email_lead_map_id: int | None = None
    twin_of: int | None = None
    kept: Kept | None = None


def pack(body: str) -> bytes:
    """A redacted body as the ledger keeps it: a reply of 3 kB takes about 0.7 kB."""
    return zlib.compress(body.encode("utf-8", "replace"), level=1)


def unpack(body: bytes) -> str:
    """The redacted body that was packed."""
    return zlib.decompress(body).decode("utf-8") if body else ""
