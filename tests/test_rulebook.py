"""The live rules: a changed file goes live when it is sound, and never when it is not."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from ledger import Draft, Ledger, dialect
from rulebook import Rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def rules(phrase: str) -> str:
    return f"version: 1\nrules:\n  - name: One\n    when: {{reply contains: [{phrase}]}}\n    mark: unread\n"


BROKEN = rules("x").replace("mark: unread", "mark: yes")
FAILING = rules("hello") + "    examples:\n      matches: [something else]\n"


@pytest.fixture
def empty(database_url: str) -> Iterator[Ledger]:
    ledger = Ledger(database_url, "real")
    ledger.migrate()
    yield ledger
    ledger.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(rules("first"), "utf-8")
    return path


def look_twice(rulebook: Rulebook) -> None:
    """A change counts when it looks the same twice."""
    rulebook.refresh()
    rulebook.refresh()


def history(ledger: Ledger) -> list[tuple[str, str]]:
    return [(version.status, version.source) for version in ledger.rule_history()]


def test_the_first_rules_go_live_at_start(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    assert rulebook.live is None
    rulebook.refresh()
    assert rulebook.live
    assert rulebook.live.version == 1
    assert rulebook.warnings == []


def test_an_edit_goes_live_even_when_it_brings_an_older_content_back(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    for phrase in ("second", "first"):
        file.write_text(rules(phrase), "utf-8")
        look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 3
    live = empty.live_rules()
    assert live
    assert live.content == rules("first")


@pytest.mark.parametrize("wrong", [BROKEN, FAILING, "", "\0", "rules: ["], ids=str)
def test_a_bad_edit_leaves_the_old_rules_in_force_and_says_refused(
    empty: Ledger, file: Path, wrong: str, caplog: pytest.LogCaptureFixture
) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.write_text(wrong, "utf-8")
    look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 1
    assert "refused" in rulebook.warnings[0]
    assert "refused" in caplog.text
    assert history(empty) == [("refused", "file"), ("published", "file")]
    file.write_text(rules("mended"), "utf-8")
    look_twice(rulebook)
    assert rulebook.warnings == []


def test_bytes_that_are_no_text_are_refused(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.write_bytes(b"\xff\xfe\x00\xd8version: 1")
    look_twice(rulebook)
    assert "refused" in rulebook.warnings[0]


def test_a_half_written_file_is_looked_at_once_more(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.write_text("version: 1\nrules: []\n", "utf-8")
    rulebook.refresh()
    file.write_text(rules("whole"), "utf-8")
    look_twice(rulebook)
    assert len(empty.rule_history()) == 2


def test_an_old_copy_at_start_rolls_nothing_back(empty: Ledger, file: Path) -> None:
    first = Rulebook(empty, file)
    first.refresh()
    file.write_text(rules("second"), "utf-8")
    look_twice(first)
    file.write_text(rules("first"), "utf-8")
    restarted = Rulebook(empty, file)
    look_twice(restarted)
    assert restarted.live
    assert restarted.live.version == 2
    assert "flask rules publish" in restarted.warnings[0]


def test_a_file_waits_when_somebody_published_from_the_console(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    empty.publish_rules(Draft(content=rules("console"), source="console", author="Ana"))
    rulebook.refresh()
    file.write_text(rules("second"), "utf-8")
    look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 2
    assert "somebody published" in rulebook.warnings[0]


def test_every_process_follows_a_version_that_another_published(empty: Ledger, file: Path) -> None:
    here, there = Rulebook(empty, file), Rulebook(empty, file)
    here.refresh()
    there.refresh()
    empty.publish_rules(Draft(content=rules("new"), source="command", author="Ana"))
    for rulebook in (here, there):
        rulebook.refresh()
        assert rulebook.live
        assert rulebook.live.version == 2


def test_two_processes_that_see_the_same_change_make_one_version(empty: Ledger, file: Path) -> None:
    books = [Rulebook(empty, file) for _ in range(4)]
    for book in books:
        book.refresh()
    file.write_text(rules("second"), "utf-8")
    for book in books:
        book.refresh()
    threads = [threading.Thread(target=book.refresh) for book in books]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [version.id for version in empty.rule_history()] == [2, 1]
    assert {book.live.version for book in books if book.live} == {2}


def rest(rulebook: Rulebook) -> None:
    """Look until the file counts as unchanged: then it is not read any more, but only asked for its times."""
    while rulebook._unchanged is None:
        rulebook.refresh()
        time.sleep(0.05)


def test_a_file_that_rested_is_read_anew_when_it_is_changed_or_another_takes_its_place(
    empty: Ledger, file: Path
) -> None:
    rulebook = Rulebook(empty, file)
    rest(rulebook)
    before = file.stat()
    file.write_text(rules("other"), "utf-8")  # of the same length
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 2
    rest(rulebook)
    older = file.with_name("older.yaml")
    older.write_text(rules("third"), "utf-8")
    os.utime(older, (1000.0, 1000.0))
    older.rename(file)
    look_twice(rulebook)
    assert rulebook.live.version == 3


def test_a_missing_file_is_told_and_harms_nothing(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.unlink()
    rulebook.refresh()
    assert "can not be read" in rulebook.warnings[0]
    assert rulebook.live
    file.write_text(rules("first"), "utf-8")
    rulebook.refresh()
    assert rulebook.warnings == []


def test_warnings_end_when_they_are_no_longer_true(empty: Ledger, file: Path) -> None:
    first = Rulebook(empty, file)
    first.refresh()
    file.write_text(rules("second"), "utf-8")
    look_twice(first)
    file.write_text(rules("first"), "utf-8")
    restarted = Rulebook(empty, file)
    restarted.refresh()
    assert "version 2 stays in force" in restarted.warnings[0]
    empty.publish_rules(Draft(content=rules("first"), source="command", author="Ana"))
    restarted.refresh()
    assert restarted.warnings == []


def test_a_refusal_names_the_version_that_is_in_force_now(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.write_text(BROKEN, "utf-8")
    look_twice(rulebook)
    empty.publish_rules(Draft(content=rules("other"), source="command", author="Ana"))
    rulebook.refresh()
    assert "version 3 stays in force" in rulebook.warnings[0]


def test_a_change_that_could_not_be_published_is_tried_again(empty: Ledger, file: Path, database_url: str) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.write_text(rules("second"), "utf-8")
    rulebook.refresh()
    engine = dialect.open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE rule_versions RENAME TO away"))
    with pytest.raises(sa.exc.SQLAlchemyError):
        rulebook.refresh()
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO rule_versions"))
    engine.dispose()
    look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 2


def test_a_version_that_this_release_can_not_read_is_told_and_the_old_rules_stay(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    empty.publish_rules(Draft(content="version: 2\n", source="command", author="a newer release"))
    look_twice(rulebook)
    assert rulebook.live
    assert rulebook.live.version == 1
    assert "Version 2 of the rules can not be read by this release" in rulebook.warnings[0]


def test_a_pipe_in_the_files_place_is_told_and_keeps_nobody_waiting(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    rulebook.refresh()
    file.unlink()
    os.mkfifo(file)
    rulebook.refresh()
    assert rulebook.live
    assert rulebook.warnings == [f"The rules file {file} can not be read (it is no file); version 1 stays in force."]


def test_who_only_follows_takes_the_newest_version_and_leaves_the_file_alone(empty: Ledger, file: Path) -> None:
    rulebook = Rulebook(empty, file)
    assert rulebook.follow() is None
    published = empty.publish_rules(Draft(content=rules("second"), source="command", author="ann"))
    live = rulebook.follow()
    assert live is not None
    assert live.version == published.id
    assert history(empty) == [("published", "command")]
