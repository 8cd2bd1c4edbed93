"""What a worker waits on: it wakes up when something was committed, here or in another process."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from ledgers import WINDOWS, arrival, name_categories

from ledger import Hold, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

NEVER = 60.0  # seconds: no test waits for their end


def wakes_up(ledger: Ledger, commit: Callable[[], object]) -> bool:
    """Whether who waits in another thread wakes up after this commit."""
    ready, woken = threading.Event(), threading.Event()

    def wait() -> None:
        alarm = ledger.alarm()
        alarm.wait(0.0)  # of what was there before
        ready.set()
        alarm.wait(NEVER)
        alarm.close()
        woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    ready.wait()
    commit()
    came = woken.wait(NEVER / 2)
    thread.join()
    return came


@pytest.mark.parametrize("tended", [True, False], ids=["takes webhooks", "a worker alone"])
@pytest.mark.parametrize("here", [True, False], ids=["in this process", "in another"])
def test_a_reply_wakes_the_worker(ledger: Ledger, database_url: str, tended: bool, here: bool) -> None:  # noqa: FBT001
    if tended:
        ledger.tend()
    other = ledger if here else Ledger(database_url, "real")
    assert wakes_up(ledger, lambda: other.record([arrival("read")]))
    if other is not ledger:
        other.close()


def test_a_look_that_finds_nothing_wakes_nobody(ledger: Ledger) -> None:
    name_categories(ledger)
    alarm = ledger.alarm()
    alarm.wait(0.0)
    began = time.monotonic()
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    alarm.wait(0.5)
    assert time.monotonic() - began >= 0.5
    alarm.close()
