"""A ledger of an earlier version is brought up to date with all that is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from ledgers import LEAD, WINDOWS, arrival, name_categories, parked

from ledger import Ledger, State, dialect, pack, schema_version
from model import Decision, Delivery, Done, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKETS = ("accepted", "ignored", "parked", "quarantined")
STATES = ("idle", "pending", "settled", "failed", "withdrawn")


def old_rows() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "meta", {"name": "mode", "value": "real"}
    version = {"id": 1, "status": "published", "digest": "d", "content": "version: 1\nrules: []\n"}
    yield "rule_versions", version | {"source": "file", "author": "tests", "created_at": 1.0}
    yield "accounts", {"name": "default", "held_until": 0.0, "strikes": 2}
    for number, bucket in enumerate(BUCKETS, start=1):
        values = {"id": number, "account": "default", "source": "smartlead", "key": f"old-{bucket}", "bucket": bucket}
        yield "events", values | {"received_at": 1000.0, "repeats": number, "body": pack("{}"), "reason": "old"}
    decision = {"revision": 1, "rule": "Old rule", "version": 1, "steps": "[]", "decided_at": 1000.0}
    for event_id, mark in ((1, "read"), (3, "unread")):
        yield "decisions", decision | {"event_id": event_id, "mark": mark}
    for map_id, state in enumerate(STATES, start=1):
        wish = {"wanted": "read", "event_id": 1, "rule": "Old rule", "wanted_at": 1000.0, "due_at": 1000.0}
        reply = {"reply_at": 900.0, "reply_event": 1, "reply_mark": "read"}
        values = {"account": "default", "email_lead_map_id": map_id, "generation": 1, "state": state}
        yield "slots", values | (wish if state != "idle" else {}) | reply


@pytest.fixture
def upgraded(empty_database_url: str) -> Iterator[Ledger]:
    """A ledger that was made by the first version, with rows in every state, and migrated."""
    engine = dialect.open_engine(empty_database_url)
    with engine.begin() as connection:
        schema_version.upgrade(connection, "0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        for table, values in old_rows():
            connection.execute(tables.tables[table].insert().values(values))
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT setval('events_id_seq', 100), setval('rule_versions_id_seq', 100)")
    engine.dispose()
    ledger = Ledger(empty_database_url, "real")
    assert "flask ledger migrate" in ledger.problems()[0]
    ledger.migrate()
    yield ledger
    ledger.close()


def test_all_that_was_there_is_there(upgraded: Ledger) -> None:
    assert upgraded.problems() == []
    assert upgraded.buckets() == {"accepted": 1, "ignored": 1, "parked": 1, "quarantined": 1, "duplicates": 10}
    assert {row.bucket: row.mark for row in upgraded.recent_events()} == {
        "accepted": Mark.READ,
        "ignored": None,
        "parked": Mark.UNREAD,
        "quarantined": None,
    }
    assert sorted(row.state for row in upgraded.recent_deliveries()) == sorted(State(one) for one in STATES[1:])
    assert upgraded.count_stored_replies(0.0) == 2


def test_an_old_wish_is_delivered(upgraded: Ledger) -> None:
    delivery = upgraded.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert delivery.email_lead_map_id == STATES.index("pending") + 1
    upgraded.settle(delivery, Done(), WINDOWS, 3)
    name_categories(upgraded, {1: "Interested"})


def test_an_old_reply_is_still_known_when_it_comes_again(upgraded: Ledger) -> None:
    (receipt,) = upgraded.record([arrival("unread", key="old-accepted", email_lead_map_id=2, message_key="m")])
    assert (receipt.status, receipt.event_id, receipt.mark, receipt.rule) == ("duplicate", 1, Mark.READ, "Old rule")


def test_an_old_reply_can_be_decided_anew(upgraded: Ledger) -> None:
    decision = Decision(Mark.UNREAD, rule="New rule", version=1)
    assert upgraded.revise(3, decision, "a test", dry_run=False).status == "parked"
    assert {row.rule for row in upgraded.recent_events("parked")} == {"New rule"}


def test_old_parked_replies_stay_parked_beside_new_ones(upgraded: Ledger) -> None:
    upgraded.record([parked("read"), arrival("read", lead=LEAD, campaign_id="77")])
    assert [row.event_id for row in upgraded.recent_events("parked")] == [3]
    assert upgraded.retry_parked() == 0


def test_the_names_of_the_scripts_tell_their_revisions() -> None:
    scripts = ScriptDirectory(str(schema_version.SCRIPTS))
    told = [script.revision for script in scripts.walk_revisions()]
    assert schema_version.revisions() == tuple(reversed(told))
