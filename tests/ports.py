"""A port of loopback for a server of a test: nobody else's until it is closed, also while nobody listens on it."""

from __future__ import annotations

import socket
import sys


class Port:
    """Bound, but without listening: a server that reuses addresses may listen beside it, and ask for it again."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]
        if sys.platform != "linux":  # elsewhere this would keep the server out, too
            self.close()

    def close(self) -> None:
        """Let go of it."""
        self._socket.close()
