"""The worker: claim what is due, send it within the rate, settle the answer. No Flask, no memory of its own."""

from __future__ import annotations

import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event
from typing import TYPE_CHECKING
from uuid import uuid4

from ledger import Hold
from model import DEFAULT_ACCOUNT, Delivery, Done, GiveUp, Outcome, Retry

if TYPE_CHECKING:
    from config import Settings
    from handlers import Handler
    from ledger import Ledger

log = logging.getLogger(__name__)

PARALLEL = 8  # PATCHes under way at once: enough for 20 a second at 0.3 s each
LONGEST_NAP = 1.0  # seconds; a stop is noticed after it
BEAT_EVERY = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two looks for a ledger that is away
SETTLE_TRIES = 6


class Worker:
    """Delivers until told to stop; any number of them, anywhere, keep out of each other's way by the ledger."""

    def __init__(self, ledger: Ledger, handler: Handler, settings: Settings) -> None:
        self._ledger = ledger
        self._handler = handler
        self._windows = settings.windows
        self._max_attempts = settings.max_attempts
        self._dry_run = settings.dry_run
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._stopping = Event()
        self._free = BoundedSemaphore(PARALLEL)
        self._last_beat = -BEAT_EVERY
        self._pause = FIRST_PAUSE

    def stop(self) -> None:
        """Take nothing new; `run` returns when the PATCHes in hand are settled."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until `stop`, and outlive a database that goes away and comes back."""
        log.info("worker_started name=%s", self._name)
        with ThreadPoolExecutor(PARALLEL, thread_name_prefix="delivery") as pool:
            while not self._stopping.is_set():
                try:
                    self._work(pool)
                except Exception as error:  # noqa: BLE001 - whatever a lost database raises; the ledger keeps the work
                    log.warning("worker_without_ledger reason=%s again_in=%.1f", type(error).__name__, self._pause)
                    self._stopping.wait(self._pause)
                    self._pause = min(self._pause * 2, LONGEST_PAUSE)
        log.info("worker_stopped name=%s", self._name)

    def _work(self, pool: ThreadPoolExecutor) -> None:
        alarm = self._ledger.alarm()
        try:
            while not self._stopping.is_set():
                self._beat()
                hold = self._claim_one(pool)
                self._pause = FIRST_PAUSE  # the ledger answers
                if hold is None:
                    continue
                if hold.limited:
                    self._stopping.wait(min(hold.seconds, LONGEST_NAP))
                else:
                    alarm.wait(min(hold.seconds, LONGEST_NAP))
        finally:
            alarm.close()

    def _claim_one(self, pool: ThreadPoolExecutor) -> Hold | None:
        """Hand one wish to the pool; or say how long there is none."""
        if self._dry_run:
            return Hold(LONGEST_NAP, limited=True)
        if not self._free.acquire(timeout=LONGEST_NAP):
            return None
        claimed: Delivery | Hold | None = None
        try:
            claimed = self._ledger.claim(DEFAULT_ACCOUNT, self._windows)
        finally:
            if not isinstance(claimed, Delivery):
                self._free.release()
        if isinstance(claimed, Hold):
            return claimed
        pool.submit(self._deliver, claimed)
        return None

    def _deliver(self, delivery: Delivery) -> None:
        try:
            if not self._ledger.holds(delivery):
                self._ledger.drop(delivery)
                return
            began = time.monotonic()
            outcome = self._send(delivery)
            _log(delivery, outcome, time.monotonic() - began)
            self._settle(delivery, outcome)
        except Exception:  # a lease that nobody settles comes back by itself
            log.exception("delivery_not_settled conversation=%s", delivery.email_lead_map_id)
        finally:
            self._free.release()

    def _send(self, delivery: Delivery) -> Outcome:
        try:
            return self._handler.mark(delivery)
        except Exception as error:  # a mistake of ours must not lose the wish
            log.exception("handler_failed conversation=%s", delivery.email_lead_map_id)
            return Retry(f"an error in Replymark ({type(error).__name__}); its log has more")

    def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Write the answer down, and try again while the ledger is away: the lease allows for it."""
        for attempt in range(SETTLE_TRIES):
            try:
                self._ledger.settle(delivery, outcome, self._windows, self._max_attempts)
            except Exception:
                if attempt == SETTLE_TRIES - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
            else:
                return

    def _beat(self) -> None:
        if time.monotonic() - self._last_beat >= BEAT_EVERY:
            self._ledger.beat(self._name)
            self._last_beat = time.monotonic()


def _log(delivery: Delivery, outcome: Outcome, seconds: float) -> None:
    about = (delivery.email_lead_map_id, delivery.mark, delivery.attempt, seconds * 1000)
    match outcome:
        case Done():
            log.info("delivered conversation=%s mark=%s attempt=%d ms=%.0f", *about)
        case Retry(reason):
            log.warning("retry conversation=%s mark=%s attempt=%d ms=%.0f reason=%s", *about, reason)
        case GiveUp(reason):
            log.error("gave_up conversation=%s mark=%s attempt=%d ms=%.0f reason=%s", *about, reason)
