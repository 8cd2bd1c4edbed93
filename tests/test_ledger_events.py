"""Recording: one transaction, one row however often it comes, nothing acknowledged that is not there."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ledgers import CONVERSATION, WINDOWS, arrival, name_categories, publish

from ledger import Draft, Hold, Ledger, NotStoredError, State, dialect, pack
from ledger.events import PAGE
from ledger.schema import metadata
from model import Delivery, Mark

if TYPE_CHECKING:
    from pathlib import Path

    from ledger import Receipt


def test_the_migrations_make_the_tables_of_the_schema(ledger: Ledger, database_url: str) -> None:
    engine = dialect.open_engine(database_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_migrating_twice_or_at_once_does_no_harm(empty_database_url: str) -> None:
    ledgers = [Ledger(empty_database_url, "real") for _ in range(3)]
    threads = [threading.Thread(target=one.migrate) for one in ledgers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledgers[0].migrate()
    assert ledgers[0].problems() == []
    for one in ledgers:
        one.close()


def test_a_ledger_of_one_mode_is_not_opened_in_the_other(ledger: Ledger, database_url: str) -> None:
    other = Ledger(database_url, "sandbox")
    assert "real ledger" in other.problems()[0]
    other.close()


def test_a_ledger_that_can_not_be_reached_is_a_sentence_without_its_password() -> None:
    ledger = Ledger("postgresql://user:canary-secret-key-4d2b@127.0.0.1:1/none", "real")
    (problem,) = ledger.problems()
    assert problem == "Nothing answers at PostgreSQL (127.0.0.1:1): start PostgreSQL, or check DATABASE_URL."
    assert "canary" not in problem
    ledger.close()


def test_an_event_keeps_its_decision_and_its_words(ledger: Ledger) -> None:
    (receipt,) = ledger.record([arrival("read", sender="ana@lead.example", words="I am away")])
    assert (receipt.status, receipt.mark, receipt.rule) == ("accepted", Mark.READ, "wants read")
    (row,) = ledger.recent_events()
    assert (row.event_id, row.sender, row.words, row.state) == (
        receipt.event_id,
        "ana@lead.example",
        "I am away",
        "pending",
    )


def test_a_repeat_finds_its_row_and_is_counted(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("read", key="same")])
    (second,) = ledger.record([arrival("unread", key="same")])
    assert (second.status, second.event_id, second.mark, second.rule) == (
        "duplicate",
        first.event_id,
        Mark.READ,
        "wants read",
    )
    assert ledger.buckets() == {"accepted": 1, "duplicates": 1}
    claimed = ledger.claim("default", WINDOWS)
    assert isinstance(claimed, Delivery)
    assert claimed.mark is Mark.READ


def test_the_same_event_three_times_in_one_batch_is_one_event(ledger: Ledger) -> None:
    receipts = ledger.record([arrival("read", key="same"), arrival("read", key="same"), arrival("read", key="same")])
    assert [receipt.status for receipt in receipts] == ["accepted", "duplicate", "duplicate"]
    assert {receipt.mark for receipt in receipts} == {Mark.READ}
    assert ledger.buckets() == {"accepted": 1, "duplicates": 2}


def test_equal_keys_of_two_accounts_are_two_events(ledger: Ledger) -> None:
    receipts = ledger.record([arrival("read", key="same"), arrival("read", key="same", account="other")])
    assert [receipt.status for receipt in receipts] == ["accepted", "accepted"]


@pytest.mark.parametrize("bucket", ["ignored", "parked", "quarantined"])
def test_what_is_not_accepted_is_kept_and_marks_nothing(ledger: Ledger, bucket: Any) -> None:
    name_categories(ledger)
    mark = "read" if bucket == "parked" else None
    (receipt,) = ledger.record([arrival(mark, bucket=bucket, reason="because", email_lead_map_id=None)])
    assert receipt.status == bucket
    assert (receipt.reason or "").startswith("because")
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    assert [row.bucket for row in ledger.recent_events(bucket)] == [bucket]


def test_a_superseded_reply_keeps_its_own_mark_and_says_so(ledger: Ledger) -> None:
    ledger.record([arrival("unread", at=2000.0)])
    (late,) = ledger.record([arrival("read", at=1000.0)])
    assert (late.status, late.mark) == ("accepted", Mark.READ)
    assert "newer reply" in (late.reason or "")
    assert ledger.recent_deliveries()[0].mark is Mark.UNREAD


def test_ids_beyond_32_bits_are_kept_whole(ledger: Ledger) -> None:
    ledger.record([arrival("read", email_lead_map_id=2**63 - 1)])
    claimed = ledger.claim("default", WINDOWS)
    assert isinstance(claimed, Delivery)
    assert claimed.email_lead_map_id == 2**63 - 1


def test_many_senders_at_once_each_get_their_own_receipt(ledger: Ledger) -> None:
    answers: dict[int, Receipt] = {}

    def send(number: int) -> None:
        (answers[number],) = ledger.record([arrival("read", email_lead_map_id=number)])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(1, 65)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: receipt.email_lead_map_id for number, receipt in answers.items()} == {n: n for n in range(1, 65)}
    assert len({receipt.event_id for receipt in answers.values()}) == 64


def test_a_clock_that_is_ahead_does_not_win_over_the_next_reply(ledger: Ledger) -> None:
    now = time.time()
    ledger.record([arrival("read", at=now + 290.0)])
    ledger.record([arrival("unread", at=now + 60.0)])
    assert ledger.recent_deliveries()[0].mark is Mark.UNREAD


def test_two_processes_that_record_the_same_replies_store_each_once(ledger: Ledger, database_url: str) -> None:
    other = Ledger(database_url, "real")
    arrivals = [arrival("read", email_lead_map_id=number % 7 + 1) for number in range(60)]
    threads = [
        threading.Thread(target=lambda book=book, part=part: book.record(part))
        for part in (arrivals[:40], arrivals[20:], list(reversed(arrivals)))
        for book in (ledger, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert ledger.buckets() == {"accepted": 60, "duplicates": 2 * (40 + 40 + 60) - 60}
    assert {row.state for row in ledger.recent_deliveries()} == {State.PENDING}


def test_the_ledger_may_be_made_before_it_is_migrated(empty_database_url: str) -> None:
    early = Ledger(empty_database_url, "real")
    assert "flask ledger migrate" in early.problems()[0]
    with pytest.raises(NotStoredError):
        early.record([arrival("read")])
    early.migrate()
    publish(early)
    assert early.record([arrival("read", email_lead_map_id=CONVERSATION)])[0].status == "accepted"
    early.close()


def test_a_ledger_file_that_is_removed_acknowledges_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    ledger = Ledger(f"sqlite:///{file}", "real")
    ledger.migrate()
    publish(ledger)
    ledger.record([arrival("read")])
    for part in tmp_path.glob("ledger.db*"):
        part.unlink()
    with pytest.raises(NotStoredError):
        ledger.record([arrival("read")])
    assert ledger.problems() != []
    ledger.close()


def test_a_disk_that_takes_nothing_is_a_problem_until_it_takes_something(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path}/ledger.db", "real")
    ledger.migrate()
    publish(ledger)
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(NotStoredError):
            ledger.record([arrival("read")])
        assert "Another process keeps the ledger to itself" in ledger.problems()[0]
        other.execute("ROLLBACK")
    end = time.monotonic() + 5.0
    while ledger.problems() and time.monotonic() < end:
        time.sleep(0.05)  # for a moment after others waited in vain nobody tries
    assert ledger.problems() == []
    assert ledger.record([arrival("read")])[0].status == "accepted"
    ledger.close()


def test_stored_replies_come_page_by_page_with_what_is_kept_of_them(ledger: Ledger) -> None:
    ledger.record([arrival("read", bucket="ignored"), arrival("read", bucket="quarantined", key="unread")])
    stored = {
        ledger.record([one])[0].event_id: one.account
        for one in (
            arrival("read", body=pack('{"number": 0}')),
            arrival("read", bucket="parked", email_lead_map_id=None, account="second", body=pack("{}")),
            arrival("read", body=b""),
        )
    }
    many = [arrival("leave", body=pack(f'{{"number": {number}}}')) for number in range(2 * PAGE)]
    ledger.record(many)
    replies = list(ledger.stored_replies(0.0))
    assert (
        len({reply.event_id for reply in replies}) == len(replies) == ledger.count_stored_replies(0.0) == 2 * PAGE + 3
    )
    assert [reply.event_id for reply in replies] == sorted(reply.event_id for reply in replies)
    assert [(reply.event_id, reply.account) for reply in replies[:3]] == list(stored.items())
    assert [reply.body for reply in replies[:3]] == ['{"number": 0}', "{}", None]
    assert {reply.body for reply in replies[3:]} == {f'{{"number": {number}}}' for number in range(2 * PAGE)}


def test_stored_replies_begin_with_the_day_that_is_asked_for(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    (stored,) = ledger.stored_replies(0.0)
    assert list(ledger.stored_replies(stored.received_at)) == [stored]
    assert list(ledger.stored_replies(stored.received_at + 1)) == []
    assert ledger.count_stored_replies(stored.received_at + 1) == 0


def test_a_version_of_the_rules_is_found_by_its_number(ledger: Ledger) -> None:
    made = publish(ledger, "version: 1\nrules: [] # anew\n")
    refused = ledger.refuse_rules(Draft(content="nonsense", source="file", author="tests"), "line 1: nonsense")
    assert ledger.rules_version(made.id) == made
    assert ledger.rules_version(refused.id) == refused
    assert ledger.rules_version(999) is None


def test_a_rollback_is_not_what_the_file_last_gave(ledger: Ledger) -> None:
    given = publish(ledger, "version: 1\nrules: [] # from the file\n")
    ledger.publish_rules(Draft(content="version: 1\nrules: []\n", source="rollback", author="tests"))
    assert ledger.last_rules_from_file() == given
    live = ledger.live_rules()
    assert live is not None
    assert (live.source, live.is_from_file, given.is_from_file) == ("rollback", False, True)
