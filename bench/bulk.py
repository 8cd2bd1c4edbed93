"""What it takes to mark a whole inbox: calls to SmartLead, time, and the memory of the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.report import Goal, Report, read_options, tell
from bench.servers import KEY, PATIENCE, ROOT, TOKEN, empty_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.report import Cell

SMALL, LARGE = 5_000, 50_000
FEW, MORE = 500, 2_000
RATE = "100000/1s"
LOOK_EVERY = 0.25  # seconds between two looks at the memory
GROWTH = 8.0  # MB more at most for ten times as many conversations
BIN = Path(sys.executable).parent
FLASK = str(BIN / "flask")


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    sizes = (FEW, MORE) if options.quick else (SMALL, LARGE)
    runs = [_mark_all(count) for count in sizes]
    small, large = runs
    goals = [Goal(f"{one.count:,}: calls", one.calls, most=one.count + one.pages) for one in runs]
    goals += [Goal(f"{one.count:,}: marked once", one.once, least=one.count) for one in runs]
    goals.append(Goal("growth of the command's memory, MB", large.memory - small.memory, most=GROWTH))
    Report("flask inbox mark read --all, on SQLite, with one worker", [one.row() for one in runs], goals).show(options)


@dataclass(slots=True)
class Run:
    """One bulk: how many conversations, and what they cost. Memory is proportional (PSS), in MB, at its highest."""

    count: int
    seconds: float = 0.0
    pages: int = 0
    calls: int = 0
    once: int = 0  # conversations that got exactly one PATCH
    sizes: list[float] = field(default_factory=list)

    @property
    def memory(self) -> float:
        """The most that the command took."""
        return max(self.sizes)

    def row(self) -> dict[str, Cell]:
        """As a line of the table."""
        return {
            "conversations": f"{self.count:,}",
            "pages": self.pages,
            "calls": self.calls,
            "marked once": self.once,
            "seconds": self.seconds,
            "a second": self.count / self.seconds,
            "PSS, MB": self.memory,
        }


def _mark_all(count: int) -> Run:
    tell(f"{count:,} conversations")
    run = Run(count)
    with ExitStack() as ending:
        folder = Path(ending.enter_context(TemporaryDirectory()))
        url = ending.enter_context(empty_database("SQLite", folder))
        smartlead = ending.enter_context(_smartlead(folder))
        environment = _environment(url, smartlead)
        for name, value in (("empty", {}), ("crowd", {"count": count, "newest": time.time() - 86400.0})):
            _ask("POST", f"{smartlead}/_sandbox/{name}", value)
        subprocess.run([FLASK, "ledger", "migrate"], cwd=ROOT, env=environment, check=True, capture_output=True)
        ending.enter_context(_started([FLASK, "worker", "run"], environment, folder / "worker"))
        began = time.monotonic()
        with _started(
            [FLASK, "inbox", "mark", "read", "--all", "--yes", "--json"], environment, folder / "told"
        ) as command:
            while command.poll() is None:
                run.sizes += _proportional(command.pid)
                time.sleep(LOOK_EVERY)
        run.seconds = time.monotonic() - began
        run.pages = json.loads((folder / "told").read_text("utf-8"))["pages"]
        requests = _ask("GET", f"{smartlead}/_sandbox/requests")
        run.calls = sum("fetch-categories" not in one["path"] for one in requests)
        run.once = sum(one["patches"] == 1 for one in _ask("GET", f"{smartlead}/_sandbox/inbox").values())
    return run


def _environment(url: str, smartlead: str) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(BIN), os.defpath]),
        "FLASK_SKIP_DOTENV": "1",
        "SMARTLEAD_API_KEY": KEY,
        "SMARTLEAD_BASE_URL": smartlead,
        "SMARTLEAD_RATE_LIMITS": RATE,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": url,
    }


@contextmanager
def _smartlead(folder: Path) -> Iterator[str]:
    output = folder / "smartlead"
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--api-key", KEY, "--rate-limits", RATE]
    with _started(command, {}, output):
        end = time.monotonic() + PATIENCE
        while "\n" not in output.read_text("utf-8") and time.monotonic() < end:
            time.sleep(0.05)
        yield output.read_text("utf-8").split()[-1]


@contextmanager
def _started(command: Sequence[str], environment: Mapping[str, str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    with output.open("wb") as written, output.with_suffix(".err").open("wb") as complained:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=written, stderr=complained)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _proportional(process: int) -> list[float]:
    """MB; empty where the process ended meanwhile."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")]


def _ask(method: str, url: str, value: Any = None) -> Any:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        connection.request(method, parts.path, None if value is None else json.dumps(value))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


if __name__ == "__main__":
    main()
