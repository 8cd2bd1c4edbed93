"""A plain proxy, as stands before several web processes: it passes connections on, in turn, and knows no HTTP."""

from __future__ import annotations

import socket
from contextlib import suppress
from itertools import cycle
from threading import Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE = 65536


class Proxy:
    """Listens until the block ends. A web process that does not listen is passed over, as proxies do."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._behind = cycle(ports)
        self._count = len(ports)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._accepting = Thread(target=self._accept)
        self._carrying: list[Thread] = []

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # which ends the wait for the next connection
        self._accepting.join()
        self._server.close()
        for thread in self._carrying:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._server.accept()
                thread = Thread(target=self._serve, args=(client,))
                thread.start()
                self._carrying = [*(one for one in self._carrying if one.is_alive()), thread]

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), self._connect() as web:
            back = Thread(target=_carry, args=(web, client))
            back.start()
            _carry(client, web)
            back.join()

    def _connect(self) -> socket.socket:
        for _ in range(self._count - 1):
            with suppress(ConnectionRefusedError):
                return self._to_next()
        return self._to_next()

    def _to_next(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", next(self._behind)), timeout=60)


def _carry(source: socket.socket, target: socket.socket) -> None:
    """All that comes from one side, to the other; its end, too."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
