"""What Replymark costs while nothing happens, and how long a reply then takes to its PATCH, on both databases."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.report import Goal, Report, percentile, read_options, tell
from bench.servers import KEY, PATIENCE, ROOT, TOKEN, empty_database, free_port, wait_until_ready

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.report import Cell

QUIET, SHORT_QUIET = 30.0, 10.0  # seconds that are watched
REPLIES, FEW_REPLIES = 40, 10
SETTLE = 2.0  # seconds until the threads of the last reply have nothing left to do
CORE, MEMORY, LATENCY = 1.0, 130.0, 60.0  # percent, MB, ms
TICKS = os.sysconf("SC_CLK_TCK")
conversations = count(3_000_000_001)


@dataclass(frozen=True, slots=True)
class Place:
    """One installation: where it takes webhooks, where its SmartLead is, and the first of each line's processes."""

    web: int  # port
    smartlead: str
    lines: Mapping[str, int]  # name -> process id


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    quiet, replies = (SHORT_QUIET, FEW_REPLIES) if options.quick else (QUIET, REPLIES)
    rows: list[dict[str, Cell]] = []
    goals: list[Goal] = []
    for database in ("SQLite", "PostgreSQL"):
        tell(database)
        with installed(database) as place:
            waits = [post_to_patch(place) for _ in range(replies)][1:]  # the first reply opens connections
            time.sleep(SETTLE)
            costs = {name: idle_cost(process, quiet) for name, process in place.lines.items()}
            rows += [_row(database, name, *costs[name]) for name in costs]
            goals.append(Goal(f"{database}: POST to PATCH, median ms", percentile(waits, 0.5), most=LATENCY))
            goals.append(Goal(f"{database}: web, percent of a core", costs["web"][0], most=CORE))
            goals.append(Goal(f"{database}: web, MB", costs["web"][1], most=MEMORY))
            tell(f"POST to PATCH: {min(waits):.0f}–{percentile(waits, 0.9):.0f} ms (best, 90 %)")
    Report(f"Idle for {quiet:.0f} s; on SQLite web delivers, too", rows, goals).show(options)


def _row(database: str, name: str, share: float, proportional: float, resident: float) -> dict[str, Cell]:
    return {"process": f"{database} {name}", "% of a core": share, "PSS, MB": proportional, "RSS, MB": resident}


@contextmanager
def installed(database: str) -> Iterator[Place]:
    """Replymark as its Procfile starts it, in real mode, beside a SmartLead that limits nobody."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(TemporaryDirectory()))
        url = ending.enter_context(empty_database(database, folder))
        smartlead = ending.enter_context(_smartlead(folder))
        port = free_port()
        environment = _environment(url, smartlead, port)
        lines = _procfile()
        subprocess.run(["sh", "-c", lines["release"]], cwd=ROOT, env=environment, check=True, capture_output=True)
        names = ["web"] if database == "SQLite" else ["web", "worker"]
        running = {name: ending.enter_context(_started(lines[name], environment, folder / name)) for name in names}
        wait_until_ready(port)
        yield Place(port, smartlead, running)


def _procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return {name: line.strip() for name, _, line in (one.partition(":") for one in lines if one.strip())}


def _environment(url: str, smartlead: str, port: int) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    return {
        "PATH": path,
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "SMARTLEAD_API_KEY": KEY,
        "SMARTLEAD_BASE_URL": smartlead,
        "SMARTLEAD_RATE_LIMITS": "100000/1s",
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": url,
    }


@contextmanager
def _started(line: str, environment: Mapping[str, str], output: Path) -> Iterator[int]:
    with output.open("wb") as written:
        process = subprocess.Popen(
            ["sh", "-c", f"exec {line}"], cwd=ROOT, env=environment, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


@contextmanager
def _smartlead(folder: Path) -> Iterator[str]:
    output = folder / "smartlead"
    arguments = ["-m", "sandbox", "--port", "0", "--api-key", KEY, "--rate-limits", "100000/1s"]
    with _started(shlex.join([sys.executable, *arguments]), {}, output):
        end = time.monotonic() + PATIENCE
        while "\n" not in output.read_text("utf-8") and time.monotonic() < end:
            time.sleep(0.05)
        yield output.read_text("utf-8").split()[-1]


def post_to_patch(place: Place) -> float:
    """Milliseconds from the begin of a webhook's request until its PATCH arrives."""
    conversation = next(conversations)
    event = {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": conversation,
        "sl_lead_email": f"lead{conversation}@lead.example",
        "reply_message": {"text": "I am out of the office until Monday.", "message_id": f"<{conversation}@l.example>"},
    }
    began = time.time()
    status, answer = _ask("POST", f"http://127.0.0.1:{place.web}/webhooks/smartlead?token={TOKEN}", event)
    if status != 200 or answer["mark"] == "leave":
        raise SystemExit(f"not taken: {status} {answer}")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        time.sleep(0.3)  # the system is idle, then comes a reply: looking is no part of what is measured
        for entry in _ask("GET", f"{place.smartlead}/_sandbox/requests")[1]:
            if (entry["body"] or {}).get("email_lead_map_id") == conversation:
                arrived: float = entry["time"]
                return (arrived - began) * 1000
    raise SystemExit("no PATCH came")


def _ask(method: str, url: str, value: Any = None) -> tuple[int, Any]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=PATIENCE)
    try:
        body = None if value is None else json.dumps(value)
        connection.request(method, f"{parts.path}?{parts.query}", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def idle_cost(process: int, seconds: float) -> tuple[float, float, float]:
    """Percent of a core, proportional and resident memory (MB) of a process and all that it started."""
    family = _family(process)
    before = sum(map(_seconds_used, family))
    time.sleep(seconds)
    used = sum(map(_seconds_used, family)) - before
    sizes = [_sizes(one) for one in family]
    return 100 * used / seconds, sum(size["Pss"] for size in sizes) / 1024, sum(size["Rss"] for size in sizes) / 1024


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return [process, *(member for child in children for member in _family(int(child)))]


def _seconds_used(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _sizes(process: int) -> dict[str, int]:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()[1:]
    return {line.partition(":")[0]: int(line.split()[1]) for line in lines}


if __name__ == "__main__":
    main()
