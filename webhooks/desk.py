"""Where calls are answered in the process that has the ledger and the rules: webhooks, orders, and whether it can."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from model import OrderCall, ReadinessCall, WebhookCall

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from config import Settings
    from ledger import Ledger
    from model import Call, Response
    from rulebook import Rulebook
    from webhooks.reception import Reception
    from webhooks.refusals import Refusals
    from webhooks.standins import StandIns


class Desk:
    """Answers from many threads. Ledger and rulebook are asked for when the first call comes, not before.

    `readiness` answers whether a webhook could be taken. `ending` gets what must end before the ledger is closed.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Callable[[], Ledger],
        rulebook: Callable[[], Rulebook],
        readiness: Callable[[], Response],
        ending: ExitStack,
    ) -> None:
        self._settings = settings
        self._ledger, self._rulebook = ledger, rulebook
        self._readiness = readiness
        self._ending = ending
        self._opening = RLock()
        self._refusals: Refusals | None = None
        self._reception: Reception | None = None
        self._stand_ins: StandIns | None = None

    def answer(self, call: Call) -> Response:
        """The response to this call; 2xx only for what is in the ledger."""
        match call:
            case WebhookCall():
                return self.reception.answer(call)
            case OrderCall():
                return self._standing_in().answer(call)
            case ReadinessCall():
                return self._readiness()

    @property
    def reception(self) -> Reception:
        """The part that answers webhooks."""
        from webhooks.reception import Reception  # noqa: PLC0415 - commands have the routes, too, but answer nobody

        with self._opening:
            if self._reception is None:
                turned_away = self._turning_away()
                self._reception = Reception(self._settings, self._ledger(), self._rulebook(), turned_away)
            return self._reception

    def _standing_in(self) -> StandIns:
        from webhooks.standins import StandIns  # noqa: PLC0415 - as above

        with self._opening:
            if self._stand_ins is None:
                self._stand_ins = StandIns(self._settings, self._ledger(), self._turning_away())
            return self._stand_ins

    def _turning_away(self) -> Refusals:
        from webhooks.refusals import Refusals  # noqa: PLC0415 - as above

        if self._refusals is None:
            self._refusals = Refusals(self._ledger())
            self._ending.callback(self._refusals.close)
        return self._refusals
