"""Whether acknowledging and claiming stay as fast when the ledger holds a million replies, on both databases."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from bench.ack import compare, row
from bench.ack_history import write_history
from bench.ack_servers import CONTESTS, database_of, replymark
from bench.report import Goal, Report, read_options, tell
from config import Window
from ledger import Ledger
from model import Delivery

if TYPE_CHECKING:
    from bench.ack_servers import Contest, Server
    from bench.report import Options

EVENTS, FEW_EVENTS = 1_000_000, 50_000
ROUNDS, SECONDS = 3, 4.0
CLAIMS = 200
MOST = 1.2  # times the cost with an empty ledger
WINDOWS = (Window(1_000_000, 1.0),)


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    for contest in CONTESTS:
        with ExitStack() as ending:
            _compare(contest, options, ending)


def _compare(contest: Contest, options: Options, ending: ExitStack) -> None:
    events = FEW_EVENTS if options.quick else EVENTS
    servers: list[Server] = []
    urls: dict[str, str] = {}
    for name, count in (("empty", 0), (f"{events:,} replies", events)):
        tell(f"{contest.database}, {name}")
        folder = Path(ending.enter_context(TemporaryDirectory()))
        urls[name] = ending.enter_context(database_of(contest, folder))
        if count:
            write_history(urls[name], count)
        servers.append(replace(ending.enter_context(replymark(contest, urls[name], folder)), name=name))
    measured = compare(servers, ROUNDS, SECONDS)
    empty, full = measured.values()
    claims = {name: median(_time_claims(url)) for name, url in urls.items()}
    acks = median(one.rate / other.rate for one, other in zip(empty, full, strict=True))
    first, last = claims.values()
    rows = [row(name, rounds) | {"claim ms": claims[name]} for name, rounds in measured.items()]
    goals = (
        Goal(f"{contest.database}: an acknowledgement to that of an empty ledger", acks, most=MOST),
        Goal(f"{contest.database}: a claim to that of an empty ledger", last / first, most=MOST),
    )
    Report(f"A ledger with a history on {contest.database}", rows, goals).show(options)


def _time_claims(url: str) -> list[float]:
    """Milliseconds of each claim of a wish; the load has left thousands that wait."""
    ledger = Ledger(url, "real")
    times: list[float] = []
    while len(times) < CLAIMS:
        begun = perf_counter()
        task = ledger.claim("default", WINDOWS)
        if isinstance(task, Delivery):
            times.append((perf_counter() - begun) * 1000)
    ledger.close()
    return times


if __name__ == "__main__":
    main()
