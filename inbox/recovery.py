"""Taking in the replies that no webhook brought: their mails are asked for, then all of a page are recorded at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from inbox.missed import missed_events, shows_last, tells_words
from ledger import WalkRow
from ledger.observation import MISSED, known_until
from ledger.slot import SAME_TIME, own_time
from model import History, Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.calls import Calls
    from inbox.missed import Event
    from ledger import Ledger, Receipt
    from model import GiveUp, InboxRow, Mark

LATE: Final = 600.0  # seconds after which the history of a conversation surely has what the list shows
POSTPONED: Final = 43200.0  # for so long a history that can not be had now is asked for again
NO_TEXT: Final = "SmartLead told no text of it, so it is decided without"


class Take(Protocol):
    """Has replies decided and recorded, each conversation's oldest first; `seen`: SmartLead shows them as read."""

    def __call__(self, account: str, events: Sequence[Event], *, seen: bool) -> Sequence[Receipt]:
        """A receipt for each, after the commit. Raises NotStoredError."""
        ...


@dataclass(frozen=True, slots=True)
class _Case:
    """One conversation, and what its mails tell."""

    row: InboxRow
    events: Sequence[Event] = ()
    is_covered: bool = False  # it need not be looked into again because of this reply
    postponed: str | None = None  # why its mails can not be had now
    receipts: list[Receipt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Takes in an account's missed replies. Whatever `calls`, `take` and the ledger raise goes through."""

    ledger: Ledger
    calls: Calls
    account: str
    take: Take

    def recover(self, rows: Sequence[InboxRow], asked_at: float) -> list[WalkRow]:
        """What was missed of these conversations; nothing of one whose history shows nothing new after all.

        The marks that this makes due hold up the calls that can wait: so all are asked for before any is taken.
        `asked_at`: before the list was asked for, by the ledger's clock.
        """
        cases = [self._look_into(row, asked_at) for row in rows]
        self._take_all(cases)
        covered = {one.row.email_lead_map_id: one.row.last_reply_at for one in cases if one.is_covered}
        self.ledger.note_looked_at(self.account, {map_id: at for map_id, at in covered.items() if at is not None})
        return [found for one in cases if (found := _found(one, asked_at))]

    def _look_into(self, row: InboxRow, asked_at: float) -> _Case:
        history, last_reply_at = self._history(row), row.last_reply_at or 0.0
        if isinstance(history, Retry) and last_reply_at > asked_at - POSTPONED:
            return _Case(row, postponed=f"{history.reason}: the next sweep asks again")
        mails = history if isinstance(history, History) else None
        if _is_outdated(last_reply_at, mails, asked_at):
            row = replace(row, is_read=None)
        is_late = last_reply_at < asked_at - LATE
        events = missed_events(row, mails, self._known_until(row), is_whole=is_late)
        return _Case(row, events, is_late or shows_last(row, mails))

    def _history(self, row: InboxRow) -> History | Retry | GiveUp | None:
        if row.campaign_id is None or row.lead_id is None:
            return None
        return self.calls.history(row.campaign_id, row.lead_id)

    def _known_until(self, row: InboxRow) -> float | None:
        known = self.ledger.newest_reply(self.account, row.email_lead_map_id)
        if known is None:
            return None
        at, dated = own_time(known.written_at, known.received_at)
        return known_until(at, dated=dated)

    def _take_all(self, cases: Sequence[_Case]) -> None:
        for seen in (False, True):
            told = [(one, event) for one in cases if (one.row.is_read is True) is seen for event in one.events]
            receipts = self.take(self.account, [event for _one, event in told], seen=seen) if told else []
            for (one, _event), receipt in zip(told, receipts, strict=True):
                one.receipts.append(receipt)


def _is_outdated(last_reply_at: float, history: History | None, asked_at: float) -> bool:
    """Whether a reply came since the list was asked for: what the list told of the flag is about earlier ones."""
    newest = max((mail.at or 0.0 for mail in history.messages if mail.by_lead), default=0.0) if history else 0.0
    return newest > max(last_reply_at + SAME_TIME, asked_at)


def _found(case: _Case, asked_at: float) -> WalkRow | None:
    if case.postponed:
        return _missed(case.row, asked_at, None, case.postponed)
    if all(one.status == "duplicate" for one in case.receipts):
        return None
    newest = case.receipts[-1]
    words = MISSED if tells_words(case.events[-1]) else NO_TEXT
    return _missed(case.row, asked_at, newest.mark, newest.reason or words)


def _missed(row: InboxRow, asked_at: float, mark: Mark | None, note: str) -> WalkRow:
    return WalkRow(
        email_lead_map_id=row.email_lead_map_id,
        finding="missed",
        mark=mark,
        note=note,
        last_reply_at=row.last_reply_at,
        seen_at=asked_at,
    )
