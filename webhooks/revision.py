"""Stored replies, decided anew: their category came after them or only now has a name, or another event tells more."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from ledger import Redecision
from model import Reply
from webhooks.joining import join
from webhooks.judgement import judge
from webhooks.known import Known, asked, categorised, counting, earliest, is_for
from webhooks.parse import parse
from webhooks.people import nobody
from webhooks.scrubbing import clean_decision

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger import Kept, Ledger, Receipt, StoredReply
    from model import CategoryChange
    from rulebook import Live

NO_CAMPAIGN = "It tells a lead and no campaign, and none of its replies is known here: map campaign_id."
NO_REPLY = "There is no reply of this conversation yet: the category is kept for its next one."
OLDER = "The category is older than the conversation's newest reply, so it says nothing of it."
OUTDATED = "A newer category of this conversation is known already."
PRUNED = "The text of the conversation's newest reply is not kept any more, so it can not be decided anew."
NAMELESS = "The category's name is not known yet: SmartLead is asked for it, then the reply is decided once more."


class Recorded(NamedTuple):
    """A reply that was just recorded: as it came, as it was decided, and what the ledger made of it."""

    told: Reply
    decided: Reply
    sure_mailbox: str | None
    receipt: Receipt


class Given(NamedTuple):
    """A category that was just recorded. `dated`: the event told when it was given; else its first arrival counts."""

    change: CategoryChange
    dated: bool
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Revision:
    """Decides stored replies anew by the live rules."""

    ledger: Ledger
    known: Known
    dry_run: bool
    secrets: tuple[str, ...]

    def why_not(self, changes: Sequence[CategoryChange]) -> list[str | None]:
        """Why each of these decides no reply anew, None if it does. Their `changed_at` must be told."""
        newest = self._newest_replies(changes)
        return [_why_not(*one) for one in zip(changes, newest, self.known.kept(changes), strict=True)]

    def nameless(self, change: CategoryChange) -> int | None:
        """The number of a category of which no name is known."""
        number = change.category_id if change.category is None else None
        return number if number is not None and self._name(change) is None else None

    def answer(self, given: Sequence[Given], live: Live) -> list[Receipt]:
        """Decide the conversations' newest replies by these categories, and say so in the receipts of these."""
        changes = [one.change for one in given]
        newest, kept = self._newest_replies(changes), self.known.kept(changes)
        answers, made = [one.receipt for one in given], {}
        for index, (one, stored, last) in enumerate(zip(given, newest, kept, strict=True)):
            decided = self._by_category(one, stored, last, live)
            if isinstance(decided, str):
                answers[index] = replace(one.receipt, reason=decided)
            else:
                made[index] = decided
        for index, revised in zip(made, self._revise(list(made.values())), strict=True):
            answers[index] = _answered(given[index].receipt, revised)
            if revised.status != "ignored" and self._waits(made[index], self.nameless(changes[index])):
                answers[index] = replace(answers[index], reason=NAMELESS)
        return answers

    def catch_up(self, recorded: Sequence[Recorded], live: Live, received_at: float) -> list[Receipt]:
        """Decide replies anew whose category the same transaction recorded: they were decided before it was kept."""
        kept_of = {
            index: counting(one.receipt.kept, one.told, received_at)
            for index, one in enumerate(recorded)
            if one.receipt.status in {"accepted", "parked"}
        }
        made = {}
        for index, last in kept_of.items():
            if last and (decided := self._of_kept(recorded[index], last, live, received_at)):
                made[index] = decided
        receipts = [one.receipt for one in recorded]
        for index, revised in zip(made, self._revise(list(made.values())), strict=True):
            if revised.status != "ignored":
                receipts[index] = revised
                self._waits(made[index], self._nameless_kept(recorded[index].told.account, kept_of[index]))
        return receipts

    def of_twin(self, one: Recorded, live: Live) -> Receipt:
        """Decide the event anew that told this reply first, if this one tells more; the receipt repeats its mark."""
        first_id = one.receipt.twin_of
        stored = asked(lambda: self.ledger.stored_reply(first_id)) if first_id is not None else None
        first = self._read(stored) if stored else None
        if stored is None or first is None:
            return one.receipt
        whole = join(first, one.told, one.sure_mailbox)
        if whole == first:
            return one.receipt
        made = self._joined(stored, first, whole, live)
        (revised,) = self._revise([made]) if made else (None,)
        told = revised if revised and revised.status != "ignored" else one.receipt
        return replace(one.receipt, mark=told.mark, rule=told.rule)

    def of_names(self, account: str, live: Live) -> int:
        """Decide the replies anew whose category has a name by now; how many they were."""
        names = self.ledger.category_names(account)
        made = []
        for stored in self.ledger.replies_to_name(account):
            name = names.get(stored.category_id) if stored.category_id is not None else None
            if name and (reply := self._read(stored)):
                cause = f'SmartLead told that its category {stored.category_id} is "{name}"'
                whole = replace(reply, category=name, category_id=stored.category_id)
                decided = self._decide(stored.event_id, whole, stored.received_at, live, cause)
                made.append(replace(decided, waiting_for=stored.category_id))
        return sum(one.status != "ignored" for one in self._revise(made))

    def _by_category(self, one: Given, stored: StoredReply | None, kept: Kept | None, live: Live) -> Redecision | str:
        """What this category makes of the conversation's newest reply, or why nothing."""
        change = one.change
        if one.receipt.status == "duplicate" and not one.dated:
            if not kept or kept[:2] != (change.category, change.category_id):
                return OUTDATED
            change = replace(change, changed_at=kept[2])
        why, reply = _why_not(change, stored, kept), self._read(stored) if stored else None
        if why or stored is None or reply is None:
            return why or PRUNED
        told = (self._name(change), change.category_id)
        whole = replace(reply, category=told[0], category_id=told[1])
        made = self._decide(stored.event_id, whole, stored.received_at, live, _given(*told))
        return replace(made, category_at=change.changed_at, told_by=one.receipt.event_id)

    def _of_kept(self, one: Recorded, kept: Kept, live: Live, received_at: float) -> Redecision | None:
        now = self.known.named(categorised(one.told, kept))
        if (now.category, now.category_id) == (one.decided.category, one.decided.category_id):
            return None
        cause = _given(now.category, now.category_id)
        made = self._decide(one.receipt.event_id, now, received_at, live, cause)
        return replace(made, category_at=kept[2])

    def _joined(self, stored: StoredReply, first: Reply, whole: Reply, live: Live) -> Redecision | None:
        """What both events together decide, None if it is what the first decides alone."""
        (kept,) = self.known.kept_for([first], stored.received_at)
        cause = "Another event told more of this reply"
        alone, joined = (
            self._decide(stored.event_id, categorised(one, kept), stored.received_at, live, cause)
            for one in (first, whole)
        )
        if (alone.decision.mark, alone.decision.rule) == (joined.decision.mark, joined.decision.rule):
            return None
        looked_at = kept[2] if kept else earliest(stored.written_at, stored.received_at)
        return replace(joined, category_at=looked_at)

    def _decide(self, event_id: int, reply: Reply, received_at: float, live: Live, cause: str) -> Redecision:
        decision = judge(live, self.known.named(reply), received_at).decision
        cleaned = clean_decision(decision, self.secrets)
        return Redecision(event_id=event_id, decision=cleaned, cause=cause, dry_run=self.dry_run)

    def _revise(self, made: Sequence[Redecision]) -> list[Receipt]:
        return asked(lambda: self.ledger.revise_all(made)) if made else []

    def _read(self, stored: StoredReply) -> Reply | None:
        return read_stored(stored, self.known.is_ours(stored.account))

    def _newest_replies(self, changes: Sequence[CategoryChange]) -> list[StoredReply | None]:
        found: dict[tuple[str, int | None, str | None, str | None], StoredReply | None] = {}
        for one in changes:
            of = (one.account, one.email_lead_map_id, one.lead, one.campaign_id)
            if of not in found:
                found[of] = asked(lambda of=of: self.ledger.newest_reply(*of))  # type: ignore[misc]
        return [found[one.account, one.email_lead_map_id, one.lead, one.campaign_id] for one in changes]

    def _name(self, change: CategoryChange) -> str | None:
        if change.category is not None or change.category_id is None:
            return change.category
        return self.known.category_name(change.account, change.category_id)

    def _nameless_kept(self, account: str, kept: Kept | None) -> int | None:
        number = kept[1] if kept and kept[0] is None else None
        return number if number is not None and self.known.category_name(account, number) is None else None

    def _waits(self, made: Redecision, number: int | None) -> bool:
        """Have the reply decided once more when the number that it was decided with has a name."""
        if number is None:
            return False
        at, by = made.category_at, made.told_by
        asked(lambda: self.ledger.wait_for_name(made.event_id, number, category_at=at, told_by=by))
        return True


