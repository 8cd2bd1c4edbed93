"""A rules file as it comes from the disk, and whether it may go live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.engine import Loaded, load, render, run_examples
from rules.engine.loading.problem import printable

if TYPE_CHECKING:
    from pathlib import Path

    from rules.engine import Failure, RuleSet

MAX_BYTES = 9 * 2**20  # of a file that are read at all; the engine refuses shorter ones


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of checking rules: a rule set, or the problems as a person reads them."""

    ruleset: RuleSet | None
    problems: tuple[str, ...]
    loaded: Loaded


def read_file(file: Path) -> bytes:
    """The file's bytes, as far as rules may be long; the engine says so of a longer one. OSError if there are none."""
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def text_of(raw: bytes) -> str:
    """The content as every database takes it; what is not UTF-8 is refused anyway."""
    return raw.decode("utf-8", "replace").replace("\0", "\ufffd")


def examine(raw: bytes, name: str) -> Examined:
    """Load rules and run their examples: only rules that pass both may go live."""
    loaded = load(raw)
    if loaded.ruleset is None:
        errors = [problem for problem in loaded.problems if problem.severity == "error"]
        return Examined(None, tuple(render(problem, name) for problem in errors), loaded)
    failures = run_examples(loaded.ruleset)
    if failures:
        return Examined(None, tuple(render_failure(failure, name) for failure in failures), loaded)
    return Examined(loaded.ruleset, (), loaded)


def render_failure(failure: Failure, name: str) -> str:
    """An example that does not come out as wanted, in lines for a person; the first begins `FILE:LINE:COLUMN:`."""
    head = f"{name}:{failure.line}:{failure.column}: error: an example of “{failure.rule}” does not come out as wanted"
    lines = (head, f"      | {failure.example}", f"      want: {failure.wanted}", f"      got:  {failure.got}")
    return "\n".join(map(printable, lines))
