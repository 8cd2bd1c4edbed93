"""`sender is: ours`: mail of our own team, which only the installation can tell, as a word of the rule language."""

from __future__ import annotations

import pytest
from rules_files import TODAY

from model import Reply
from rules.engine import Facts, Loaded, decide_facts, facts_of, facts_told, load, run_examples
from rules.engine.explaining.explanation import explain
from rules.engine.meaning.checks import check_meaning

RULES = """\
version: 1
lists:
  team: [ours, "@agency.example"]
rules:
  - name: Own people
    when: {sender is: $team}
    mark: read
    examples:
      matches: [{sender: ours}, {sender: Ours, reply: Could you take this one?}, {sender: jo@agency.example}]
      does not match: [{sender: ana@lead.example}, {lead: ana@lead.example}, Hello]
"""


def rule(*conditions: str) -> Loaded:
    lines = "\n".join(f"      {line}" for line in conditions)
    return load(f"version: 1\nrules:\n  - name: r\n    mark: read\n    when:\n{lines}\n")


def verdict(condition: str, facts: Facts) -> str:
    ruleset = rule(condition).ruleset
    assert ruleset is not None
    (step,) = decide_facts(ruleset, facts, full=True).steps
    return step.verdict


def doubts(loaded: Loaded) -> list[str]:
    assert loaded.problems == ()
    return [problem.message for problem in check_meaning(loaded, TODAY)]


@pytest.mark.parametrize(
    ("condition", "facts", "expected", "why"),
    [
        ("sender is: ours", Facts(sender="jo@us.example", ours=True), "matched", "a colleague"),
        ("sender is: OURS", Facts(sender="jo@us.example", ours=True), "matched", "any case"),
        ("sender is: ours", Facts(sender="jo@us.example"), "no match", "a stranger"),
        ("sender is not: ours", Facts(sender="jo@us.example"), "matched", "a stranger"),
        ("sender is not: ours", Facts(sender="jo@us.example", ours=True), "no match", "a colleague"),
        ("sender is: ours", Facts(lead="ana@lead.example"), "no match", "taken for the lead"),
        ("sender is: ours", Facts(), "unknown", "nobody is told"),
        ("sender is not: ours", Facts(), "unknown", "nobody is told"),
        (
            "sender is: ours",
            Facts(lead="ana@lead.example", mailbox="jo@us.example", ours=True),
            "matched",
            "our mailbox",
        ),
        (
            'sender is: "@us.example"',
            Facts(lead="ana@lead.example", mailbox="jo@us.example", ours=True),
            "matched",
            "it",
        ),
        (
            'sender is: "@lead.example"',
            Facts(lead="ana@lead.example", mailbox="jo@us.example", ours=True),
            "no match",
            "",
        ),
    ],
)
def test_mail_of_our_own_team_is_told_from_a_leads(condition: str, facts: Facts, expected: str, why: str) -> None:
    assert verdict(condition, facts) == expected, why


def test_a_reply_that_our_team_wrote_reaches_the_rules() -> None:
    assert facts_of(Reply(sender="jo@us.example", ours=True)).ours
    assert not facts_of(Reply(sender="jo@us.example")).ours


def test_an_example_says_sender_ours() -> None:
    loaded = load(RULES)
    assert loaded.problems == ()
    assert loaded.ruleset is not None
    assert run_examples(loaded.ruleset) == []
    assert facts_told({"sender": "ours"}).ours


def test_an_address_that_only_looks_like_the_word_is_an_address() -> None:
    assert verdict("sender is: ours", Facts(sender="ours@lead.example")) == "no match"
    assert verdict('sender is: "ours@*"', Facts(sender="jo@us.example", ours=True)) == "no match"


@pytest.mark.parametrize(
    ("condition", "message", "hint"),
    [
        ("mailbox is: ours", "for the sender alone", "sender is: ours"),
        ("lead is not: ours", "for the sender alone", "sender is: ours"),
        ("sender is: us", "not a form of an address", 'did you mean "ours"?'),
        ("sender is: internal", "not a form of an address", 'did you mean "ours"?'),
        ("sender is: oures", "not a form of an address", 'did you mean "ours"?'),
    ],
)
def test_the_word_in_another_place_or_spelling_is_told(condition: str, message: str, hint: str) -> None:
    (problem,) = rule(condition).problems
    assert message in problem.message
    assert hint in (problem.hint or "")


def test_an_address_of_a_rule_may_be_one_of_ours() -> None:
    above = "version: 1\nrules:\n  - {name: a, mark: read, when: {sender is: ours}}\n"
    assert doubts(load(above + '  - {name: b, mark: unread, when: {sender is: "@us.example"}}\n')) == []
    assert doubts(rule("sender is: ours", 'all of: [{sender is: "@us.example"}]')) == []
    assert doubts(rule("sender is: ours", 'none of: [{sender is: "@us.example"}]')) == []
    assert doubts(rule('sender is: [ours, "ours@*", "@us.example"]')) == []


def test_what_can_never_be_or_is_told_twice_of_our_team_is_seen() -> None:
    (never,) = doubts(rule("sender is: ours", "none of: [{sender is: ours}]"))
    assert "can never match" in never
    above = "version: 1\nrules:\n  - {name: a, mark: read, when: {sender is: ours}}\n"
    (shadowed,) = doubts(load(above + "  - {name: b, mark: unread, when: {sender is: [OURS]}}\n"))
    assert '"a" on line 3' in shadowed


def test_it_is_explained_with_the_address_that_is_ours() -> None:
    ruleset = rule("sender is: ours").ruleset
    assert ruleset is not None
    found = explain(ruleset, Facts(sender="jo@us.example", ours=True))
    assert found.because == 'the sender is "ours" (found: “jo@us.example”)'
