"""`flask rules diff`: a change of the rules, told by what it means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from commands import GOOD, WRONG, flask, write_rules

if TYPE_CHECKING:
    from pathlib import Path

OTHER = """\
# The same rule once more, and one that is new.
version: 1
default: unread
lists:
  absences: [ANNUAL LEAVE, on holiday]
rules:
  - name: Away
    when:
      reply contains: $absences
    mark: unread
  - {name: Out of office, when: {reply contains: [Annual Leave, on holiday]}, mark: read}
"""


def test_a_change_of_layout_is_no_difference(tmp_path: Path) -> None:
    old = write_rules(tmp_path)
    same = GOOD.replace("{reply contains: [out of the office, annual leave]}", "{reply contains: $away} # all of them")
    new = write_rules(
        tmp_path, same.replace("rules:", "lists: {away: [Annual Leave, Out of the Office]}\nrules:"), "new"
    )
    done = flask("rules", "diff", old, new)
    assert (done.returncode, done.stdout) == (0, "The rules mean the same.\n")


def test_what_changed_is_named_rule_by_rule(tmp_path: Path) -> None:
    old, new = write_rules(tmp_path), write_rules(tmp_path, OTHER, "new.yaml")
    done = flask("rules", "diff", old, new)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "default: leave → unread",
        f'added: "Away" ({new}:7)',
        "    mark: unread",
        '    reply contains: added: "ANNUAL LEAVE", "on holiday"',
        f'changed: "Out of office" ({new}:11)',
        '    reply contains: + "on holiday"  - "out of the office"',
    ]


def test_one_file_is_compared_with_the_rules_file(tmp_path: Path) -> None:
    old, new = write_rules(tmp_path), write_rules(tmp_path, OTHER, "new.yaml")
    done = flask("rules", "diff", old, "--json", settings={"RULES_FILE": str(new)})
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["default"] == {"what": "default", "old": "leave", "new": "unread"}
    assert [(change["rule"], change["kind"], change["line"]) for change in told["rules"]] == [
        ("Away", "added", 7),
        ("Out of office", "changed", 11),
    ]
    (condition,) = told["rules"][1]["conditions"]
    assert (condition["added"], condition["removed"]) == (["on holiday"], ["out of the office"])


def test_a_file_with_errors_is_wrong_use(tmp_path: Path) -> None:
    done = flask("rules", "diff", write_rules(tmp_path), write_rules(tmp_path, WRONG, "new.yaml"))
    assert done.returncode == 2
    assert "4:12: error: " in done.stderr
