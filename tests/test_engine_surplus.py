"""A text is said to add nothing only where nothing would change without it."""

from __future__ import annotations

from typing import Any

import pytest
from rules_files import TODAY

from rules.engine import load
from rules.engine.meaning.checks import check_meaning


def surplus_of(lists: dict[str, list[str]], *conditions: dict[str, Any]) -> list[str]:
    """Texts that are said to add nothing, as "line: text"; lists are on lines from 2, rules of one condition on 9 …"""
    lines = ["version: 1", *(f"{name}: {texts}" for name, texts in lists.items())]
    lines[1:] = ["lists:", *(f"  {line}" for line in lines[1:])] if lists else []
    lines += [""] * (8 - len(lines))
    lines[7] = "rules:"
    lines += [f"  - {{name: r{number}, when: {when}, mark: leave}}" for number, when in enumerate(conditions)]
    problems = check_meaning(load("\n".join(lines)), TODAY)
    told = (" adds nothing", " stands here twice", " stands in the list already")
    return [
        f"{one.line}: {one.text[one.column - 1 :][: one.width].strip(chr(39))}"
        for one in problems
        if any(words in one.message for words in told)
    ]


@pytest.mark.parametrize(
    ("test", "texts", "surplus", "why"),
    [
        ("reply contains", ["stop it", "stop"], ["stop it"], "the shorter phrase finds all that the longer one finds"),
        ("reply contains", ["Stop", "stop!"], ["stop!"], "the mark is part of a phrase"),
        ("reply contains", ["Stop", "STOP"], ["STOP"], "any case; the first counts"),
        ("reply contains", ["stop", "stop*", "stopping"], ["stop", "stopping"], "the asterisk covers longer words"),
        ("reply contains", ["stopping", "stop"], [], "whole words"),
        ("reply contains", ["a", "b a", "c b a"], ["b a", "c b a"], "one covers two"),
        ("reply does not contain", ["stop it", "stop"], ["stop it"], "what is forbidden is forbidden already"),
        ("reply starts with", ["stop it", "it"], [], "it must begin with it"),
        ("reply starts with", ["stop it", "stop"], ["stop it"], "a shorter beginning"),
        ("reply ends with", ["stop it", "it"], ["stop it"], "a shorter end"),
        ("reply ends with", ["stop it", "stop"], [], "another end"),
        ("reply contains all", ["stop it", "stop"], [], "each is demanded"),
        ("reply is", ["stop", "Stop!", "stop it"], ["Stop!"], "the same value"),
        ("reply matches", ["st.p", "st.p", "stop"], ["st.p"], "of patterns only equal ones are compared"),
        ("campaign is", ["VIP", "vip", "17"], ["vip"], "the same name"),
        ("sender is", ["jane@acme.com", "@acme.com", "*.com", "@acme.com"], ["jane@acme.com", "@acme.com", "@acme.com"],
         "wider forms"),
        ("sender is", ["@acme.com", "*.acme.com", "jane@*"], [], "none covers another"),
    ],
)  # fmt: skip
def test_a_text_is_surplus_if_another_of_its_condition_finds_all_that_it_finds(
    test: str, texts: list[str], surplus: list[str], why: str
) -> None:
    assert surplus_of({}, {test: texts}) == [f"9: {text}" for text in surplus], why


STOPS = {"stops": ["stop", "stop please"]}


@pytest.mark.parametrize(
    ("lists", "conditions", "surplus", "why"),
    [
        (STOPS, [{"reply contains": "$stops"}], ["3: stop please"], "one use"),
        (STOPS, [{"reply contains": "$stops"}, {"subject does not contain": "$stops"}], ["3: stop please"], "two"),
        (STOPS, [{"reply is": "$stops"}, {"subject contains": "$stops"}], [], "a whole value is needed as it is"),
        (STOPS, [{"reply starts with": "$stops"}, {"reply ends with": "$stops"}], [], "the end needs it"),
        (STOPS, [{"reply contains": "$stops"}, {"reply contains all": "$stops"}], [], "all are demanded"),
        (STOPS, [{"reply contains": ["$stops", "$stops"]}], ["3: stop please"], "a list that is named twice"),
        ({"a": ["stop"], "b": ["stop please"]}, [{"reply contains": ["$a", "$b"]}, {"subject contains": "$b"}], [],
         "another list does not come along"),
        ({"a": ["stop please"]}, [{"reply contains": ["$a", "stop"]}], [], "nor does a condition's own text"),
        (STOPS, [{"reply contains": ["$stops", "stop now", "STOP"]}], ["3: stop please", "9: stop now", "9: STOP"],
         "a condition's own text may lean on a list"),
        ({}, [{"reply contains": ["a", "a b"]}, {"reply contains": ["a", "a b"]}], ["9: a b", "10: a b"],
         "each is told where it stands"),
        ({"a": ["Stop!", "stop", "Stop"]}, [{"reply is": "$a"}, {"subject is not": "$a"}], ["3: stop", "3: Stop"],
         "one value in three spellings"),
    ],
)  # fmt: skip
def test_a_text_of_a_list_is_surplus_only_if_it_is_so_in_every_use(
    lists: dict[str, list[str]], conditions: list[dict[str, Any]], surplus: list[str], why: str
) -> None:
    assert surplus_of(lists, *conditions) == surplus, why
