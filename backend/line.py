"""A line: two ends of a socket pair, one asks on it and the other answers. Its messages are whole, or it is over."""

from __future__ import annotations

import pickle
import socket
import time
from struct import Struct
from typing import Any

LENGTH = Struct("!I")
FULL = 1.0  # seconds; some hundred lines find room on the way to a process that accepts none
MUCH = 1 << 16  # bytes that are read at once: nearly every message


class Line:
    """One end, for one thread at a time. After any error it is to be closed: nobody knows where a message begins."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """For selectors."""
        return self._end.fileno()

    def send(self, value: Any, seconds: float) -> None:
        """Send what can be pickled. OSError if nobody takes it in so many seconds, or is there."""
        message = pickle.dumps(value)
        self._end.settimeout(max(seconds, 0.0))
        self._end.sendall(LENGTH.pack(len(message)) + message)

    def receive(self, seconds: float) -> Any:
        """What the other end sent. OSError if that does not come in so many seconds, EOFError if it was closed."""
        end = time.monotonic() + seconds
        received = self._read(seconds)
        while len(received) < LENGTH.size or len(received) < LENGTH.size + LENGTH.unpack_from(received)[0]:
            received += self._read(end - time.monotonic())
        return pickle.loads(memoryview(received)[LENGTH.size :])  # noqa: S301 - our own other half wrote it

    def _read(self, seconds: float) -> bytearray:
        self._end.settimeout(max(seconds, 0.0))
        if not (part := self._end.recv(MUCH)):
            raise EOFError
        return bytearray(part)

    def close(self) -> None:
        """Hang up."""
        self._end.close()


class Switchboard:
    """Where one process opens lines to another; it lasts until the first has hung up, or ended in any way."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """For selectors."""
        return self._end.fileno()

    def open(self) -> Line:
        """A new line, whose other end the other process is handed. OSError if it is gone, or takes none for long."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._end, [b"+"], [theirs.fileno()])
            except OSError:
                ours.close()
                raise
        return Line(ours)

    def accept(self) -> Line | None:
        """The end of a line that was opened; None once no more can be."""
        _, ends, _, _ = socket.recv_fds(self._end, 1, 1)
        return Line(socket.socket(fileno=ends[0])) if ends else None

    def close(self) -> None:
        """Hang up."""
        self._end.close()


def make_switchboard() -> tuple[Switchboard, Switchboard]:
    """Both ends: for who opens lines, and for who accepts them."""
    ours, theirs = socket.socketpair()
    ours.settimeout(FULL)
    return Switchboard(ours), Switchboard(theirs)
