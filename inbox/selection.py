"""Which conversations of SmartLead's lists are meant. Pure.

SmartLead is asked for no more than these, and every row is judged again here: a filter that it ignores must not make us
mark others. What a row does not tell is no reason to hide it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from model import Mark
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from model import InboxList, InboxRow

# Why a row is chosen, or is not: it tells too little, its newest reply is not known here, a reply came since the
# command began. "other": it is not among those that are meant, or has the mark already.
Verdict = Literal["chosen", "untold", "unknown", "replied", "other"]

DAY = 86400.0
MOST_CAMPAIGNS, MOST_CATEGORIES, MOST_CLIENTS = 5, 10, 10  # that the lists' filters take


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What must hold of a conversation, all of it, for it to get the mark. Nothing given: every conversation."""

    mark: Mark  # READ or UNREAD
    unread: bool = False  # SmartLead shows it unread
    campaigns: tuple[str, ...] = ()  # any of these; digits are an id, all else a name
    categories: tuple[str, ...] = ()  # any of these, by name
    category_names: Mapping[int, str] = field(default_factory=dict)  # the account's own, by number
    clients: tuple[str, ...] = ()  # any of these, by id
    before: float | None = None  # its last reply is older; seconds since 1970
    ids: frozenset[int] | None = None  # it is among these

    @property
    def shown(self) -> InboxList:
        """The list that holds them all."""
        return "unread-replies" if self.unread else "inbox-replies"

    def filters(self) -> dict[str, Any]:
        """What to ask SmartLead for: these conversations, and others where its filters can not say it."""
        filters: dict[str, Any] = {}
        if _is_numbers(self.campaigns, MOST_CAMPAIGNS):
            filters["campaignId"] = [int(one) for one in self.campaigns]
        if _is_numbers(self.clients, MOST_CLIENTS):
            filters["campaignClientId"] = [int(one) for one in self.clients]
        numbers = sorted(number for number, name in self.category_names.items() if self._is_category(name))
        if self.categories and 0 < len(numbers) <= MOST_CATEGORIES:
            filters["leadCategories"] = {"categoryIdsIn": numbers}
        if self.before is not None:  # a day more: nobody says whose days these are
            filters["replyTimeBetween"] = [_iso(0.0), _iso(self.before + DAY)]
        return filters

    def judge(
        self, row: InboxRow, began_at: float, matches: Callable[[InboxRow], bool | None] | None = None
    ) -> Verdict:
        """Whether this row is meant. `matches` is asked last: None means that the reply is not known here.

        What was replied to since `began_at` is never marked read: nobody who gave the command can have seen it.
        """
        holds = _all_of(self._conditions(row))
        if not holds:
            return "other" if holds is False else "untold"
        if self.mark is Mark.READ and row.last_reply_at is not None and row.last_reply_at >= began_at:
            return "replied"
        if matches is None or (matched := matches(row)):
            return "chosen"
        return "other" if matched is False else "unknown"

    def _conditions(self, row: InboxRow) -> Iterable[bool | None]:
        hides = self.mark is Mark.READ
        yield self.ids is None or row.email_lead_map_id in self.ids
        if row.is_read is None:
            yield None if hides or self.unread else True
        else:
            yield row.is_read is not hides and not (self.unread and row.is_read)
        if row.last_reply_at is None:
            yield None if hides or self.before is not None else True
        else:
            yield self.before is None or row.last_reply_at < self.before
        if self.campaigns:
            yield _any_of(_is_campaign(row, one) for one in self.campaigns)
        if self.clients:
            yield None if row.client is None else row.client.strip() in self.clients
        if self.categories:
            yield self._has_category(row)

    def _has_category(self, row: InboxRow) -> bool | None:
        """By name and by number; None where neither is told, or where the two say different things."""
        number = None if row.category_id is None else self.category_names.get(row.category_id)
        said = {self._is_category(name) for name in (row.category, number) if name}
        return said.pop() if len(said) == 1 else None

    def _is_category(self, name: str) -> bool:
        return fold(name) in {fold(one) for one in self.categories}


def _is_campaign(row: InboxRow, wanted: str) -> bool | None:
    if _is_number(wanted):
        return None if row.campaign_id is None else row.campaign_id.strip() == wanted
    return None if row.campaign is None else fold(row.campaign) == fold(wanted)


def _is_numbers(texts: tuple[str, ...], most: int) -> bool:
    return 0 < len(texts) <= most and all(map(_is_number, texts))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _all_of(conditions: Iterable[bool | None]) -> bool | None:
    """Three-valued: False outweighs what is not known."""
    found = set(conditions)
    return False if False in found else None if None in found else True


def _any_of(conditions: Iterable[bool | None]) -> bool | None:
    found = set(conditions)
    return True if True in found else None if None in found else False


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
