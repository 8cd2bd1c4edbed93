"""The rules file that a command is given: where it is, what is in it, and what is wrong with it."""

from __future__ import annotations

import gc
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.output import fail, printable
from parts import current_parts
from rules.engine import load, render
from rules.engine.meaning.checks import check_meaning
from rules.file import read_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rules.engine import Loaded, Problem, RuleSet

COLOURS = {"error": "red", "warning": "yellow"}
existing_file = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def file_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument FILE, by default RULES_FILE."""
    return click.argument("file", type=existing_file, required=False, default=rules_file)(command)


def rules_file() -> Path:
    """Give RULES_FILE, or end the command."""
    file = current_parts().settings.rules_file
    if not file.is_file():
        raise click.UsageError(f"RULES_FILE is {file}, and there is no such file.")
    return file


def load_file(file: Path) -> Loaded:
    """Load a file.

    Of the millions of objects that a large file makes none is garbage, and a command ends soon: looking for it, and
    walking over them all at the end, would be a third of the time.
    """
    gc.disable()
    gc.freeze()
    return load(read_or_end(file))


def read_or_end(file: Path) -> bytes:
    """Read a file, or end the command with a sentence."""
    try:
        return read_file(file)
    except OSError as error:
        fail(f"{printable(file)} can not be read: {error.strerror}.")


def load_or_end(file: Path, code: int = 1) -> RuleSet:
    """Load a file; where it has errors, they end the command with this exit code."""
    loaded = load_file(file)
    if loaded.ruleset is None:
        show_problems(loaded.problems, file, err=True)
        raise SystemExit(code)
    return loaded.ruleset


def find_problems(loaded: Loaded) -> list[Problem]:
    """Everything to be said of a loaded file, what its rules can not mean today too, in the order of the file."""
    found = (*loaded.problems, *check_meaning(loaded, today()))
    return sorted(found, key=lambda problem: (problem.line, problem.column))


def today() -> date:
    """The day in UTC, by which rules with `until` go."""
    return datetime.now(UTC).date()


def show_problems(problems: Iterable[Problem], file: Path, *, err: bool = False) -> None:
    """Print problems, each with its line and a caret."""
    for problem in problems:
        show_finding(render(problem, str(file)), COLOURS[problem.severity], err=err)


def show_finding(text: str, colour: str, *, err: bool = False) -> None:
    """Print something found, its first line in colour, with an empty line below."""
    first, _, rest = text.partition("\n")
    click.echo(click.style(first, bold=True, fg=colour), err=err)
    click.echo(rest + "\n", err=err)
