"""A backtest: both rule sets decide anew, and only the difference between them is a flip."""

from __future__ import annotations

from datetime import date

import pytest

from model import Mark, Reply
from rules.engine import RuleSet, load
from rules.engine.change.backtest import Backtest, Flip

TODAY = date(2026, 1, 7)
LIVE = """\
  - {name: Buy, when: {reply contains: demo}, mark: unread}
  - {name: Away, when: {reply contains: away}, mark: read}
"""


def ruleset_of(rules: str) -> RuleSet:
    loaded = load(f"version: 1\nrules:\n{rules}")
    assert loaded.ruleset is not None, loaded.problems
    return loaded.ruleset


def run_of(candidate: str) -> Backtest:
    return Backtest(ruleset_of(LIVE), ruleset_of(candidate))


def test_a_flip_tells_both_rules_and_the_words_of_the_new_one() -> None:
    run = run_of("  - {name: Away, when: {reply contains: [away, on leave], subject contains: auto}, mark: read}\n")
    (flip,) = run.try_reply(Reply(subject="Auto: x", text="A demo, I am\nON\nLEAVE"), TODAY)
    assert flip == Flip(Mark.UNREAD, Mark.READ, "Buy", "Away", ("ON LEAVE", "Auto"), old_words=("demo",))
    assert flip.direction == "to read"
    assert run.try_reply(Reply(subject="Auto", text="I am away"), TODAY) == ()
    assert (run.tried, run.flipped) == (2, {"to read": 1})


def test_only_a_flip_to_read_hides_anything() -> None:
    run = run_of("  - {name: Thanks, when: {reply contains: thanks}, mark: read}\n")
    texts = {"thanks": ["to read"], "I am away": ["from read"], "a demo": ["other"], "hello": []}
    for text, direction in texts.items():
        assert [flip.direction for flip in run.try_reply(Reply(text=text), TODAY)] == direction, text
    assert run.flipped == {"to read": 1, "from read": 1, "other": 1}


def test_each_rule_is_counted_on_both_sides_and_the_default_last() -> None:
    run = run_of("  - {name: New, when: {reply contains: [demo, hello]}, mark: unread}\n")
    for text in ("a demo", "a demo", "hello", "away", "else"):
        run.try_reply(Reply(text=text), TODAY)
    assert [(share.rule, share.live, share.candidate) for share in run.shares] == [
        ("New", 0, 3),
        ("Buy", 2, 0),
        ("Away", 1, 0),
        (None, 2, 2),
    ]


def test_a_rule_with_a_last_day_counts_by_the_day_of_each_reply() -> None:
    run = run_of("  - {name: Holiday, when: {reply contains: hello}, mark: read, until: 2026-01-06}\n")
    assert run.try_reply(Reply(text="hello"), date(2026, 1, 6))
    assert not run.try_reply(Reply(text="hello"), date(2026, 1, 7))


def test_a_rule_on_trial_is_counted_as_if_it_were_in_force_where_it_stands() -> None:
    unknown = "".join(f"  - {{name: U{number}, when: {{category is: x}}, mark: read}}\n" for number in range(30))
    run = run_of(
        f"{unknown}  - {{name: Buy, when: {{reply contains: demo}}, mark: unread}}\n"
        "  - {name: Trial, when: {reply contains: [demo, away, hello]}, mark: read, trial: yes}\n"
        "  - {name: Paused, when: {reply contains: away}, mark: leave, trial: yes, paused: yes}\n"
        "  - {name: Away, when: {reply contains: away}, mark: read}\n"
    )
    for text in ("a demo", "I am away", "hello", "else"):
        run.try_reply(Reply(text=text), TODAY)
    assert [(trial.rule, trial.mark, trial.taken, trial.flipped) for trial in run.trials] == [
        ("Trial", Mark.READ, 2, 1)
    ]
    assert run.flipped == {"on trial": 1}


def test_long_words_are_not_kept_whole() -> None:
    run = run_of("  - {name: Long, when: {reply matches: 'x.*x'}, mark: read}\n")
    (flip,) = run.try_reply(Reply(text="x" * 50_000), TODAY)
    assert len(flip.words[0]) < 200


@pytest.mark.parametrize(
    ("when", "words", "sign", "why"),
    [
        ("{reply contains all: [hello, monday]}", ("Hello", "Monday"), None, "each phrase that is wanted"),
        ("{kind is: auto-reply}", (), 'the subject begins with "Automatic reply:"', "a kind by its sign"),
        ("{reply does not contain: demo}", (), None, "a negative test by no words"),
        ("{reply contains: hello, none of: [{reply contains: monday, subject contains: x}]}", ("Hello",), None,
         "nor what must not be there together"),
        ("{any of: [{reply contains: hello, subject contains: x}, {reply contains: monday}]}", ("Monday",), None,
         "nor an alternative that does not hold"),
        ("{reply contains: hello, subject starts with: automatic, sender is: '@lead.example'}",
         ("Hello", "Automatic", "ana@lead.example"), None, "each field"),
    ],
)  # fmt: skip
def test_the_words_are_those_by_which_the_rule_decides(
    when: str, words: tuple[str, ...], sign: str | None, why: str
) -> None:
    run = run_of(f"  - {{name: New, when: {when}, mark: read}}\n")
    reply = Reply(subject="Automatic reply: offer", text="Hello, back on Monday", sender="ana@lead.example")
    (flip,) = run.try_reply(reply, TODAY)
    assert (flip.words, flip.sign) == (words, sign), why


def test_a_flip_to_the_default_tells_the_words_of_the_live_rule() -> None:
    (flip,) = run_of("  []\n").try_reply(Reply(text="I am AWAY"), TODAY)
    assert flip == Flip(Mark.READ, Mark.LEAVE, "Away", None, old_words=("AWAY",))


def test_each_rule_on_trial_names_what_it_would_hide_against_the_rules_in_force() -> None:
    run = run_of(
        "  - {name: One, when: {reply contains: hello}, mark: read, trial: yes}\n"
        "  - {name: Two, when: {reply contains: demo}, mark: read, trial: yes}\n"
        "  - {name: Three, when: {reply contains: demo}, mark: leave, trial: yes}\n"
        "  - {name: Demos, when: {reply contains: demo}, mark: leave}\n"
        "  - {name: Thanks, when: {reply contains: thanks}, mark: read}\n"
    )
    between, one, two = run.try_reply(Reply(text="Hello, a demo"), TODAY)
    assert (between.direction, between.rule) == ("other", "Demos")
    assert one == Flip(Mark.LEAVE, Mark.READ, "Demos", "One", ("Hello",), old_words=("demo",), on_trial=True)
    assert (two.direction, two.words) == ("on trial", ("demo",))
    (hidden_already,) = run.try_reply(Reply(text="Hello and thanks"), TODAY)
    assert hidden_already.direction == "to read"
    assert run.flipped == {"other": 1, "on trial": 2, "to read": 1}
