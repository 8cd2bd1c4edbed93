"""From a body to a receipt: unwrap, parse, decide, record once. Knows nothing of HTTP."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ledger import Arrival, OvertakenError, pack
from model import CategoryChange, Ignored, Malformed, Mark, Reply
from webhooks.conversations import Conversations
from webhooks.identity import body_key, event_key, message_key, words_key
from webhooks.judgement import judge
from webhooks.known import counting_since
from webhooks.parse import conversations_told, parse_fields
from webhooks.paths import folded
from webhooks.people import sure_mailbox
from webhooks.redaction import redact, redact_text
from webhooks.revision import Given, Recorded
from webhooks.scrubbing import clean_arrival
from webhooks.unwrap import Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from config import Settings
    from ledger import Bucket, Kept, Ledger, Receipt
    from rulebook import Live
    from webhooks.judgement import Judgement
    from webhooks.known import Known
    from webhooks.revision import Revision

ASKED = (
    "No conversation id came with this reply: SmartLead is asked for it, and until it answers nothing can be marked."
)
NO_ID = "No conversation id came with this reply, so nothing can be marked yet: map sl_email_lead_map_id or app_url."
MANY_IDS = (
    "This reply tells more than one conversation id, so none of them is sure and nothing can be marked yet:"
    " map sl_email_lead_map_id alone."
)
TOO_LARGE = "The body is larger than {most} bytes (MAX_BODY_BYTES)."
NO_WORDS = "SmartLead told no words of it, so it is left where the rules would have it marked read."
FIRST_WORDS = 160  # characters kept for lists
_JSON = json.JSONEncoder(ensure_ascii=False)  # dumps would make one for each body


@dataclass(frozen=True, slots=True)
class _Read:
    """An event as it was read; of a reply also as it is decided, of a category whether the event told its time."""

    event: Mapping[str, Any]
    fields: Mapping[str, Any]  # the event as `paths.folded` makes it
    told: Reply | CategoryChange | Ignored | Malformed | Unread
    decided: Reply | None = None
    kept: Kept | None = None
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """Events of one request, read and decided, to be recorded all or none."""

    read: Sequence[_Read]
    arrivals: Sequence[Arrival]
    live: Live
    now: float  # when they came

    def asks_on(self, receipts: Sequence[Receipt]) -> bool:
        """Whether the ledger is to be asked more before these receipts are the answer."""
        return any(one.category_change for one in self.arrivals) or any(
            one.kept or one.twin_of is not None for one in receipts
        )


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes events of one account and source into the ledger.

    `seen`: SmartLead showed these replies as read, so a person has dealt with them. `needs_words`: nobody knows what
    the words were of those that tell none, so none of these is marked read.
    """

    ledger: Ledger
    settings: Settings
    source: str
    known: Known
    revision: Revision
    account: str
    seen: bool = False
    needs_words: bool = False

    def take(self, events: Sequence[Mapping[str, Any] | Unread], live: Live) -> list[Receipt]:
        """Record these events, all or none, and return after the commit. Raises NotStoredError."""
        prepared = self.prepare(events, live)
        return self.settle(prepared, *self.ledger.record_each([prepared.arrivals]))

    def prepare(self, events: Sequence[Mapping[str, Any] | Unread], live: Live) -> Prepared:
        """Read and decide these events. Raises NotStoredError where the ledger is to be asked first, and can not be.

        An item of a batch that is no event is kept for a person to look at, and hinders no other.
        """
        now = time.time()
        is_ours = self.known.is_ours(self.account)
        read = [_read(event, self.account, now, is_ours) for event in events]
        return self._decided(read, [None] * len(read), live, now)

    def settle(self, prepared: Prepared, recorded: list[Receipt] | Exception) -> list[Receipt]:
        """What became of the events, by what the ledger answered: raises what it raised.

        Replies are decided anew after it, also for an event that was here before: the sender of one that was recorded
        and not answered comes back with it. If categories that count for them turned out to be kept, they are decided
        by these, and recorded then.
        """
        while isinstance(recorded, OvertakenError):
            prepared = self._decided(prepared.read, recorded.kept, prepared.live, prepared.now)
            (recorded,) = self.ledger.record_each([prepared.arrivals])
        if isinstance(recorded, Exception):
            raise recorded
        return self._settle(prepared, recorded)

    def _decided(self, told: Sequence[_Read], kept: Sequence[Kept | None], live: Live, now: float) -> Prepared:
        read = self._completed(told, kept, now)
        arrivals = [clean_arrival(one, self.revision.secrets) for one in self._arrivals(read, live, now)]
        return Prepared(read, arrivals, live, now)

    def unreadable(self, told: bytes | str, reason: str) -> Arrival:
        """A body, or an item of one, that could not be read: for a person to look at."""
        text = redact_text(told, self.revision.secrets)
        return self._kept(body_key({"unread": text}), "quarantined", reason, text)

    def too_large(self) -> Arrival:
        """A body that was not read: a note of its own each time, for nothing tells two of them apart."""
        return self._kept(uuid4().hex, "quarantined", TOO_LARGE.format(most=self.settings.max_body_bytes), "")

    def _completed(self, read: Sequence[_Read], kept: Sequence[Kept | None], now: float) -> list[_Read]:
        """The same with what is known beside the events; `kept`: the categories that are kept for them."""
        return [
            _Read(one.event, one.fields, one.told, self.known.completed(one.told, category, now), category, one.dated)
            if isinstance(one.told, Reply)
            else one
            for one, category in zip(read, kept, strict=True)
        ]

    def _arrivals(self, read: Sequence[_Read], live: Live, now: float) -> list[Arrival]:
        why_not = self._why_not(read)
        made: list[Arrival] = []
        for index, one in enumerate(read):
            body = _JSON.encode(redact(one.event, self.revision.secrets))
            match one.told:
                case Reply() as told:
                    made.append(self._reply(one, told, body, live, now))
                case CategoryChange() as change:
                    made.append(self._change(one.event, change, why_not.get(index), body))
                case Ignored(reason):
                    made.append(self._kept(body_key(one.event), "ignored", reason, body))
                case Unread(reason, text):
                    made.append(self.unreadable(text, reason))
                case Malformed(reason):
                    made.append(self._kept(body_key(one.event), "quarantined", reason, body))
        return made

    def _why_not(self, read: Sequence[_Read]) -> dict[int, str | None]:
        """Why categories decide no reply anew, by their positions; without those whose reply came just before them."""
        if not any(isinstance(one.told, CategoryChange) for one in read):
            return {}
        told, alone = Conversations(), {}
        for index, one in enumerate(read):
            if isinstance(one.told, Reply):
                told.add(one.told)
            elif isinstance(one.told, CategoryChange) and not told.tell(one.told):
                alone[index] = one.told
        return dict(zip(alone, self.revision.why_not(list(alone.values())), strict=True))

    def _settle(self, prepared: Prepared, receipts: list[Receipt]) -> list[Receipt]:
        """Decide anew what these events, and those that came at the same moment, make of earlier ones."""
        read, arrivals, live, now = prepared.read, prepared.arrivals, prepared.live, prepared.now
        self.known.met(self.account, {one.mailbox for one in arrivals if one.mailbox})
        answers = list(receipts)
        recorded = {
            index: Recorded(one.told, one.decided, arrivals[index].mailbox, receipts[index])
            for index, one in enumerate(read)
            if isinstance(one.told, Reply) and one.decided
        }
        for index, answer in zip(recorded, self.revision.catch_up(list(recorded.values()), live, now), strict=True):
            answers[index] = answer
        for index, one in recorded.items():
            if one.receipt.twin_of is not None:
                answers[index] = self.revision.of_twin(one, live)
        given = {
            index: Given(change, one.dated, receipts[index])
            for index, one in enumerate(read)
            if (change := arrivals[index].category_change)
        }
        for index, answer in zip(given, self.revision.answer(list(given.values()), live), strict=True):
            answers[index] = answer
        return answers

    def _reply(self, read: _Read, told: Reply, body: str, live: Live, now: float) -> Arrival:
        reply = read.decided or told
        judgement = self._careful(judge(live, reply, now))
        parked = reply.email_lead_map_id is None
        return Arrival(
            account=reply.account,
            source=self.source,
            key=event_key(reply, now),
            bucket="parked" if parked else "accepted",
            reason=_why_parked(read.fields, reply) if parked else judgement.reason,
            email_lead_map_id=reply.email_lead_map_id,
            written_at=reply.written_at,
            sender=reply.sender or (reply.mailbox if reply.ours else reply.lead),
            sender_told=bool(reply.sender or reply.ours),
            words=_first_words(judgement.words),
            body=pack(body),
            decision=judgement.decision,
            dry_run=self.settings.dry_run,
            seen=self.seen,
            lead=reply.lead,
            campaign_id=reply.campaign_id,
            campaign=reply.campaign,
            message_key=message_key(reply),
            words_key=words_key(judgement.words),
            mailbox=sure_mailbox(read.fields, self.known.is_ours(reply.account)) if reply.mailbox else None,
            category_id=reply.category_id if reply.category is None else None,
            kept=read.kept,
            kept_since=counting_since(told, now),
        )

    def _careful(self, judgement: Judgement) -> Judgement:
        """The same, unless it hides what nobody has read."""
        if not self.needs_words or judgement.words is not None or judgement.decision.mark is not Mark.READ:
            return judgement
        return replace(judgement, decision=replace(judgement.decision, mark=Mark.LEAVE, rule=None), reason=NO_WORDS)

    def _change(self, event: Mapping[str, Any], change: CategoryChange, why_not: str | None, body: str) -> Arrival:
        """A category that a reply is decided by is accepted; one that waits for its reply is ignored until then."""
        kept = self._kept(body_key(event), "ignored" if why_not else "accepted", why_not, body)
        return replace(
            kept,
            account=change.account,
            email_lead_map_id=change.email_lead_map_id,
            lead=change.lead,
            campaign_id=change.campaign_id,
            category_id=self.revision.nameless(change),
            category_change=change,
        )

    def _kept(self, key: str, bucket: Bucket, reason: str | None, body: str) -> Arrival:
        return Arrival(account=self.account, source=self.source, key=key, bucket=bucket, reason=reason, body=pack(body))


def _read(event: Mapping[str, Any] | Unread, account: str, now: float, is_ours: Callable[[str], bool]) -> _Read:
    if isinstance(event, Unread):
        return _Read({}, {}, event)
    fields = folded(event)
    told = parse_fields(fields, account=account, received_at=now, is_ours=is_ours)
    if isinstance(told, CategoryChange) and told.changed_at is None:
        return _Read(event, fields, replace(told, changed_at=now), dated=False)
    return _Read(event, fields, told)


def _why_parked(fields: Mapping[str, Any], reply: Reply) -> str:
    if len(conversations_told(fields)) > 1:
        return MANY_IDS
    return ASKED if reply.lead and reply.campaign_id else NO_ID


def _first_words(text: str | None) -> str | None:
    if text is None:
        return None
    line = " ".join(text[: FIRST_WORDS * 4].split())
    return line if len(line) <= FIRST_WORDS else line[: FIRST_WORDS - 1] + "…"
