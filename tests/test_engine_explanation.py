"""Explaining a decision: each clause is true, the words are the person's own, and a near miss is worth telling."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.engine import Facts, RuleSet, decide_facts, facts_told, load
from rules.engine.explaining.explanation import Explanation, Passage, explain, tell

SHIPPED = Path(__file__).parent.parent / "rules" / "rules.yaml"
TODAY = date(2026, 1, 7)


def ruleset_of(*rules: str, default: str = "leave") -> RuleSet:
    """Rules, each as "mark: conditions", named by their number."""
    lines = [f"version: 1\ndefault: {default}\nrules:\n"]
    for number, rule in enumerate(rules, start=1):
        mark, _, when = rule.partition(": ")
        lines.append(f"  - {{name: '{number}', mark: {mark}, when: {{{when}}}}}\n")
    loaded = load("".join(lines))
    assert loaded.ruleset is not None, loaded.problems
    return loaded.ruleset


def explained(facts: Facts, *rules: str) -> Explanation:
    return explain(ruleset_of(*rules), facts, on=TODAY)


@pytest.mark.parametrize(
    ("when", "because"),
    [
        ("reply contains: annual leave", 'the reply contains "annual leave" (found: “Annual\u00a0Leave”)'),
        ("reply contains: Stop", "the reply contains “Stop”"),
        ("reply contains: [leaves, leav*]", 'the reply contains "leav*" (found: “Leave”)'),
        ("reply contains all: [annual leave, stop]", 'the reply contains all of "annual leave", "stop"'),
        ("reply does not contain: [a, b, c, d]", 'the reply contains none of "a", "b", "c" and 1 more'),
        ("reply does not contain: demo", 'the reply does not contain "demo"'),
        ("reply starts with: i am", 'the reply starts with "i am" (found: “I am”)'),
        ("reply ends with: now", "the reply ends with “now”"),
        ("subject is: re offer", "the subject is “Re: offer”"),
        ("subject is not: offer", 'the subject is not "offer"'),
        ("reply matches: '\\d+ days'", 'the reply matches "\\d+ days" (found: “14 days”)'),
        ("reply does not match: ['x', 'y\\d']", 'the reply matches none of "x", "y\\d"'),
        ("sender is: ['@b.example', '@lead.example']", 'the sender is "@lead.example" (found: “ana@lead.example”)'),
        ("campaign is: [Other, 4711]", 'the campaign is one of "Other", "4711"'),
        ("category is empty: yes", "the category is empty"),
        ("subject is empty: no", "the subject is not empty"),
        ("any of: [{reply contains: stop}, {reply contains: x}]", 'the reply contains "stop" (found: “Stop”)'),
        (
            "none of: [{reply contains: x}, {subject is: y}]",
            'the reply does not contain "x", and the subject is not "y"',
        ),
        ("reply contains: Stop, reply starts with: I", "the reply contains “Stop”, and the reply starts with “I”"),
    ],
)
def test_the_deciding_rule_is_told_by_what_is_so(when: str, because: str) -> None:
    when = when.replace("re offer", "'Re: offer'")
    reply = "I am on Annual\u00a0Leave for 14 days. Stop! Stopped now"
    facts = Facts(reply=reply, subject="Re: offer", sender="ana@lead.example", campaign="VIP", campaign_id="4711")
    assert explained(facts, f"read: {when}").because == because.replace("\u00a0", " ")


def test_words_that_decided_are_shown_where_the_person_wrote_them() -> None:
    text = "Straße: I’m on\nAnnual  Leave — stop, STOP"
    found = explained(
        Facts(reply=text, subject="Hi"),
        "read: all of: [{reply contains: on annual}, {reply contains: annual leave}], subject is: hi",
    )
    assert found.passages == (Passage("reply", text, ((12, 28),)), Passage("subject", "Hi", ((0, 2),)))
    assert text[12:28] == "on\nAnnual  Leave"


def test_words_of_an_alternative_that_did_not_hold_are_not_shown() -> None:
    both = "any of: [{all of: [{reply contains: stop}, {reply contains: x}]}, {reply contains: now}]"
    assert explained(Facts(reply="Stop now"), f"read: {both}").passages == (Passage("reply", "Stop now", ((5, 8),)),)


def test_a_kind_is_told_with_the_sign_by_which_it_was_found() -> None:
    facts = facts_told({"subject": "Automatic reply: pricing", "reply": "Back on Monday"})
    because = explained(facts, "read: kind is: auto-reply").because
    assert because == 'the kind is “auto-reply” (the subject begins with "Automatic reply:")'


def test_a_rule_is_passed_over_for_what_is_unknown_and_not_for_what_would_not_help() -> None:
    rule = "read: any of: [{reply contains: demo, sender is: a@b.example}, {subject contains: demo}]"
    (remark,) = explained(Facts(reply="hi"), rule).passed_over
    assert remark.text == "was passed over, because the event does not tell the subject"


def test_the_default_decides_because_of_nothing() -> None:
    found = explained(Facts(reply="Hello"), "read: reply contains: stop")
    assert (found.because, found.passages, found.nearest_miss) == (None, (), None)
    assert tell(found, "rules.yaml") == ["leave: no rule matches, so the default decides."]


@pytest.mark.parametrize(
    ("reply", "rules", "nearest", "why"),
    [
        ("I booked a call", ("unread: reply contains: book a call", "read: reply contains: call"), "1", "close words"),
        ("I booked a call", ("read: reply contains: call", "unread: reply contains: book a call"), None, "it is below"),
        ("I booked a call", ("read: reply contains: book a call", "read: reply contains: call"), None, "the same mark"),
        ("Hello", ("unread: reply contains: demo", "read: reply contains: hello"), None, "nothing of it is there"),
        (
            "Stop",
            ("unread: reply does not contain: x, reply contains: demo", "read: reply contains: stop"),
            None,
            "that a word is absent brings no rule near",
        ),
        (
            "Stop",
            ("unread: campaign is: VIP, reply contains: demo", "read: reply contains: stop"),
            None,
            "nor does the campaign",
        ),
        (
            "Stop, no demo",
            ("unread: 'reply contains': demo, reply does not contain: no demo", "read: reply contains: stop"),
            "1",
            "one of two conditions holds",
        ),
        (
            "Stop the demo",
            ("unread: reply contains: demo, subject is: x, sender is: '@x.example'", "read: reply contains: stop"),
            None,
            "one of three is too little",
        ),
        (
            "Stop the demo",
            (
                "unread: reply contains: demo, subject is: x",
                "leave: reply contains: demo, any of: [{subject is: x}, {reply contains: stopped}]",
                "read: reply contains: stop",
            ),
            "2",
            "of any of the best counts, and close is better than not at all",
        ),
        (
            "Stop the demo",
            (
                "unread: reply contains: demo, reply ends with: x",
                "leave: reply contains: demo, reply ends with: y",
                "read: reply contains: stop",
            ),
            "1",
            "of equals the upper one",
        ),
        (
            "I booked a call",
            ("unread: none of: [{reply contains: [calls, i]}]", "read: reply contains: call"),
            None,
            "what must not be there brings no rule near",
        ),
    ],
)
def test_the_nearest_miss_is_the_rule_that_lacks_least(
    reply: str, rules: tuple[str, ...], nearest: str | None, why: str
) -> None:
    facts = Facts(reply=reply, subject="Hi", sender="ana@lead.example", campaign="VIP", campaign_id="1")
    miss = explained(facts, *rules).nearest_miss
    assert (miss.step.rule if miss else None) == nearest, why


def test_a_miss_says_all_that_was_lacking_and_what_came_close() -> None:
    found = explained(
        Facts(reply="I booked a call, no demo", subject="Hi"),
        "unread: reply contains: book a call, reply does not contain: no demo, subject is: hi",
        "read: reply contains: call",
    )
    lacking = 'the reply does not contain "book a call", and the reply contains “no demo”'
    close = 'the rule looks for "book a call", the reply has “booked a call”'
    miss = f'Nearest miss: "1" (f:4) would have marked it unread, but {lacking}. Close: {close}.'
    assert tell(found, "f")[-1] == miss


def test_where_a_rule_wants_the_words_is_told_with_what_is_close() -> None:
    rules = "unread: reply is: not interested", "unread: reply starts with: not interested"
    for rule, where in zip(rules, ("as all that is said", "at the beginning"), strict=True):
        close = f'Close: the rule looks for "not interested" {where}, the reply has “not interested”.'
        assert tell(explained(Facts(reply="Sorry, not interested"), rule), "f")[-1].endswith(close)


def test_a_rule_that_is_not_in_force_is_no_near_miss() -> None:
    rule = "version: 1\nrules:\n  - {name: A, when: {reply contains: calls}, mark: read, %s}\n"
    for line, nearest in (("paused: yes", False), ("until: 2026-01-06", False), ("until: 2026-01-07", True)):
        ruleset = load(rule % line).ruleset
        assert ruleset is not None
        assert (explain(ruleset, Facts(reply="call"), on=TODAY).nearest_miss is not None) is nearest, line


def test_rules_that_were_passed_over_are_told_with_the_reason() -> None:
    rules = [
        "{name: Unknown, when: {category is: x, subject is: y}, mark: read}",
        "{name: Trial, when: {reply contains: hello}, mark: read, trial: yes}",
        "{name: Paused, when: {reply contains: hello}, mark: unread, paused: yes}",
        "{name: Old, when: {reply contains: hello}, mark: leave, until: 2026-01-06}",
        "{name: Old and unknown, when: {category is: x}, mark: leave, until: 2026-01-06}",
    ]
    ruleset = load("version: 1\nrules:\n" + "".join(f"  - {rule}\n" for rule in rules)).ruleset
    assert ruleset is not None
    why = "the event does not tell the category, and the event does not tell the subject"
    assert tell(explain(ruleset, Facts(reply="Hello"), on=TODAY), "f")[1:] == [
        f'"Unknown" (f:3) was passed over, because {why}.',
        '"Trial" (f:4) is on trial: it would have marked it read.',
        '"Paused" (f:5) is paused: it would have marked it unread.',
        '"Old" (f:6) expired on 2026-01-06: it would have left it as it is.',
    ]


def test_of_many_rules_that_were_passed_over_the_first_are_told() -> None:
    sentences = tell(explained(Facts(reply="Hello"), *["read: category is: x"] * 30), "f")
    assert len(sentences) == 7
    assert sentences[-1] == "More rules were passed over."


def test_a_long_stretch_of_words_is_told_without_its_middle() -> None:
    found = explained(Facts(reply=f"begin {'x' * 5000} end"), "read: reply matches: 'begin.*end'")
    assert found.because is not None
    assert len(found.because) < 200
    assert "(found: “begin xxx" in found.because
    assert "xxx end”)" in found.because


def test_the_shipped_rules_explain_whatever_comes_as_they_decide_it() -> None:
    ruleset = load(SHIPPED.read_bytes()).ruleset
    assert ruleset is not None
    for rule in ruleset.rules:
        for example in rule.examples:
            for full in (True, False):
                found = explain(ruleset, example.facts, on=TODAY, full=full)
                assert found.decision == decide_facts(ruleset, example.facts, on=TODAY, full=full)
                assert (found.because is None) == (found.decision.rule is None)
                assert all(sentence.endswith(".") for sentence in tell(found, "rules.yaml"))
