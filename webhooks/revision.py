"""A conversation's newest reply, decided anew: because its category came after it, or only now has a name."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from model import Reply
from webhooks.judgement import judge
from webhooks.known import Known, asked, is_for
from webhooks.parse import parse

if TYPE_CHECKING:
    from ledger import Ledger, Receipt, StoredReply
    from model import CategoryChange
    from rulebook import Live

NO_REPLY = "There is no reply of this conversation yet: the category is kept for its next one."
OLDER = "The category is older than the conversation's newest reply, so it says nothing of it."
OUTDATED = "A newer category of this conversation is known already."
PRUNED = "The text of the conversation's newest reply is not kept any more, so it can not be decided anew."
NAMELESS = "The category's name is not known yet: SmartLead is asked for it, then the reply is decided anew."


@dataclass(frozen=True, slots=True)
class Revision:
    """Decides stored replies anew by the live rules."""

    ledger: Ledger
    known: Known
    dry_run: bool

    def why_not(self, change: CategoryChange) -> str | None:
        """Why a category decides no reply anew, None if it does. `changed_at` must be told."""
        stored = self._newest_reply(change)
        if stored is None:
            return NO_REPLY
        if change.changed_at is not None and not is_for(change.changed_at, stored.written_at, stored.received_at):
            return OLDER
        if stored.body is None:
            return PRUNED
        return OUTDATED if self._is_outdated(change) else None

    def nameless(self, change: CategoryChange) -> int | None:
        """The number of a category of which no name is known."""
        number = change.category_id if change.category is None else None
        return number if number is not None and self._name(change) is None else None

    def answer(self, change: CategoryChange, receipt: Receipt, live: Live) -> Receipt:
        """Decide the conversation's newest reply by the category that this receipt is for, and say so in it."""
        if why := self.why_not(change):
            return replace(receipt, reason=why)
        stored, name, number = self._newest_reply(change), self._name(change), self.nameless(change)
        if stored and number is not None:
            self._wait_for_name(stored.event_id, number)
            return replace(receipt, reason=NAMELESS)
        revised = self._decide(stored, name, change.category_id, live, _given(name)) if stored else None
        if revised is None or revised.status == "ignored":
            return replace(receipt, reason=revised.reason if revised else PRUNED)
        return replace(revised, status=receipt.status, event_id=receipt.event_id)

    def catch_up(self, told: Reply, decided: Reply, receipt: Receipt, live: Live, received_at: float) -> Receipt:
        """Decide a reply anew if its category was recorded while it was: each of the two looked before the other came.

        `told` is the reply as it came, `decided` as it was decided.
        """
        if receipt.status not in {"accepted", "parked"}:
            return receipt
        now = self.known.completed(told, received_at)
        name, number = now.category, now.category_id
        if (name, number) == (decided.category, decided.category_id):
            return receipt
        if name is None and number is not None:
            self._wait_for_name(receipt.event_id, number)
            return receipt
        stored = asked(
            lambda: self.ledger.newest_reply(told.account, told.email_lead_map_id, told.lead, told.campaign_id)
        )
        if stored is None or stored.event_id != receipt.event_id:
            return receipt
        revised = self._decide(stored, name, number, live, _given(name))
        return revised if revised and revised.status != "ignored" else receipt

    def of_names(self, account: str, live: Live) -> int:
        """Decide the replies anew whose category has a name by now; how many they were."""
        names = self.ledger.category_names(account)
        decided = 0
        for stored in self.ledger.replies_to_name(account):
            name = names.get(stored.category_id) if stored.category_id is not None else None
            if name:
                cause = f'SmartLead told that its category {stored.category_id} is "{name}"'
                decided += self._decide(stored, name, stored.category_id, live, cause) is not None
        return decided

    def _newest_reply(self, change: CategoryChange) -> StoredReply | None:
        return asked(
            lambda: self.ledger.newest_reply(
                change.account, map_id=change.email_lead_map_id, lead=change.lead, campaign_id=change.campaign_id
            )
        )

    def _is_outdated(self, change: CategoryChange) -> bool:
        of = (change.account, change.email_lead_map_id, change.lead, change.campaign_id)
        kept = asked(lambda: self.ledger.kept_category(*of))
        return bool(kept and kept[2] and change.changed_at and kept[2] > change.changed_at)

    def _name(self, change: CategoryChange) -> str | None:
        if change.category is not None or change.category_id is None:
            return change.category
        return self.known.category_name(change.account, change.category_id)

    def _decide(
        self, stored: StoredReply, name: str | None, number: int | None, live: Live, cause: str
    ) -> Receipt | None:
        """Read the reply again and decide it with this category; None where its body is not kept any more."""
        reply = read_stored(stored)
        if reply is None:
            return None
        whole = self.known.named(replace(reply, category=name, category_id=number))
        judgement = judge(live, whole, stored.received_at)
        return asked(lambda: self.ledger.revise(stored.event_id, judgement.decision, cause, dry_run=self.dry_run))

    def _wait_for_name(self, event_id: int, number: int) -> None:
        asked(lambda: self.ledger.wait_for_name(event_id, number))


def _given(category: str | None) -> str:
    return f'SmartLead gave it the category "{category}"' if category else "SmartLead took its category away"


def read_stored(stored: StoredReply) -> Reply | None:
    """The reply that is stored; None if its body is not kept any more, or if this release finds no reply in it."""
    if stored.body is None:
        return None
    read = parse(json.loads(stored.body), account=stored.account, received_at=stored.received_at)
    return read if isinstance(read, Reply) else None
