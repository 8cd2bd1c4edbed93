"""The examples beside the rules: whether each rule decides what its author says it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.engine.evaluate import taker, try_rule

if TYPE_CHECKING:
    from model import Step
    from rules.engine.ruleset import Example, Rule, RuleSet

MATCHES = "this rule matches"
DOES_NOT_MATCH = "this rule does not match"


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not come out as its author says. `line` and `column` are the example's."""

    rule: str
    line: int
    column: int
    example: str
    wanted: str
    got: str


def run_examples(ruleset: RuleSet) -> list[Failure]:
    """Run every example of every rule, in the order of the file, and give those that fail.

    An example under `matches` must be decided by its own rule, so a rule above that takes it is a failure. One under
    `does not match` must not match its rule, whatever else takes it. The rule itself is tried as if it were in force,
    and rules with a last day as if it had not come: what an example shows does not change over night.
    """
    return [
        Failure(rule.name, example.place.line, example.place.column, example.text, _wanted(example), got)
        for rule in ruleset.rules
        for example in rule.examples
        if (got := _surprise(ruleset, rule, example))
    ]


def _wanted(example: Example) -> str:
    return MATCHES if example.matches else DOES_NOT_MATCH


def _surprise(ruleset: RuleSet, rule: Rule, example: Example) -> str | None:
    """Say what came out instead, or None if what was wanted did."""
    own = try_rule(ruleset, rule, example.facts)
    if not example.matches:
        return _words(own) if own.verdict == "matched" else None
    other = taker(ruleset, example.facts, in_force=rule)
    if other is rule:
        return None
    taken = f'the rule "{other.name}" on line {other.place.line}' if other else f"the default ({ruleset.default})"
    if own.verdict == "matched":
        return f"{taken}, further up, decides first"
    return f"{_reason(own)}; {taken} decides"


def _words(step: Step) -> str:
    words = next((check.words for check in step.checks if check.verdict == "holds" and check.words), None)
    return f'this rule matches, on "{words}"' if words else "this rule matches"


def _reason(step: Step) -> str:
    """Say why a rule did not match: the first unknown condition, or the first that fails."""
    if step.verdict == "unknown":
        notes = (check.note for check in step.checks if check.verdict == "unknown")
        return f"this rule is unknown: {next(notes, None)}"
    failed = next((check for check in step.checks if check.verdict == "fails"), None)
    return f'this rule does not match: "{failed.condition}" fails' if failed else "this rule does not match"
