"""`flask rules check` and `test`: every problem at once, and examples that hold or do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import GOOD, WRONG, flask, write_rules

if TYPE_CHECKING:
    from pathlib import Path

EXPIRED = GOOD.replace("    mark: read\n", "    mark: read\n    until: 2020-12-31\n")
DOUBTFUL_LATER = EXPIRED + "  - name: Later\n    when: {reply contains: “later”}\n    mark: leave\n"


def test_check_of_a_good_file_needs_no_setting(tmp_path: Path) -> None:
    file = write_rules(tmp_path)
    done = flask("rules", "check", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{file}: 1 rule, no error.\n"


def test_check_shows_every_problem_with_place_caret_and_the_right_word(tmp_path: Path) -> None:
    file = write_rules(tmp_path, WRONG)
    done = flask("rules", "check", file)
    assert done.returncode == 1
    assert f"{file}:4:12: error: " in done.stdout
    assert "^^^^" in done.stdout
    assert "reply contains" in done.stdout
    assert f"{file}:5:11: error: " in done.stdout
    assert "read or unread" in done.stdout


def test_check_says_the_same_as_json(tmp_path: Path) -> None:
    done = flask("rules", "check", "--json", write_rules(tmp_path, WRONG))
    assert done.returncode == 1
    assert [(one["line"], one["column"], one["severity"]) for one in json.loads(done.stdout)] == [
        (4, 12, "error"),
        (5, 11, "error"),
    ]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        (GOOD, ("--strict",), 0),
        (EXPIRED, (), 0),
        (EXPIRED, ("--strict",), 1),
        (EXPIRED, ("--strict", "--json"), 1),
        (WRONG, ("--strict",), 1),
    ],
    ids=["nothing to say", "a warning alone", "strict", "strict, as JSON", "an error"],
)
def test_strict_takes_a_warning_for_an_error(tmp_path: Path, text: str, options: tuple[str, ...], code: int) -> None:
    assert flask("rules", "check", write_rules(tmp_path, text), *options).returncode == code


def test_check_tells_what_the_rules_cannot_mean_among_the_other_problems(tmp_path: Path) -> None:
    file = write_rules(tmp_path, DOUBTFUL_LATER)
    done = flask("rules", "check", file)
    assert f"{file}:3:11: warning: This rule expired on 2020-12-31" in done.stdout
    assert done.stdout.endswith("2 rules, no error, 2 warnings.\n")
    places = [one["line"] for one in json.loads(flask("rules", "check", file, "--json").stdout)]
    assert places == sorted(places)


def test_a_file_that_is_not_there_is_wrong_use() -> None:
    done = flask("rules", "check", "/nowhere/rules.yaml")
    assert done.returncode == 2
    assert "does not exist" in done.stderr


def test_test_runs_the_examples_and_shows_want_and_got(tmp_path: Path) -> None:
    file = write_rules(tmp_path)
    done = flask("rules", "test", file)
    assert (done.returncode, done.stdout) == (0, f"{file}: 2 of 2 examples as wanted.\n")
    write_rules(tmp_path, GOOD.replace("Is your office big?", "On annual leave?"))
    done = flask("rules", "test", file)
    assert done.returncode == 1
    assert f"{file}:8:" in done.stdout
    assert "want: this rule does not match" in done.stdout
    assert 'got:  this rule matches, on "annual leave"' in done.stdout


def test_test_names_the_rule_that_took_an_example(tmp_path: Path) -> None:
    above = "rules:\n  - name: Office\n    when: {reply contains: office}\n    mark: unread\n"
    file = write_rules(tmp_path, GOOD.replace("rules:\n", above))
    done = flask("rules", "test", file)
    assert done.returncode == 1
    assert 'got:  the rule "Office" on line 3, further up, decides first' in done.stdout
    assert "1 of 2 rules have no example" in done.stdout


def test_test_says_the_same_as_json(tmp_path: Path) -> None:
    file = write_rules(tmp_path, GOOD.replace("Is your office big?", "On annual leave?"))
    done = flask("rules", "test", file, "--json")
    assert done.returncode == 1
    (failure,) = json.loads(done.stdout)
    assert (failure["rule"], failure["line"], failure["example"]) == ("Out of office", 8, "On annual leave?")
    assert (failure["wanted"], "annual leave" in failure["got"]) == ("this rule does not match", True)


def test_test_of_a_file_with_errors_shows_them(tmp_path: Path) -> None:
    done = flask("rules", "test", write_rules(tmp_path, WRONG))
    assert done.returncode == 1
    assert "4:12: error: " in done.stderr


def test_what_would_steer_a_terminal_is_never_printed(tmp_path: Path) -> None:
    text = 'version: 1\nrules:\n  - name: "na\\u202eme\\u2028"\n    when: {reply contains: hello}\n    mark: read\n'
    file = write_rules(tmp_path, text + '    examples: {matches: ["q\\u202ew\\x85"]}\n', "n\x1b[31m.yaml")
    for command in ("check", "test"):
        done = flask("rules", command, file)
        shown = flask("rules", command, file, "--json")
        printed = (done.stdout + done.stderr + shown.stdout + shown.stderr).replace("\n", "")
        assert printed
        assert all(character.isprintable() for character in printed), (command, printed)
