"""The backend's side: one thread takes what all lines bring, and records it together."""

from __future__ import annotations

import logging
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from model import WebhookCall, respond
from webhooks import FAILED
from webhooks.reception import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection

    from ledger import Ledger, Receipt
    from model import Call, Response
    from webhooks import Desk

log = logging.getLogger(__name__)

Made = TypeVar("Made")
THREADS = 8  # for what waits for the ledger more than once


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    connection: Connection
    sending: Lock = field(default_factory=Lock)


@dataclass(frozen=True, slots=True)
class _Caller:
    """Who waits for an answer, and under which number."""

    line: _Line
    number: int

    def tell(self, response: Response) -> None:
        """Answer; whoever has hung up hears nothing."""
        message = pickle.dumps((self.number, response))
        try:
            with self.line.sending:
                self.line.connection.send_bytes(message)
        except OSError:
            log.debug("nobody_listens")


class Loop:
    """Answers calls until everybody has hung up.

    Webhooks that need one transaction share it with all that wait at the same moment. What needs more is answered from
    other threads, so that it holds up nobody.
    """

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._selector = DefaultSelector()

    def run(self, connections: Iterable[Connection]) -> None:
        """Return once all lines are closed and all calls answered."""
        for connection in connections:
            self._selector.register(connection, EVENT_READ, _Line(connection))
        with self._selector, ThreadPoolExecutor(THREADS, "backend") as pool:
            while self._selector.get_map():
                self._take(self._hear(), pool)

    def _hear(self) -> list[tuple[_Caller, Call]]:
        """What is asked now; waits until something is."""
        heard = []
        for key, _ in self._selector.select():
            try:
                number, call = pickle.loads(key.data.connection.recv_bytes())  # noqa: S301 - our own parent wrote it
            except (EOFError, OSError):
                self._selector.unregister(key.fileobj)
                key.data.connection.close()
            else:
                heard.append((_Caller(key.data, number), call))
        return heard

    def _take(self, asked: Sequence[tuple[_Caller, Call]], pool: ThreadPoolExecutor) -> None:
        drafts: list[tuple[_Caller, Draft]] = []
        for caller, call in asked:
            if not isinstance(call, WebhookCall):
                pool.submit(_answer, caller, self._desk.answer, call)
                continue
            draft = _guarded(self._desk.reception.draft, call)
            if isinstance(draft, Draft):
                drafts.append((caller, draft))
            else:
                caller.tell(draft)
        if drafts:
            self._record(drafts, pool)

    def _record(self, drafts: Sequence[tuple[_Caller, Draft]], pool: ThreadPoolExecutor) -> None:
        recorded: list[list[Receipt] | Exception] = self._ledger.record_each([one.arrivals for _, one in drafts])
        for (caller, draft), outcome in zip(drafts, recorded, strict=True):
            if draft.is_answer(outcome):
                _answer(caller, self._desk.reception.finish, draft, outcome)
            else:
                pool.submit(_answer, caller, self._desk.reception.finish, draft, outcome)


def _answer(caller: _Caller, work: Callable[..., Response], *arguments: Any) -> None:
    caller.tell(_guarded(work, *arguments))


def _guarded(work: Callable[..., Made], *arguments: Any) -> Made | Response:
    """What this gives. A mistake of ours is the answer to one call, and no other."""
    try:
        return work(*arguments)
    except Exception:
        log.exception("not_answered")
        return respond(500, {"error": FAILED})
