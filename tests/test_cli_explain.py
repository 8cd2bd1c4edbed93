"""`flask rules explain`: the deciding rule, the words that decided, and what nearly decided instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import GOOD, ROOT, flask, write_rules

if TYPE_CHECKING:
    from pathlib import Path

BUYING = """\
version: 1
rules:
  - name: Hot
    when: {category is: Interested}
    mark: unread
  - name: Wants to buy
    when: {reply contains: [send me pricing, book a call, show me, a demo]}
    mark: unread
  - name: On its way out
    when: {reply contains: office}
    mark: leave
    trial: yes
  - name: Holiday
    when: {reply contains: office}
    mark: leave
    until: 2026-01-06
  - name: Out of office
    when: {reply contains: out of the office}
    mark: read
"""
AWAY = "Sorry, I’m Out of\nthe Office until May. I booked a call."
OFFICE = '"Out of office" ({file}:17)'
BECAUSE = 'the reply contains "out of the office" (found: “Out of the Office”)'
BUT = 'the reply contains none of "send me pricing", "book a call", "show me" and 1 more'
CLOSE = 'the rule looks for "book a call", the reply has “booked a call”'


def test_the_decision_is_told_with_its_rule_its_words_and_the_nearest_miss(tmp_path: Path) -> None:
    file = write_rules(tmp_path, BUYING)
    done = flask("rules", "explain", file, "--reply", AWAY, "--on", "2026-01-07")
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"read: decided by {OFFICE.format(file=file)}, because {BECAUSE}.",
        "    reply: Sorry, I’m »Out of the Office« until May. I booked a call.",
        f'"Hot" ({file}:3) was passed over, because the event does not tell the category.',
        f'"On its way out" ({file}:9) is on trial: it would have left it as it is.',
        f'"Holiday" ({file}:13) expired on 2026-01-06: it would have left it as it is.',
        f'Nearest miss: "Wants to buy" ({file}:6) would have marked it unread, but {BUT}. Close: {CLOSE}.',
    ]


def test_the_day_of_arrival_decides_which_rules_have_expired(tmp_path: Path) -> None:
    file = write_rules(tmp_path, BUYING)
    done = flask("rules", "explain", file, "--reply", AWAY, "--on", "2026-01-06")
    assert done.stdout.startswith('leave: decided by "Holiday"')


def test_all_shows_every_rule_that_was_tried(tmp_path: Path) -> None:
    file = write_rules(tmp_path, BUYING)
    done = flask("rules", "explain", file, "--reply", AWAY, "--all")
    assert f"✗ Wants to buy ({file}:6): no match" in done.stdout
    assert "    ? category is: unknown – the event does not tell the category" in done.stdout
    assert "✗ Wants to buy" not in flask("rules", "explain", file, "--reply", AWAY).stdout


def test_without_any_match_the_default_decides(tmp_path: Path) -> None:
    done = flask("rules", "explain", write_rules(tmp_path), "--reply", "Hello")
    assert done.stdout == "leave: no rule matches, so the default decides.\n"


def test_json_tells_everything_with_offsets(tmp_path: Path) -> None:
    file = write_rules(tmp_path, BUYING)
    told = json.loads(flask("rules", "explain", file, "--reply", AWAY, "--on", "2026-01-07", "--json").stdout)
    assert (told["mark"], told["rule"], len(told["steps"])) == ("read", "Out of office", 5)
    (passage,) = told["passages"]
    ((start, end),) = passage["spans"]
    assert passage["text"][start:end] == "Out of\nthe Office"
    miss = told["nearest_miss"]
    (close,) = miss["close"]
    assert (miss["step"]["rule"], close["sought"]) == ("Wants to buy", "book a call")
    assert AWAY[close["start"] : close["end"]] == close["words"] == "booked a call"
    assert [remark["step"]["verdict"] for remark in told["passed_over"]] == ["unknown", "on trial", "expired"]


def test_a_webhook_is_read_from_standard_input(tmp_path: Path) -> None:
    body = (ROOT / "tests/payloads/24_email_reply_out_of_office.json").read_text("utf-8")
    done = flask("rules", "explain", write_rules(tmp_path), "--event", "-", stdin=body)
    assert done.returncode == 0
    assert 'read: decided by "Out of office"' in done.stdout


@pytest.mark.parametrize("body", ["", "[1]", '{"event_type": "EMAIL_OPEN"}'], ids=["nothing", "no event", "no reply"])
def test_an_event_that_is_no_reply_is_told_why(tmp_path: Path, body: str) -> None:
    done = flask("rules", "explain", write_rules(tmp_path), "--event", "-", stdin=body)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")


@pytest.mark.parametrize(
    "arguments",
    [(), ("--reply", "x", "--event", "-"), ("--reply", "x", "--on", "tomorrow")],
    ids=["nothing told", "told twice", "no day"],
)
def test_wrong_use_is_told_apart_from_a_finding(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert flask("rules", "explain", write_rules(tmp_path), *arguments).returncode == 2


def test_a_field_of_two_words_is_an_option_too(tmp_path: Path) -> None:
    file = write_rules(
        tmp_path, GOOD.replace("reply contains: [out of the office, annual leave]", "sequence step is: 2")
    )
    assert flask("rules", "explain", file, "--sequence-step", "2").stdout.startswith("read: ")


def test_a_strangers_words_move_no_terminal(tmp_path: Path) -> None:
    reply = "I am out\x1b[2J of \x07 the office, on annual leave\x1b[1A"
    shown = flask("rules", "explain", write_rules(tmp_path), "--all", "--reply", reply).stdout
    assert "annual leave" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
