"""The example replies of tests/replies: what a person wrote comes out, whole and without our own words."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from bench.example_replies import Case, Score, judge, load_cases, score
from rules.engine.mail.text import read

CASES: Final = load_cases()
HELD_OUT: Final = [case for case in CASES if case.held_out]
LEAST_HELD_OUT: Final = 60  # fewer say nothing about 2 %


def name_of(case: Case) -> str:
    return f"{case.name}, {case.form}"


@pytest.mark.parametrize("case", [case for case in CASES if case.known is None], ids=name_of)
def test_of_a_reply_exactly_the_new_words_are_read(case: Case) -> None:
    written = read(case.reply)
    assert judge(case) == Score(exact=True, leak=False, loss=False), (written.new, written.doubt, written.parts)


@pytest.mark.parametrize("case", [case for case in CASES if case.known is not None], ids=name_of)
def test_a_reply_that_is_listed_as_wrong_is_still_wrong(case: Case) -> None:
    assert not judge(case).exact, f"it is right now: take `known` away from {case.name}"


def test_replies_that_were_not_tuned_on_when_they_were_written_are_read_as_well_as_promised() -> None:
    scores = [judge(case) for case in HELD_OUT]
    assert len(scores) >= LEAST_HELD_OUT
    assert sum(found.exact for found in scores) >= 0.90 * len(scores)
    assert sum(found.leak for found in scores) <= 0.02 * len(scores)
    assert sum(found.loss for found in scores) <= 0.02 * len(scores)


def test_the_examples_speak_many_languages_and_come_from_many_clients() -> None:
    assert len({case.language for case in CASES}) >= 25
    assert len({case.client for case in CASES}) >= 15
    assert max(Counter(map(name_of, CASES)).values()) == 1, "two examples have the same name"


@pytest.mark.parametrize(
    ("new", "doubt", "found"),
    [
        ("Yes,\n call me.\n\nTom", False, Score(exact=True, leak=False, loss=False)),
        ("Yes, call me.", False, Score(exact=True, leak=False, loss=False)),
        ("Yes,", False, Score(exact=False, leak=False, loss=True)),
        ("Yes, call me. P.S. Reply STOP", False, Score(exact=False, leak=True, loss=False)),
        ("Yes, call me. On Monday", False, Score(exact=False, leak=False, loss=False)),
        ("Yes, call me.", True, Score(exact=False, leak=False, loss=False, doubtful=True)),
    ],
    ids=["an optional line", "without it", "loss", "leak", "something else", "a doubt where there is none"],
)
def test_a_score_tells_leak_from_loss(new: str, *, doubt: bool, found: Score) -> None:
    case = CASES[0]
    example = Case(
        name="example",
        form=case.form,
        client=case.client,
        language=case.language,
        held_out=False,
        reply=case.reply,
        expected="Yes, call me.",
        optional=frozenset({"Tom"}),
        forbidden=("reply stop",),
        doubt=False,
        known=None,
    )
    assert score(example, new, doubt=doubt) == found
