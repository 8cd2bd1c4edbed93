"""Servers side by side for the acknowledging benchmark: the bare app, and Replymark as it is shipped, in real mode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ack_load import Round
from bench.servers import KEY, PATIENCE, ROOT, TOKEN, empty_database, free_port, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BIN = Path(sys.executable).parent
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
    with empty_database(contest.database, folder) as url:
        for command in ("ledger migrate", "rules publish --changed"):
            ran = [str(BIN / "flask"), *command.split()]
            subprocess.run(ran, cwd=ROOT, env=_environment(url, free_port()), check=True, capture_output=True)
        yield url


@contextmanager
def replymark(contest: Contest, url: str, folder: Path) -> Iterator[Server]:
    """Replymark with its own gunicorn.conf.py; nobody delivers."""
    port = free_port()
    with _gunicorn(contest, "app:create_app()", _environment(url, port), folder / "replymark"):
        wait_until_ready(port)
        yield Server("Replymark", port, f"/webhooks/smartlead?token={TOKEN}")


@contextmanager
def bare(contest: Contest, folder: Path) -> Iterator[Server]:
    """The bare app under the same gunicorn, which here writes no access log: that is Replymark's own cost."""
    port = free_port()
    plain = ["--config", os.devnull, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--keep-alive", "95"]
    with _gunicorn(contest, "bench.bare:app", _environment("", port), folder / "bare", *plain):
        wait_until_ready(port)
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
