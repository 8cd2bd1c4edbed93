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
    mail = tmp_path / "mail.html"
    mail.write_text("<p>Works for me.</p><blockquote type=cite>Hi Tom, would Tuesday suit you?</blockquote>", "utf-8")
    settings = settings_for(tmp_path, tmp_path / "rules.yaml")
    ledger = Ledger(settings["DATABASE_URL"], "real")
    ledger.migrate()
    for number in range(41 if "rollback" in command else 1):
        publish(ledger, shipped + f"# {number}\n")
    ledger.close()
    told = [*command, "--reply", "Hello"] if command == ["rules", "explain"] else command
    done = flask(
        *(str(tmp_path / word) if word in {"old.yaml", "mail.html"} else word for word in told),
        settings=settings,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guide_shows_the_commands_that_people_need() -> None:
    assert {command[1] for command in COMMANDS} >= {"check", "test", "explain", "diff", "backtest", "rollback"}


def test_the_first_edit_of_the_guide_can_be_made_as_it_stands_there(tmp_path: Path) -> None:
    shipped = (ROOT / "rules" / "rules.yaml").read_text("utf-8")
    old, new = re.findall(r"(?m)^ +- .*$", GUIDE.partition("```\n")[2].partition("```")[0])
    phrase = new.strip("- ")
    edited = tmp_path / "rules.yaml"
    edited.write_text(shipped.replace(f"{old}\n", f"{old}\n{new}\n"), "utf-8")
    assert edited.read_text("utf-8").count(new) == 1
    missed = flask("rules", "explain", "--reply", phrase)
    found = flask("rules", "explain", edited, "--reply", phrase)
    assert ('decided by "Opt-out"' in missed.stdout, 'decided by "Opt-out"' in found.stdout) == (False, True)
    assert flask("rules", "check", "--strict", edited).returncode == 0
    assert flask("rules", "test", edited).returncode == 0
