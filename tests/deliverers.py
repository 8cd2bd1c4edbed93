"""A worker at work against the sandbox, and what came of it."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from secrets_of_tests import API_KEY, TOKEN

from config import Settings, read_settings
from handlers.smartlead import SmartLead
from worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ledger import DeliveryRow, Ledger, State
    from sandbox import Sandbox
    from worker.workers import Runs

PATIENCE = 20.0
SETTINGS = read_settings(
    {"SMARTLEAD_API_KEY": API_KEY, "WEBHOOK_TOKENS": TOKEN, "SMARTLEAD_RATE_LIMITS": "1000/1s", "MAX_ATTEMPTS": "3"}
)


@contextmanager
def delivering(
    ledger: Ledger,
    smartlead: Sandbox,
    settings: Settings = SETTINGS,
    decide_anew: Callable[[str], object] = lambda _account: None,
) -> Iterator[Worker]:
    """A worker at work until the block ends."""
    handler = SmartLead(smartlead.url, API_KEY, user_agent="Replymark/tests")
    worker = Worker(ledger, handler, settings, decide_anew)
    with at_work(worker):
        yield worker
    handler.close()


@contextmanager
def at_work(worker: Runs) -> Iterator[None]:
    """It runs until the block ends."""
    thread = Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def wait_for(ledger: Ledger, *states: State) -> list[DeliveryRow]:
    """All deliveries, once each is in one of these states."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        rows = ledger.recent_deliveries()
        if rows and all(row.state in states for row in rows):
            return rows
        time.sleep(0.02)
    raise AssertionError(f"not {states} after {PATIENCE} s: {ledger.recent_deliveries()}")


def ask(smartlead: Sandbox, path: str) -> Any:
    """One of the sandbox's controls."""
    with urlopen(f"{smartlead.url}/_sandbox/{path}") as answer:
        return json.load(answer)


def order(smartlead: Sandbox, path: str, value: Any) -> None:
    """Another of its controls, with something to say."""
    with urlopen(Request(f"{smartlead.url}/_sandbox/{path}", json.dumps(value).encode(), method="POST")):
        pass


def play(smartlead: Sandbox, *faults: dict[str, Any]) -> None:
    """Trouble for the next PATCHes, unless a fault names another path."""
    order(smartlead, "faults", [{"match": "change-read-status"} | fault for fault in faults])


def marks(smartlead: Sandbox) -> list[dict[str, Any]]:
    """The PATCHes that arrived."""
    return [request for request in ask(smartlead, "requests") if request["method"] == "PATCH"]
