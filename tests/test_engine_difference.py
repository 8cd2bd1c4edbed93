"""Comparing rules files: what changes no decision is no difference, and what may change one is named."""

from __future__ import annotations

import pytest

from rules.engine import RuleSet, load
from rules.engine.change.difference import ConditionChange, Difference, RuleChange, ValueChange, compare

FILE = """\
version: 1
lists:
  absences: [on leave, away]
rules:
  - name: Buy
    when:
      reply contains: [demo, Café]
      subject does not contain: spam
    mark: unread
  - name: Away
    when:
      any of:
        - reply contains: $absences
        - subject starts with: "Auto:"
    mark: read
    until: 2026-12-31
  - name: Team
    when: {sender is: "@ours.example"}
    mark: read
"""
CONTAINS = "      reply contains: [demo, Café]\n"
LACKS = "      subject does not contain: spam\n"
TEAM = '{sender is: "@ours.example"}'


def ruleset_of(text: str) -> RuleSet:
    loaded = load(text)
    assert loaded.ruleset is not None, loaded.problems
    return loaded.ruleset


def edited(old: str, new: str) -> Difference:
    """What an edit of the file changes; the old text must be there."""
    assert old in FILE
    return compare(ruleset_of(FILE), ruleset_of(FILE.replace(old, new)))


def only(difference: Difference) -> RuleChange:
    (change,) = difference.rules
    return change


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("version: 1", "# new\nversion: 1\n", "a comment, and every line elsewhere"),
        ("version: 1", "version: 1\ndefault: leave", "what it is anyway"),
        ("$absences", "[away, on leave]", "a list written out, in another order"),
        ("absences", "who is not there", "another name of a list"),
        ("[demo, Café]", "[CAFE, demo, Demo]", "case, accents, order, a phrase twice"),
        (f"{CONTAINS}{LACKS}", f"{LACKS}{CONTAINS}", "the order of conditions"),
        ("    mark: unread", "    mark: unread\n    note: New.\n    examples: {matches: [demo]}", "notes, examples"),
        ("    mark: unread", "    mark: unread\n    trial: no\n    paused: no", "what it is anyway"),
        ('"Auto:"', '["AUTO:"]', "a list of one"),
        (TEAM, f"{{all of: [{{any of: [{TEAM}]}}]}}", "groups of one"),
        ('"@ours.example"', '"@OURS.example"', "a domain in capitals"),
    ],
)
def test_what_changes_no_decision_is_no_difference(old: str, new: str, why: str) -> None:
    difference = edited(old, new)
    assert difference == Difference(None, ()), why
    assert not difference


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        ("mark: unread", "mark: leave", [("mark", "unread", "leave")]),
        ("    until: 2026-12-31\n", "", [("until", "2026-12-31", None)]),
        ("2026-12-31", "2027-01-31", [("until", "2026-12-31", "2027-01-31")]),
        ("mark: unread", "mark: unread\n    trial: yes", [("trial", None, "yes")]),
        ("mark: unread", "mark: read\n    paused: yes", [("mark", "unread", "read"), ("paused", None, "yes")]),
    ],
)
def test_changed_values_of_a_rule_are_named(
    old: str, new: str, values: list[tuple[str, str | None, str | None]]
) -> None:
    change = only(edited(old, new))
    assert (change.kind, change.conditions) == ("changed", ())
    assert [(value.what, value.old, value.new) for value in change.values] == values


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("[demo, Café]", "[demo, trial*]", ConditionChange("reply contains", (), "changed", ("trial*",), ("Café",))),
        (
            "[on leave, away]",
            "[on leave, out]",
            ConditionChange("reply contains", ("any of",), "changed", ("out",), ("away",)),
        ),
        (
            LACKS,
            "",
            ConditionChange("subject does not contain", (), "removed", (), ("spam",)),
        ),
        (
            "    mark: unread",
            "      category is: Hot\n    mark: unread",
            ConditionChange("category is", (), "added", ("Hot",), ()),
        ),
        (
            '"@ours.example"',
            '"*.ours.example"',
            ConditionChange("sender is", (), "changed", ("*.ours.example",), ("@ours.example",)),
        ),
    ],
)
def test_a_changed_condition_is_named_with_what_came_and_went(old: str, new: str, change: ConditionChange) -> None:
    assert only(edited(old, new)).conditions == (change,)


