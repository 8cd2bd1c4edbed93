"""`flask rules`: check, try, compare and publish the rules.

What works on a file needs no setting and no ledger, and nothing here loads one before a command asks for it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from cli.backtest import backtest
from cli.difference import diff
from cli.explanation import explain
from cli.output import json_option, printable, show_json
from cli.rules_file import file_argument, find_problems, load_file, load_or_end, show_finding, show_problems
from cli.versions import history, publish, rollback
from rules.engine import run_examples
from rules.file import render_failure

if TYPE_CHECKING:
    from pathlib import Path

group = AppGroup("rules")
for command in (explain, diff, backtest, publish, history, rollback):
    group.add_command(command)


@group.command()
@file_argument
@click.option("--strict", is_flag=True, help="Take a warning for an error.")
@json_option
def check(file: Path, strict: bool, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Check a rules file (default: RULES_FILE): every problem at once.

    Exit code 1 if there is an error, with --strict if there is anything at all.
    """
    loaded = load_file(file)
    problems = find_problems(loaded)
    if as_json:
        show_json([asdict(problem) for problem in problems])
    else:
        show_problems(problems, file)
    if loaded.ruleset is None:
        raise SystemExit(1)
    if not as_json:
        warnings = f", {len(problems)} {'warning' if len(problems) == 1 else 'warnings'}" if problems else ""
        count = len(loaded.ruleset.rules)
        click.echo(f"{printable(file)}: {count} {'rule' if count == 1 else 'rules'}, no error{warnings}.")
    raise SystemExit(strict and bool(problems))


@group.command()
@file_argument
@json_option
def test(file: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Run the examples beside the rules. Exit code 1 if one does not come out as wanted."""
    ruleset = load_or_end(file)
    failures = run_examples(ruleset)
    if as_json:
        show_json([asdict(failure) for failure in failures])
        raise SystemExit(bool(failures))
    for failure in failures:
        show_finding(render_failure(failure, str(file)), "red")
    count = sum(len(rule.examples) for rule in ruleset.rules)
    without = sum(not rule.examples for rule in ruleset.rules)
    untested = f" {without} of {len(ruleset.rules)} rules have no example." if without else ""
    click.echo(f"{printable(file)}: {count - len(failures)} of {count} examples as wanted.{untested}")
    raise SystemExit(bool(failures))
