"""What strangers wrote beside an arrival's body, without our secrets; the body itself is redacted already. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from webhooks.redaction import scrub, scrub_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from ledger import Arrival
    from model import CategoryChange, Check, Decision


def clean_arrival(arrival: Arrival, secrets: Collection[str]) -> Arrival:
    """The arrival as it may be kept. Addresses and campaigns tell conversations apart: they lose our secrets alone."""
    clean = {
        "sender": _name(arrival.sender, secrets),
        "lead": _name(arrival.lead, secrets),
        "campaign_id": _name(arrival.campaign_id, secrets),
        "campaign": _name(arrival.campaign, secrets),
        "mailbox": _name(arrival.mailbox, secrets),
        "words": _text(arrival.words, secrets),
        "reason": _text(arrival.reason, secrets),
        "decision": clean_decision(arrival.decision, secrets) if arrival.decision else None,
        "category_change": _change(arrival.category_change, secrets) if arrival.category_change else None,
    }
    hidden: dict[str, Any] = {name: told for name, told in clean.items() if told is not getattr(arrival, name)}
    return replace(arrival, **hidden) if hidden else arrival  # to copy it costs more than to look


def clean_decision(decision: Decision, secrets: Collection[str]) -> Decision:
    """The decision without the secrets that its checks quote."""
    if all(_check(check, secrets) is check for step in decision.steps for check in step.checks):
        return decision
    steps = (replace(step, checks=tuple(_check(check, secrets) for check in step.checks)) for step in decision.steps)
    return replace(decision, steps=tuple(steps))


def _check(check: Check, secrets: Collection[str]) -> Check:
    """A note quotes the reply, too, where it names the sign of a kind."""
    words, note = _text(check.words, secrets), _text(check.note, secrets)
    same = words is check.words and note is check.note
    return check if same else replace(check, words=words, note=note)


def _change(change: CategoryChange, secrets: Collection[str]) -> CategoryChange:
    lead, campaign_id = _name(change.lead, secrets), _name(change.campaign_id, secrets)
    return replace(change, lead=lead, campaign_id=campaign_id, category=_text(change.category, secrets))


def _name(told: str | None, secrets: Collection[str]) -> str | None:
    return scrub_name(told, secrets) if told else told


def _text(told: str | None, secrets: Collection[str]) -> str | None:
    return scrub(told, secrets) if told else told
