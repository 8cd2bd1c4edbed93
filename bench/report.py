"""What a benchmark prints: tables for people, JSON for scripts, and which of its goals were met."""

from __future__ import annotations

import json
import platform
import sys
from argparse import ArgumentParser
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    quick: bool  # less of everything: seconds instead of minutes, and rougher figures
    as_json: bool


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and the most, or the least, that it should be."""

    what: str
    figure: float
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the figure is within the goal."""
        return (self.most is None or self.figure <= self.most) and (self.least is None or self.figure >= self.least)


@dataclass(frozen=True, slots=True)
class Report:
    """A table and the goals that it is about."""

    title: str
    rows: Sequence[Mapping[str, Cell]]
    goals: Sequence[Goal] = field(default=())

    def show(self, options: Options) -> None:
        """Print it."""
        if options.as_json:
            goals = [asdict(goal) | {"met": goal.met} for goal in self.goals]
            python = platform.python_version()
            print(json.dumps({"title": self.title, "python": python, "rows": list(self.rows), "goals": goals}))
            return
        print(f"\n{self.title}\n")
        columns = list(self.rows[0])
        _show_lines([columns, *([_shown(row[column]) for column in columns] for row in self.rows)])
        for goal in self.goals:
            bound = f"at most {_shown(goal.most)}" if goal.most is not None else f"at least {_shown(goal.least)}"
            print(f"  {'met   ' if goal.met else 'MISSED'} {goal.what}: {_shown(goal.figure)} ({bound})")


def read_options(description: str | None) -> Options:
    """Read `--quick` and `--json`."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a short run with rougher figures")
    parser.add_argument("--json", dest="as_json", action="store_true", help="one line of JSON a table")
    return Options(**vars(parser.parse_args()))


def tell(progress: str) -> None:
    """Say what is being done, beside the tables."""
    print(f"  {progress} …", file=sys.stderr, flush=True)


def percentile(figures: Iterable[float], share: float) -> float:
    """The figure that this share of the figures does not exceed."""
    ranked = sorted(figures)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def _show_lines(lines: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for first, *others in lines:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  " + "  ".join([first.ljust(widths[0]), *cells]))
    print()


def _shown(value: Cell) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}" if abs(value) < 10 else f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
