"""The worker: claim what is due, ask or tell SmartLead within the rate, settle the answer.

No Flask, no memory of its own.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event, Lock
from typing import TYPE_CHECKING
from uuid import uuid4

from ledger import Hold
from model import (
    DEFAULT_ACCOUNT,
    Answer,
    CategoriesWanted,
    CategoryNames,
    Delivery,
    Done,
    Found,
    GiveUp,
    Lookup,
    NotFound,
    Retry,
    Task,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from config import Settings
    from handlers import Handler
    from ledger import Ledger

log = logging.getLogger(__name__)

PARALLEL = 8  # PATCHes under way at once: enough for 20 a second at 0.3 s each
QUESTIONS = 4  # lookups under way at once, beside the PATCHes: slow answers to these hold no PATCH up
LONGEST_NAP = 1.0  # seconds; a stop is noticed after it
BEAT_EVERY = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two looks for a ledger that is away
SETTLE_TRIES = 6


class Worker:
    """Delivers until told to stop; any number of them, anywhere, keep out of each other's way by the ledger.

    `decide_anew` gets the name of an account, to decide again what waits for its categories' names: at the start,
    when names have come, and once more some seconds after it raised an error.
    """

    def __init__(
        self,
        ledger: Ledger,
        handler: Handler,
        settings: Settings,
        decide_anew: Callable[[str], object] = lambda _account: None,
    ) -> None:
        self._ledger = ledger
        self._handler = handler
        self._decide_anew = decide_anew
        self._deciding = Lock()
        self._undecided = True  # names may have come when nobody was there to decide by them
        self._windows = settings.windows
        self._max_attempts = settings.max_attempts
        self._dry_run = settings.dry_run
        self._name = f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:6]}"
        self._stopping = Event()
        self._free = BoundedSemaphore(PARALLEL)
        self._free_to_ask = BoundedSemaphore(QUESTIONS)
        self._last_beat = -BEAT_EVERY
        self._pause = FIRST_PAUSE

    def stop(self) -> None:
        """Take nothing new; `run` returns when the calls in hand are settled."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until `stop`, and outlive a database that goes away and comes back."""
        log.info("worker_started name=%s", self._name)
        with ThreadPoolExecutor(PARALLEL + QUESTIONS, thread_name_prefix="delivery") as pool:
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
                self._beat(pool)
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
        """Hand one task to the pool; or say how long there is none."""
        if not self._free.acquire(timeout=LONGEST_NAP):
            return None
        claimed: Task | Hold | None = None
        try:
            claimed = self._ledger.claim(DEFAULT_ACCOUNT, self._windows, marks=not self._dry_run)
        finally:
            if not isinstance(claimed, Delivery):
                self._free.release()
        match claimed:
            case Hold():
                return claimed
            case Delivery():
                pool.submit(self._deliver, claimed)
            case _:
                return self._begin_to_ask(pool, claimed)
        return None

    def _begin_to_ask(self, pool: ThreadPoolExecutor, question: Lookup | CategoriesWanted) -> Hold | None:
        if not self._free_to_ask.acquire(blocking=False):
            self._ledger.drop(question)
            return Hold(LONGEST_NAP)  # a new wish ends it
        pool.submit(self._ask, question)
        return None

    def _deliver(self, delivery: Delivery) -> None:
        try:
            if self._ledger.holds(delivery):
                self._carry_out(delivery)
            else:
                self._ledger.drop(delivery)
        except Exception:  # a lease that nobody settles comes back by itself
            log.exception("delivery_not_settled conversation=%s", delivery.email_lead_map_id)
        finally:
            self._free.release()

    def _ask(self, question: Lookup | CategoriesWanted) -> None:
        try:
            if isinstance(self._carry_out(question), CategoryNames):
                self._decide(question.account)
        except Exception:  # a lease that nobody settles comes back by itself
            log.exception("question_not_settled account=%s about=%s", question.account, type(question).__name__)
        finally:
            self._free_to_ask.release()

    def _decide(self, account: str) -> None:
        with self._deciding:
            self._undecided = False
            try:
                self._decide_anew(account)
            except Exception:
                self._undecided = True
                log.exception("not_decided_anew account=%s", account)

    def _carry_out(self, task: Task) -> Answer:
        began = time.monotonic()
        answer = self._call(task)
        _log(task, answer, time.monotonic() - began)
        self._settle(task, answer)
        return answer

    def _call(self, task: Task) -> Answer:
        try:
            match task:
                case Delivery():
                    return self._handler.mark(task)
                case Lookup():
                    return self._handler.find(task)
                case CategoriesWanted():
                    return self._handler.categories()
        except Exception as error:  # a mistake of ours must not lose the task
            log.exception("handler_failed %s", _about(task))
            return Retry(f"an error in Replymark ({type(error).__name__}); its log has more")

    def _settle(self, task: Task, answer: Answer) -> None:
        """Write the answer down, and try again while the ledger is away: the lease allows for it."""
        for attempt in range(SETTLE_TRIES):
            try:
                self._ledger.settle(task, answer, self._windows, self._max_attempts)
            except Exception:
                if attempt == SETTLE_TRIES - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
            else:
                return

    def _beat(self, pool: ThreadPoolExecutor) -> None:
        if time.monotonic() - self._last_beat >= BEAT_EVERY:
            self._ledger.beat(self._name)
            self._last_beat = time.monotonic()
            if self._undecided:
                pool.submit(self._decide, DEFAULT_ACCOUNT)


def _log(task: Task, answer: Answer, seconds: float) -> None:
    about, took = _about(task), seconds * 1000
    match answer:
        case Done():
            log.info("delivered %s ms=%.0f", about, took)
        case Found(map_id):
            log.info("found %s conversation=%s ms=%.0f", about, map_id, took)
        case CategoryNames(names):
            log.info("categories_named %s count=%d ms=%.0f", about, len(names), took)
        case NotFound(reason):
            log.info("not_found %s ms=%.0f reason=%s", about, took, reason)
        case Retry(reason):
            log.warning("retry %s ms=%.0f reason=%s", about, took, reason)
        case GiveUp(reason):
            log.error("gave_up %s ms=%.0f reason=%s", about, took, reason)


def _about(task: Task) -> str:
    """What a log line says of a task: never a lead's address."""
    match task:
        case Delivery():
            return f"conversation={task.email_lead_map_id} mark={task.mark} attempt={task.attempt}"
        case Lookup():
            return f"lookup by={task.by} account={task.account} attempt={task.attempt}"
        case CategoriesWanted():
            return f"categories account={task.account}"
