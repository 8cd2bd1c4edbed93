"""Servers side by side for the acknowledging benchmark: the bare app, and Replymark as it is shipped, in real mode."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ack_load import Round

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
KEY, TOKEN = "key-of-the-benchmark", "token-of-the-benchmark"
PATIENCE = 30.0  # seconds until a server must answer
CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Contest:
    """A database, and the shape of the servers for it: all have as many threads together as there are connections."""

    database: str
    processes: int
    threads: int


CONTESTS = (Contest("SQLite", 1, 32), Contest("PostgreSQL", 2, 16))


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and where it takes webhooks."""

    name: str
    port: int
    path: str

    def load(self, seconds: float, first: int) -> Round:
        """Send it webhooks from another process for so long, whose numbers begin with `first`."""
        arguments = map(str, (self.port, self.path, CONNECTIONS, seconds, first))
        command = [sys.executable, "-m", "bench.ack_load", *arguments]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return Round(**json.loads(told))


@contextmanager
def database_of(contest: Contest, folder: Path) -> Iterator[str]:
    """The URL of an empty database that has its tables and the shipped rules."""
    with ExitStack() as ending:
        url = f"sqlite:///{folder}/ledger.db" if contest.database == "SQLite" else ending.enter_context(_postgres())
        for command in ("ledger migrate", "rules publish --changed"):
            ran = [str(BIN / "flask"), *command.split()]
            subprocess.run(ran, cwd=ROOT, env=_environment(url, _free_port()), check=True, capture_output=True)
        yield url


@contextmanager
def replymark(contest: Contest, url: str, folder: Path) -> Iterator[Server]:
    """Replymark with its own gunicorn.conf.py; nobody delivers."""
    port = _free_port()
    with _gunicorn(contest, "app:create_app()", _environment(url, port), folder / "replymark"):
        _wait_until_ready(port)
        yield Server("Replymark", port, f"/webhooks/smartlead?token={TOKEN}")


@contextmanager
def bare(contest: Contest, folder: Path) -> Iterator[Server]:
    """The bare app under the same gunicorn, which here writes no access log: that is Replymark's own cost."""
    port = _free_port()
    plain = ["--config", os.devnull, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--keep-alive", "95"]
    with _gunicorn(contest, "bench.bare:app", _environment("", port), folder / "bare", *plain):
        _wait_until_ready(port)
        yield Server("bare", port, "/webhooks/smartlead")


@contextmanager
def _gunicorn(
    contest: Contest, app: str, environment: Mapping[str, str], output: Path, *options: str
) -> Iterator[None]:
    shape = ["--workers", str(contest.processes), "--threads", str(contest.threads)]
    with output.open("wb") as written:
        server = subprocess.Popen(
            [BIN / "gunicorn", *shape, *options, app],
            cwd=ROOT,
            env=environment,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _environment(url: str, port: int) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(BIN), os.defpath]),
        "PORT": str(port),
        "SMARTLEAD_API_KEY": KEY,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": url,
        "WORKER": "separate",
    }


@contextmanager
def _postgres() -> Iterator[str]:
    """The server that the tests start, with an empty database; it flushes each commit to disk."""
    sys.path.append(str(ROOT / "tests"))
    server = import_module("postgres").Postgres()
    server.start()
    try:
        yield server.new_database()
    finally:
        server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _wait_until_ready(port: int) -> None:
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
