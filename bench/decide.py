"""How long a decision takes, normalising included, by the number of rules; beside it a loop over compiled patterns."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns
from typing import TYPE_CHECKING

from bench.loop import Loop
from bench.report import Goal, Report, percentile, read_options, tell
from bench.workload import make_replies, make_rules, write_rules
from rules.engine import decide_facts, load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.report import Cell, Options
    from bench.workload import PlainRule
    from rules.engine import Facts

SIZES = (10, 100, 1_000, 10_000)
REPLIES, FEW_REPLIES = 2_000, 300
LOOPED_IF_QUICK = 30  # replies that the loop decides, too
PASSES = 3


@dataclass(frozen=True, slots=True)
class Contest:
    """Rules of one number, their replies, and the two that decide them, each by the rule's name."""

    rules: int
    replies: Sequence[Facts]
    engine: Callable[[Facts], str | None]
    loop: Callable[[Facts], str | None]


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    rules = make_rules(SIZES[-1])
    contests = [_prepare(rules[:size], FEW_REPLIES if options.quick else REPLIES) for size in SIZES]
    engine = _time_engine(contests)
    looped = LOOPED_IF_QUICK if options.quick else REPLIES
    rows = [_row(contest, engine[contest.rules], engine[SIZES[0]], looped) for contest in contests]
    _report(rows, options)


def _prepare(rules: Sequence[PlainRule], replies: int) -> Contest:
    tell(f"{len(rules):,} rules")
    ruleset = load(write_rules(rules)).ruleset
    if ruleset is None:
        raise SystemExit("The engine refuses the rules of the workload.")
    return Contest(
        len(rules), make_replies(rules, replies), lambda facts: decide_facts(ruleset, facts).rule, Loop(rules).decide
    )


def _time_engine(contests: Sequence[Contest]) -> dict[int, list[float]]:
    """Microseconds for each reply: the best of some passes over all replies, so that no text was just seen."""
    best: dict[int, list[float]] = {}
    for _ in range(PASSES):
        for contest in contests:
            times = [_timed(contest.engine, facts)[0] for facts in contest.replies]
            best[contest.rules] = list(map(min, times, best.get(contest.rules, times)))
    return best


def _timed(decide: Callable[[Facts], str | None], facts: Facts) -> tuple[float, str | None]:
    """Microseconds of a decision, and the decision."""
    begin = perf_counter_ns()
    rule = decide(facts)
    return (perf_counter_ns() - begin) / 1_000, rule


def _row(contest: Contest, times: Sequence[float], fewest: Sequence[float], looped: int) -> dict[str, Cell]:
    tell(f"the loop over {contest.rules:,} rules")
    replies = contest.replies[:looped]
    loop = [_timed(contest.loop, facts) for facts in replies]
    slow = median(spent for spent, _ in loop)
    agreed = sum(contest.engine(facts) == rule for facts, (_, rule) in zip(replies, loop, strict=True))
    return {
        "rules": f"{contest.rules:,}",
        "median µs": median(times),
        "p99 µs": percentile(times, 0.99),
        "worst µs": max(times),
        "p99 : median": percentile(times, 0.99) / median(times),
        "to 10 rules": median(times) / median(fewest),
        "loop, median µs": slow,
        "loop : engine": slow / median(times[:looped]),
        "agree": f"{agreed:,} of {len(replies):,}",
    }


def _report(rows: Sequence[dict[str, Cell]], options: Options) -> None:
    most = rows[-1]
    goals = (
        Goal("10,000 rules to 10 rules", _number(most["to 10 rules"]), most=5),
        Goal("loop to engine at 10,000 rules", _number(most["loop : engine"]), least=100),
        Goal("p99 to median at 10,000 rules", _number(most["p99 : median"]), most=5),
    )
    Report("Time of a decision per reply, normalising included", rows, goals).show(options)


def _number(cell: Cell) -> float:
    return float(cell or 0)


if __name__ == "__main__":
    main()
