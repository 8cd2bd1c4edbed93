"""The account's categories, and the event that tells of a conversation's new one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.conversation import Conversation


@dataclass(frozen=True, slots=True)
class Category:
    """A name by its number, and what it says of the lead."""

    number: int
    name: str
    sentiment: str | None = None


SHIPPED = (
    Category(1, "Interested", "positive"),
    Category(2, "Meeting Request", "positive"),
    Category(3, "Not Interested", "negative"),
    Category(4, "Do Not Contact", "negative"),
    Category(5, "Information Request", "positive"),
    Category(6, "Out Of Office", "neutral"),
    Category(7, "Wrong Person", "neutral"),
    Category(8, "Uncategorizable by Ai"),
    Category(9, "Sender Originated Bounce", "negative"),
)


class Categories:
    """Those that every account has, and its own."""

    def __init__(self) -> None:
        self._categories: dict[int, Category] = {}
        self._lock = threading.Lock()
        self.reset()

    def add(self, category: Category) -> None:
        """Make one, or name it anew."""
        with self._lock:
            self._categories[category.number] = category

    def get(self, number: int | None) -> Category | None:
        """The category of this number."""
        with self._lock:
            return None if number is None else self._categories.get(number)

    def all(self) -> list[Category]:
        """In the order of their numbers."""
        with self._lock:
            return sorted(self._categories.values(), key=lambda each: each.number)

    def reset(self) -> None:
        """Back to those that every account has."""
        with self._lock:
            self._categories = {each.number: each for each in SHIPPED}


def updated_event(conversation: Conversation, old: Category | None, new: Category | None) -> dict[str, Any]:
    """LEAD_CATEGORY_UPDATED as SmartLead sends it now: it names lead and campaign, not the conversation's id."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    name = f"{conversation.first_name} {conversation.last_name}"
    return {
        "event_type": "LEAD_CATEGORY_UPDATED",
        "event_timestamp": now,
        "created_at": now,
        "lead_id": conversation.lead_id,
        "lead_email": conversation.email,
        "lead_name": name,
        "lead_data": {
            "email": conversation.email,
            "first_name": conversation.first_name,
            "last_name": conversation.last_name,
            "category": {"name": new.name, "sentiment_type": new.sentiment} if new else None,
        },
        "category": new.name if new else None,
        "lead_category_id": new.number if new else None,
        "lead_category": {
            "old_id": old.number if old else None,
            "old_name": old.name if old else None,
            "new_id": new.number if new else None,
            "new_name": new.name if new else None,
        },
        "campaign_id": conversation.campaign_id,
        "campaign_name": conversation.campaign_name,
        "campaign_status": "ACTIVE",
        "from_email": conversation.mailbox,
        "to_email": conversation.email,
        "history": [],
        "app_url": "https://app.smartlead.ai/app/master-inbox",
    }
