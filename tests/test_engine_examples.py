"""The examples beside the rules fail where a rule does not do what its author says."""

from __future__ import annotations

from rules.engine import Failure, load, run_examples

RULES = """\
version: 1
default: unread
rules:
  - name: Refusals
    when: {reply contains: not interested}
    mark: read
  - name: Categories
    when: {category is not: Interested}
    mark: leave
  - name: Later
    when: {reply contains: [interested, later]}
    mark: leave
    examples:
"""


def failures(examples: str) -> list[Failure]:
    ruleset = load(RULES + examples).ruleset
    assert ruleset is not None
    return run_examples(ruleset)


def test_examples_that_come_out_as_written_give_no_failure() -> None:
    assert failures("      matches: [maybe later, {reply: later, subject: x}]\n      does not match: [call me]\n") == []


def test_an_example_that_a_rule_above_takes_names_that_rule_and_its_line() -> None:
    (failure,) = failures("      matches:\n        - not interested\n")
    assert failure == Failure(
        rule="Later",
        line=15,
        column=11,
        example="not interested",
        wanted="this rule matches",
        got='the rule "Refusals" on line 4, further up, decides first',
    )


def test_an_example_that_nothing_takes_names_the_failed_condition_and_the_default() -> None:
    (failure,) = failures("      matches: [never]\n")
    assert failure.got == 'this rule does not match: "reply contains" fails; the default (unread) decides'


def test_an_example_that_tells_too_little_says_what_is_unknown() -> None:
    (failure,) = failures("      matches: [{subject: later}]\n")
    assert failure.example == "later"
    assert failure.got == "this rule is unknown: the event does not tell the reply; the default (unread) decides"


def test_an_example_that_must_not_match_is_tried_on_its_own_rule_alone() -> None:
    assert failures("      does not match: [{reply: no, category: Other}]\n") == []
    (failure,) = failures("      does not match: [{reply: 'Later, perhaps', category: Other}]\n")
    assert failure.wanted == "this rule does not match"
    assert failure.got == 'this rule matches, on "Later"'


def test_an_unknown_rule_does_not_match_so_a_negative_example_passes() -> None:
    assert failures("      does not match: [{subject: later}]\n") == []
