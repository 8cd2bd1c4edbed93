"""Whatever a warning claims of a rules file is true of every reply: the engine itself is the judge."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rules_files import TODAY, file_of, ruleset_of

from rules.engine import Facts, Problem, RuleSet, decide_facts, load
from rules.engine.evaluate import try_rule
from rules.engine.meaning.checks import check_meaning

LATER = TODAY + timedelta(days=30)
# Few words, so that rules often look for the same and replies often have it.
WORDS = ["stop", "stop it", "sto*", "stop!", "it", "don't", "don", "l'offre", "offre", "l'*", "please", "it please"]
CLOSED = [word for word in WORDS if not word.endswith("*")]
FORMS = ["anna@acme.com", "@acme.com", "*.acme.com", "anna@*", "@mail.acme.com", "*.com", "bob@mail.acme.com"]
LISTS = ["$one", "$two"]
CHOICES = {
    **{
        f"{field} {test}": LISTS + CLOSED if test in {"is", "is not", "ends with"} else LISTS + WORDS
        for field in ("reply", "subject")
        for test in ("contains", "contains all", "does not contain", "starts with", "ends with", "is", "is not")
    },
    "reply matches": ["st.p", "it$"],
    "reply does not match": ["st.p", "it$"],
    "reply is empty": ["yes", "no"],
    "subject is empty": ["yes", "no"],
    "sender is": ["$forms", *FORMS],
    "sender is not": ["$forms", *FORMS],
    "campaign is": [*LISTS, "VIP", "17", "stop"],
    "campaign is not": ["VIP", "17", "stop"],
    "campaign contains": ["VIP", "stop"],
    "campaign is empty": ["yes", "no"],
}
lines = st.sampled_from(sorted(CHOICES)).flatmap(
    lambda key: st.builds(
        lambda value: {key: value},
        st.sampled_from(CHOICES[key])
        if key.endswith("is empty")
        else st.lists(st.sampled_from(CHOICES[key]), min_size=1, max_size=3, unique=True),
    )
)
items = st.one_of(lines, st.builds(lambda one, other: {**one, **other}, lines, lines))
groups = st.builds(
    lambda kind, members: {kind: members},
    st.sampled_from(["any of", "all of", "none of"]),
    st.lists(items, min_size=1, max_size=3),
)
some_rules = st.builds(
    lambda when, group, mark, state: {"when": {**when, **group}, "mark": mark, **state},
    lines,
    st.one_of(st.just({}), st.just({}), groups),
    st.sampled_from(["read", "unread"]),
    st.sampled_from([{}] * 7 + [{"until": "2026-11-30"}, {"until": "2026-11-01"}, {"trial": "yes"}]),
)
some_lists = st.fixed_dictionaries(
    {
        name.removeprefix("$"): st.lists(st.sampled_from(choices), min_size=1, max_size=4)
        for name, choices in {"$one": [*CLOSED, "17"], "$two": [*CLOSED, "17"], "$forms": FORMS}.items()
    }
)
texts = st.none() | st.lists(
    st.sampled_from(["stop", "it", "stopping", "!", ".", "don't", "l'offre", "please", "\u4e00l'", " ", "\n"]),
    max_size=4,
).map(" ".join)
replies = st.builds(
    Facts,
    reply=texts,
    doubt=st.sampled_from([None, None, None, "The mail was cut."]),
    subject=texts,
    sender=st.sampled_from([None, "anna@acme.com", "bob@mail.acme.com", "anna@b.example", "nobody"]),
    campaign=st.sampled_from([None, "vip", "Stop!", "17", ""]),
    campaign_id=st.sampled_from([None, "17", "18"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(some_rules, min_size=2, max_size=6), some_lists, st.lists(replies, min_size=6, max_size=6))
def test_whatever_is_warned_of_is_true_of_every_reply(
    rules: list[dict[str, Any]], lists: dict[str, list[str]], facts: list[Facts]
) -> None:
    text = file_of(*rules).replace("{", f'{{"lists": {json.dumps(lists)}, ', 1)
    loaded = load(text)
    assert loaded.ruleset is not None
    problems = check_meaning(loaded, TODAY)
    deciders = {decide_facts(loaded.ruleset, reply, on=day).rule for reply in facts for day in (TODAY, LATER)}
    for problem in problems:
        number = problem.line - 2
        if problem.message.startswith("This rule can never decide"):
            assert f"rule {number}" not in deciders, problem.message
        elif problem.message.startswith("This rule can never match"):
            steps = [try_rule(loaded.ruleset, loaded.ruleset.rules[number], reply) for reply in facts]
            assert "matched" not in [step.verdict for step in steps], problem.message
        elif "below it can never decide" in problem.message:
            below = {f"rule {one}" for one in range(number + 1, len(rules))}
            assert len(deciders & below) <= len(below) - dead_below(problem.message, len(below)), problem.message
        elif "never counts here" in problem.message:
            before, after = problem.text[: problem.column - 1], problem.text[problem.column - 1 + problem.width :]
            without = ruleset_of(text.replace(problem.text, f"{before}nobody@nowhere.example{after}"))
            for reply in facts:
                assert decided(loaded.ruleset, reply) == decided(without, reply), problem.message


# Tests and texts are few, so that lists are often used in several ways of which one needs a text that another does not.
uses_of_lists = st.builds(
    lambda field, test, wanted: {"when": {f"{field} {test}": wanted}},
    st.sampled_from(["reply", "subject"]),
    st.sampled_from(["contains", "contains all", "does not contain", "starts with", "ends with", "is"]),
    st.lists(st.sampled_from(["$one", "$one", "$two", "stop please"]), min_size=1, max_size=2),
)
short_lists = st.lists(
    st.sampled_from(["stop", "stop please", "please stop", "Stop!", "please"]), min_size=2, max_size=3
)
VALUES = ["stop", "please", "no", "stop please", "please stop", "stop please no", "no stop"]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(uses_of_lists, min_size=1, max_size=3),
    st.fixed_dictionaries({"one": short_lists, "two": short_lists}),
)
def test_texts_that_add_nothing_can_be_deleted_one_by_one_and_all_at_once(
    rules: list[dict[str, Any]], lists: dict[str, list[str]]
) -> None:
    text = file_of(*rules).replace("{", f'{{"lists": {json.dumps(lists)}, ', 1)
    loaded = load(text)
    assert loaded.ruleset is not None
    told = ("adds nothing", "stands here twice", "stands in the list already")
    surplus = [one for one in check_meaning(loaded, TODAY) if any(words in one.message for words in told)]
    for needless in [*([one] for one in surplus), surplus]:
        without = ruleset_of(text_without(text, needless))
        for reply in (Facts(reply=words, subject=subject) for words, subject in product(VALUES, repeat=2)):
            assert decided(loaded.ruleset, reply) == decided(without, reply), needless


def decided(ruleset: RuleSet, reply: Facts) -> list[tuple[str, str | None]]:
    decisions = (decide_facts(ruleset, reply, on=day) for day in (TODAY, LATER))
    return [(decision.mark, decision.rule) for decision in decisions]


def text_without(text: str, needless: list[Problem]) -> str:
    """The file without the marked texts of lists, each with the comma behind it or before it."""
    lines = text.split("\n")
    for problem in sorted(needless, key=lambda one: -one.column):
        line = lines[problem.line - 1]
        before, after = line[: problem.column - 1], line[problem.column - 1 + problem.width :]
        is_last = not after.startswith(", ")
        lines[problem.line - 1] = before.removesuffix(", ") + after if is_last else before + after[2:]
    return "\n".join(lines)


def dead_below(message: str, below: int) -> int:
    said = re.search(r"so (\d+) of the", message)
    return int(said[1]) if said else below
