"""`flask rules publish`, `history` and `rollback`: what is live, and how it came to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import GOOD, WRONG, flask, flask_at_a_terminal, settings_for, write_rules

from ledger import Draft, Ledger

if TYPE_CHECKING:
    from pathlib import Path

LATER = GOOD.replace("annual", "yearly")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    made = settings_for(tmp_path, write_rules(tmp_path))
    assert flask("ledger", "migrate", settings=made).returncode == 0
    return made


def versions(settings: dict[str, str]) -> list[tuple[int, str, str]]:
    listed = json.loads(flask("rules", "history", "--json", settings=settings).stdout)
    return [(version["version"], version["status"], version["source"]) for version in listed]


def test_publish_makes_a_version_and_history_lists_it(settings: dict[str, str], tmp_path: Path) -> None:
    assert "Version 1 is live" in flask("rules", "publish", settings=settings).stdout
    assert flask("rules", "publish", "--changed", settings=settings).returncode == 0
    write_rules(tmp_path, WRONG)
    done = flask("rules", "publish", settings=settings)
    assert done.returncode == 1
    assert "refused" in done.stderr
    assert "version 1 stays in force" in done.stderr
    assert "refused" in flask("rules", "history", settings=settings).stdout
    assert versions(settings) == [(2, "refused", "command"), (1, "live", "command")]


def test_publish_tells_a_warning_and_goes_on(settings: dict[str, str], tmp_path: Path) -> None:
    write_rules(tmp_path, GOOD.replace("mark: read", "mark: read\n    until: 2020-12-31"))
    done = flask("rules", "publish", settings=settings)
    assert done.returncode == 0
    assert "warning: This rule expired on 2020-12-31" in done.stderr
    assert "Version 1 is live" in done.stdout


def test_a_git_revert_goes_live_at_release(settings: dict[str, str], tmp_path: Path) -> None:
    for content in (GOOD, LATER, GOOD):
        write_rules(tmp_path, content)
        assert "is live" in flask("rules", "publish", "--changed", settings=settings).stdout


def test_rollback_makes_an_earlier_version_live_as_a_new_one(settings: dict[str, str], tmp_path: Path) -> None:
    flask("rules", "publish", settings=settings)
    write_rules(tmp_path, LATER)
    flask("rules", "publish", settings=settings)
    done = flask("rules", "rollback", "1", "--yes", "--note", "too many hidden", settings=settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Version 3 is live" in done.stdout
    assert "version 1 of 20" in done.stdout
    (newest, *_) = json.loads(flask("rules", "history", "--json", settings=settings).stdout)
    assert (newest["version"], newest["status"], newest["note"]) == (3, "live", "as version 1: too many hidden")
    assert "live already, as version 3" in flask("rules", "rollback", "1", settings=settings).stdout


@pytest.mark.parametrize(("answer", "code", "live"), [("n", 1, 2), ("y", 0, 3)])
def test_rollback_asks_at_a_terminal(
    settings: dict[str, str], tmp_path: Path, answer: str, code: int, live: int
) -> None:
    flask("rules", "publish", settings=settings)
    write_rules(tmp_path, LATER)
    flask("rules", "publish", settings=settings)
    ended, shown = flask_at_a_terminal("rules", "rollback", "1", settings=settings, typed=f"{answer}\n")
    assert ended == code
    assert "live instead of version 2?" in shown
    assert versions(settings)[0][0] == live


def test_the_next_release_does_not_undo_a_rollback(settings: dict[str, str], tmp_path: Path) -> None:
    flask("rules", "publish", settings=settings)
    write_rules(tmp_path, LATER)
    flask("rules", "publish", settings=settings)
    flask("rules", "rollback", "1", settings=settings)
    assert "has not changed since version 2" in flask("rules", "publish", "--changed", settings=settings).stdout
    write_rules(tmp_path, LATER.replace("Is your", "Was your"))
    assert "somebody published version 3" in flask("rules", "publish", "--changed", settings=settings).stdout
    assert versions(settings)[0] == (3, "live", "rollback")


def test_what_can_not_go_live_is_not_rolled_back_to(settings: dict[str, str], tmp_path: Path) -> None:
    flask("rules", "publish", settings=settings)
    write_rules(tmp_path, WRONG)
    flask("rules", "publish", settings=settings)
    ledger = Ledger(settings["DATABASE_URL"], "real")
    failing = GOOD.replace("Is your office big?", "On annual leave?")
    ledger.publish_rules(Draft(content=failing, source="console", author="a release without this check"))
    ledger.publish_rules(Draft(content=LATER, source="console", author="tests"))
    ledger.close()
    for number, why in (
        (2, "was refused when it came"),
        (3, "refused (version 5); version 4 stays"),
        (9, "no version 9"),
    ):
        done = flask("rules", "rollback", str(number), settings=settings)
        assert (done.returncode, why in done.stderr) == (1, True), done.stderr
    assert versions(settings)[0] == (5, "refused", "rollback")
    assert versions(settings)[1] == (4, "live", "console")


def test_rollback_wants_a_number(settings: dict[str, str]) -> None:
    assert flask("rules", "rollback", settings=settings).returncode == 2
    assert flask("rules", "rollback", "last", settings=settings).returncode == 2
