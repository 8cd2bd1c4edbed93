"""Rules that are on trial, paused or expired: they decide nothing, and it is told what they would have done."""

from __future__ import annotations

from datetime import date

import pytest

from model import Mark
from rules.engine import Facts, RuleSet, decide_facts, load, run_examples

NEW_YEARS_EVE, NEW_YEARS_DAY = date(2026, 12, 31), date(2027, 1, 1)


def holidays_then_greetings(extra: str) -> RuleSet:
    ruleset = load(f"""\
version: 1
rules:
  - name: Holidays
    when: {{reply contains: happy holidays}}
    mark: read
    {extra}
  - name: Greetings
    when: {{reply contains: holidays}}
    mark: unread
""").ruleset
    assert ruleset is not None
    return ruleset


GREETING = Facts(reply="Happy holidays!")


@pytest.mark.parametrize(
    ("extra", "on", "verdict"),
    [
        ("trial: yes", NEW_YEARS_EVE, "on trial"),
        ("paused: yes", NEW_YEARS_EVE, "paused"),
        ("until: 2026-12-31", NEW_YEARS_DAY, "expired"),
        ("until: 2026-12-31\n    trial: yes", NEW_YEARS_DAY, "expired"),
    ],
)
def test_a_rule_that_is_not_in_force_is_told_and_the_next_rules_go_on(extra: str, on: date, verdict: str) -> None:
    decision = decide_facts(holidays_then_greetings(extra), GREETING, on=on)
    assert (decision.mark, decision.rule) == (Mark.UNREAD, "Greetings")
    assert [(step.rule, step.verdict, step.mark) for step in decision.steps] == [
        ("Holidays", verdict, Mark.READ),
        ("Greetings", "matched", Mark.UNREAD),
    ]
    assert decision.steps[0].checks[0].words == "Happy holidays"


@pytest.mark.parametrize(
    ("extra", "on"),
    [
        ("until: 2026-12-31", NEW_YEARS_EVE),  # the last day counts
        ("until: 2026-12-31", None),  # no day is told
        ("trial: no\n    paused: no", NEW_YEARS_DAY),
    ],
)
def test_a_rule_that_is_in_force_decides(extra: str, on: date | None) -> None:
    decision = decide_facts(holidays_then_greetings(extra), GREETING, on=on)
    assert (decision.mark, decision.rule) == (Mark.READ, "Holidays")


def test_a_rule_that_is_not_in_force_and_does_not_match_is_not_told() -> None:
    decision = decide_facts(holidays_then_greetings("trial: yes"), Facts(reply="The holidays were good"))
    assert [step.rule for step in decision.steps] == ["Greetings"]


EXAMPLES = """\
examples:
      matches: [Happy holidays to you]
      does not match: [See you after the holidays]"""


@pytest.mark.parametrize("extra", ["trial: yes", "paused: yes", "until: 2020-01-01"])
def test_examples_are_run_as_if_their_rule_were_in_force(extra: str) -> None:
    assert run_examples(holidays_then_greetings(f"{extra}\n    {EXAMPLES}")) == []
    failing = holidays_then_greetings(f"{extra}\n    examples: {{matches: [Hello]}}")
    assert [failure.example for failure in run_examples(failing)] == ["Hello"]


def test_an_example_is_not_taken_by_a_rule_above_that_is_on_trial_or_paused() -> None:
    text = """\
version: 1
rules:
  - name: Broad
    when: {{reply contains: holidays}}
    mark: read
    {}
  - name: Narrow
    when: {{reply contains: happy holidays}}
    mark: unread
    examples: {{matches: [Happy holidays]}}
"""
    for extra, failing in (("trial: yes", 0), ("paused: yes", 0), ("until: 2020-01-01", 1), ("note: in force", 1)):
        ruleset = load(text.format(extra)).ruleset
        assert ruleset is not None
        assert len(run_examples(ruleset)) == failing, extra
