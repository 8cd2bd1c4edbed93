"""A problem of a rules file: where it is, what is wrong, and how to mend it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

Severity = Literal["error", "warning"]

MOST = 100  # a file with more problems than this has one cause; a longer list helps nobody
LINE_SHOWN = 140
LONGEST_SENTENCE = 1_000  # characters; sentences quote what stands in the file


class Place(NamedTuple):
    """A stretch of one line: line and column from 1, width in characters.

    A tuple, for a big file has hundreds of thousands of them, and a frozen dataclass takes four times as long to make.
    """

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True, slots=True)
class Cause:
    """What went wrong somewhere, and how to mend it."""

    place: Place
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake of the author. `text` is the source line, `width` the length of the marked stretch."""

    line: int
    column: int
    message: str
    hint: str | None = None
    text: str = ""
    width: int = 1
    severity: Severity = "error"


@dataclass(slots=True)
class Report:
    """Collects the problems of one file, each with the source line that it is about."""

    lines: Sequence[str]
    _found: dict[tuple[Place, str], Problem] = field(default_factory=dict, init=False)
    _counts: Counter[Severity] = field(default_factory=Counter, init=False)
    _more: bool = field(default=False, init=False)

    @property
    def full(self) -> bool:
        """Whether reading on is useless: as many problems are noted as are ever shown."""
        return self._more

    @property
    def failed(self) -> bool:
        """Whether one of the problems is an error."""
        return self._counts["error"] > 0

    def error(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note what makes the file unusable."""
        self._note(place, message, hint, "error")

    def warning(self, place: Place, message: str, hint: str | None = None) -> None:
        """Note what is probably not meant."""
        self._note(place, message, hint, "warning")

    def problems(self) -> tuple[Problem, ...]:
        """Every problem once, in the order of the file."""
        found = sorted(self._found.values(), key=lambda problem: (problem.line, problem.column))
        if self._more:
            last = found[-1]
            found[-1] = replace(last, message=f"{last.message} There are more problems; mend these first.")
        return tuple(found)

    def _note(self, place: Place, message: str, hint: str | None, severity: Severity) -> None:
        if self._counts[severity] >= MOST:
            self._more = True
            return
        line = self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""
        message, hint = _shortened(message), _shortened(hint) if hint else None
        problem = Problem(place.line, place.column, message, hint, line, place.width, severity)
        if (place, message) not in self._found:
            self._counts[severity] += 1
            self._found[place, message] = problem


def render(problem: Problem, file: str) -> str:
    """The problem as lines of plain text; the first begins `FILE:LINE:COLUMN:`."""
    head = f"{file}:{problem.line}:{problem.column}: {problem.severity}: {problem.message}"
    shown, before, width = _window(problem)
    number = f"{problem.line:>5} | "
    lines = [head, f"{number}{shown}", f"{' ' * 5} | {_blank(before)}{'^' * width}"]
    if problem.hint:
        lines.append(f"{' ' * 5} = {problem.hint}")
    return "\n".join(printable(line) for line in lines)


def _shortened(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST_SENTENCE else sentence[:LONGEST_SENTENCE] + "…"


def _window(problem: Problem) -> tuple[str, str, int]:
    """What is shown of a long line, what of that stands before the caret, and the caret's width."""
    start = problem.column - 1
    first = max(0, start - LINE_SHOWN // 2) if len(problem.text) > LINE_SHOWN else 0
    shown = problem.text[first : first + LINE_SHOWN]
    marked = shown[start - first : start - first + problem.width]
    return shown, shown[: start - first], max(1, sum(_columns(character) for character in marked))


def _blank(text: str) -> str:
    """Blanks as wide as the text, so that the caret stands under its character."""
    return "".join("\t" if character == "\t" else " " * _columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(line: str) -> str:
    """Without what could steer a terminal, and with a sign for what looks like a space and is none."""
    return "".join(character if character.isprintable() or character == "\t" else "\N{OPEN BOX}" for character in line)
