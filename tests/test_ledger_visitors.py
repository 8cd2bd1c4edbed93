"""Who writes from our own mailboxes, and who was not let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from ledgers import arrival

from ledger import Ledger, Refusal
from ledger.refusals import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def another(database_url: str) -> Iterator[Ledger]:
    """Another process that uses the same ledger."""
    made = Ledger(database_url, "real")
    yield made
    made.close()


def test_our_mailboxes_are_known_by_the_replies_that_came_to_them(ledger: Ledger, another: Ledger) -> None:
    ledger.record([arrival("read", mailbox="Sales@Ours.example"), arrival("read", mailbox="sales@ours.example")])
    another.record([arrival("read", mailbox="sales@ours.example"), arrival("read", mailbox="ben@ours.example")])
    ledger.record([arrival("read", mailbox="eva@other.example", account="other"), arrival("read")])
    assert another.seen_mailboxes("default") == {"sales@ours.example", "ben@ours.example"}
    assert another.seen_mailboxes("other") == {"eva@other.example"}


def test_only_a_reply_tells_a_mailbox(ledger: Ledger) -> None:
    ledger.record([arrival(None, bucket="ignored", mailbox="anna@ours.example")])
    assert ledger.seen_mailboxes("default") == set()


def test_a_mailbox_that_could_not_be_stored_is_stored_with_the_next_reply(ledger: Ledger) -> None:
    ledger.record([arrival("read", mailbox="anna@ours.example", email_lead_map_id=2**63)])
    assert ledger.seen_mailboxes("default") == set()
    ledger.record([arrival("read", mailbox="anna@ours.example")])
    assert ledger.seen_mailboxes("default") == {"anna@ours.example"}


def test_of_very_many_mailboxes_the_last_are_kept(ledger: Ledger) -> None:
    for number in range(6):
        told = [arrival("leave", mailbox=f"{number}-{one}@ours.example") for one in range(1000)]
        ledger.record(told)
    seen = ledger.seen_mailboxes("default")
    assert len(seen) == 5000
    assert {one.split("-")[0] for one in seen} == set("12345")
    ledger.record([arrival("leave", mailbox="0-0@ours.example")])
    assert "0-0@ours.example" in ledger.seen_mailboxes("default")


def refusal(number: int, reason: str = "wrong token") -> Refusal:
    return Refusal(float(number), "/webhooks/smartlead", reason, "192.0.2.7")


def test_refusals_are_counted_by_reason_and_the_last_are_kept(ledger: Ledger, another: Ledger) -> None:
    ledger.record_refusals([refusal(number) for number in range(KEPT)])
    another.record_refusals([refusal(KEPT, "no token"), refusal(KEPT + 1)])
    assert ledger.refused_counts() == {"no token": 1, "wrong token": KEPT + 1}
    kept = ledger.refusals()
    assert [one.refused_at for one in kept] == [float(number) for number in range(KEPT + 1, 1, -1)]
    assert ledger.refusals(1) == [refusal(KEPT + 1)]


def test_of_a_flood_only_the_numbers_are_kept(ledger: Ledger) -> None:
    ledger.record_refusals([refusal(number) for number in range(3)], {"wrong token": 5000})
    ledger.record_refusals([], {"too large without a token": 2})
    ledger.record_refusals([])
    assert ledger.refused_counts() == {"too large without a token": 2, "wrong token": 5000}
    assert len(ledger.refusals()) == 3
