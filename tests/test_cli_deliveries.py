"""`flask deliveries pause, resume, redo, cancel`: counts first, and only what was meant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask, flask_at_a_terminal, settings_for, write_rules
from ledgers import WINDOWS, arrival, name_categories, publish

from ledger import Ledger, State
from ledger.schema import slots
from model import Delivery, GiveUp, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUR = 3600


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> dict[str, str]:
    return settings_for(tmp_path, write_rules(tmp_path)) | {"DATABASE_URL": database_url}


@pytest.fixture
def ledger(settings: dict[str, str]) -> Iterator[Ledger]:
    """Three reads and two unreads wait; 1 and 4 since three days ago, 5 since two hours ago."""
    made = Ledger(settings["DATABASE_URL"], "real")
    made.migrate()
    publish(made)
    name_categories(made)
    made.record([arrival("read", email_lead_map_id=number) for number in (1, 2, 3)])
    made.record([arrival("unread", email_lead_map_id=number) for number in (4, 5)])
    with made._writing() as connection:
        for hours, conversations in ((72, (1, 4)), (2, (5,))):
            aged = slots.update().where(slots.c.email_lead_map_id.in_(conversations))
            connection.execute(aged.values(wanted_at=slots.c.wanted_at - hours * HOUR))
    yield made
    made.close()


def states(ledger: Ledger) -> dict[int, str]:
    return {row.email_lead_map_id: row.state.value for row in ledger.recent_deliveries()}


def fail(ledger: Ledger) -> Delivery:
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    ledger.settle(delivery, GiveUp("SmartLead refuses it"), WINDOWS, 3)
    return delivery


def told(*arguments: str, settings: dict[str, str]) -> Any:
    done = flask("deliveries", *arguments, "--json", settings=settings)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_pause_is_kept_with_its_reason_and_shown(settings: dict[str, str], ledger: Ledger) -> None:
    done = flask("deliveries", "pause", "--reason", "under review", settings=settings)
    assert done.returncode == 0
    assert "default is paused" in done.stdout
    assert "under review" in ledger.held_accounts()["default"]
    assert not isinstance(ledger.claim("default", WINDOWS), Delivery)
    listed = flask("deliveries", "list", settings=settings)
    assert "under review" in listed.stderr
    assert flask("deliveries", "pause", "--account", "nobody", settings=settings).returncode == 1


def test_resuming_says_first_what_waits_and_how_old_it_is(settings: dict[str, str], ledger: Ledger) -> None:
    told("pause", settings=settings)
    (account,) = told("resume", "--dry-run", settings=settings)["accounts"]
    assert (account["unread"], account["read"], account["reason"]) == (2, 3, None)
    assert {band["age"]: (band["unread"], band["read"]) for band in account["ages"]} == {
        "under 1 hour": (0, 2),
        "1 to 24 hours": (1, 0),
        "1 to 7 days": (1, 1),
        "over 7 days": (0, 0),
    }
    assert ledger.standings()[0].is_paused
    shown = flask("deliveries", "resume", settings=settings)
    assert "2 unread and 3 read marks wait, the oldest since 20" in shown.stdout
    assert isinstance(ledger.claim("default", WINDOWS), Delivery)
    assert ledger.held_accounts() == {}


def test_resuming_can_withdraw_what_is_too_old_with_a_reason(settings: dict[str, str], ledger: Ledger) -> None:
    told("pause", settings=settings)
    shown = flask("deliveries", "resume", "--drop-older-than", "2d", settings=settings)
    assert "2 of them are too old" in shown.stdout
    assert states(ledger) == {1: "withdrawn", 2: "pending", 3: "pending", 4: "withdrawn", 5: "pending"}
    assert {row.reason[:10] for row in ledger.recent_deliveries(State.WITHDRAWN) if row.reason} == {"older than"}


def test_resuming_asks_at_a_terminal_and_no_leaves_all_as_it_is(settings: dict[str, str], ledger: Ledger) -> None:
    told("pause", settings=settings)
    code, shown = flask_at_a_terminal("deliveries", "resume", settings=settings, typed="n\n")
    assert (code, "Send them?" in shown) == (1, True)
    assert ledger.standings()[0].is_paused
    code, shown = flask_at_a_terminal("deliveries", "resume", "--yes", settings=settings, typed="")
    assert (code, "Send them?" in shown) == (0, False)
    assert flask("deliveries", "resume", settings=settings).returncode == 1


@pytest.mark.parametrize(
    ("options", "withdrawn"),
    [
        (["2"], {2}),
        (["--all"], {1, 2, 3, 4, 5}),
        (["--mark", "read"], {1, 2, 3}),
        (["--rule", "wants unread"], {4, 5}),
        (["--older-than", "1d"], {1, 4}),
        (["--older-than", "1h", "--mark", "unread"], {4, 5}),
        (["--account", "default", "--state", "pending", "--mark", "unread"], {4, 5}),
        (["--account", "other"], set()),
        (["--failed"], set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_what_is_chosen_is_withdrawn(
    settings: dict[str, str], ledger: Ledger, options: list[str], withdrawn: set[int]
) -> None:
    counted = told("cancel", *options, "--dry-run", settings=settings)
    assert sum(crowd["count"] for crowd in counted["found"]) == len(withdrawn)
    assert set(states(ledger).values()) == {"pending"}
    done = told("cancel", *options, "--reason", "they answered by phone", settings=settings)
    assert done["withdrawn"] == len(withdrawn)
    assert {number for number, state in states(ledger).items() if state == "withdrawn"} == withdrawn
    assert all("by phone" in (row.reason or "") for row in ledger.recent_deliveries(State.WITHDRAWN))


def test_what_was_withdrawn_in_the_last_moment_is_not_sent(settings: dict[str, str], ledger: Ledger) -> None:
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    told("cancel", str(delivery.email_lead_map_id), settings=settings)
    assert not ledger.holds(delivery)


def test_redo_by_filter_sends_what_failed_or_was_withdrawn(settings: dict[str, str], ledger: Ledger) -> None:
    failed = fail(ledger)
    assert failed.mark is Mark.UNREAD
    told("cancel", "--mark", "read", settings=settings)
    done = flask("deliveries", "redo", "--state", "failed", "--state", "withdrawn", "--dry-run", settings=settings)
    assert "Nothing was changed." in done.stdout
    assert states(ledger)[failed.email_lead_map_id] == "failed"
    assert told("redo", "--state", "withdrawn", "--older-than", "1d", settings=settings)["again"] == 1
    assert states(ledger) == {1: "pending", 2: "withdrawn", 3: "withdrawn", 4: "failed", 5: "pending"}
    assert "1 conversation is" in flask("deliveries", "redo", "--failed", settings=settings).stdout
    assert states(ledger)[4] == "pending"


@pytest.mark.parametrize("command", ["redo", "cancel"])
@pytest.mark.parametrize(
    "options", [[], ["7", "--all"], ["--failed", "--all"], ["--failed", "--state", "failed"]], ids=str
)
def test_a_choice_that_says_nothing_or_two_things_is_wrong_use(
    settings: dict[str, str], ledger: Ledger, command: str, options: list[str]
) -> None:
    assert flask("deliveries", command, *options, settings=settings).returncode == 2
    assert set(states(ledger).values()) == {"pending"}


@pytest.mark.parametrize(
    ("command", "why"), [("redo", "1 not: no such wish."), ("cancel", "1 not: no such wish, or it was sent already.")]
)
def test_a_conversation_that_is_not_there_is_a_finding(
    settings: dict[str, str], ledger: Ledger, command: str, why: str
) -> None:
    done = flask("deliveries", command, "1", "99", settings=settings)
    assert done.returncode == 1
    assert why in done.stderr


@pytest.mark.parametrize("command", ["list", "redo", "cancel", "undo", "pause", "resume"])
def test_each_command_explains_itself_with_examples(settings: dict[str, str], command: str) -> None:
    shown = flask("deliveries", command, "--help", settings=settings)
    assert shown.returncode == 0
    assert f"flask deliveries {command}" in shown.stdout


def test_the_list_shows_one_account_alone_if_asked(settings: dict[str, str], ledger: Ledger) -> None:
    ledger.record([arrival("read", account="acme", email_lead_map_id=9)])
    assert [row["email_lead_map_id"] for row in told("list", "--account", "acme", settings=settings)] == [9]
    assert len(told("list", settings=settings)) == 6
