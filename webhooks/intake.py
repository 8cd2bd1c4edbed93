"""From a body to a receipt: unwrap, parse, decide, record once. Knows nothing of HTTP."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ledger import Arrival, pack
from model import DEFAULT_ACCOUNT, Decision, Ignored, Malformed, Mark, Reply
from rules.engine import decide_facts, facts_of
from webhooks.parse import body_key, event_key, parse
from webhooks.redaction import redact, redact_text, scrub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from config import Settings
    from ledger import Bucket, Ledger, Receipt
    from model import Check
    from rulebook import Live

log = logging.getLogger(__name__)

NO_ID = "No conversation id came with this reply, so nothing can be marked yet: map sl_email_lead_map_id or app_url."
NOT_DECIDED = "The rules could not be tried on this reply, so it is left as it is; the log has more."
FIRST_WORDS = 160  # characters kept for lists


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes events of one source into the ledger."""

    ledger: Ledger
    settings: Settings
    source: str

    def take(self, events: Sequence[Mapping[str, Any]], live: Live) -> list[Receipt]:
        """Record these events, all or none, and return after the commit. Raises NotStoredError."""
        now = time.time()
        return self.ledger.record([self._without_secrets(self._arrival(event, live, now)) for event in events])

    def quarantine(self, body: bytes, reason: str) -> Receipt:
        """Keep a body that could not be read, for a person to look at."""
        text = redact_text(body, self.settings.secrets)
        return self.ledger.record([self._unread(body_key({"unread": text}), reason, text)])[0]

    def note_too_large(self) -> Receipt:
        """Count a body that was not read: a note of its own each time, for nothing tells two of them apart."""
        reason = f"The body is larger than {self.settings.max_body_bytes} bytes (MAX_BODY_BYTES)."
        return self.ledger.record([self._unread(uuid4().hex, reason, "")])[0]

    def _arrival(self, event: Mapping[str, Any], live: Live, now: float) -> Arrival:
        body = json.dumps(redact(event, self.settings.secrets), ensure_ascii=False)
        match parse(event, received_at=now):
            case Reply() as reply:
                return self._reply(reply, body, live, datetime.fromtimestamp(now, UTC).date())
            case Ignored(reason):
                return self._kept(body_key(event), "ignored", reason, body)
            case Malformed(reason):
                return self._unread(body_key(event), reason, body)

    def _without_secrets(self, arrival: Arrival) -> Arrival:
        """The texts beside the body come from strangers too; the body is redacted already."""
        return replace(
            arrival,
            sender=self._clean(arrival.sender),
            words=self._clean(arrival.words),
            reason=self._clean(arrival.reason),
            decision=self._clean_decision(arrival.decision),
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

    def _reply(self, reply: Reply, body: str, live: Live, on: date) -> Arrival:
        decision, words, reason = _decide(live, reply, on)
        parked = reply.email_lead_map_id is None
        return Arrival(
            account=reply.account,
            source=self.source,
            key=event_key(reply),
            bucket="parked" if parked else "accepted",
            reason=NO_ID if parked else reason,
            email_lead_map_id=reply.email_lead_map_id,
            written_at=reply.written_at,
            sender=reply.sender or reply.lead,
            words=words,
            body=pack(body),
            decision=decision,
            dry_run=self.settings.dry_run,
        )

    def _unread(self, key: str, reason: str, body: str) -> Arrival:
        return self._kept(key, "quarantined", reason, body)

    def _kept(self, key: str, bucket: Bucket, reason: str, body: str) -> Arrival:
        return Arrival(
            account=DEFAULT_ACCOUNT, source=self.source, key=key, bucket=bucket, reason=reason, body=pack(body)
        )


def _decide(live: Live, reply: Reply, on: date) -> tuple[Decision, str | None, str | None]:
    """What the live rules want, the first words, and what went wrong: it must neither lose the reply nor hide it."""
    try:
        facts = facts_of(reply)
        decided = decide_facts(live.ruleset, facts, on=on)
    except Exception:
        log.exception("not_decided version=%s", live.version)
        return Decision(Mark.LEAVE, None, (), live.version), None, NOT_DECIDED
    return replace(decided, version=live.version), _first_words(facts.reply or facts.whole_message), None


def _first_words(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text[: FIRST_WORDS * 4].split())
    return line if len(line) <= FIRST_WORDS else line[: FIRST_WORDS - 1] + "…"
