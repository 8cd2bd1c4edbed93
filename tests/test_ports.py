"""A port that a test has taken stays its own while its server is away."""

from __future__ import annotations

import socket
import sys
from contextlib import closing

import pytest
from ports import Port


@pytest.mark.skipif(sys.platform != "linux", reason="Elsewhere a port can not be held and listened on at once.")
def test_a_server_listens_on_it_and_again_after_it_was_gone() -> None:
    with closing(Port()) as port:
        for _ in range(2):
            with socket.create_server(here := ("127.0.0.1", port.number)), pytest.raises(OSError, match="in use"):
                socket.create_server(here)
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(here)
