"""How fast a webhook is acknowledged, durably and decided by the shipped rules, beside a bare Flask app."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.ack_servers import CONTESTS, bare, database_of, replymark
from bench.report import Goal, Report, read_options, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.ack_load import Round
    from bench.ack_servers import Contest, Server
    from bench.report import Cell

ROUNDS, FEW_ROUNDS = 5, 3
SECONDS, FEW_SECONDS = 4.0, 2.0
STRIDE = 1_000_000  # numbers of replies from one round to the next
LEAST = {"SQLite": 0.5, "PostgreSQL": 0.4}  # of the bare app's acknowledgements
SLOWEST = 3.0  # times the bare app's p99


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    rounds, seconds = (FEW_ROUNDS, FEW_SECONDS) if options.quick else (ROUNDS, SECONDS)
    for contest in CONTESTS:
        tell(contest.database)
        with ExitStack() as ending:
            folder = Path(ending.enter_context(TemporaryDirectory()))
            url = ending.enter_context(database_of(contest, folder))
            servers = [
                ending.enter_context(bare(contest, folder)),
                ending.enter_context(replymark(contest, url, folder)),
            ]
            _report(contest, compare(servers, rounds, seconds)).show(options)


def compare(servers: Sequence[Server], rounds: int, seconds: float) -> dict[str, list[Round]]:
    """The rounds of each server by its name: all take turns, and a first round of each only warms it up."""
    measured: dict[str, list[Round]] = {one.name: [] for one in servers}
    for number in range(rounds + 1):
        for one in servers:
            made = one.load(seconds if number else 1.0, number * STRIDE)
            tell(f"{one.name}: {made.rate:,.0f} acks/s, p99 {made.p99:.0f} ms")
            if made.refused:
                raise SystemExit(f"{one.name} did not acknowledge {made.refused} of the webhooks")
            if number:
                measured[one.name].append(made)
    return measured


def _report(contest: Contest, measured: Mapping[str, Sequence[Round]]) -> Report:
    first, ours = measured.values()
    rate = median(own.rate / other.rate for own, other in zip(ours, first, strict=True))
    tail = median(own.p99 / other.p99 for own, other in zip(ours, first, strict=True))
    title = f"Acknowledging on {contest.database}, {contest.processes} × {contest.threads} threads, 32 connections"
    return Report(
        title,
        [row(name, rounds) for name, rounds in measured.items()],
        (
            Goal(f"{contest.database}: acks to the bare app's", rate, least=LEAST[contest.database]),
            Goal(f"{contest.database}: p99 to the bare app's", tail, most=SLOWEST),
        ),
    )


def row(name: str, rounds: Sequence[Round]) -> dict[str, Cell]:
    """The medians of some rounds."""
    return {
        "server": name,
        "acks/s": median(one.rate for one in rounds),
        "least": min(one.rate for one in rounds),
        "most": max(one.rate for one in rounds),
        "p50 ms": median(one.p50 for one in rounds),
        "p99 ms": median(one.p99 for one in rounds),
        "sender, % of a core": 100 * median(one.cpu for one in rounds),
    }


if __name__ == "__main__":
    main()
