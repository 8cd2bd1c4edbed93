"""Every command line of the ops guide works as it stands there."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from commands import ROOT, flask, settings_for
from ledgers import publish

from ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = (ROOT / "rules" / "README.md").read_text("utf-8")
LINES = sorted(set(re.findall(r"(?m)^(flask [^#\n]*\S)|`(flask [^`]+)`", GUIDE)))
COMMANDS = [shlex.split(alone or inside, comments=True)[1:] for alone, inside in LINES]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_of_the_guide_works(command: list[str], tmp_path: Path) -> None:
    shipped = (ROOT / "rules" / "rules.yaml").read_text("utf-8")
    (tmp_path / "rules.yaml").write_text(shipped, "utf-8")
    old = tmp_path / "old.yaml"
    old.write_text(shipped.replace("# ", "#  "), "utf-8")
    settings = settings_for(tmp_path, tmp_path / "rules.yaml")
    ledger = Ledger(settings["DATABASE_URL"], "real")
    ledger.migrate()
    for number in range(41 if "rollback" in command else 1):
        publish(ledger, shipped + f"# {number}\n")
    ledger.close()
    told = ["explain", "--reply", "Please remove us"] if command == ["rules", "explain"] else command[1:]
    done = flask("rules", *(str(old) if word == "old.yaml" else word for word in told), settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guide_shows_the_commands_that_people_need() -> None:
    assert {command[1] for command in COMMANDS} >= {"check", "test", "explain", "diff", "backtest", "rollback"}
