"""What a worker, and who looks into trouble, may ask of the keeper of the conversations, whoever that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.reading import Reading
    from model import CategoryNames, Delivery, Found, Lookup, NotFound, Outcome, Retry


class Handler(Protocol):
    """Carries marks out and answers questions.

    Each call tries once. Trouble is told by what comes back: none of them raises on what the other side does.
    """

    def mark(self, delivery: Delivery) -> Outcome:
        """Mark a conversation."""
        ...

    def find(self, lookup: Lookup) -> Found | NotFound | Retry:
        """Ask for a conversation's id."""
        ...

    def categories(self) -> CategoryNames | Retry:
        """Ask for the names of the account's categories."""
        ...

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reading:
        """Look at anything else, for a person's eyes."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
