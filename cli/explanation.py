"""`flask rules explain`: how a reply would be decided, and why."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from cli.mail_text import show_text, text_for_scripts
from cli.output import json_option, printable, show_json
from cli.rules_file import file_argument, load_or_end, today
from cli.told_reply import reply_options, told_reply
from rules.engine.explaining.explanation import explain as explain_facts
from rules.engine.explaining.explanation import tell
from rules.engine.facts import with_kind

if TYPE_CHECKING:
    from pathlib import Path

    from model import Check, Step
    from rules.engine.explaining.explanation import Explanation, Passage

SIGNS = {"holds": "✓", "fails": "✗", "matched": "✓", "no match": "✗"}
COLOURS = {"holds": "green", "matched": "green", "unknown": "yellow"}
AROUND = 160  # characters that are shown before and after words that decided


class Day(click.ParamType[date]):
    """A day, as it is written in the rules, too."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Give the day, or end the command."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f'"{value}" is no day. Write year, month and day, for example 2026-12-31.', param, ctx)


@click.command()
@file_argument
@reply_options
@click.option("--text", "parts", is_flag=True, help="Show what the person wrote, and what was cut away and why.")
@click.option("--on", type=Day(), help="The day on which the reply arrives, in UTC, for rules with `until`; today.")
@click.option("--all", "everything", is_flag=True, help="Show every rule that was tried, condition by condition.")
@json_option
def explain(*, file: Path, parts: bool, on: date | None, everything: bool, as_json: bool, **options: Any) -> None:
    """Say how a reply would be decided, and why: the deciding rule, and the nearest miss above it.

    \b
    flask rules explain --reply "I am out of the office until Monday" --subject "Automatic reply: pricing"
    flask rules explain --mail mail.html --text
    flask rules explain --event webhook.json --all
    """
    ruleset = load_or_end(file)
    told = told_reply(options)
    explanation = explain_facts(ruleset, told.facts, on=on or today(), full=everything or as_json)
    facts = with_kind(told.facts)
    if as_json:
        shown = parts and told.written
        text = {"text": text_for_scripts(shown, facts.kind, facts.kind_sign)} if shown else {}
        show_json(_for_scripts(explanation) | text)
        return
    if parts:
        show_text(told.written, facts.kind, facts.kind_sign)
        click.echo()
    _show(explanation, file, everything=everything)


def _for_scripts(explanation: Explanation) -> dict[str, Any]:
    """The decision's own fields first; offsets are in characters of the field's text."""
    told = asdict(explanation)
    decision: dict[str, Any] = told.pop("decision")
    return decision | told


def _show(explanation: Explanation, file: Path, *, everything: bool) -> None:
    decided, *others = map(printable, tell(explanation, str(file)))
    mark, _, rest = decided.partition(":")
    click.echo(f"{click.style(mark, bold=True)}:{rest}")
    for passage in explanation.passages:
        click.echo(f"    {_highlighted(passage)}")
    for sentence in others:
        click.echo(sentence)
    if everything:
        click.echo()
        for step in explanation.decision.steps:
            _show_step(step, file)


def _highlighted(passage: Passage) -> str:
    """The words that decided, with what stands around them."""
    text = printable(passage.text)
    first, last = max(0, passage.spans[0][0] - AROUND), passage.spans[-1][1] + AROUND
    shown, at = "… " if first else "", first
    for start, end in passage.spans:
        shown += text[at:start] + _marked(text[start:end])
        at = end
    return f"{passage.field}: {shown}{text[at:last]}{' …' if last < len(text) else ''}"


def _marked(words: str) -> str:
    return click.style(words, fg="green", bold=True) if sys.stdout.isatty() else f"»{words}«"


def _show_step(step: Step, file: Path) -> None:
    head = f"{SIGNS.get(step.verdict, '?')} {step.rule} ({file}:{step.line}): {step.verdict}"
    click.echo(click.style(printable(head), fg=COLOURS.get(step.verdict)))
    for one in step.checks:
        line = f"    {SIGNS.get(one.verdict, '?')} {one.condition}: {_why(one)}"
        click.echo(click.style(printable(line), fg=COLOURS.get(one.verdict)))


def _why(one: Check) -> str:
    words = f"“{one.words}”" if one.words else one.verdict
    return f"{words} – {one.note}" if one.note else words
