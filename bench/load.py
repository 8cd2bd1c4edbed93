"""How long rules take to load and to be checked, and the memory that they need, up to 10,000 of them."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from bench.report import Goal, Report, read_options, tell
from bench.workload import make_rules, write_rules
from rules.engine import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.report import Cell

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "rules" / "rules.yaml"
SIZES = (100, 1_000, 10_000)
RUNS, FEW_RUNS = 5, 2


@dataclass(frozen=True, slots=True)
class Loading:
    """What loading took in a process of its own."""

    seconds: float
    rules: int
    problems: int
    kept: float | None  # megabytes by which the process is larger afterwards; None where the system does not tell
    peak: float | None  # megabytes by which it was larger at most


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    runs = FEW_RUNS if options.quick else RUNS
    with TemporaryDirectory() as folder:
        rows = [_row(name, file, runs) for name, file in _files(Path(folder))]
    shipped, *_, most = rows
    goals = (
        Goal("flask rules check of the shipped rules, s", float(shipped["check, s"] or 0), most=0.4),
        Goal("flask rules check of 10,000 rules, s", float(most["check, s"] or 0), most=2),
        Goal("memory of 10,000 rules, MB", float(most["kept, MB"] or 0), most=60),
    )
    Report(f"Loading and checking rules, best of {runs} processes each", rows, goals).show(options)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    yield "shipped", SHIPPED
    rules = make_rules(SIZES[-1])
    for size in SIZES:
        file = folder / f"{size}.yaml"
        file.write_text(write_rules(rules[:size]), "utf-8")
        yield f"{size:,} rules", file


def _row(name: str, file: Path, runs: int) -> dict[str, Cell]:
    tell(name)
    with get_context("spawn").Pool(1, maxtasksperchild=1) as processes:
        loadings = [processes.apply(load_once, (file.read_bytes(),)) for _ in range(runs)]
    best = min(loadings, key=lambda loading: loading.seconds)
    return {
        "file": name,
        "kB": file.stat().st_size // 1024,
        "rules": best.rules,
        "problems": best.problems,
        "load, s": best.seconds,
        "check, s": min(_check(file) for _ in range(runs)),
        "kept, MB": best.kept,
        "peak, MB": best.peak,
    }


def load_once(raw: bytes) -> Loading:
    """Load rules, and look at this process before and after."""
    gc.collect()
    size = _megabytes("VmRSS")
    begin = perf_counter()
    loaded = load(raw)
    seconds = perf_counter() - begin
    gc.collect()
    rules = len(loaded.ruleset.rules) if loaded.ruleset else 0
    return Loading(
        seconds, rules, len(loaded.problems), _more(_megabytes("VmRSS"), size), _more(_megabytes("VmHWM"), size)
    )


def _more(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before


def _megabytes(figure: str) -> float | None:
    """A figure of this process's memory, on Linux: VmRSS is what it has now, VmHWM the most that it ever had."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(f"{figure}:"))


def _check(file: Path) -> float:
    """Seconds of `flask rules check`, from the start of the process to its end."""
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "FLASK_SKIP_DOTENV": "1"}
    begin = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flask", "rules", "check", str(file)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return perf_counter() - begin


if __name__ == "__main__":
    main()
