"""One account's loop, and what its threads do with each task. No Flask, no memory of its own."""

from __future__ import annotations

import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Event, Lock
from typing import TYPE_CHECKING
from uuid import uuid4

from ledger import Hold, Timing
from model import DEFAULT_ACCOUNT, Answer, CategoriesWanted, CategoryNames, Delivery, Lookup, Retry, Task, Unsent
from worker.clock import LedgerClock
from worker.report import about_task, tell
from worker.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from config import Settings
    from handlers import Handler
    from ledger import Ledger

log = logging.getLogger(__name__)

PARALLEL = 8  # PATCHes under way at once: enough for 20 a second at 0.3 s each
QUESTIONS = 4  # lookups under way at once, beside the PATCHes: slow answers to these hold no PATCH up
AHEAD = 0.25  # seconds by which a task is claimed before its call may begin: it is ready when its moment comes
LONGEST_NAP = 1.0  # seconds; a stop is noticed after it
BEAT_EVERY = 10.0
LONG_CALL = 3.0  # seconds after which a call is kept, so that it does not count as lost
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds between two looks for a ledger that is away
SETTLE_TRIES = 6


class Worker:
    """Delivers one account's marks until told to stop; any number of them, anywhere, keep out of each other's way.

    `handler` is the account's own, with its key; budget and breaker are the ledger's. `decide_anew` gets the account's
    name, to decide again what waits for its categories' names: at the start, when names have come, and once more some
    seconds after it raised an error.
    """

    def __init__(
        self,
        ledger: Ledger,
        handler: Handler,
        settings: Settings,
        decide_anew: Callable[[str], object] = lambda _account: None,
        *,
        account: str = DEFAULT_ACCOUNT,
    ) -> None:
        self._account = account
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
        self._clock = LedgerClock()
        self._in_hand: dict[str, Turn] = {}
        self._last_beat = self._last_look = -BEAT_EVERY
        self._pause = FIRST_PAUSE

    def stop(self) -> None:
        """Take nothing new; `run` returns when the calls in hand are settled."""
        self._stopping.set()

    def run(self) -> None:
        """Deliver until `stop`, and outlive a database that goes away and comes back."""
        log.info("worker_started name=%s account=%s", self._name, self._account)
        with ThreadPoolExecutor(PARALLEL + QUESTIONS + 1, thread_name_prefix=f"delivery-{self._account}") as pool:
            while not self._stopping.is_set():
                try:
                    self._work(pool)
                except Exception as error:  # noqa: BLE001 - whatever a lost database raises; the ledger keeps the work
                    log.warning("worker_without_ledger reason=%s again_in=%.1f", type(error).__name__, self._pause)
                    self._stopping.wait(self._pause)
                    self._pause = min(self._pause * 2, LONGEST_PAUSE)
        log.info("worker_stopped name=%s account=%s", self._name, self._account)

    def _work(self, pool: ThreadPoolExecutor) -> None:
        alarm = self._ledger.alarm()
        try:
            while not self._stopping.is_set():
                self._beat(pool)
                self._keep_long_calls()
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
        claimed: Turn | Hold | None = None
        try:
            claimed = self._claim()
        finally:
            if not (isinstance(claimed, Turn) and isinstance(claimed.task, Delivery)):
                self._free.release()
        if isinstance(claimed, Hold):
            return claimed
        if isinstance(claimed.task, Delivery):
            pool.submit(self._deliver, claimed, claimed.task)
            return None
        return self._begin_to_ask(pool, claimed, claimed.task)

    def _claim(self) -> Turn | Hold:
        before = time.monotonic()
        task = self._ledger.claim(self._account, self._windows, marks=not self._dry_run, ahead=AHEAD)
        if isinstance(task, Hold):
            return task
        return Turn(task, self._clock.read(before, task.claimed_at, time.monotonic()))

    def _begin_to_ask(self, pool: ThreadPoolExecutor, turn: Turn, question: Lookup | CategoriesWanted) -> Hold | None:
        if not self._free_to_ask.acquire(blocking=False):
            self._ledger.drop(question)
            return Hold(LONGEST_NAP)  # a new wish ends it
        pool.submit(self._ask, turn, question)
        return None

    def _deliver(self, turn: Turn, delivery: Delivery) -> None:
        try:
            turn.wait_until_shortly_before()
            if self._ledger.holds(delivery):
                self._carry_out(turn)
            else:
                self._ledger.drop(delivery)
        except Exception:  # a lease that nobody settles comes back by itself
            log.exception("delivery_not_settled %s", about_task(delivery))
        finally:
            self._free.release()

    def _ask(self, turn: Turn, question: Lookup | CategoriesWanted) -> None:
        try:
            if isinstance(self._carry_out(turn), CategoryNames):
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

    def _carry_out(self, turn: Turn) -> Answer | None:
        """The answer, settled; None if nothing was sent, for it was too late to."""
        turn.wait()
        self._in_hand[turn.task.lease] = turn
        try:
            began = time.monotonic()
            answer = self._call(turn)
            ended = time.monotonic()
            if isinstance(answer, Unsent):
                log.warning("not_sent_in_time %s", about_task(turn.task))
                self._ledger.drop(turn.task)
                return None
            tell(turn.task, answer, ended - began)
            heard_at, round_trip = (answer.told.heard_at, answer.told.round_trip) if answer.told else (ended, 0.0)
            self._settle(turn.task, answer, Timing(turn.offset.at_the_latest(heard_at), round_trip))
            return answer
        finally:
            del self._in_hand[turn.task.lease]

    def _call(self, turn: Turn) -> Answer | Unsent:
        try:
            match turn.task:
                case Delivery() as delivery:
                    return self._handler.mark(delivery, turn.send_before)
                case Lookup() as lookup:
                    return self._handler.find(lookup, turn.send_before)
                case CategoriesWanted():
                    return self._handler.categories(turn.send_before)
        except Exception as error:  # a mistake of ours must not lose the task
            log.exception("handler_failed %s", about_task(turn.task))
            return Retry(f"an error in Replymark ({type(error).__name__}); its log has more")

    def _settle(self, task: Task, answer: Answer, timing: Timing) -> None:
        """Write the answer down, and try again while the ledger is away: the lease allows for it."""
        for attempt in range(SETTLE_TRIES):
            try:
                self._ledger.settle(task, answer, self._windows, self._max_attempts, timing)
            except Exception:
                if attempt == SETTLE_TRIES - 1:
                    raise
                time.sleep(0.2 * 2**attempt)
            else:
                return

    def _keep_long_calls(self) -> None:
        now = time.monotonic()
        if now - self._last_look < LONGEST_NAP:
            return
        self._last_look = now
        long = [lease for lease, turn in list(self._in_hand.items()) if now - turn.begins > LONG_CALL]
        if long:
            self._ledger.keep_calls(long)

    def _beat(self, pool: ThreadPoolExecutor) -> None:
        if time.monotonic() - self._last_beat >= BEAT_EVERY:
            self._ledger.beat(self._name)
            self._last_beat = time.monotonic()
            if self._undecided:
                pool.submit(self._decide, self._account)
