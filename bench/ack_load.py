"""The sender of the acknowledging benchmark: one process, one thread, many keep-alive connections, no HTTP library.

It shares the cores with what it measures, so it does as little as it can: requests are bytes before the clock starts
to run, and of an answer only the status and the length are read.
"""

from __future__ import annotations

import json
import resource
import socket
import sys
from collections import deque
from dataclasses import asdict, dataclass
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter
from typing import NoReturn

from bench.ack_requests import make_requests
from bench.report import percentile

AT_HAND = 8_000  # requests for a second, made before; the bare app with two processes takes up to 7,700
PATIENCE = 30.0  # seconds without any answer
HEADERS_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Round:
    """What came of some seconds of load."""

    seconds: float
    acks: int
    refused: int  # answers other than 200
    p50: float  # milliseconds
    p99: float
    cpu: float  # share of one core that the sender took

    @property
    def rate(self) -> float:
        """Acknowledgements in a second."""
        return self.acks / self.seconds


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    begun: float = 0.0
    received: bytes = b""

    def send(self, request: bytes) -> None:
        self.received, self.begun = b"", perf_counter()
        self.socket.sendall(request)

    def status(self) -> bytes | None:
        """The status of the answer once it is here whole."""
        self.received += self.socket.recv(65536)
        if not self.received:
            raise SystemExit("the server closed a connection")
        head, end, body = self.received.partition(HEADERS_END)
        if not end or len(body) < int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]):
            return None
        return head[9:12]


def main() -> None:
    """`python -m bench.ack_load PORT PATH CONNECTIONS SECONDS FIRST`: print a Round as JSON."""
    port, path, connections, seconds, first = sys.argv[1:]
    print(json.dumps(asdict(load(int(port), path, int(connections), float(seconds), int(first)))))


def load(port: int, path: str, connections: int, seconds: float, first: int) -> Round:
    """Send one request after the other on each connection for so long; `first` numbers the replies."""
    requests = deque(make_requests(path, first, round(seconds * AT_HAND)))
    selector = DefaultSelector()
    waiting: set[socket.socket] = set()
    begun, used = perf_counter(), _cpu_seconds()
    for _ in range(connections):
        one = _Connection(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
        selector.register(one.socket, EVENT_READ, one)
        waiting.add(one.socket)
        one.send(requests.popleft())
    times: list[float] = []
    refused = 0
    while waiting:
        for key, _ in selector.select(PATIENCE) or _give_up():
            one = key.data
            if (status := one.status()) is None:
                continue
            times.append((now := perf_counter()) - one.begun)
            refused += status != b"200"
            if now < begun + seconds and requests:
                one.send(requests.popleft())
            else:
                waiting.discard(one.socket)
                selector.unregister(one.socket)
                one.socket.close()
    took = perf_counter() - begun
    return Round(
        seconds=took,
        acks=len(times) - refused,
        refused=refused,
        p50=percentile(times, 0.5) * 1000,
        p99=percentile(times, 0.99) * 1000,
        cpu=(_cpu_seconds() - used) / took,
    )


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _give_up() -> NoReturn:
    raise SystemExit("no answer came any more")


if __name__ == "__main__":
    main()
