"""The index finds every rule that may match or be unknown, and of thousands of others hardly any."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rules.engine import Facts, decide_facts, load
from rules.engine.reading import View

if TYPE_CHECKING:
    from rules.engine.ruleset import RuleSet


def ruleset_of(*conditions: dict[str, Any]) -> RuleSet:
    rules = [{"name": f"rule {number}", "when": when, "mark": "leave"} for number, when in enumerate(conditions)]
    loaded = load(json.dumps({"version": "1", "rules": rules}, ensure_ascii=False))
    assert loaded.problems == ()
    assert loaded.ruleset is not None
    return loaded.ruleset


def candidates(facts: Facts, *conditions: dict[str, Any]) -> list[int]:
    ruleset = ruleset_of(*conditions)
    return list(ruleset.index.candidates(View(facts, ruleset.index)))


COMPLETE = Facts(
    reply="Please call me on Monday!",
    subject="Re: Demo",
    sender="anna@mail.acme.com",
    category="Interested",
    campaign="VIP outreach",
    campaign_id="4711",
)


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ({"reply contains": ["fax me", "call me"]}, "one of its phrases"),
        ({"reply contains": "mon*"}, "an open phrase"),
        ({"reply contains all": ["call", "monday"]}, "all of its phrases"),
        ({"reply starts with": "please"}, "a beginning"),
        ({"reply ends with": "on monday"}, "an end, before punctuation"),
        ({"subject is": "re: demo"}, "a whole value"),
        ({"sender is": "*.acme.com"}, "a form of the address"),
        ({"campaign is": "4711"}, "a campaign by number"),
        ({"campaign is": "vip outreach"}, "a campaign by name"),
        ({"reply matches": r"call (me|us) on \w+"}, "a pattern"),
        ({"any of": [{"subject is": "x"}, {"reply contains": "call"}]}, "one way of several"),
        ({"all of": [{"subject contains": "demo"}, {"reply contains": "call"}]}, "a group of both"),
        ({"reply does not contain": "fax"}, "nothing that must be there"),
        ({"none of": [{"reply contains": "fax"}]}, "nothing that must be there"),
        ({"reply is empty": "no"}, "any words"),
    ],
)
def test_a_rule_that_matches_is_a_candidate(when: dict[str, Any], why: str) -> None:
    assert decide_facts(ruleset_of(when), COMPLETE).rule == "rule 0", why
    assert candidates(COMPLETE, when) == [0], why


@pytest.mark.parametrize(
    "when",
    [
        {"reply contains": ["fax me", "callme"]},
        {"reply contains": "call", "sender is": "@elsewhere.example"},
        {"any of": [{"subject is": "x"}, {"reply contains": "fax"}]},
        {"reply matches": "telefax"},
        {"category is": "Wrong Person"},
        {"reply is empty": "yes"},
    ],
)
def test_a_rule_whose_rarest_words_are_not_there_is_not_even_tried(when: dict[str, Any]) -> None:
    others = {"reply contains": "call"}  # makes "call" common, so that a rule is filed under its other condition
    assert candidates(COMPLETE, when, others, others) == [1, 2]


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ({"category is": "Interested"}, "the category has not come"),
        ({"campaign is": "4711"}, "the campaign is known by name only"),
        ({"any of": [{"category is": "Interested"}, {"reply contains": "fax"}]}, "one way is not known"),
    ],
)
def test_a_rule_that_comes_out_unknown_is_a_candidate_for_the_trace_tells_it(when: dict[str, Any], why: str) -> None:
    told = Facts(reply="Call me", campaign="VIP")
    assert candidates(told, when) == [0], why
    assert [step.verdict for step in decide_facts(ruleset_of(when), told).steps] == ["unknown"], why


def test_of_five_thousand_rules_those_are_tried_that_look_for_what_is_there() -> None:
    rules = [{"reply contains": [f"word{number}", f"other{number} words"]} for number in range(5000)]
    assert candidates(Facts(reply="This is word17, and other4000 words."), *rules) == [17, 4000]


def test_of_thousands_of_unknown_rules_the_trace_tells_the_first_twenty() -> None:
    ruleset = ruleset_of(*({"category is": f"Category {number}"} for number in range(1000)))
    assert [step.rule for step in decide_facts(ruleset, COMPLETE).steps] == []
    steps = decide_facts(ruleset, Facts(reply="Hello")).steps
    assert [step.rule for step in steps] == [f"rule {number}" for number in range(20)]
    assert len(decide_facts(ruleset, Facts(reply="Hello"), full=True).steps) == 1000
