"""A server that answers bytes as they are, however wrong."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def answering(raw: bytes, end: bytes = b"}") -> Iterator[str]:
    """A server that takes one request, up to its `end`, and answers these very bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                request = connection.recv(65536)
                while not request.endswith(end) and (piece := connection.recv(65536)):
                    request += piece
                with suppress(OSError):  # the client has read enough
                    connection.sendall(raw)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(10)
