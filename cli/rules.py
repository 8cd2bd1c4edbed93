"""`flask rules`: check, try and publish the rules. The first three work on a file, with no setting and no ledger."""

from __future__ import annotations

import getpass
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from cli.output import fail, iso, json_option, limit_option, printable, ready_ledger, show_json, show_table
from ledger import Draft
from model import Ignored, Malformed, Reply, Step
from parts import current_parts
from rulebook import examine, read_file, render_failure, text_of
from rules.engine import decide, decide_facts, facts_told, load, render, run_examples
from webhooks.parse import parse
from webhooks.unwrap import Unwrapped, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ledger import Ledger
    from model import Check, Decision
    from rulebook import Examined
    from rules.engine import Problem, RuleSet

group = AppGroup("rules", help="Check, try and publish the rules.")

SIGNS = {"holds": "✓", "fails": "✗", "unknown": "?", "matched": "✓", "no match": "✗"}
COLOURS = {"holds": "green", "matched": "green", "unknown": "yellow"}


def _file_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    kind = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
    return click.argument("file", type=kind, required=False, default=_rules_file)(command)


def _rules_file() -> Path:
    return current_parts().settings.rules_file


@group.command()
@_file_argument
@json_option
def check(file: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Check a rules file (default: RULES_FILE): every problem at once. Exit code 1 if there is an error."""
    loaded = load(read_file(file))
    if as_json:
        show_json([asdict(problem) for problem in loaded.problems])
    else:
        _show_problems(loaded.problems, file)
        if loaded.ruleset is not None:
            click.echo(f"{file}: {len(loaded.ruleset.rules)} rules, no error.")
    raise SystemExit(loaded.ruleset is None)


def _show_problems(problems: Iterable[Problem], file: Path, *, err: bool = False) -> None:
    for problem in problems:
        _show_finding(render(problem, str(file)), "red" if problem.severity == "error" else "yellow", err=err)


def _show_finding(text: str, colour: str, *, err: bool = False) -> None:
    first, _, rest = text.partition("\n")
    click.echo(click.style(first, bold=True, fg=colour), err=err)
    click.echo(rest + "\n", err=err)


def _load_or_end(file: Path) -> RuleSet:
    loaded = load(read_file(file))
    if loaded.ruleset is None:
        _show_problems(loaded.problems, file, err=True)
        raise SystemExit(1)
    return loaded.ruleset


@group.command()
@_file_argument
@json_option
def test(file: Path, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """Run the examples beside the rules. Exit code 1 if one does not come out as wanted."""
    ruleset = _load_or_end(file)
    failures = run_examples(ruleset)
    if as_json:
        show_json([asdict(failure) for failure in failures])
        raise SystemExit(bool(failures))
    for failure in failures:
        _show_finding(render_failure(failure, str(file)), "red")
    count = sum(len(rule.examples) for rule in ruleset.rules)
    click.echo(f"{file}: {count - len(failures)} of {count} examples as wanted.")
    raise SystemExit(bool(failures))


@group.command()
@_file_argument
@click.option("--reply", help="The words that the person just wrote.")
@click.option("--whole-message", help="The mail with its history; the reply's words if not given.")
@click.option("--subject")
@click.option("--sender", help="Address of who replied.")
@click.option("--sender-name")
@click.option("--lead", help="Address of the lead.")
@click.option("--mailbox", help="Our own address.")
@click.option("--campaign", help="By name.")
@click.option("--category", help="By name.")
@click.option("--event", type=click.File("rb"), help="A webhook's body instead, from a file; - reads standard input.")
@json_option
def explain(file: Path, event: Any, as_json: bool, **told: str | None) -> None:  # noqa: FBT001 - click
    """Say how a reply would be decided, and why, rule by rule.

    \b
    flask rules explain --reply "I am out of the office until Monday" --subject "Automatic reply: pricing"
    flask rules explain --event webhook.json
    """
    ruleset = _load_or_end(file)
    given = {name: value for name, value in told.items() if value is not None}
    if (event is None) == (not given):
        raise click.UsageError("Tell the reply (--reply, --subject, --sender …), or name a webhook's body (--event).")
    if event is not None:
        decision = decide(ruleset, _read_event(event.read()), full=True)
    else:
        decision = decide_facts(ruleset, facts_told(given), full=True)
    if as_json:
        show_json(asdict(decision))
    else:
        _show_decision(decision, file)


def _read_event(body: bytes) -> Reply:
    unwrapped = unwrap(body, "application/json")
    if not isinstance(unwrapped, Unwrapped):
        fail(unwrapped.reason)
    parsed = parse(unwrapped.events[0], received_at=time.time())
    if isinstance(parsed, (Ignored, Malformed)):
        fail(parsed.reason)
    return parsed


def _show_decision(decision: Decision, file: Path) -> None:
    for step in decision.steps:
        _show_step(step, file)
    mark = click.style(str(decision.mark), bold=True)
    if decision.rule is None:
        click.echo(f"{mark}: no rule matched, so the default decides.")
    else:
        click.echo(f"{mark}: decided by “{decision.rule}” ({file}:{decision.steps[-1].line}).")


def _show_step(step: Step, file: Path) -> None:
    head = f"{SIGNS[step.verdict]} {step.rule} ({file}:{step.line}): {step.verdict}"
    click.echo(click.style(head, fg=COLOURS.get(step.verdict)))
    for one in step.checks:
        click.echo(click.style(f"    {SIGNS[one.verdict]} {one.condition}: {_why(one)}", fg=COLOURS.get(one.verdict)))


def _why(one: Check) -> str:
    words = f"“{printable(one.words)}”" if one.words else one.verdict
    return f"{words} – {one.note}" if one.note else words


@group.command()
@_file_argument
@click.option("--changed", is_flag=True, help="Only if the file changed since it was last published (for releases).")
@click.option("--note", default="", help="Why, for the history.")
@click.option("--author", help="Who; your login if not given.")
def publish(file: Path, changed: bool, note: str, author: str | None) -> None:  # noqa: FBT001 - click
    """Make a rules file live: checked, its examples run. Exit code 1 if it is refused; the live rules then stay."""
    ledger = ready_ledger()
    raw = read_file(file)
    draft = Draft(content=text_of(raw), source="command", author=author or _login(), note=note)
    current, last_given = ledger.live_rules(), ledger.last_rules_from_file()
    if changed and last_given and last_given.digest == draft.digest:
        click.echo(f"{file} has not changed since version {last_given.id}.")
    elif changed and current and current.source == "console":
        click.echo(
            f"{file} changed, but somebody published version {current.id} since. To make it live: flask rules publish"
        )
    elif current and current.digest == draft.digest:
        click.echo(f"These rules are live already, as version {current.id}.")
    else:
        _publish(ledger, draft, examine(raw, str(file)), file)


def _publish(ledger: Ledger, draft: Draft, examined: Examined, file: Path) -> None:
    if examined.ruleset is None:
        refused = ledger.refuse_rules(draft, "\n".join(examined.problems))
        live = ledger.live_rules_id()
        stays = f"version {live} stays in force" if live else "there are no live rules yet"
        click.echo("\n".join(examined.problems), err=True)
        fail(f"{file} was refused (version {refused.id}); {stays}.")
    made = ledger.publish_rules(draft)
    click.echo(f"Version {made.id} is live: {len(examined.ruleset.rules)} rules.")


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@group.command()
@limit_option
@json_option
def history(limit: int, as_json: bool) -> None:  # noqa: FBT001 - click hands over by name
    """List the versions of the rules, newest first; refused ones with the reason."""
    ledger = ready_ledger()
    live = ledger.live_rules_id()
    rows = [
        {
            "version": version.id,
            "status": "live" if version.id == live else version.status,
            "created_at": iso(version.created_at),
            "author": version.author,
            "source": version.source,
            "note": version.note or version.problems.partition("\n")[0],
            "problems": version.problems.splitlines(),
        }
        for version in ledger.rule_history(limit)
    ]
    if as_json:
        show_json(rows)
    else:
        columns = ("version", "status", "created_at", "author", "source", "note")
        show_table(rows, columns, {"live": "green", "refused": "red"}.get, "No rules were ever published.")
