"""Deciding a reply: what each test means, what is unknown, and the way to the decision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from model import Check, Decision, Mark, Step
from rules.engine import Facts, RuleSet, decide_facts, load

COMPLETE = {
    "reply": "No",
    "whole_message": "No\n> Would you like a demo?",
    "subject": "Re: demo",
    "sender": "anna@mail.acme.com",
    "sender_name": "Anna Bauer",
    "lead": "anna@acme.com",
    "mailbox": "sales@ours.example",
    "campaign": "VIP outreach",
    "campaign_id": "4711",
    "client": "17",
    "account": "default",
    "category": "Not Interested",
    "sequence_step": "2",
}


def ruleset_of(text: str) -> RuleSet:
    loaded = load(text)
    assert loaded.problems == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def one_rule(when: str) -> RuleSet:
    return ruleset_of(f"version: 1\nrules:\n  - name: only\n    when:\n      {when}\n    mark: read\n")


def verdict(when: str, facts: Facts) -> str:
    (step,) = decide_facts(one_rule(when), facts, full=True).steps
    return step.verdict


def check(when: str, facts: Facts) -> Check:
    (step,) = decide_facts(one_rule(when), facts, full=True).steps
    (only,) = step.checks
    return only


@pytest.mark.parametrize(
    ("condition", "text", "holds", "why"),
    [
        ("contains: unsubscribe", "Please UNSUBSCRIBE me", True, "any case"),
        ("contains: unsubscribe", "I unsubscribed", False, "whole words"),
        ("contains: unsubscrib*", "I unsubscribed", True, "the asterisk opens the end"),
        ("contains: unsubscrib*", "resubscribe", False, "but not the beginning"),
        ("contains: cafe", "Meet me at the Café", True, "accents are forgiven"),
        ("contains: Müller", "Frau Mu\u0308ller", True, "composed and decomposed letters are the same"),
        ("contains: don't call", "Don’t\n\ncall", True, "curly apostrophe, line breaks"),
        ("contains: no thanks", "no\N{NO-BREAK SPACE}\N{ZERO WIDTH SPACE}thanks", True, "invisible characters"),
        ("contains: follow-up", "a follow\N{EN DASH}up", True, "all dashes are one"),
        ("contains: don", "don't", False, "an apostrophe belongs to the word"),
        ("contains: $500", "It costs $500.", True, "a dollar before a digit is no list"),
        ("contains: '?'", "Really?", True, "punctuation is a phrase too"),
        ("contains: [a b, b c]", "a b c", True, "phrases may overlap"),
        ("contains: 資料", "今回は資料を送ってください", True, "no blanks between Chinese words"),
        ("contains all: [price, date]", "The date and the price", True, "each, in any order"),
        ("contains all: [price, date]", "The date", False, "one is missing"),
        ("does not contain: [price, date]", "The date", False, "none of these"),
        ("does not contain: [price, date]", "Hello", True, "none of these"),
        ("starts with: [no, stop]", "Stop it", True, "one of these"),
        ("starts with: no", "Nothing", False, "whole words at the start"),
        ("starts with: noth*", "Nothing", True, "open at its end"),
        ("starts with: no", "Well, no", False, "only at the start"),
        ("ends with: thanks", "No, thanks!!", True, "closing punctuation does not count"),
        ("ends with: '?'", "Really?", True, "unless it is asked for"),
        ("ends with: '?'", "Really!", False, "then it counts"),
        ("ends with: hanks", "No, thanks", False, "whole words at the end"),
        ("is: thanks", "Thanks!", True, "all of it, closing punctuation apart"),
        ("is: Thanks…", "  thanks ", True, "on either side"),
        ("is: thanks", "Thanks a lot", False, "all of it"),
        ("is: '?'", "?", True, "punctuation alone stays"),
        ("is: '?'", "!", False, "and is told apart"),
        ("is not: [yes, no]", "maybe", True, "none of these"),
        ("is not: [yes, no]", "No.", False, "one of these"),
        ("is: no", "no", True, "not a boolean"),
        ("is: 0755", "755", False, "not a number"),
        (r"matches: '\bno (thanks|thank you)\b'", "Well, NO thank you", True, "any case"),
        (r"matches: '^\d+ seats$'", "we need 5 seats", False, "anchors are the text's"),
        (r"does not match: 'x+'", "abc", True, "none is found"),
        (r"does not match: ['x+', 'b']", "abc", False, "one is found"),
        ("is empty: yes", " \N{ZERO WIDTH SPACE}\n", True, "nothing that can be seen"),
        ("is empty: no", "x", True, "something is there"),
        ("is empty: yes", "x", False, "something is there"),
        ("contains: price", "", False, "told and empty: nothing is in it"),
        ("does not contain: price", "", True, "told and empty: nothing is in it"),
    ],
)
def test_a_test_of_a_text_holds_or_fails(condition: str, text: str, holds: bool, why: str) -> None:  # noqa: FBT001 - a column of the table
    assert verdict(f"reply {condition}", Facts(reply=text)) == ("matched" if holds else "no match"), why


@pytest.mark.parametrize(
    ("form", "address", "holds", "why"),
    [
        ("anna@acme.com", "Anna@ACME.com", True, "any case"),
        ("anna@acme.com", "anna@mail.acme.com", False, "that address alone"),
        ("@acme.com", "anna@acme.com", True, "the domain"),
        ("@acme.com", "anna@mail.acme.com", False, "exactly"),
        ("@acme.com", "anna@notacme.com", False, "exactly"),
        ("*.acme.com", "anna@mail.acme.com", True, "its subdomains"),
        ("*.acme.com", "anna@a.b.acme.com", True, "of any depth"),
        ("*.acme.com", "anna@acme.com", False, "not itself"),
        ("postmaster@*", "Postmaster@mx.acme.com", True, "any domain"),
        ("postmaster@*", "no-postmaster@mx.acme.com", False, "the whole name"),
        ("@bücher.example", "a@xn--bcher-kva.example", True, "domains as DNS writes them"),
        ("@xn--bcher-kva.example", "a@BÜCHER.example", True, "either way round"),
        ("@straße.example", "a@xn--strae-oqa.example", True, "as DNS writes a sharp s since 2010"),
        ("@straße.example", "a@strasse.example", False, "that is somebody else's"),
        ("straße@*", "strasse@acme.com", False, "names keep their letters"),
        ("@acme.com", "anna@acme.com.", True, "the root's dot is left out"),
        ("@acme.com", "not an address", False, "told, and no address"),
        ("@acme.com", "@" + "a." * 40_000 + "com", False, "a hostile domain"),
        ("@acme.com", "a@\ud800..com", False, "a broken domain"),
    ],
)
def test_an_address_form_covers_an_address_or_not(form: str, address: str, holds: bool, why: str) -> None:  # noqa: FBT001 - a column of the table
    assert verdict(f'sender is: "{form}"', Facts(sender=address)) == ("matched" if holds else "no match"), why
    assert verdict(f'sender is not: "{form}"', Facts(sender=address)) == ("no match" if holds else "matched"), why


@pytest.mark.parametrize(
    ("condition", "told", "expected", "why"),
    [
        ("is: VIP outreach", {"campaign": "vip outreach", "campaign_id": "1"}, "matched", "by name"),
        ("is: 4711", {"campaign": "x", "campaign_id": "4711"}, "matched", "by number"),
        ("is: [other, 4711]", {"campaign_id": "4711"}, "matched", "the number is enough"),
        ("is: 4712", {"campaign_id": "4711"}, "no match", "another number"),
        ("is: VIP", {"campaign_id": "4711"}, "unknown", "the name is not told"),
        ("is not: VIP", {"campaign_id": "4711"}, "unknown", "nor is it not that name"),
        ("is not: 4711", {"campaign": "VIP"}, "unknown", "the number is not told"),
        ("is not: Other", {"campaign": "VIP"}, "matched", "no number is asked for"),
        ("contains: VIP", {"campaign_id": "4711"}, "unknown", "other tests read the name"),
        ("is empty: yes", {"campaign_id": "4711"}, "no match", "there is a campaign"),
        ("is empty: yes", {}, "matched", "nothing is told"),
    ],
)
def test_a_campaign_is_compared_by_what_the_event_tells(
    condition: str, told: dict[str, Any], expected: str, why: str
) -> None:
    assert verdict(f"campaign {condition}", Facts(**told)) == expected, why


@pytest.mark.parametrize("field", [name for name in COMPLETE if name != "campaign_id"])
def test_of_a_field_that_is_not_told_only_is_empty_holds(field: str) -> None:
    told: dict[str, Any] = {name: text for name, text in COMPLETE.items() if not name.startswith(field)}
    if field == "sender":
        told = {"reply": "No"}
    name = field.replace("_", " ")
    negative = "does not contain: x" if field == "whole_message" else 'is not: "@x.com"'
    positive = "contains: x" if field == "whole_message" else 'is: "@x.com"'
    facts = Facts(**told)
    assert verdict(f"{name} {positive}", facts) == "unknown"
    assert verdict(f"{name} {negative}", facts) == "unknown"
    assert verdict(f"{name} is empty: yes", facts) == "matched"
    assert verdict(f"{name} is empty: no", facts) == "no match"


@pytest.mark.parametrize(
    "condition",
    ["contains: no", "does not contain: yes", "is: no", "is not: yes", "matches: no", "is empty: yes", "is empty: no"],
)
def test_nothing_is_known_about_a_reply_that_is_doubted(condition: str) -> None:
    facts = Facts(reply="no", whole_message="no", doubt="The mail was cut.")
    assert check(f"reply {condition}", facts).verdict == "unknown"
    assert check(f"reply {condition}", facts).note == "The mail was cut."


def test_the_sender_is_the_lead_where_the_event_does_not_tell_who_replied() -> None:
    assert verdict('sender is: "@acme.com"', Facts(lead="anna@acme.com")) == "matched"
    assert verdict('sender is: "@acme.com"', Facts(lead="anna@acme.com", sender="bob@b.com")) == "no match"


HOLDS, FAILS, UNKNOWN = "{reply is: no}", "{reply is: yes}", "{category is: x}"


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        (f"all of: [{HOLDS}, {HOLDS}]", "matched"),
        (f"all of: [{HOLDS}, {UNKNOWN}]", "unknown"),
        (f"all of: [{UNKNOWN}, {FAILS}]", "no match"),
        (f"any of: [{FAILS}, {HOLDS}]", "matched"),
        (f"any of: [{UNKNOWN}, {HOLDS}]", "matched"),
        (f"any of: [{FAILS}, {UNKNOWN}]", "unknown"),
        (f"any of: [{FAILS}, {FAILS}]", "no match"),
        (f"none of: [{FAILS}, {FAILS}]", "matched"),
        (f"none of: [{FAILS}, {UNKNOWN}]", "unknown"),
        (f"none of: [{UNKNOWN}, {HOLDS}]", "no match"),
        (f"none of: [{{all of: [{HOLDS}, {UNKNOWN}]}}]", "unknown"),
        (f"none of: [{{any of: [{FAILS}, {FAILS}]}}]", "matched"),
        ("any of: [{reply is: no, subject is: x}, {reply is: no}]", "matched"),
        ("any of: [{reply is: no, reply contains: yes}]", "no match"),
    ],
)
def test_groups_follow_three_valued_logic_and_lines_of_one_item_hold_together(group: str, expected: str) -> None:
    assert verdict(group, Facts(reply="no")) == expected


THREE_RULES = """\
version: 1
default: unread
rules:
  - name: Not a lead
    when: {category is not: Interested}
    mark: read
  - name: Refusal
    when:
      reply contains: [not interested, no thanks, no thank you, stop]
      subject does not contain: urgent
    mark: read
  - name: Anything
    when: {reply is empty: no}
    mark: leave
