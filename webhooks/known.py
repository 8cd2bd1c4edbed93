"""What earlier events and lookups taught, and a reply alone does not tell: names of categories, who is one of us."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import inf
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, TypeVar

from addresses import fold_address
from ledger import NotStoredError
from webhooks.team import Team, make_team

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ledger import Kept, Ledger
    from model import CategoryChange, Reply

Value = TypeVar("Value")
KEEP_SECONDS = 60.0
ASK_AGAIN = 5.0  # seconds until a number without a name is asked for once more
TURNS = BoundedSemaphore(4)  # questions at once: each holds a connection, of which a process has few
JUST_BEFORE = 3600.0  # seconds; how long before an undated reply's arrival a category may have come for it


@dataclass(frozen=True, slots=True)
class _Names:
    names: Mapping[int, str]
    asked_at: float


@dataclass(frozen=True, slots=True)
class _Team:
    team: Team
    until: float


class Known:
    """Asks the ledger, and remembers names and teams for a minute. Threads may share it."""

    def __init__(self, ledger: Ledger, own_domains: tuple[str, ...]) -> None:
        self._ledger = ledger
        self._own_domains = own_domains
        self._names: dict[str, _Names] = {}
        self._teams: dict[str, _Team] = {}

    def completed(self, reply: Reply, kept: Kept | None, received_at: float) -> Reply:
        """The reply with the category that is kept for it, if that counts, with its name, and with who is ours.

        Without a known name a category's number stays alone.
        """
        return self.named(categorised(reply, counting(kept, reply, received_at)))

    def kept_for(self, replies: Sequence[Reply], received_at: float) -> list[Kept | None]:
        """The category that was kept for each reply, also one that was taken away.

        Of a reply that tells one itself only a category that was given after it was written.
        """
        return [counting(told, one, received_at) for one, told in zip(replies, self.kept(replies), strict=True)]

    def kept(self, told: Sequence[Reply | CategoryChange]) -> list[Kept | None]:
        """The newest category of each of these conversations, whatever its time."""
        questions = [(one.account, one.email_lead_map_id, one.lead, one.campaign_id) for one in told]
        return asked(lambda: self._ledger.kept_categories(questions)) if questions else []

    def named(self, reply: Reply) -> Reply:
        """The reply with its category's name, where its number is known, and with who is one of us."""
        category = reply.category
        if category is None and reply.category_id is not None:
            category = self.category_name(reply.account, reply.category_id)
        ours = self._team(reply.account).wrote(reply)
        same = category == reply.category and ours == reply.ours
        return reply if same else replace(reply, category=category, ours=ours)

    def category_name(self, account: str, number: int) -> str | None:
        """The name of a category; a number that is new is asked for at once, but not again and again."""
        known, now = self._names.get(account), time.monotonic()
        patience = KEEP_SECONDS if known and number in known.names else ASK_AGAIN
        if known is None or now >= known.asked_at + patience:
            names = asked(lambda: self._ledger.category_names(account))
            known = self._names[account] = _Names(names, now)
        return known.names.get(number)

    def is_ours(self, account: str) -> Callable[[str], bool]:
        """Whether an address is ours, as a function of it; the ledger is asked at its first use."""
        return lambda address: self._team(account).has(address)

    def met(self, account: str, mailboxes: Iterable[str]) -> None:
        """Remember that the ledger has these mailboxes of ours now."""
        known = self._teams.get(account)
        if known and (new := {fold_address(one) for one in mailboxes} - known.team.mailboxes):
            team = make_team(self._own_domains, known.team.mailboxes | new)
            self._teams[account] = _Team(team, known.until)

    def _team(self, account: str) -> Team:
        known = self._teams.get(account)
        if known is None or time.monotonic() >= known.until:
            team = make_team(self._own_domains, asked(lambda: self._ledger.seen_mailboxes(account)))
            known = self._teams[account] = _Team(team, time.monotonic() + KEEP_SECONDS)
        return known.team


def asked(question: Callable[[], Value]) -> Value:
    """What the ledger answers. Raises NotStoredError where it can not: the sender must try again then."""
    try:
        with TURNS:
            return question()
    except Exception as error:  # noqa: BLE001 - whatever a lost database raises
        raise NotStoredError(f"the ledger can not be asked ({type(error).__name__})") from None


def categorised(reply: Reply, kept: Kept | None) -> Reply:
    """The reply with the category that was kept for it."""
    return replace(reply, category=kept[0], category_id=kept[1]) if kept else reply


def is_for(changed_at: float, written_at: float | None, received_at: float) -> bool:
    """Whether a category given at `changed_at` is about a reply: an older one was given to what came before."""
    return changed_at >= earliest(written_at, received_at)


def counting(kept: Kept | None, reply: Reply, received_at: float) -> Kept | None:
    """The category that is kept for a reply, if it counts for it.

    For one that tells a category itself, only what was given after it was written.
    """
    if kept is None or kept[2] is None or kept[2] < counting_since(reply, received_at):
        return None
    return kept if _is_silent(reply) or kept[2] != reply.written_at else None


def counting_since(reply: Reply, received_at: float) -> float:
    """Since when a category may count for this reply; never is infinite."""
    if _is_silent(reply):
        return earliest(reply.written_at, received_at)
    return inf if reply.written_at is None else reply.written_at


def _is_silent(reply: Reply) -> bool:
    return reply.category is None and reply.category_id is None


def earliest(written_at: float | None, received_at: float) -> float:
    """Since when a category may be about a reply."""
    return received_at - JUST_BEFORE if written_at is None else min(written_at, received_at)
