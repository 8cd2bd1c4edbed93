"""From a body to a receipt: unwrap, parse, decide, record once. Knows nothing of HTTP."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ledger import Arrival, pack
from model import DEFAULT_ACCOUNT, CategoryChange, Decision, Ignored, Malformed, Reply
from webhooks.identity import body_key, event_key, message_key, words_key
from webhooks.judgement import judge
from webhooks.parse import parse
from webhooks.redaction import redact, redact_text, scrub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config import Settings
    from ledger import Bucket, Ledger, Receipt
    from model import Check
    from rulebook import Live
    from webhooks.known import Known
    from webhooks.revision import Revision

NO_ID = "No conversation id came with this reply, so nothing can be marked yet: map sl_email_lead_map_id or app_url."
FIRST_WORDS = 160  # characters kept for lists


@dataclass(frozen=True, slots=True)
class _Taken:
    """An event on its way into the ledger; a reply also as it came, and as it was decided."""

    arrival: Arrival
    told: Reply | None = None
    decided: Reply | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes events of one source into the ledger."""

    ledger: Ledger
    settings: Settings
    source: str
    known: Known
    revision: Revision

    def take(self, events: Sequence[Mapping[str, Any]], live: Live) -> list[Receipt]:
        """Record these events, all or none, and return after the commit. Raises NotStoredError.

        Replies are decided anew after it, also for an event that was here before: the sender of one that was recorded
        and not answered comes back with it.
        """
        now = time.time()
        taken: list[_Taken] = []
        for event in events:
            taken.append(self._read(event, live, now, [one.arrival for one in taken]))
        taken = [replace(one, arrival=self._without_secrets(one.arrival)) for one in taken]
        receipts = self.ledger.record([one.arrival for one in taken])
        return [self._answer(one, receipt, live, now) for one, receipt in zip(taken, receipts, strict=True)]

    def quarantine(self, body: bytes, reason: str) -> Receipt:
        """Keep a body that could not be read, for a person to look at."""
        text = redact_text(body, self.settings.secrets)
        return self.ledger.record([self._unread(body_key({"unread": text}), reason, text)])[0]

    def note_too_large(self) -> Receipt:
        """Count a body that was not read: a note of its own each time, for nothing tells two of them apart."""
        reason = f"The body is larger than {self.settings.max_body_bytes} bytes (MAX_BODY_BYTES)."
        return self.ledger.record([self._unread(uuid4().hex, reason, "")])[0]

    def _read(self, event: Mapping[str, Any], live: Live, now: float, before: Sequence[Arrival]) -> _Taken:
        body = json.dumps(redact(event, self.settings.secrets), ensure_ascii=False)
        match parse(event, account=DEFAULT_ACCOUNT, received_at=now):
            case Reply() as told:
                whole = self.known.completed(told, now)
                return _Taken(self._reply(whole, body, live, now), told, whole)
            case CategoryChange() as change:
                dated = replace(change, changed_at=now if change.changed_at is None else change.changed_at)
                return _Taken(self._change(dated, body_key(event), body, before))
            case Ignored(reason):
                return _Taken(self._kept(body_key(event), "ignored", reason, body))
            case Malformed(reason):
                return _Taken(self._unread(body_key(event), reason, body))

    def _answer(self, one: _Taken, receipt: Receipt, live: Live, now: float) -> Receipt:
        if one.arrival.category_change:
            return self.revision.answer(one.arrival.category_change, receipt, live)
        if one.told and one.decided:
            self.known.met(one.arrival.account, one.arrival.mailbox)
            return self.revision.catch_up(one.told, one.decided, receipt, live, now)
        return receipt

    def _without_secrets(self, arrival: Arrival) -> Arrival:
        """The texts beside the body come from strangers too; the body is redacted already."""
        return replace(
            arrival,
            sender=self._clean(arrival.sender),
            words=self._clean(arrival.words),
            reason=self._clean(arrival.reason),
            lead=self._clean(arrival.lead),
            campaign_id=self._clean(arrival.campaign_id),
            campaign=self._clean(arrival.campaign),
            mailbox=self._clean(arrival.mailbox),
            decision=self._clean_decision(arrival.decision),
            category_change=self._clean_change(arrival.category_change),
        )

    def _clean_change(self, change: CategoryChange | None) -> CategoryChange | None:
        if change is None:
            return None
        return replace(
            change,
            lead=self._clean(change.lead),
            campaign_id=self._clean(change.campaign_id),
            category=self._clean(change.category),
        )

    def _clean_decision(self, decision: Decision | None) -> Decision | None:
        if decision is None or not any(check.words or check.note for step in decision.steps for check in step.checks):
            return decision
        steps = (replace(step, checks=tuple(map(self._clean_check, step.checks))) for step in decision.steps)
        return replace(decision, steps=tuple(steps))

    def _clean_check(self, check: Check) -> Check:
        """A note quotes the reply, too, where it names the sign of a kind."""
        return replace(check, words=self._clean(check.words), note=self._clean(check.note))

    def _clean(self, text: str | None) -> str | None:
        return scrub(text, self.settings.secrets) if text else text

    def _reply(self, reply: Reply, body: str, live: Live, now: float) -> Arrival:
        judgement = judge(live, reply, now)
        parked = reply.email_lead_map_id is None
        return Arrival(
            account=reply.account,
            source=self.source,
            key=event_key(reply, now),
            bucket="parked" if parked else "accepted",
            reason=NO_ID if parked else judgement.reason,
            email_lead_map_id=reply.email_lead_map_id,
            written_at=reply.written_at,
            sender=reply.sender or (reply.mailbox if reply.ours else reply.lead),
            words=_first_words(judgement.words),
            body=pack(body),
            decision=judgement.decision,
            dry_run=self.settings.dry_run,
            lead=reply.lead,
            campaign_id=reply.campaign_id,
            campaign=reply.campaign,
            message_key=message_key(reply),
            words_key=words_key(judgement.words),
            undated=reply.written_at is None and reply.message_id is None,
            mailbox=reply.mailbox,
            category_id=reply.category_id if reply.category is None else None,
        )

    def _change(self, change: CategoryChange, key: str, body: str, before: Sequence[Arrival]) -> Arrival:
        """A category that a reply is decided by is accepted; one that waits for its reply is ignored until then."""
        why_not = None if _is_told_in(before, change) else self.revision.why_not(change)
        kept = self._kept(key, "ignored" if why_not else "accepted", why_not, body)
        return replace(
            kept,
            account=change.account,
            email_lead_map_id=change.email_lead_map_id,
            lead=change.lead,
            campaign_id=change.campaign_id,
            category_id=self.revision.nameless(change),
            category_change=change,
        )

    def _unread(self, key: str, reason: str, body: str) -> Arrival:
        return self._kept(key, "quarantined", reason, body)

    def _kept(self, key: str, bucket: Bucket, reason: str | None, body: str) -> Arrival:
        return Arrival(
            account=DEFAULT_ACCOUNT, source=self.source, key=key, bucket=bucket, reason=reason, body=pack(body)
        )


def _is_told_in(before: Sequence[Arrival], change: CategoryChange) -> bool:
    """Whether the same batch tells a reply of the conversation that got this category."""
    replies = [one for one in before if one.decision]
    if change.email_lead_map_id is not None:
        return any(one.email_lead_map_id == change.email_lead_map_id for one in replies)
    conversation = ((change.lead or "").lower(), change.campaign_id)
    return any(((one.lead or "").lower(), one.campaign_id) == conversation for one in replies)


def _first_words(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text[: FIRST_WORDS * 4].split())
    return line if len(line) <= FIRST_WORDS else line[: FIRST_WORDS - 1] + "…"
