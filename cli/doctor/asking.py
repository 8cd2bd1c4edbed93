"""Asking SmartLead one thing after the other, for a person who waits for the answers."""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.doctor.retirement import is_retired
from ledger import Hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from config import Window
    from handlers.reading import Reading
    from ledger import Ledger

USELESS = {None, 401, 429}  # no answer, a wrong key, a used-up rate: the next call would get the same
PATIENCE = 30.0  # seconds that a person waits for the rate to have room


class UsedUpError(Exception):
    """No call may be made for a long time; the sentence says for how long."""


class Asker:
    """Makes calls within the rate, and none after an answer that the next call would get, too.

    `get` makes one call, `pace` lets it wait until it may be made. `notice` is told before each what is asked for.
    `calls` counts them, `troubles` are the sentences of those whose answers were of no use, and `retired` the paths
    that SmartLead is going to take away, as its answers say.
    """

    def __init__(
        self,
        get: Callable[[str], Reading],
        pace: Callable[[], AbstractContextManager[None]],
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._get = get
        self._pace = pace
        self._notice = notice
        self.calls = 0
        self.troubles: list[str] = []
        self.retired: list[str] = []
        self.gave_up = False

    def ask(self, path: str, what: str) -> Reading | None:
        """The answer for a path below /api/v1; None where no call is worth its while any more."""
        if self.gave_up:
            return None
        self._notice(what)
        try:
            with self._pace():
                reading = self._get(path)
        except UsedUpError as error:
            self.troubles.append(str(error))
            self.gave_up = True
            return None
        self.calls += 1
        if is_retired(reading):
            self.retired.append(path)
        if reading.trouble is not None:
            self.troubles.append(reading.trouble)
        self.gave_up = reading.status in USELESS or is_blocked(reading)
        return reading


class OwnPace:
    """Keeps to the windows with nothing but its own calls in mind: where there is no ledger to share them by."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._past = [(window, deque[float](maxlen=window.limit)) for window in windows]

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait, and note the call when it is over."""
        now = time.monotonic()
        full = [(window, answered[0]) for window, answered in self._past if len(answered) == window.limit]
        _wait(max((oldest + window.seconds - now for window, oldest in full), default=0.0))
        yield
        for _window, answered in self._past:
            answered.append(time.monotonic())


class SharedPace:
    """Takes its calls out of the rate that the workers of an account keep to."""

    def __init__(self, ledger: Ledger, account: str, windows: Sequence[Window]) -> None:
        self._ledger = ledger
        self._account = account
        self._windows = windows

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Wait for room, and give it back when the call is over. UsedUpError if there is none for long."""
        waited_until = time.monotonic() + PATIENCE
        while isinstance(lease := self._ledger.begin_call(self._account, self._windows), Hold):
            _wait(lease.seconds, waited_until - time.monotonic())
        try:
            yield
        finally:
            self._ledger.end_call(self._account, self._windows, lease)


def _wait(seconds: float, patience: float = PATIENCE) -> None:
    if seconds > max(patience, 0.0):
        raise UsedUpError(
            f"The rate limit (SMARTLEAD_RATE_LIMITS) is used up for {seconds:.0f} seconds more: try again then."
        )
    time.sleep(max(seconds, 0.0))


def is_blocked(reading: Reading) -> bool:
    """Whether Cloudflare, which stands before SmartLead, turned the call away."""
    return reading.status == 403 and "Cloudflare" in (reading.trouble or "")
