"""Ops staff edit the rules file; nobody restarts anything."""

from __future__ import annotations

import json
import time
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest
from acceptance.processes import until
from acceptance.replies import READ, RULES, reply

if TYPE_CHECKING:
    from pathlib import Path

    from acceptance.installation import Installation

pytestmark = pytest.mark.acceptance

PROMISED_SECONDS = 2.0  # in which an edit is live
TURNED = RULES.replace("mark: read", "mark: unread")
BROKEN = RULES.replace("reply contains", "reply contians")
SLOW_EDITS = 4
conversations = count(2255108400)


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def mark_of_next(replymark: Installation) -> str:
    """What is decided now about an out-of-office reply."""
    mark: str = replymark.post(reply(next(conversations), READ)).json["mark"]
    return mark


def decides(replymark: Installation, rule: str, words: str) -> bool:
    """Whether this rule decides now about a reply of these words."""
    decided: str | None = replymark.post(reply(next(conversations), words)).json["rule"]
    return decided == rule


def versions(replymark: Installation) -> list[tuple[str, str]]:
    """Status and source of every version, oldest first."""
    rows = json.loads(replymark.flask("rules", "history", "--json"))
    return [(row["status"], row["source"]) for row in reversed(rows)]


def test_an_edited_rules_file_decides_within_two_seconds(replymark: Installation, rules_file: Path) -> None:
    assert mark_of_next(replymark) == "read"
    rules_file.write_text(TURNED, "utf-8")
    until(lambda: mark_of_next(replymark) == "unread", "the edited rule decides", PROMISED_SECONDS)
    assert versions(replymark) == [("published", "command"), ("live", "file")]


def test_a_broken_rules_file_is_refused_loudly_and_changes_nothing(on_sqlite: Installation, rules_file: Path) -> None:
    rules_file.write_text(BROKEN, "utf-8")
    until(lambda: "refused" in " ".join(on_sqlite.warnings()), "/readyz warns of it", PROMISED_SECONDS)
    assert on_sqlite.is_ready()
    assert mark_of_next(on_sqlite) == "read"
    assert "refused" in on_sqlite.log_of("web")
    history = on_sqlite.flask("rules", "history")
    assert "refused" in history
    assert "reply contians" in history


def test_a_mended_rules_file_goes_live_and_ends_the_warning(on_sqlite: Installation, rules_file: Path) -> None:
    rules_file.write_text(BROKEN, "utf-8")
    until(on_sqlite.warnings, "/readyz warns of it", PROMISED_SECONDS)
    rules_file.write_text(TURNED, "utf-8")
    until(lambda: mark_of_next(on_sqlite) == "unread", "the mended rule decides", PROMISED_SECONDS)
    assert on_sqlite.warnings() == []


def test_half_written_rules_never_go_live(on_sqlite: Installation, rules_file: Path) -> None:
    for edit in range(SLOW_EDITS):
        last = f"Last of edit {edit}"
        time.sleep(0.1 * edit)  # the file is looked at now and then: each edit begins at another moment of that
        with rules_file.open("w", encoding="utf-8") as editor:
            editor.write(f"# edit {edit}\n{RULES}")  # by themselves these are rules, and good ones
            editor.flush()
            time.sleep(0.2)  # a slow editor, or a slow disk
            editor.write(f"  - name: {last}\n    when: {{reply contains: [thanks]}}\n    mark: leave\n")
        until(partial(decides, on_sqlite, last, "Thanks."), f"{last} decides", PROMISED_SECONDS)
    assert len(versions(on_sqlite)) == 1 + SLOW_EDITS
