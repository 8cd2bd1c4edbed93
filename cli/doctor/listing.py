"""The list of SmartLead's webhooks: what is asked for, and a row of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.doctor.examination import look_at_campaigns, look_at_numbers, look_at_webhooks
from cli.doctor.finding import count
from cli.doctor.subscriptions import Campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.doctor.addresses import Home
    from cli.doctor.asking import Asker
    from cli.doctor.subscriptions import Subscription

COLUMNS = ("campaign", "state", "id", "level", "events", "here", "name", "address")
COLOURS = {"active": "green", "off": "red"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What SmartLead shows of what was asked for; `troubles` and `hints` are sentences."""

    webhooks: Sequence[Subscription]
    troubles: Sequence[str]  # something that was asked for by its number is not shown, or nothing at all is
    hints: Sequence[str] = ()


def look(asker: Asker, campaign: int | None, most: int, numbers: tuple[int, ...]) -> Shown:
    """One campaign's webhooks and those of these numbers; or, if neither is asked for, those of the first campaigns."""
    if campaign is None and not numbers:
        seen = look_at_webhooks(asker, most, ())
        unread = seen.unread or 0
        hints = [f"{count(unread, 'further campaign')} not shown: see more with --campaigns N."] if unread else []
        troubles = list(dict.fromkeys(asker.troubles))
        return Shown(seen.of_campaigns, [], [*troubles, *hints]) if seen.of_campaigns else Shown([], troubles, hints)
    wanted = [Campaign(campaign, str(campaign))] if campaign else []
    read, found = look_at_campaigns(asker, wanted)
    missing = [f"Campaign {each.id}: {_why(asker.troubles)}" for each in wanted if each not in read]
    return _with_numbers(asker, found, missing, numbers)


def _with_numbers(asker: Asker, found: list[Subscription], missing: list[str], numbers: tuple[int, ...]) -> Shown:
    for number in numbers:
        before = len(asker.troubles)
        shown = look_at_numbers(asker, [number])
        found += shown
        if not shown:
            missing.append(f"Webhook {number}: {_why(asker.troubles if asker.gave_up else asker.troubles[before:])}")
    return Shown(found, missing)


def _why(troubles: Sequence[str]) -> str:
    return f"{troubles[-1].rstrip('.')}." if troubles else "SmartLead does not show it."


def row_of(webhook: Subscription, home: Home) -> dict[str, Any]:
    """A webhook, for tables and scripts. `flaw` tells why deliveries that lead here are not taken."""
    flaw = home.flaw(webhook.address) if home.is_here(webhook.address) else None
    return {
        "campaign": webhook.campaign or webhook.campaign_id,
        "state": {True: "active", False: "off", None: None}[webhook.active],
        "id": webhook.id,
        "level": webhook.level,
        "events": list(webhook.events),
        "here": _here(webhook, home, flaw),
        "flaw": flaw,
        "name": webhook.name,
        "address": home.show(webhook.address),
    }


def _here(webhook: Subscription, home: Home, flaw: str | None) -> str:
    if flaw:
        return "not taken"
    return "yes" if home.is_here(webhook.address) else "no"