def _why_not(change: CategoryChange, stored: StoredReply | None, kept: Kept | None) -> str | None:
    if stored is None:
        return NO_CAMPAIGN if change.email_lead_map_id is None and change.campaign_id is None else NO_REPLY
    if change.changed_at is not None and not is_for(change.changed_at, stored.written_at, stored.received_at):
        return OLDER
    if stored.body is None:
        return PRUNED
    outdated = kept and kept[2] is not None and change.changed_at is not None and kept[2] > change.changed_at
    return OUTDATED if outdated else None


def _answered(receipt: Receipt, revised: Receipt) -> Receipt:
    """The receipt of a category tells what its reply is decided to."""
    if revised.status == "ignored":
        return replace(receipt, reason=revised.reason)
    return replace(revised, status=receipt.status, event_id=receipt.event_id)


def _given(category: str | None, number: int | None) -> str:
    if category:
        return f'SmartLead gave it the category "{category}"'
    unknown = f"SmartLead gave it category {number}, whose name is not known yet"
    return "SmartLead took its category away" if number is None else unknown


def read_stored(stored: StoredReply, is_ours: Callable[[str], bool] = nobody) -> Reply | None:
    """The reply that is stored; None if its body is not kept any more, or if this release finds no reply in it."""
    if stored.body is None:
        return None
    event = json.loads(stored.body)
    read = parse(event, account=stored.account, received_at=stored.received_at, is_ours=is_ours)
    return read if isinstance(read, Reply) else None
