"""SmartLead's campaigns and webhooks as its lists show them, whatever the generation of the answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from webhooks.events import is_category_change, is_reply

LISTS = ("data", "campaigns", "webhooks")
CURRENT = "EMAIL_REPLY"  # what SmartLead sends today; its pages have had other names for it
OVER = {"ARCHIVED", "DRAFTED"}
FIRST = ("ACTIVE", "PAUSED", "COMPLETED", "STOPPED")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign; `status` in capitals, empty if it is not told."""

    id: int
    name: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook. `active` is None where the answer does not tell."""

    id: int | None
    name: str
    address: str = field(repr=False)  # it may hold a token
    events: tuple[str, ...]
    active: bool | None
    level: Literal["account", "client", "campaign"]
    campaign_id: int | None = None
    campaign: str | None = None  # by name, where it is known

    @property
    def tells_replies(self) -> bool:
        """Whether it is told of replies, under whichever name."""
        return any(map(is_reply, self.events))

    @property
    def tells_categories(self) -> bool:
        """Whether it is told of new categories."""
        return any(map(is_category_change, self.events))

    @property
    def is_outdated(self) -> bool:
        """Whether it asks for replies only under names that SmartLead has given up."""
        return self.tells_replies and CURRENT not in {event.upper().replace(" ", "_") for event in self.events}


def read_campaigns(value: Any) -> list[Campaign]:
    """The campaigns that may get replies, those that send first, then the newest."""
    found = [
        Campaign(number, _text(row.get("name")) or f"Campaign {number}", _text(row.get("status")).upper())
        for row in _rows(value)
        if (number := _number(row.get("id")))
    ]
    alive = [campaign for campaign in found if campaign.status not in OVER]
    return sorted(alive, key=lambda each: (FIRST.index(each.status) if each.status in FIRST else len(FIRST), -each.id))


def read_campaign_webhooks(value: Any, campaign: Campaign) -> list[Subscription]:
    """The webhooks of one campaign."""
    return [_subscription(row, campaign) for row in _rows(value) if row.get("webhook_url")]


def read_webhook(value: Any) -> Subscription | None:
    """A webhook that was asked for by its number."""
    return next((_subscription(row, None) for row in _rows(value) if row.get("webhook_url")), None)


def _subscription(row: Mapping[str, Any], campaign: Campaign | None) -> Subscription:
    active = row.get("is_active")
    return Subscription(
        id=_number(row.get("id")),
        name=_text(row.get("name")),
        address=_text(row.get("webhook_url")),
        events=_events(row),
        active=active if isinstance(active, bool) else None,
        level=_level(row, campaign),
        campaign_id=campaign.id if campaign else _number(row.get("email_campaign_id")),
        campaign=campaign.name if campaign else None,
    )


def _level(row: Mapping[str, Any], campaign: Campaign | None) -> Literal["account", "client", "campaign"]:
    if campaign or row.get("email_campaign_id"):
        return "campaign"
    return "client" if row.get("client_id") else "account"


def _events(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Names, from a list or from a map of name -> wanted."""
    told = row.get("event_types") or row.get("event_type_map") or row.get("event_type") or ()
    if isinstance(told, Mapping):
        return tuple(str(name) for name, wanted in told.items() if wanted)
    return tuple(map(str, told)) if isinstance(told, list) else (str(told),) if told else ()


def _rows(value: Any) -> list[Mapping[str, Any]]:
    while isinstance(value, Mapping):
        inner = next((value[name] for name in LISTS if isinstance(value.get(name), (list, Mapping))), None)
        if inner is None:
            return [value]
        value = inner
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _number(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) <= 18 and int(text) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