"""


def test_the_first_rule_that_matches_decides() -> None:
    ruleset = ruleset_of(THREE_RULES)
    decision = decide_facts(ruleset, Facts(reply="No thanks", subject="Re: demo", category="Interested"))
    assert (decision.mark, decision.rule, decision.version) == (Mark.READ, "Refusal", None)
    assert [step.rule for step in decision.steps] == ["Refusal"]


def test_a_rule_that_comes_out_unknown_does_not_decide_and_its_step_says_why() -> None:
    decision = decide_facts(ruleset_of(THREE_RULES), Facts(reply="Hello", subject="Re: demo"))
    assert (decision.mark, decision.rule) == (Mark.LEAVE, "Anything")
    assert decision.steps[0] == Step(
        rule="Not a lead",
        line=4,
        verdict="unknown",
        mark=Mark.READ,
        checks=(Check("category is not", "category", 5, "unknown", note="the event does not tell the category"),),
    )


def test_the_default_decides_where_no_rule_does() -> None:
    decision = decide_facts(ruleset_of(THREE_RULES), Facts(category="Interested"))
    checks = (
        Check("reply contains", "reply", 9, "unknown", note="the event does not tell the reply"),
        Check("subject does not contain", "subject", 10, "unknown", note="the event does not tell the subject"),
    )
    assert decision == Decision(Mark.UNREAD, None, (Step("Refusal", 7, "unknown", Mark.READ, checks),))


def test_a_full_trace_has_every_rule_down_to_the_deciding_one_with_every_check() -> None:
    decision = decide_facts(ruleset_of(THREE_RULES), Facts(reply="Hi", subject="Urgent!", category="x"), full=True)
    assert [(step.rule, step.verdict) for step in decision.steps] == [("Not a lead", "matched")]
    decision = decide_facts(
        ruleset_of(THREE_RULES), Facts(reply="Hi", subject="Urgent!", category="Interested"), full=True
    )
    assert [(step.rule, step.verdict) for step in decision.steps] == [
        ("Not a lead", "no match"),
        ("Refusal", "no match"),
        ("Anything", "matched"),
    ]
    assert decision.steps[1].checks == (
        Check(
            "reply contains",
            "reply",
            9,
            "fails",
            note='not there: "not interested", "no thanks", "no thank you" and 1 more',
        ),
        Check("subject does not contain", "subject", 10, "fails", words="Urgent", start=0, end=6),
    )


@pytest.mark.parametrize(
    ("condition", "text", "words"),
    [
        ("contains: [thank you, not interested]", "Thank  you,\nI’m NOT\N{NO-BREAK SPACE}interested", "Thank  you"),
        ("contains: not interested", "“I am Not\n  Interested”", "Not\n  Interested"),
        ("contains: straße", "In der STRASSE dort", "STRASSE"),
        ("contains: cafe", "Das Cafe\u0301!", "Cafe\u0301"),
        ("contains: unsubscrib*", "I UNSUBSCRIBED.", "UNSUBSCRIBED"),
        ("contains: 'off'", "\N{ZERO WIDTH SPACE}\N{GRINNING FACE} Off\N{HORIZONTAL ELLIPSIS}", "Off"),
        ("starts with: hello", "  Hello, you", "Hello"),
        ("ends with: bye", "And good Bye !", "Bye"),
        ("is: thanks", " Thanks! ", "Thanks!"),
        (r"matches: 'b+'", "aéBBc", "BB"),
        ("does not contain: call me", "Please call  me", "call  me"),
    ],
)
def test_a_check_shows_the_deciding_words_as_the_person_wrote_them(condition: str, text: str, words: str) -> None:
    shown = check(f"reply {condition}", Facts(reply=text))
    assert shown.words == words
    assert text[shown.start : shown.end] == words


def test_a_check_under_none_of_that_holds_says_that_it_keeps_the_rule_from_matching() -> None:
    shown = check("none of: [{reply contains: no}]", Facts(reply="no"))
    assert (shown.verdict, shown.words) == ("holds", "no")
    assert shown.note == "it stands under none of, so the rule does not match"


def test_texts_that_utf8_cannot_hold_are_decided_too() -> None:
    assert check("reply contains: no", Facts(reply="\ud83d no \ude00")).words == "no"
    assert verdict("reply matches: 'no'", Facts(reply="\ud83d no")) == "matched"


def test_a_rule_set_may_be_shared_by_threads() -> None:
    ruleset = ruleset_of(THREE_RULES)
    replies = [Facts(reply=text, subject="s", category="Interested") for text in ("no thanks", "hello", "stop")] * 50
    alone = [decide_facts(ruleset, facts, full=True) for facts in replies]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda facts: decide_facts(ruleset, facts, full=True), replies))
    assert together == alone
