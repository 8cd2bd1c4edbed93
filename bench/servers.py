"""What several benchmarks start: an empty database, and a web process of which they wait until it takes webhooks."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
KEY, TOKEN = "key-of-the-benchmark", "token-of-the-benchmark"
PATIENCE = 30.0  # seconds until a process must answer


@contextmanager
def empty_database(name: str, folder: Path) -> Iterator[str]:
    """The URL of a file in this folder, or of a database of the PostgreSQL that the tests start: it flushes to disk."""
    if name == "SQLite":
        yield f"sqlite:///{folder}/ledger.db"
        return
    sys.path.append(str(ROOT / "tests"))
    server = import_module("postgres").Postgres()
    server.start()
    try:
        yield server.new_database()
    finally:
        server.stop()


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until_ready(port: int) -> None:
    """Until `/readyz` says so, or there is none. SystemExit if that takes too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status in {200, 404}:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise SystemExit("a server does not become ready")
