"""What a worker, and who looks into trouble, may ask of the keeper of the conversations, whoever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.reading import Reading
    from model import (
        CategoryNames,
        Delivery,
        Found,
        GiveUp,
        History,
        InboxList,
        InboxPage,
        Lookup,
        NotFound,
        Outcome,
        Retry,
        Unsent,
    )


class Handler(Protocol):
    """Carries marks out and answers questions.

    Each call tries once. Trouble is told by what comes back: none of them raises on what the other side does. What was
    not sent by `send_before` (of `time.monotonic`; None: no hurry) is not sent at all, and comes back as Unsent.
    """

    def mark(self, delivery: Delivery, send_before: float | None = None) -> Outcome | Unsent:
        """Mark a conversation."""
        ...

    def find(self, lookup: Lookup, send_before: float | None = None) -> Found | NotFound | Retry | Unsent:
        """Ask for a conversation's id."""
        ...

    def categories(self, send_before: float | None = None) -> CategoryNames | Retry | Unsent:
        """Ask for the names of the account's categories."""
        ...

    def page(self, shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage | Retry | GiveUp:
        """Ask for a page of a list of conversations, newest reply first, from the row `offset` on."""
        ...

    def history(self, campaign_id: str, lead_id: str) -> History | Retry | GiveUp:
        """Ask for the mails of one conversation."""
        ...

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reading:
        """Look at anything else, for a person's eyes."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