def test_a_condition_that_stands_twice_is_compared_with_its_like() -> None:
    twice = (
        "version: 1\nrules:\n  - {name: A, mark: read, when: {all of: [{reply contains: %s}, {reply contains: %s}]}}\n"
    )
    one, other = ruleset_of(twice % ("a", "b")), ruleset_of(twice % ("c", "a"))
    assert only(compare(one, other)).conditions == (
        ConditionChange("reply contains", ("all of",), "changed", ("c",), ("b",)),
    )


def test_conditions_that_are_grouped_otherwise_are_a_difference() -> None:
    grouped = "version: 1\nrules:\n  - {name: A, mark: read, when: {any of: [%s]}}\n"
    one = ruleset_of(grouped % "{all of: [{reply contains: a}, {reply contains: b}]}, {all of: [{reply contains: c}]}")
    other = ruleset_of(
        grouped % "{all of: [{reply contains: a}, {reply contains: c}]}, {all of: [{reply contains: b}]}"
    )
    change = only(compare(one, other))
    assert (change.conditions, change.is_regrouped) == ((), True)


def test_a_rule_of_another_name_and_the_same_meaning_was_renamed() -> None:
    change = only(edited("name: Team", "name: Colleagues"))
    assert (change.kind, change.rule, change.old_name, change.values) == ("changed", "Colleagues", "Team", ())


def test_a_rule_of_another_name_and_meaning_is_a_new_one() -> None:
    new = FILE.replace("name: Team", "name: Colleagues").replace("ours.example", "theirs.example")
    added, removed = compare(ruleset_of(FILE), ruleset_of(new)).rules
    assert (added.kind, added.rule, added.line, added.old_line) == ("added", "Colleagues", 17, None)
    assert added.values == (ValueChange("mark", None, "read"),)
    assert added.conditions == (ConditionChange("sender is", (), "added", ("@theirs.example",), ()),)
    assert (removed.kind, removed.rule, removed.line, removed.old_line) == ("removed", "Team", None, 17)


def test_another_default_is_a_difference() -> None:
    difference = edited("version: 1", "version: 1\ndefault: unread")
    assert difference == Difference(ValueChange("default", "leave", "unread"), ())
    assert difference


def in_order(names: str) -> RuleSet:
    """Rules by their names, whose first letter says the mark: r1, u1, l1."""
    marks = {"r": "read", "u": "unread", "l": "leave"}
    rules = [
        f"  - {{name: {name}, when: {{reply contains: {name}}}, mark: {marks[name[0]]}}}\n" for name in names.split()
    ]
    return ruleset_of("version: 1\nrules:\n" + "".join(rules))


@pytest.mark.parametrize(
    ("old", "new", "moved", "why"),
    [
        ("r1 r2 u1", "r2 r1 u1", {}, "among rules of one mark the order decides nothing"),
        ("r1 u1", "u1 r1", {"u1": (("r1",), ())}, "one of two has moved, not both"),
        ("r1 u1 u2 l1", "u1 u2 l1 r1", {"r1": ((), ("u1", "u2", "l1"))}, "down past all others"),
        ("u1 u2 l1 r1", "r1 u1 u2 l1", {"r1": (("u1", "u2", "l1"), ())}, "up past all others"),
        ("r1 r2 u1 r3", "u1 r1 r2 r3", {"u1": (("r1", "r2"), ())}, "one rule moved, not two"),
        ("r1 u1", "l1 r1 l2 u1", {}, "new rules between move nothing"),
        ("r1 l1 u1", "r1 u1", {}, "nor does a rule that went"),
    ],
)
def test_a_moved_rule_is_told_with_the_rules_of_other_marks_that_it_passed(
    old: str, new: str, moved: dict[str, tuple[tuple[str, ...], tuple[str, ...]]], why: str
) -> None:
    changes = compare(in_order(old), in_order(new)).rules
    assert {one.rule: (one.above, one.below) for one in changes if one.kind == "changed"} == moved, why


def test_of_many_passed_rules_the_first_few_are_named() -> None:
    many = " ".join(f"u{number}" for number in range(100))
    assert len(only(compare(in_order(f"r1 {many}"), in_order(f"{many} r1"))).below) == 20
