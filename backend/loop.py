"""The backend's side: one thread takes what all lines bring, and records it together."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor, wait
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any, TypeVar

from backend.line import Line
from model import OrderCall, ReadinessCall, Response, WebhookCall, respond
from webhooks import FAILED
from webhooks.reception import Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from backend.line import Switchboard
    from ledger import Ledger
    from model import Call
    from webhooks import Desk

log = logging.getLogger(__name__)

Made = TypeVar("Made")
THREADS = 8  # for what waits for the ledger more than once
MOMENT = 0.1  # seconds that nothing else is heard while a batch is recorded: nearly all take some thousandths
HURRY = 5.0  # seconds for one message, from end to end of one machine


class Loop:
    """Answers calls until the web process has hung up.

    Webhooks that need one transaction share it with all that wait at the same moment. What needs more is finished by
    other threads. The one that hears asks the ledger itself only now and then, for what is then known for a minute.
    """

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._recording = ThreadPoolExecutor(1, "recording")
        self._finishing = ThreadPoolExecutor(THREADS, "finishing")
        self._others = {OrderCall: ThreadPoolExecutor(THREADS, "orders"), ReadinessCall: ThreadPoolExecutor(1, "ready")}

    def run(self, switchboard: Switchboard) -> None:
        """Return once it is closed at its other end, and all calls are answered."""
        with DefaultSelector() as selector:
            selector.register(switchboard, EVENT_READ)
            is_open = True
            while is_open:
                ready = [key.fileobj for key, _ in selector.select()]
                self._take(_hear(selector, _lines(ready)))
                if switchboard in ready:
                    is_open = _accept(switchboard, selector)
            for pool in (self._recording, self._finishing, *self._others.values()):
                pool.shutdown()
            for line in _lines(key.fileobj for key in selector.get_map().values()):
                line.close()

    def _take(self, asked: Sequence[tuple[Line, Call]]) -> None:
        drafts: list[tuple[Line, Draft]] = []
        for line, call in asked:
            if not isinstance(call, WebhookCall):
                self._others[type(call)].submit(_answer, line, self._desk.answer, call)
                continue
            draft = _guarded(self._draft, call)
            if isinstance(draft, Draft):
                drafts.append((line, draft))
            else:
                _tell(line, draft)
        if drafts:
            wait([self._recording.submit(self._record, drafts)], MOMENT)

    def _draft(self, call: WebhookCall) -> Draft | Response:
        return self._desk.reception.draft(call)

    def _record(self, drafts: Sequence[tuple[Line, Draft]]) -> None:
        recorded = _guarded(self._ledger.record_each, [draft.arrivals for _, draft in drafts])
        if isinstance(recorded, Response):
            for line, _ in drafts:
                _tell(line, recorded)
            return
        finish = self._desk.reception.finish
        for (line, draft), outcome in zip(drafts, recorded, strict=True):
            if draft.is_answer(outcome):
                _answer(line, finish, draft, outcome)
            else:
                self._finishing.submit(_answer, line, finish, draft, outcome)


def _lines(heard: Iterable[object]) -> list[Line]:
    return [one for one in heard if isinstance(one, Line)]


def _accept(switchboard: Switchboard, selector: DefaultSelector) -> bool:
    """Hear on a line that was opened; False if none can be any more."""
    line = switchboard.accept()
    if line is not None:
        selector.register(line, EVENT_READ)
    return line is not None


def _hear(selector: DefaultSelector, ready: Sequence[Line]) -> list[tuple[Line, Call]]:
    """What is asked on these lines; those that are over are closed."""
    heard = []
    for line in ready:
        try:
            heard.append((line, line.receive(HURRY)))
        except (EOFError, OSError):
            selector.unregister(line)
            line.close()
    return heard


def _answer(line: Line, work: Callable[..., Response], *arguments: Any) -> None:
    _tell(line, _guarded(work, *arguments))


def _tell(line: Line, response: Response) -> None:
    """Answer; whoever has given up hears nothing."""
    try:
        line.send(response, HURRY)
    except OSError:
        log.debug("nobody_listens")


def _guarded(work: Callable[..., Made], *arguments: Any) -> Made | Response:
    """What this gives. A mistake of ours is the answer to one call, and no other."""
    try:
        return work(*arguments)
    except Exception:
        log.exception("not_answered")
        return respond(500, {"error": FAILED})
