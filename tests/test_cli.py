"""The commands, as processes of their own: what they print, and their exit codes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask, settings_for, write_rules
from ledgers import arrival, publish

from ledger import Hold, Ledger, Refusal
from model import CategoryNames, Delivery, GiveUp, Lookup, NotFound

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    return settings_for(tmp_path, write_rules(tmp_path))


@pytest.fixture
def ledger(settings: dict[str, str]) -> Ledger:
    made = Ledger(settings["DATABASE_URL"], "real")
    made.migrate()
    publish(made)
    return made


def test_deliveries_are_listed_and_sent_again(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=2**62)])
    claimed = ledger.claim("default", ())
    assert isinstance(claimed, Delivery)
    ledger.settle(claimed, GiveUp("SmartLead does not know it"), (), 3)
    ledger.close()
    (row,) = json.loads(flask("deliveries", "list", "--json", "--state", "failed", settings=settings).stdout)
    assert list(row) == [
        *("account", "email_lead_map_id", "mark", "state", "attempts", "reason", "rule", "event_id"),
        *("wanted_at", "due_at"),
    ]
    assert (row["email_lead_map_id"], row["state"], row["attempts"]) == (2**62, "failed", 1)
    assert row["wanted_at"].endswith("Z")
    assert "does not know it" in flask("deliveries", "list", settings=settings).stdout
    assert "1 conversation is" in flask("deliveries", "redo", "--failed", settings=settings).stdout
    assert json.loads(flask("deliveries", "list", "--json", settings=settings).stdout)[0]["state"] == "pending"
    assert flask("deliveries", "redo", "99", settings=settings).returncode == 1
    assert flask("deliveries", "redo", settings=settings).returncode == 2


def test_the_quarantine_can_be_read(settings: dict[str, str], ledger: Ledger) -> None:
    (receipt,) = ledger.record([arrival(None, bucket="quarantined", reason="The body is empty.")])
    ledger.close()
    assert "The body is empty." in flask("inbox", "show", "--quarantined", settings=settings).stdout
    assert flask("inbox", "show", "--body", str(receipt.event_id), settings=settings).stdout == "{}\n"
    assert flask("inbox", "show", "--body", "999", settings=settings).returncode == 1
    assert flask("inbox", "show", "--body", "9" * 30, settings=settings).returncode == 2


def test_what_came_twice_or_by_two_ways_is_listed_and_the_counts_add_up(
    settings: dict[str, str], ledger: Ledger
) -> None:
    mail: dict[str, Any] = {"message_key": "m", "email_lead_map_id": 7}
    (first,) = ledger.record([arrival("read", key="a", **mail)])
    ledger.record([arrival("read", key="a", **mail)])
    ledger.record([arrival("read", key="b", source="zapier", **mail), arrival(None, bucket="ignored")])
    ledger.close()
    shown = flask("inbox", "show", "--duplicates", settings=settings).stdout
    assert f"the same reply as event {first.event_id}" in shown
    assert "4 received: 1 accepted, 1 ignored, 0 parked, 0 quarantined, 2 duplicates." in shown
    rows = json.loads(flask("inbox", "show", "--duplicates", "--json", settings=settings).stdout)["events"]
    assert [(row["bucket"], row["repeats"], row["twin_of"]) for row in rows] == [
        ("duplicate", 0, first.event_id),
        ("accepted", 1, None),
    ]


def test_an_event_that_nobody_wrote_is_listed_by_its_lead(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival(None, lead="ana@lead.example"), arrival("read", sender="ben@lead.example")])
    ledger.close()
    shown = flask("inbox", "show", settings=settings).stdout
    assert "ana@lead.example" in shown
    assert "ben@lead.example" in shown


def test_what_was_refused_is_shown_beside_what_was_taken(settings: dict[str, str], ledger: Ledger) -> None:
    moment = 1_770_000_000.0
    made = [Refusal(moment + at, "/webhooks/zapier", "wrong token", "203.0.113.7") for at in range(3)]
    ledger.record_refusals([*made, Refusal(moment + 9, "/webhooks/smartlead", "no token", "203.0.113.8")])
    ledger.close()
    shown = flask("inbox", "show", "--refused", settings=settings).stdout
    assert shown.splitlines()[1].split() == [
        "2026-02-02T02:40:09Z",
        "no",
        "token",
        "203.0.113.8",
        "/webhooks/smartlead",
    ]
    assert "Refused beside these: 4 (1 no token, 3 wrong token)." in flask("inbox", "show", settings=settings).stdout
    told = json.loads(flask("inbox", "show", "--refused", "--json", "--limit", "2", settings=settings).stdout)
    assert told["refused"] == {"no token": 1, "wrong token": 3}
    assert [one["reason"] for one in told["refusals"]] == ["no token", "wrong token"]
    assert shown.splitlines()[-1] == "Refused so far: 4 (1 no token, 3 wrong token)."


def test_events_are_listed_with_their_account_and_the_way_they_came(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", account="acme", source="sweep")])
    ledger.close()
    row = flask("inbox", "show", settings=settings).stdout.splitlines()[1].split()
    assert row[3:5] == ["acme", "sweep"]


def test_a_strangers_words_move_no_terminal(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", sender="a\x1b[2J\x07@b.example")])
    ledger.close()
    shown = flask("inbox", "show", settings=settings).stdout
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_parked_replies_are_looked_up_again_when_somebody_says_so(settings: dict[str, str], ledger: Ledger) -> None:
    parked: dict[str, Any] = {"bucket": "parked", "email_lead_map_id": None, "campaign_id": "7"}
    first, second, untold = ledger.record(
        [
            arrival("read", key="a", lead="a@b.example", **parked),
            arrival("read", key="b", lead="c@d.example", **parked),
            arrival("read", key="c", lead=None, **parked),
        ]
    )
    while not isinstance(asked := ledger.claim("default", ()), Hold):
        ledger.settle(asked, NotFound("nobody knows it") if isinstance(asked, Lookup) else CategoryNames({}), (), 3)
    done = flask("inbox", "lookup", str(first.event_id), settings=settings)
    assert (done.returncode, done.stdout) == (0, "1 parked reply is to be looked up now.\n")
    assert isinstance(claimed := ledger.claim("default", ()), Lookup)
    assert claimed.lead == "a@b.example"
    ledger.close()
    assert "2 parked replies are" in flask("inbox", "lookup", "--all", settings=settings).stdout
    done = flask("inbox", "lookup", str(second.event_id), str(untold.event_id), "999", settings=settings)
    assert (done.returncode, done.stderr.startswith("2 not:")) == (1, True)
    shown = flask("inbox", "show", "--parked", settings=settings).stdout
    assert "lookup attempts  lookup due at" in shown
    assert "c@d.example" in shown
    assert "looked up once" in shown
    rows = json.loads(flask("inbox", "show", "--parked", "--json", settings=settings).stdout)["events"]
    assert {row["lead"]: bool(row["lookup_due_at"]) for row in rows} == {
        "a@b.example": True,
        "c@d.example": True,
        None: False,
    }


@pytest.mark.parametrize("wrong", [[], ["1", "--all"], ["0"], ["9" * 30]])
def test_a_lookup_of_nothing_or_of_no_number_is_wrong_use(settings: dict[str, str], wrong: list[str]) -> None:
    assert flask("inbox", "lookup", *wrong, settings=settings).returncode == 2


def test_without_a_migrated_ledger_a_command_says_what_to_do(settings: dict[str, str]) -> None:
    done = flask("deliveries", "list", settings=settings)
    assert done.returncode == 1
    assert "flask ledger migrate" in done.stderr


@pytest.mark.parametrize("group", ["rules", "deliveries", "inbox", "smartlead", "ledger", "worker", "sandbox"])
def test_every_command_has_help(group: str) -> None:
    done = flask(group, "--help")
    assert done.returncode == 0
    names = [line.split()[0] for line in done.stdout.partition("Commands:\n")[2].splitlines() if line.strip()]
    assert names
    for name in names:
        assert flask(group, name, "--help").returncode == 0


def test_the_worker_refuses_the_sandbox_with_a_sentence() -> None:
    done = flask("worker", "run")
    assert done.returncode == 1
    assert "make run" in done.stderr
