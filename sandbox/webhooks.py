"""The webhooks that a person set up in this SmartLead. They are shown, and never called."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

SET_UP = "2024-05-06T07:08:09.000Z"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook. Without a campaign and a client it belongs to the whole account."""

    number: int
    webhook_url: str
    name: str = "Replies"
    event_types: Sequence[str] = ("EMAIL_REPLY",)
    campaign_id: int | None = None
    client_id: int | None = None
    is_active: bool = True


class Webhooks:
    """All webhooks."""

    def __init__(self) -> None:
        self._webhooks: dict[int, Webhook] = {}
        self._lock = threading.Lock()

    def add(self, webhooks: list[Webhook]) -> None:
        """Set them up; one with the number of another takes its place."""
        with self._lock:
            self._webhooks |= {each.number: each for each in webhooks}

    def all(self) -> list[Webhook]:
        """In the order of their numbers."""
        with self._lock:
            return sorted(self._webhooks.values(), key=lambda each: each.number)

    def reset(self) -> None:
        """Forget them all."""
        with self._lock:
            self._webhooks.clear()


def in_short(webhook: Webhook) -> dict[str, Any]:
    """A webhook as its campaign's list shows it."""
    return {
        "id": webhook.number,
        "name": webhook.name,
        "webhook_url": webhook.webhook_url,
        "event_types": list(webhook.event_types),
        "is_active": webhook.is_active,
    }


def in_full(webhook: Webhook) -> dict[str, Any]:
    """A webhook as it is shown alone."""
    return {
        "id": webhook.number,
        "email_campaign_id": webhook.campaign_id,
        "client_id": webhook.client_id,
        "name": webhook.name,
        "webhook_url": webhook.webhook_url,
        "event_type_map": dict.fromkeys(webhook.event_types, True),
        "category_id_map": {},
        "created_at": SET_UP,
        "updated_at": SET_UP,
    }
