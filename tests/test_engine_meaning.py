"""Checks on meaning: each warning says what is wrong, where it is and how to mend it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rules_files import TODAY, file_of, messages_of, rule
from test_engine_loader import as_header

from rules.engine import load
from rules.engine.meaning.checks import check_meaning

DOUBTFUL = sorted((Path(__file__).parent / "doubtful_rules").glob("*.yaml"))
SHIPPED = Path(__file__).parent.parent / "rules" / "rules.yaml"


@pytest.mark.parametrize("file", DOUBTFUL, ids=lambda file: file.stem)
def test_a_doubtful_file_gets_exactly_the_warnings_that_its_head_promises(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    loaded = load(text)
    assert loaded.problems == ()
    promised = [line for line in text.split("\n") if line.startswith("#")]
    assert as_header(check_meaning(loaded, TODAY)) == promised


def test_the_shipped_rules_mean_what_they_say() -> None:
    assert check_meaning(load(SHIPPED.read_bytes()), TODAY) == ()


def test_nothing_is_said_of_the_meaning_of_a_file_with_an_error() -> None:
    assert check_meaning(load("version: 1\nrules: [{name: a}]\n"), TODAY) == ()


def test_each_warning_carries_the_line_that_it_is_about() -> None:
    text = file_of(rule(reply_contains="stop"), rule(reply_contains="stop it"))
    (problem,) = check_meaning(load(text), TODAY)
    assert problem.text == text.split("\n")[2]
    assert problem.text[problem.column - 1 :][: problem.width] == '"rule 1"'


def test_a_rule_is_good_until_the_end_of_its_last_day() -> None:
    loaded = load(file_of({**rule(reply_contains="stop"), "until": "2026-11-23"}))
    assert check_meaning(loaded, date(2026, 11, 23)) == ()
    (problem,) = check_meaning(loaded, date(2026, 11, 24))
    assert problem.message == "This rule expired on 2026-11-23 and no longer decides."


@pytest.mark.parametrize(
    ("when", "impossible", "why"),
    [
        ({"reply_contains": "a b", "reply_does_not_contain": "a"}, True, "a is in a b"),
        ({"reply_contains": "a", "reply_does_not_contain": "a b"}, False, "a may be alone"),
        ({"reply_contains": ["a", "b"], "reply_does_not_contain": "a"}, False, "b is left"),
        ({"reply_contains": ["a", "b"], "reply_does_not_contain": ["b", "a"]}, True, "nothing is left"),
        ({"reply_contains_all": ["a", "b"], "reply_does_not_contain": "a"}, True, "all are needed"),
        ({"reply_is": "yes", "reply_contains": "no"}, True, "all of it is yes"),
        ({"reply_is": "yes no", "reply_contains": "no"}, False, "the words are in the value"),
        ({"reply_is": "yes", "reply_contains": "!"}, False, "punctuation may follow"),
        ({"reply_is": "yes", "reply_is_not": "Yes!"}, True, "the same value"),
        ({"reply_starts_with": "dear", "reply_is": "hello"}, True, "it begins otherwise"),
        ({"subject_starts_with": "Re:", "all_of": [{"subject starts with": "Fwd:"}]}, True, "two beginnings"),
        ({"subject_starts_with": "Re:", "all_of": [{"subject starts with": "Re: demo"}]}, False, "one in the other"),
        ({"category_is": "A", "all_of": [{"category is": "B"}]}, True, "two values"),
        ({"category_is": ["A", "B"], "all_of": [{"category is": ["B", "C"]}]}, False, "B is both"),
        ({"campaign_is": "A", "all_of": [{"campaign is": "17"}]}, False, "a campaign has a name and a number"),
        ({"sender_is": "@acme.com", "all_of": [{"sender is": "@other.com"}]}, True, "two domains"),
        ({"sender_is": "@acme.com", "all_of": [{"sender is": "*.acme.com"}]}, True, "the domain is no subdomain"),
        ({"sender_is": "@mail.acme.com", "all_of": [{"sender is": "*.acme.com"}]}, False, "a subdomain"),
        ({"sender_is": "*.acme.com", "all_of": [{"sender is": "*.other.com"}]}, True, "two families"),
        ({"sender_is": "jane@*", "all_of": [{"sender is": "@acme.com"}]}, False, "jane@acme.com"),
        ({"sender_is": "jane@*", "all_of": [{"sender is": "bob@acme.com"}]}, True, "two names"),
        ({"reply_is_empty": "yes", "reply_contains": "a"}, True, "nothing is in an empty text"),
        ({"reply_is_empty": "yes", "all_of": [{"reply is empty": "no"}]}, True, "yes and no"),
        ({"reply_is_empty": "yes", "reply_does_not_contain": "a"}, False, "true of an empty text"),
        ({"reply_is_empty": "yes", "reply_matches": r"\s"}, False, "a text of blanks counts as empty"),
        ({"any_of": [{"reply contains": "a"}], "none_of": [{"reply contains": "a"}]}, True, "any of and none of"),
        ({"any_of": [{"reply contains": ["a", "b"]}], "none_of": [{"reply contains": "a"}]}, False, "b is left"),
    ],
)  # fmt: skip
def test_a_rule_that_contradicts_itself_can_never_match(
    when: dict[str, Any],
    impossible: bool,  # noqa: FBT001 - a column of the table
    why: str,
) -> None:
    said = messages_of(rule(**when))
    assert [message.startswith("This rule can never match: ") for message in said] == [True] * impossible, why


def test_an_alternative_that_contradicts_itself_is_told_though_the_rule_can_match() -> None:
    said = messages_of(rule(any_of=[{"reply contains": "a", "reply does not contain": "a"}, {"subject contains": "b"}]))
    assert said == ['This can never hold: no reply contains "a" (line 2) and does not contain "a" (line 2).']


def test_a_contradiction_is_told_in_the_same_words_whichever_line_comes_first() -> None:
    said = messages_of({"when": {"reply does not contain": "demo", "reply contains": "demo call"}})
    assert said == [
        'This rule can never match: no reply contains "demo call" (line 2) and does not contain "demo" (line 2).'
    ]


def test_an_alternative_that_another_line_of_the_rule_forbids_is_no_mistake() -> None:
    either = [{"reply contains": "a"}, {"reply contains": "b"}]
    assert (
        messages_of(rule(any_of=either, all_of=[{"any of": [{"reply does not contain": "a"}, {"subject is": "x"}]}]))
        == []
    )


def test_a_file_that_asks_too_much_to_be_compared_is_told_so_and_nothing_false() -> None:
    def addresses(name: str) -> str:
        return ", ".join(f"{name}{number}@acme{number}.example" for number in range(1_500))

    both = f"all of: [{{sender is: [{addresses('a')}]}}, {{sender is: [{addresses('b')}]}}]"
    loaded = load(f"version: 1\nrules:\n  - name: Both\n    mark: read\n    when:\n      {both}\n")
    (problem,) = check_meaning(loaded, TODAY)
    assert problem.message.startswith("This file asks too much to be compared to the end")
