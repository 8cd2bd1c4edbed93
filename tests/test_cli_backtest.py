"""`flask rules backtest`: which stored replies a rules file would decide otherwise than the live rules."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask, flask_at_a_terminal, settings_for, write_rules
from ledgers import arrival, publish

from ledger import Ledger, pack

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

LIVE = """\
version: 1
rules:
  - name: Wants to buy
    when: {reply contains: [send me pricing, book a call]}
    mark: unread
  - name: Out of office
    when: {reply contains: out of the office}
    mark: read
"""
# Hides who is away, whatever else they say, and shows who was hidden for other words.
CANDIDATE = """\
version: 1
rules:
  - name: Holidays
    when: {reply contains: holiday*}
    mark: unread
    trial: yes
  - name: Away
    when: {reply contains: [on annual leave, on holiday]}
    mark: read
  - name: Wants to buy
    when: {reply contains: [send me pricing, book a call]}
    mark: unread
"""


def reply(words: str, **values: Any) -> Any:
    """A stored reply, as the webhook left it."""
    body = {"event_type": "EMAIL_REPLY", "sl_lead_email": "ana@lead.example", "reply_message": {"text": words}}
    return arrival("leave", body=pack(json.dumps(body)), **values)


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    made = settings_for(tmp_path, write_rules(tmp_path, LIVE))
    ledger = Ledger(made["DATABASE_URL"], "real")
    ledger.migrate()
    publish(ledger, LIVE)
    for stored in (
        reply("Book a call, I am on annual leave"),
        reply("I am on holiday", bucket="parked", email_lead_map_id=None),
        reply("I am out of the office"),
        reply("Hello"),
        reply("On holiday, but this one was no reply", bucket="ignored"),
        arrival("read", body=b""),
    ):
        ledger.record([stored])
    ledger.close()
    return made


def backtest(settings: dict[str, str], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return flask("rules", "backtest", write_rules(folder, CANDIDATE, "new.yaml"), *options, settings=settings)


def test_replies_that_would_be_hidden_are_named_apart_with_their_words(
    settings: dict[str, str], tmp_path: Path
) -> None:
    done = backtest(settings, tmp_path)
    assert done.returncode == 1, done.stderr
    assert done.stderr == ""
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    hidden, shown = lines.index("To read: a lead may be hidden: 2"), lines.index("No longer read: 1")
    assert lines[hidden + 2 : hidden + 4] == [
        "1 ana@lead.example unread → read Wants to buy → Away “on annual leave”",
        "2 ana@lead.example leave → read (the default) → Away “on holiday”",
    ]
    assert (
        lines[shown + 2] == "3 ana@lead.example read → leave Out of office → (the default) before: “out of the office”"
    )
    assert lines[-1] == "2 of 4 would flip to read."


def test_json_counts_what_each_rule_takes_and_what_is_no_longer_kept(settings: dict[str, str], tmp_path: Path) -> None:
    told = json.loads(backtest(settings, tmp_path, "--json").stdout)
    assert (told["tried"], told["pruned"], told["unreadable"], told["version"]) == (4, 1, 0, 1)
    assert told["flipped"] == {"to read": 2, "from read": 1, "other": 0, "on trial": 0}
    assert [(flip["event_id"], flip["old_rule"], flip["rule"]) for flip in told["flips"]["to read"]] == [
        (1, "Wants to buy", "Away"),
        (2, None, "Away"),
    ]
    assert [(share["rule"], share["live"], share["candidate"]) for share in told["rules"]] == [
        ("Holidays", 0, 0),
        ("Away", 0, 2),
        ("Wants to buy", 1, 0),
        ("Out of office", 1, 0),
        (None, 2, 2),
    ]
    assert told["trials"] == [{"rule": "Holidays", "mark": "unread", "taken": 1, "flipped": 1}]


def test_what_a_rule_on_trial_would_hide_is_named_apart_and_allowed(settings: dict[str, str], tmp_path: Path) -> None:
    rules = f"{LIVE}  - name: Kinds\n    when: {{kind is: person}}\n    mark: read\n    trial: yes\n"
    done = flask("rules", "backtest", write_rules(tmp_path, rules, "trial.yaml"), settings=settings)
    assert done.returncode == 0, done.stdout
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    hidden = lines.index("To read if the rules on trial were in force: 2")
    assert lines[hidden + 2 : hidden + 4] == [
        f"{event} ana@lead.example leave → read (the default) → Kinds the kind is person" for event in (2, 4)
    ]
    assert lines[-1] == "0 of 4 would flip to read."


@pytest.mark.parametrize(("allowed", "code"), [(1, 1), (2, 0)])
def test_the_exit_code_says_whether_more_would_be_hidden_than_is_allowed(
    settings: dict[str, str], tmp_path: Path, allowed: int, code: int
) -> None:
    assert backtest(settings, tmp_path, "--max-hidden", str(allowed)).returncode == code


def test_who_watches_sees_how_far_it_is(settings: dict[str, str]) -> None:
    code, shown = flask_at_a_terminal("rules", "backtest", settings=settings, typed="")
    assert code == 0
    assert "Replies" in shown
    assert "100%" in shown


def test_of_many_flips_the_first_are_named_and_all_are_counted(settings: dict[str, str], tmp_path: Path) -> None:
    done = backtest(settings, tmp_path, "--limit", "1")
    assert "“on annual leave”" in done.stdout
    assert "“on holiday”" not in done.stdout
    assert "… and 1 more (--limit)." in done.stdout
    assert done.stdout.endswith("2 of 4 would flip to read.\n")


def test_the_live_rules_themselves_flip_nothing(settings: dict[str, str]) -> None:
    done = flask("rules", "backtest", settings=settings)
    assert done.returncode == 0
    assert done.stdout.endswith("0 of 4 would flip to read.\n")


def test_a_file_with_errors_or_a_ledger_without_rules_ends_with_a_sentence(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, write_rules(tmp_path, LIVE))
    flask("ledger", "migrate", settings=settings)
    done = flask("rules", "backtest", settings=settings)
    assert (done.returncode, "flask rules publish" in done.stderr) == (1, True)
    broken = write_rules(tmp_path, LIVE.replace("mark: read", "mark: yes"), "broken.yaml")
    done = flask("rules", "backtest", broken, settings=settings)
    assert (done.returncode, "did you mean read or unread?" in done.stderr) == (1, True)


def test_a_strangers_words_move_no_terminal(settings: dict[str, str], tmp_path: Path) -> None:
    ledger = Ledger(settings["DATABASE_URL"], "real")
    ledger.record([reply("I am on\x1b[2J \x07 holiday, on\x07\nholiday")])
    ledger.close()
    shown = backtest(settings, tmp_path).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown
