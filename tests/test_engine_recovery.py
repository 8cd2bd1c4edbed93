"""A file with syntax errors: each is told, and so are the problems of all rules that can be read."""

from __future__ import annotations

import pytest

from rules.engine import load

TOP = "version: 1\n"
GOOD = "  - name: Good\n    when: {reply contains: yes please}\n    mark: unread\n"
BAD = "  - name: Bad\n    when: {reply contains: 'I'm away'}\n    mark: read\n"
WRONG = "  - name: Wrong\n    when: {reply containz: no}\n    mark: read\n"


def told(text: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in load(text).problems]


def lines_told(text: str) -> list[int]:
    return [line for line, _ in told(text)]


def test_a_syntax_error_hides_no_problem_of_the_other_rules() -> None:
    assert lines_told(f"{TOP}rules:\n{WRONG}{BAD}{GOOD}{BAD}{WRONG}") == [4, 7, 13, 15, 16]


def test_a_file_with_a_syntax_error_never_gives_a_rule_set() -> None:
    assert load(f"{TOP}rules:\n{BAD}{GOOD}").ruleset is None


@pytest.mark.parametrize(
    ("text", "lines", "why"),
    [
        (f"{TOP}rules:\n{BAD}", [4], "a file whose only rule is left out still has rules"),
        (f"{TOP}lists:\n  ours: ['a'b]\nrules:\n{GOOD}".replace("yes please", "$ours"), [3], "the list is known"),
        (f"{TOP}lists:\n  'ou'rs: [a]\nrules:\n{GOOD}".replace("yes please", "$ours"), [3], "its name cannot be read"),
        (f"version: '1\nrules:\n{GOOD}", [1], "the version is not missing"),
        (f"version 1\nrules:\n{GOOD}", [1], "nor where its colon is forgotten"),
        (f"{TOP}default: @read\nrules:\n{GOOD}", [2], "a wrong default is told once"),
        (f'{TOP}rules:\n{GOOD}  - name: "B\n    mark: read\n{GOOD}'.replace("Good", "A", 1), [6], "a quote ends here"),
        (f"{TOP}rules:\n{GOOD}   - name: B\n    mark: read\n", [6], "a rule that begins in the wrong column"),
        (f"{TOP}rules: [\n{GOOD}", [2], "a list of rules that cannot be cut"),
        (f"{TOP}rules:\n- name: A\n  when: {{reply is: 'a}}\n- name: B\n  note: x\n", [4, 5, 5], "no indent"),
        (f"{TOP}rules:\n  -\n    name: 'A'b\n  - name: B\n    note: x\n", [4, 5, 5], "a dash on a line of its own"),
        (f"{TOP}rules:\n  - name: A\n\tmark: read\n  - name: B\n    note: x\n", [4, 5, 5], "a tab"),
        (f"{TOP}---\nrules:\n{BAD}{WRONG}", [2], "a second document is read no further"),
    ],
)  # fmt: skip
def test_what_was_left_out_has_no_consequences(text: str, lines: list[int], why: str) -> None:
    assert lines_told(text) == lines, why


def test_a_hundred_bad_rules_are_a_hundred_problems() -> None:
    text = f"{TOP}rules:\n" + BAD * 150
    problems = load(text).problems
    assert [problem.line for problem in problems] == [4 + 3 * number for number in range(100)]
    assert problems[-1].message.endswith("There are more problems; mend these first.")


def test_of_a_very_long_file_the_first_syntax_error_is_told() -> None:
    text = f"{TOP}rules:\n{BAD}{WRONG}" + f"  # {'x' * 1000}\n" * 1000
    assert lines_told(text) == [4]
