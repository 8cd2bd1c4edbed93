"""A backtest: both rule sets decide anew, and only the difference between them is a flip."""

from __future__ import annotations

from datetime import date

from model import Mark, Reply
from rules.engine import RuleSet, load
from rules.engine.backtest import Backtest, Flip

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
    flip = run.try_reply(Reply(subject="Auto: x", text="A demo, I am\nON\nLEAVE"), TODAY)
    assert flip == Flip(Mark.UNREAD, Mark.READ, "Buy", "Away", ("ON LEAVE", "Auto"))
    assert flip.direction == "to read"
    assert run.try_reply(Reply(subject="Auto", text="I am away"), TODAY) is None
    assert (run.tried, run.flipped) == (2, {"to read": 1})


def test_only_a_flip_to_read_hides_anything() -> None:
    run = run_of("  - {name: Thanks, when: {reply contains: thanks}, mark: read}\n")
    texts = {"thanks": "to read", "I am away": "from read", "a demo": "other", "hello": None}
    for text, direction in texts.items():
        flip = run.try_reply(Reply(text=text), TODAY)
        assert (flip.direction if flip else None) == direction, text
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
    assert run.try_reply(Reply(text="hello"), date(2026, 1, 6)) is not None
    assert run.try_reply(Reply(text="hello"), date(2026, 1, 7)) is None


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
    assert run.flipped == {}


def test_long_words_are_not_kept_whole() -> None:
    run = run_of("  - {name: Long, when: {reply matches: 'x.*x'}, mark: read}\n")
    flip = run.try_reply(Reply(text="x" * 50_000), TODAY)
    assert flip is not None
    assert len(flip.words[0]) < 200
