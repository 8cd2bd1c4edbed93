"""Sweeps one account every so often, in a thread of its own and of what the rate has left: no delivery waits for it."""

from __future__ import annotations

import logging
from threading import Event
from typing import TYPE_CHECKING

from inbox.calls import Calls, StoppedError
from inbox.sweep import Sweep, count_findings, plan_sweep, was_swept
from inbox.walk import NoWayOnError
from ledger import NotStoredError, TakenOverError
from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config import Settings
    from handlers import Handler
    from inbox.recovery import Take
    from ledger import Ledger

log = logging.getLogger(__name__)

BY = "the worker"
LOOK_EVERY = 60.0  # seconds between two looks whether a sweep is due
REST = 300.0  # seconds at least between the end of a sweep and the next
LATE = 3  # sweeps that did not come to their end
DAY = 86400.0  # a dry run is not worth more than one a day


class Sweeper:
    """One account's sweeps. Any number of processes may have one: the ledger lets one of them sweep.

    The first is a dry run, until a person has applied one; under DRY_RUN each is.
    """

    def __init__(self, ledger: Ledger, handler: Handler, account: str, settings: Settings, take: Take) -> None:
        self._ledger = ledger
        self._handler = handler
        self._account = account
        self._settings = settings
        self._take = take
        self._stopping = Event()

    def stop(self) -> None:
        """Ask nothing more; `run` returns after the call in hand, and whoever sweeps next goes on from there."""
        self._stopping.set()

    def run(self) -> None:
        """Sweep until `stop`, and outlive a database or a SmartLead that goes away and comes back."""
        while not self._stopping.is_set():
            try:
                wait = self.look()
            except (StoppedError, TakenOverError, NotStoredError, NoWayOnError) as error:
                if not self._stopping.is_set():
                    log.warning("sweep_stopped account=%s reason=%s", self._account, error)
                wait = LOOK_EVERY
            except Exception as error:  # noqa: BLE001 - whatever a lost database raises; the sweep goes on later
                log.warning("sweep_stopped account=%s reason=%s", self._account, type(error).__name__)
                wait = LOOK_EVERY
            self._stopping.wait(min(wait, LOOK_EVERY))

    def look(self) -> float:
        """Sweep if it is time to; the seconds until it may be."""
        dry_run = self._settings.dry_run or not was_swept(self._ledger, self._account)
        if (wait := self._wait(dry_run=dry_run)) > 0:
            return wait
        walk = self._ledger.begin_walk(plan_sweep(self._account, BY, dry_run=dry_run))
        if walk is None:
            return LOOK_EVERY  # another process sweeps
        calls = Calls(
            self._ledger,
            self._handler,
            self._account,
            self._settings.windows,
            spare=not self._settings.dry_run,  # marks that are due then wait for ever
            stopping=self._stopping,
        )
        Sweep(ledger=self._ledger, calls=calls, account=self._account, take=self._take).run(walk)
        for warning in sweep_warnings(self._ledger, [self._account], self._settings.sweep_every):
            log.warning("%s", warning)
        return self._wait(dry_run=dry_run)

    def _wait(self, *, dry_run: bool) -> float:
        last = self._ledger.last_walk(self._account, "sweep", dry_run=dry_run)
        if last is None:
            return 0.0
        every = max(self._settings.sweep_every, DAY) if dry_run else self._settings.sweep_every
        return max(last.began_at + every, (last.ended_at or 0.0) + REST) - self._ledger.clock()


def sweep_warnings(ledger: Ledger, accounts: Iterable[str], every: float) -> list[str]:
    """What people should know about the sweeps of these accounts, in sentences; `every`: seconds, 0 for never."""
    return [sentence for name in accounts if (sentence := _warning(ledger, name, every))] if every else []


def _warning(ledger: Ledger, account: str, every: float) -> str | None:
    last = ledger.last_walk(account, "sweep")
    if last is not None:
        ago = ledger.clock() - last.began_at
        is_late = ago > max(LATE * every, DAY)
        return f"Account {account} was not swept for {ago / 3600:.0f} hours: the log tells why." if is_late else None
    tried = ledger.last_walk(account, "sweep", dry_run=True)
    if tried is None:
        return None
    which = "" if account == DEFAULT_ACCOUNT else f" --account {account}"
    counts = ", ".join(f"{count} {kind}" for kind, count in count_findings(ledger, tried).items())
    return (
        f"Account {account} was swept in a dry run alone ({counts}), and nothing was changed."
        f" Have a look, then once: flask inbox sweep{which} --apply"
    )
