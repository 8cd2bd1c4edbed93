"""What earlier events and lookups taught, and a reply alone does not tell: names of categories, who is one of us."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, TypeVar

from ledger import NotStoredError
from webhooks.team import Team, make_team

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ledger import Ledger
    from model import Reply

Value = TypeVar("Value")

KEEP_SECONDS = 60.0
TURNS = BoundedSemaphore(4)  # questions at once: each holds a connection, and a process answers 32 requests at once
JUST_BEFORE = 3600.0  # seconds; how long before an undated reply's arrival a category may have come for it


@dataclass(frozen=True, slots=True)
class _Account:
    names: Mapping[int, str]
    team: Team
    until: float


class Known:
    """Asks the ledger, and remembers the answers for a minute. Threads may share it."""

    def __init__(self, ledger: Ledger, own_domains: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._own_domains = own_domains
        self._accounts: dict[str, _Account] = {}

    def completed(self, reply: Reply, received_at: float) -> Reply:
        """The reply with the category that came before it, with its category's name, and with who is one of us.

        Without a known name the category's number stays alone.
        """
        return self.named(self.categorised(reply, received_at))

    def categorised(self, reply: Reply, received_at: float) -> Reply:
        """The reply with the category that was kept for it, if it tells none itself."""
        if reply.category is not None or reply.category_id is not None:
            return reply
        of = (reply.account, reply.email_lead_map_id, reply.lead, reply.campaign_id)
        kept = asked(lambda: self._ledger.kept_category(*of))
        if kept is None or kept[2] is None or not is_for(kept[2], reply.written_at, received_at):
            return reply
        return replace(reply, category=kept[0], category_id=kept[1])

    def named(self, reply: Reply) -> Reply:
        """The reply with its category's name, where its number is known, and with who is one of us."""
        category = reply.category
        if category is None and reply.category_id is not None:
            category = self.category_name(reply.account, reply.category_id)
        return replace(reply, category=category, ours=self._of(reply.account).team.wrote(reply))

    def category_name(self, account: str, number: int) -> str | None:
        """The name of a category; a number that is new is looked up at once."""
        name = self._of(account).names.get(number)
        return name or self._ask(account).names.get(number)

    def met(self, account: str, mailbox: str | None) -> None:
        """Remember that the ledger has this mailbox of ours now."""
        known = self._accounts.get(account)
        if known and mailbox and mailbox.lower() not in known.team.mailboxes:
            self._accounts.pop(account, None)

    def _of(self, account: str) -> _Account:
        known = self._accounts.get(account)
        return known if known and time.monotonic() < known.until else self._ask(account)

    def _ask(self, account: str) -> _Account:
        team = make_team(self._own_domains, asked(lambda: self._ledger.seen_mailboxes(account)))
        names = asked(lambda: self._ledger.category_names(account))
        known = self._accounts[account] = _Account(names, team, time.monotonic() + KEEP_SECONDS)
        return known


def asked(question: Callable[[], Value]) -> Value:
    """What the ledger answers. Raises NotStoredError where it can not: the sender must try again then."""
    try:
        with TURNS:
            return question()
    except Exception as error:  # noqa: BLE001 - whatever a lost database raises
        raise NotStoredError(f"the ledger can not be asked ({type(error).__name__})") from None


def is_for(changed_at: float, written_at: float | None, received_at: float) -> bool:
    """Whether a category given at `changed_at` is about a reply: an older one was given to what came before."""
    return changed_at >= (received_at - JUST_BEFORE if written_at is None else written_at)
