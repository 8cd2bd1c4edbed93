"""Ops staff edit the rules file; nobody restarts anything."""

from __future__ import annotations

import json
import time
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
LONGER = TURNED + "  - name: Anything else\n    when: {reply is empty: no}\n    mark: unread\n"
conversations = count(2255108400)


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    return tmp_path / "rules.yaml"


def mark_of_next(replymark: Installation) -> str:
    """What is decided now about an out-of-office reply."""
    mark: str = replymark.post(reply(next(conversations), READ)).json["mark"]
    return mark


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


def test_a_half_written_rules_file_never_goes_live(on_sqlite: Installation, rules_file: Path) -> None:
    half = LONGER.index("  - name: Wants a call")  # by itself these are rules, and good ones
    with rules_file.open("w", encoding="utf-8") as editor:
        editor.write(LONGER[:half])
        editor.flush()
        time.sleep(0.2)  # a slow editor, or a slow disk
        editor.write(LONGER[half:])
    until(lambda: mark_of_next(on_sqlite) == "unread", "the whole file decides", PROMISED_SECONDS)
    assert versions(on_sqlite) == [("published", "command"), ("live", "file")]
    assert on_sqlite.post(reply(next(conversations), "Thanks.")).json["rule"] == "Anything else"
