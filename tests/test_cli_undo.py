"""`flask deliveries undo` and `flask rules rollback --repair`: what a rule hid is shown again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask, flask_at_a_terminal, settings_for, write_rules
from ledgers import WINDOWS, arrival, name_categories, publish

from ledger import Choice, Ledger, pack
from model import Decision, Delivery, Done, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIDES = """\
version: 1
rules:
  - name: Out of office
    when: {reply contains: out of the office}
    mark: read
  - name: Greedy
    when: {reply contains: price}
    mark: read
"""
MODEST = HIDES[: HIDES.index("  - name: Greedy")]
AWAY, ASKS = "I am out of the office.", "What is the price?"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    return settings_for(tmp_path, write_rules(tmp_path, HIDES)) | {"DATABASE_URL": database_url}


@pytest.fixture
def ledger(settings: dict[str, str]) -> Iterator[Ledger]:
    """Version 1 is modest, version 2 hides who asks for the price."""
    made = Ledger(settings["DATABASE_URL"], "real")
    made.migrate()
    name_categories(made)
    for content in (MODEST, HIDES):
        publish(made, content)
    yield made
    made.close()


def take(ledger: Ledger, conversation: int, rule: str, words: str, *, version: int = 2, at: float = 1000.0) -> None:
    """A reply that this rule marks read."""
    body = {"event_type": "EMAIL_REPLY", "reply_body": words, "sl_email_lead_map_id": conversation}
    decision = Decision(Mark.READ, rule, version=version)
    told: dict[str, Any] = {"email_lead_map_id": conversation, "decision": decision, "words": words}
    ledger.record([arrival("read", at=at, body=pack(json.dumps(body)), sender="ana@lead.example", **told)])


def deliver_all(ledger: Ledger) -> dict[int, Mark]:
    """Deliver what is due: conversation -> mark."""
    sent = {}
    while isinstance(task := ledger.claim("default", WINDOWS), Delivery):
        ledger.settle(task, Done(), WINDOWS, 3)
        sent[task.email_lead_map_id] = task.mark
    return sent


def undo(settings: dict[str, str], *arguments: str) -> dict[str, Any]:
    """What the command tells a script."""
    done = flask("deliveries", "undo", "--json", *arguments, settings=settings)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_what_a_rule_marked_read_is_marked_unread(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    take(ledger, 2, "Out of office", AWAY)
    deliver_all(ledger)
    take(ledger, 3, "Greedy", ASKS)  # not sent yet
    told = undo(settings, "--rule", "Greedy")
    assert (told["found"], told["marked"], told["rules"]) == (2, 2, {"Greedy": 2})
    assert deliver_all(ledger) == {1: Mark.UNREAD, 3: Mark.UNREAD}
    assert undo(settings, "--rule", "Greedy")["found"] == 0


def test_a_dry_run_shows_the_same_and_changes_nothing(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    deliver_all(ledger)
    told = undo(settings, "--rule", "Greedy", "--dry-run")
    assert (told["found"], told["marked"]) == (1, 0)
    assert [sample["words"] for sample in told["samples"]] == [ASKS]
    assert deliver_all(ledger) == {}


def test_a_read_that_was_cancelled_while_it_was_on_its_way_is_taken_back(
    ledger: Ledger, settings: dict[str, str]
) -> None:
    take(ledger, 1, "Greedy", ASKS)
    take(ledger, 2, "Greedy", ASKS)
    under_way = ledger.claim("default", WINDOWS)
    assert isinstance(under_way, Delivery)
    ledger.cancel(Choice(rule="Greedy"), "a mistake")
    ledger.settle(under_way, Done(), WINDOWS, 3)
    assert undo(settings, "--rule", "Greedy")["marked"] == 1
    assert deliver_all(ledger) == {under_way.email_lead_map_id: Mark.UNREAD}


def test_a_conversation_with_a_newer_reply_is_left_alone(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    deliver_all(ledger)
    ledger.record([arrival("leave", at=2000.0, email_lead_map_id=1)])
    assert undo(settings, "--rule", "Greedy")["found"] == 0


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (("--version", "1"), {"Out of office": 1}),
        (("--version", "2"), {"Greedy": 1}),
        (("--since", "1h"), {"Out of office": 1, "Greedy": 1}),
        (("--since", "2100-01-01"), {}),
        (("--since", "1h", "--version", "1"), {"Out of office": 1}),  # both must hold
        (("--rule", "Greedy", "--account", "other"), {}),
        (("2", "7"), {"Greedy": 1}),
        (("2", "--rule", "Out of office"), {}),
    ],
)
def test_what_is_taken_back_is_chosen_by_version_time_account_and_conversation(
    ledger: Ledger, settings: dict[str, str], chosen: tuple[str, ...], found: dict[str, int]
) -> None:
    take(ledger, 1, "Out of office", AWAY, version=1)
    take(ledger, 2, "Greedy", ASKS)
    assert undo(settings, *chosen)["rules"] == found


def test_a_person_is_shown_what_it_is_about_and_asked(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    deliver_all(ledger)
    code, shown = flask_at_a_terminal("deliveries", "undo", "--rule", "Greedy", settings=settings, typed="n\n")
    assert (code, "1 conversation stands read" in shown, ASKS in shown) == (1, True, True)
    assert deliver_all(ledger) == {}
    code, shown = flask_at_a_terminal("deliveries", "undo", "--rule", "Greedy", settings=settings, typed="y\n")
    assert (code, "still is live" in shown) == (0, True)
    assert deliver_all(ledger) == {1: Mark.UNREAD}


def test_many_conversations_are_each_taken_back_once(ledger: Ledger, settings: dict[str, str]) -> None:
    ledger.record(
        [
            arrival("read", email_lead_map_id=number, decision=Decision(Mark.READ, "Greedy", version=2))
            for number in range(1, 1202)
        ]
    )
    assert undo(settings, "--version", "2")["marked"] == 1201
    assert set(deliver_all(ledger).values()) == {Mark.UNREAD}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((), "Say what is to be taken back"), (("--since", "yesterday"), "is no time"), (("--version", "0"), "range")],
)
def test_wrong_use_is_told(settings: dict[str, str], arguments: tuple[str, ...], says: str) -> None:
    done = flask("deliveries", "undo", *arguments, settings=settings)
    assert (done.returncode, says in done.stderr) == (2, True)


def test_a_version_that_never_was_is_told(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    done = flask("deliveries", "undo", "--version", "9", settings=settings)
    assert (done.returncode, "There is no version 9" in done.stderr) == (1, True)


def test_a_rule_whose_name_is_typed_wrong_is_not_taken_for_a_harmless_one(
    ledger: Ledger, settings: dict[str, str]
) -> None:
    take(ledger, 1, "Greedy", ASKS)
    done = flask("deliveries", "undo", "--rule", "greedy", settings=settings)
    assert 'No live rule is called "greedy". Rules: Out of office, Greedy' in done.stdout
    assert deliver_all(ledger) == {1: Mark.READ}


def test_a_dry_running_installation_takes_nothing_back(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 1, "Greedy", ASKS)
    done = flask("deliveries", "undo", "--rule", "Greedy", settings=settings | {"DRY_RUN": "1"})
    assert (done.returncode, "DRY_RUN is set" in done.stderr) == (1, True)


def test_a_rollback_repairs_what_the_restored_rules_would_not_mark_read(
    ledger: Ledger, settings: dict[str, str]
) -> None:
    take(ledger, 1, "Out of office", AWAY)
    take(ledger, 2, "Greedy", ASKS)
    take(ledger, 3, "Out of office", AWAY, version=1)
    deliver_all(ledger)
    done = flask("rules", "rollback", "1", "--repair", settings=settings)
    assert (done.returncode, "1 conversation is to be marked unread" in done.stdout) == (0, True)
    assert deliver_all(ledger) == {2: Mark.UNREAD}


def test_who_watches_a_repair_sees_how_far_it_is(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 2, "Greedy", ASKS)
    code, shown = flask_at_a_terminal("rules", "rollback", "1", "--repair", "--yes", settings=settings, typed="")
    assert (code, "Replies decided again" in shown, "100%" in shown) == (0, True, True)
    assert deliver_all(ledger) == {2: Mark.UNREAD}


def test_a_rollback_that_was_made_before_is_repaired_later(ledger: Ledger, settings: dict[str, str]) -> None:
    take(ledger, 2, "Greedy", ASKS)
    deliver_all(ledger)
    assert flask("rules", "rollback", "1", settings=settings).returncode == 0
    assert deliver_all(ledger) == {}
    assert flask("rules", "rollback", "1", "--repair", settings=settings).returncode == 0
    assert deliver_all(ledger) == {2: Mark.UNREAD}
