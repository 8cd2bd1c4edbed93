"""What a worker calls to carry a mark out, whoever keeps the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from model import Delivery, Outcome


class Handler(Protocol):
    """Carries marks out."""

    def mark(self, delivery: Delivery) -> Outcome:
        """Try once. Trouble is told by the outcome: this never raises on what the other side does."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...
