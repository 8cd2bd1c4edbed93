"""Asking SmartLead one thing after the other, out of the rate that the workers keep to, with a patience of its own."""

from __future__ import annotations

import time
from dataclasses import KW_ONLY, dataclass, field
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Any, TypeVar

from ledger import Hold
from ledger.budget import backoff
from model import GiveUp, History, InboxPage, Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from config import Window
    from handlers import Handler
    from ledger import Ledger
    from model import InboxList

PATIENCE = 1800.0  # seconds of limits, refusals or outages in a row, until it is given up
TRIES = 8  # of a page that fails by itself: some two minutes
FEW_TRIES = 3  # of one conversation's history: it must not hold all others up
LONGEST_PAUSE = 60.0  # seconds between two tries, unless SmartLead asks for more
FIRST_NAP, LONGEST_NAP = 0.1, 5.0  # seconds until it is worth asking again for room: most marks take less than one
WORTH_TELLING = 2.0  # seconds of waiting that a person would wonder about
NO_ROOM = "No call is left within SMARTLEAD_RATE_LIMITS"

Told = TypeVar("Told", InboxPage, History)


class StoppedError(Exception):
    """No further call is made; the exception's text is a sentence that says why."""


@dataclass(slots=True)
class Calls:
    """One call at a time for one account, counted in `count`. For one thread.

    `spare`: only what marks and lookups leave over. `stopping` ends any waiting with StoppedError. `notice` is told
    what is waited for, in a sentence, once it takes seconds. `patience`: seconds of trouble in a row.
    """

    ledger: Ledger
    handler: Handler
    account: str
    windows: Sequence[Window]
    _: KW_ONLY
    spare: bool = False
    stopping: Event = field(default_factory=Event)
    notice: Callable[[str], object] = lambda _sentence: None
    patience: float = PATIENCE
    count: int = field(default=0, init=False)

    def page(self, shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage:
        """A page of a list. StoppedError if there is none, whatever the patience."""
        answer = self._ask(lambda: self.handler.page(shown, offset, filters), TRIES)
        if isinstance(answer, InboxPage):
            return answer
        raise StoppedError(f"{answer.reason}.")

    def history(self, campaign_id: str, lead_id: str) -> History | Retry | GiveUp:
        """The mails of a conversation, or why this one's can not be had. StoppedError if none can."""
        return self._ask(lambda: self.handler.history(campaign_id, lead_id), FEW_TRIES)

    def _ask(self, call: Callable[[], Told | Retry | GiveUp], tries: int) -> Told | Retry | GiveUp:
        began = time.monotonic()
        for attempt in count(1):
            lease = self._begin()
            self.count += 1
            answer = self._answered(call, lease)
            if not isinstance(answer, Retry) or (answer.cause is None and attempt >= tries):
                break
            pause = backoff(attempt, LONGEST_PAUSE) if answer.after is None else answer.after
            if time.monotonic() + pause > began + self.patience:
                raise StoppedError(f"{answer.reason}. Given up for now.")
            if pause >= WORTH_TELLING:
                self._tell(answer.reason, pause)
            self._wait(pause)
        return answer

    def _answered(self, call: Callable[[], Told | Retry | GiveUp], lease: str) -> Told | Retry | GiveUp:
        """The call's answer, once its right is given back; workers learn of a limit, a refused key, an outage."""
        answer: Told | Retry | GiveUp | None = None
        try:
            answer = call()
        finally:
            self.ledger.end_call(self.account, self.windows, lease, answer)
        return answer

    def _begin(self) -> str:
        waited, told, look = 0.0, False, FIRST_NAP
        while True:
            self._wait(0.0)
            begun = self._hold_of_account() or self.ledger.begin_call(self.account, self.windows, spare=self.spare)
            if not isinstance(begun, Hold):
                return begun
            if not told and waited + begun.seconds >= WORTH_TELLING:
                self._tell(begun.reason or NO_ROOM, begun.seconds)
                told = True
            nap = min(begun.seconds, look)
            self._wait(nap)
            waited, look = waited + nap, min(2 * look, LONGEST_NAP)

    def _hold_of_account(self) -> Hold | None:
        """What SmartLead told a worker: it would be told to this call, too. What is spare is held anyway."""
        ours = [one for one in self.ledger.standings() if one.name == self.account and not self.spare]
        now = self.ledger.clock() if ours else 0.0
        return next((Hold(one.held_until - now, one.held_reason) for one in ours if one.held_until > now), None)

    def _tell(self, reason: str, seconds: float) -> None:
        wait = f"waiting {seconds:.0f} seconds" if seconds >= WORTH_TELLING else "waiting"
        self.notice(f"{reason[:1].upper()}{reason[1:]}: {wait}.")

    def _wait(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise StoppedError("It was told to stop.")
