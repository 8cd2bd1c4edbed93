"""Loading a rules file: a rule set, or every problem at once, each where it stands and with a way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from model import Mark
from rules.engine import FIELDS, TESTS, Facts, Problem, decide_facts, load, render
from rules.engine.loading.meant import nearest_condition

if TYPE_CHECKING:
    from rules.engine import RuleSet
    from rules.engine.language import Field

BAD_RULES = sorted((Path(__file__).parent / "bad_rules").glob("*.yaml"))

CONTRACT = """\
version: 1
default: leave                 # read | unread | leave: when no rule decides
lists:
  our team: ["@ours.example", "boss@ours.example"]
rules:                         # from top to bottom; the first that matches decides
  - name: Our own people
    when: {sender is: $our team}
    mark: read
  - name: Out of office
    when:
      any of:
        - subject starts with: ["Automatic reply", "Out of office"]
        - reply contains: ["out of the office", "annual leave"]
      reply does not contain: ["call me", "my colleague will buy"]
    mark: read
    examples:
      matches: ["I am out of the office until Monday.", {subject: "Automatic reply: pricing", reply: "Back on Tuesday"}]
      does not match: ["Call me, I am on annual leave from tomorrow"]
    note: Nobody is there to read an answer.
"""


def rule_with(when: str, lists: str = "{}") -> str:
    return f"version: 1\nlists: {lists}\nrules:\n  - name: only\n    when:\n      {when}\n    mark: read\n"


def ruleset_of(text: str) -> RuleSet:
    loaded = load(text)
    assert loaded.problems == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def as_header(problems: tuple[Problem, ...]) -> list[str]:
    lines = []
    for problem in problems:
        lines.append(f"# {problem.line}:{problem.column}: {problem.severity}: {problem.message}")
        lines += [f"#   = {problem.hint}"] if problem.hint else []
    return lines


@pytest.mark.parametrize("file", BAD_RULES, ids=lambda file: file.stem)
def test_a_bad_file_gets_exactly_the_problems_that_its_head_promises(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    promised = [line for line in text.split("\n") if line.startswith("#")]
    assert as_header(load(text).problems) == promised


def test_the_language_of_the_contract_loads_without_a_problem() -> None:
    ruleset = ruleset_of(CONTRACT)
    assert [(rule.name, rule.place.line, rule.mark) for rule in ruleset.rules] == [
        ("Our own people", 6, Mark.READ),
        ("Out of office", 9, Mark.READ),
    ]
    assert [example.matches for example in ruleset.rules[1].examples] == [True, True, False]
    assert ruleset.rules[1].note == "Nobody is there to read an answer."


def test_the_default_is_leave_when_the_file_names_none() -> None:
    assert ruleset_of(CONTRACT.replace("default: leave", "#")).default is Mark.LEAVE


def test_warnings_alone_leave_the_rules_in_use() -> None:
    loaded = load(rule_with("reply contains: issue #12"))
    assert loaded.ruleset is not None
    assert [problem.severity for problem in loaded.problems] == ["warning"]


def test_all_problems_come_at_once_and_in_the_order_of_the_file() -> None:
    problems = load(
        "version: 3\ndefault: maybe\nlists: {ours: []}\nrules:\n"
        "  - {name: a, when: {reply containz: x, sender is: acme.com}, mark: yes}\n"
        "  - {name: a, when: {reply matches: '('}, mark: read, extra: 1}\n"
    ).problems
    places = [(problem.line, problem.column) for problem in problems]
    assert places == sorted(places)
    assert [line for line, _ in places] == [1, 2, 3, 5, 5, 5, 6, 6, 6]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("from is", "sender is"),
        ("email address is not", None),
        ("email is", "sender is"),
        ("address equals", "sender is"),
        ("text includes", "reply contains"),
        ("body contains any of", "reply contains"),
        ("message contains any", "reply contains"),
        ("title equals", "subject is"),
        ("subject regex", "subject matches"),
        ("Reply  Contains", "reply contains"),
        ("reply doesn't contain", "reply does not contain"),
        ("reply_contains", "reply contains"),
        ("subjct starts wth", "subject starts with"),
        ("any", "any of"),
        ("not", "none of"),
        ("anyof", "any of"),
        ("xyzzy", None),
    ],
)
def test_other_peoples_words_and_slips_lead_to_the_nearest_condition(written: str, meant: str | None) -> None:
    assert nearest_condition(written) == meant


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.name)
@pytest.mark.parametrize("test", TESTS)
def test_a_field_takes_exactly_the_tests_of_the_table(field: Field, test: str) -> None:
    value = "yes" if test == "is empty" else field.choices[0] if field.choices else '"anna@acme.example"'
    problems = load(rule_with(f"{field.name} {test}: {value}")).problems
    assert (not problems) == (test in field.tests)
    assert all("cannot be tested with" in problem.message for problem in problems)


def test_a_list_is_written_out_where_its_name_stands_as_value_or_as_item() -> None:
    ruleset = ruleset_of(rule_with("reply is: [$polite words, no, $$name, $500]", "{polite words: [thanks, $$cash]}"))
    decided = {
        text: decide_facts(ruleset, Facts(reply=text)).rule is not None
        for text in ["thanks", "no", "$name", "$500", "$cash", "$$name", "name", "$polite words"]
    }
    assert [text for text, matched in decided.items() if matched] == ["thanks", "no", "$name", "$500", "$cash"]


def test_two_levels_of_groups_are_enough_for_anybody_and_the_third_is_refused() -> None:
    assert load(rule_with("any of: [{all of: [{reply is: a}, {reply contains: a}]}]")).problems == ()
    third = load(rule_with("any of: [{all of: [{none of: [{reply is: a}]}]}]")).problems
    assert [problem.message for problem in third] == ["Groups may be nested twice, not deeper."]


def test_an_example_takes_the_reply_for_the_whole_message_and_tells_nothing_else() -> None:
    text = CONTRACT.replace('"I am out of the office until Monday."', "{reply: away, campaign: '12'}, {subject: x}")
    first, second, *_ = ruleset_of(text).rules[1].examples
    assert first.facts == Facts(reply="away", whole_message="away", campaign="12", campaign_id="12")
    assert second.facts == Facts(subject="x")


def test_a_rendered_problem_shows_place_line_caret_and_hint() -> None:
    (problem,) = load(rule_with("reply containz: [no]")).problems
    assert render(problem, "rules/rules.yaml").split("\n") == [
        'rules/rules.yaml:6:7: error: "reply containz" is not a condition.',
        "    6 |       reply containz: [no]",
        "      |       ^^^^^^^^^^^^^^",
        '      = did you mean "reply contains"?',
    ]


def test_the_caret_of_a_rendered_problem_stands_under_wide_characters_and_in_long_lines() -> None:
    wide = Problem(1, 3, "m", text="日本x", width=1)
    assert render(wide, "f").split("\n")[1:] == ["    1 | 日本x", "      |     ^"]
    far = Problem(1, 500, "m", text="a" * 499 + "b" + "c" * 500, width=1)
    _, line, caret = render(far, "f").split("\n")
    assert len(line) < 160
    assert line[caret.index("^")] == "b"


def test_a_rendered_problem_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in render(load("a: \x1b[31mred\n").problems[0], "f")


@pytest.mark.parametrize("mark", ["yes", "true", "on", "Read", "seen", "hidden"])
def test_a_wrong_mark_is_an_error_that_names_the_marks(mark: str) -> None:
    (problem,) = load(rule_with("reply is: no").replace("mark: read", f"mark: {mark}")).problems
    assert "read, unread or leave" in problem.message
    assert problem.hint is not None
    assert problem.hint.startswith("did you mean")
