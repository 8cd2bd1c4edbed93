"""How much of the allowed rate is used against a strict server, and whether it ever has to refuse a call.

The share is the shortest time in which the server would have let so many calls in, to the time that it took.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import deque
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from bench.ack_servers import BIN, CONTESTS, database_of
from bench.report import Goal, Report, read_options, tell
from bench.servers import ROOT, TOKEN
from ledger import Arrival, Ledger, pack
from model import Decision, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.ack_servers import Contest
    from bench.report import Cell

KEY = "key-of-the-benchmark"
FAST, THREE = "10/1s", "10/1s 40/5s 140/20s"
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
PATIENCE = 180.0
IN_HAND = 8  # of one worker at once


@dataclass(frozen=True, slots=True)
class Race:
    """Workers against a server: its limits, the seconds it takes to answer, how many marks, how many are killed."""

    limits: str
    latency: tuple[float, float]
    workers: int
    marks: int
    kills: int = 0


RACES = (
    Race(FAST, (0.0, 0.0), 1, 400),
    Race(FAST, (0.0, 0.1), 1, 400),
    Race(FAST, (0.0, 0.1), 2, 400),
    Race(FAST, (0.3, 0.3), 2, 400),
    Race(FAST, (0.0, 0.3), 2, 400),
    Race(THREE, (0.0, 0.1), 2, 420),
    Race(FAST, (0.0, 0.1), 2, 600, kills=1),
)
QUICK = (Race(FAST, (0.0, 0.1), 2, 150), Race(THREE, (0.0, 0.1), 2, 210))


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    races = QUICK if options.quick else RACES
    rows = [_row(contest, race) for contest in CONTESTS for race in races]
    held = [row for row in rows if row["latency, s"] == "0.0-0.1"]
    goals = (
        Goal("refused calls", sum(float(row["refused"] or 0) for row in rows), most=0),
        Goal("least share used, answers within 0.1 s", min(float(row["used"] or 0) for row in held), least=0.93),
    )
    Report("Share of the allowed rate that is used", rows, goals).show(options)


def _row(contest: Contest, race: Race) -> dict[str, Cell]:
    latency = "-".join(map(str, race.latency))
    tell(f"{contest.database}, {race.limits}, {latency} s, {race.workers} workers, {race.kills} killed")
    with TemporaryDirectory() as folder:
        requests = _run(contest, race, Path(folder))
    arrivals = [request["time"] for request in requests]
    steady = arrivals[: len(arrivals) - IN_HAND * race.kills]  # a dead worker's come again when all else is done
    patches = sum(request["method"] == "PATCH" for request in requests)
    return {
        "database": contest.database,
        "limits": race.limits,
        "latency, s": latency,
        "workers": race.workers,
        "killed": race.kills,
        "calls": len(requests),
        "twice": patches - race.marks,
        "refused": sum(request["status"] == 429 for request in requests),
        "used": shortest(race.limits, len(steady)) / (steady[-1] - steady[0]),
    }


def shortest(limits: str, count: int) -> float:
    """Seconds from the first to the last of so many calls, at best."""
    windows = [(int(number), _seconds(length)) for number, length in (word.split("/") for word in limits.split())]
    past = [deque[float](maxlen=number) for number, _ in windows]
    now = 0.0
    for _ in range(count):
        full = [
            calls[0] + length for calls, (number, length) in zip(past, windows, strict=True) if len(calls) == number
        ]
        now = max([now, *full])
        for calls in past:
            calls.append(now)
    return now


def _seconds(length: str) -> float:
    return int(length[:-1]) * SECONDS[length[-1]]


def _run(contest: Contest, race: Race, folder: Path) -> list[dict[str, Any]]:
    with ExitStack() as ending:
        url = ending.enter_context(database_of(contest, folder))
        server = ending.enter_context(_sandbox(race.limits))
        chance = random.Random(1)
        faults = [
            {"match": "change-read-status", "delay": chance.uniform(*race.latency)} for _ in range(2 * race.marks)
        ]
        _order(server, "faults", faults)
        ledger = Ledger(url, "real")
        ending.callback(ledger.close)
        ledger.record([_wish(number) for number in range(1, race.marks + 1)])
        workers = [ending.enter_context(_worker(url, server, race.limits)) for _ in range(race.workers)]
        for killed in range(race.kills):
            _wait_for(server, (killed + 1) * race.marks // (race.kills + 1))
            workers[-1].kill()
            workers.append(ending.enter_context(_worker(url, server, race.limits)))
        _wait_for(server, race.marks)
        requests: list[dict[str, Any]] = _ask(server, "requests")
        return requests


def _wish(number: int) -> Arrival:
    decision = Decision(Mark.READ if number % 2 else Mark.UNREAD, rule="bench", version=1)
    return Arrival(
        account="default",
        source="smartlead",
        key=f"bench-{number}",
        bucket="accepted",
        email_lead_map_id=number,
        written_at=1000.0,
        body=pack("{}"),
        decision=decision,
    )


@contextmanager
def _sandbox(limits: str) -> Iterator[str]:
    arguments = ["-m", "sandbox", "--api-key", KEY, "--rate-limits", limits]
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout is None:
            raise SystemExit("the sandbox says nothing")
        yield process.stdout.readline().split()[-1]
        process.terminate()


@contextmanager
def _worker(url: str, server: str, limits: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        "PATH": os.pathsep.join([str(BIN), os.defpath]),
        "FLASK_SKIP_DOTENV": "1",
        "SMARTLEAD_API_KEY": KEY,
        "SMARTLEAD_BASE_URL": server,
        "SMARTLEAD_RATE_LIMITS": limits,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": url,
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([BIN / "flask", "worker", "run"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _wait_for(server: str, conversations: int) -> None:
    end = time.monotonic() + PATIENCE
    while sum(one["patches"] > 0 for one in _ask(server, "inbox").values()) < conversations:
        if time.monotonic() > end:
            raise SystemExit(f"not {conversations} marks after {PATIENCE:g} seconds")
        time.sleep(0.5)


def _ask(server: str, name: str) -> Any:
    with urlopen(f"{server}/_sandbox/{name}") as answer:  # noqa: S310 - on loopback
        return json.load(answer)


def _order(server: str, name: str, value: Sequence[Any]) -> None:
    order = Request(f"{server}/_sandbox/{name}", json.dumps(value).encode(), method="POST")  # noqa: S310 - the same
    with urlopen(order):  # noqa: S310 - the same
        pass


if __name__ == "__main__":
    main()
