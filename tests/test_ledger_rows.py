"""Rows that a database refuses, or would: they are counted, and harm nobody else."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, arrival

from ledger import State

if TYPE_CHECKING:
    from ledger import Ledger

POISON: dict[str, Any] = {"email_lead_map_id": 2**63}  # larger than any database's integer


def test_a_poisoned_row_is_counted_and_harms_nobody(ledger: Ledger) -> None:
    poison = arrival("read", **POISON)
    results: dict[int, str] = {}

    def send(number: int) -> None:
        (receipt,) = ledger.record([poison if number == 0 else arrival("read", email_lead_map_id=number)])
        results[number] = receipt.status

    threads = [threading.Thread(target=send, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results.pop(0) == "quarantined"
    assert set(results.values()) == {"accepted"}
    (again,) = ledger.record([poison])
    assert "refuses" in (again.reason or "")
    assert ledger.buckets() == {"accepted": 23, "quarantined": 1, "duplicates": 1}


def test_a_poisoned_row_does_not_take_its_batch_with_it(ledger: Ledger) -> None:
    receipts = ledger.record([arrival("read", email_lead_map_id=1), arrival("read", **POISON), arrival("unread")])
    assert [receipt.status for receipt in receipts] == ["accepted", "quarantined", "accepted"]
    assert len(ledger.recent_deliveries()) == 2
    assert ledger.problems() == []


def test_a_poisoned_row_that_asks_for_a_category_does_not_take_its_batch_with_it_either(ledger: Ledger) -> None:
    receipts = ledger.record([arrival("read", kept_since=0.0), arrival("read", kept_since=0.0, **POISON)])
    assert [receipt.status for receipt in receipts] == ["accepted", "quarantined"]


@pytest.mark.parametrize("name", ["lead", "campaign_id", "campaign", "mailbox"])
def test_a_name_longer_than_any_real_one_is_no_trouble(ledger: Ledger, name: str) -> None:
    told: dict[str, Any] = {"lead": "ana@lead.example", "campaign_id": None, "mailbox": "anna@ours.example"}
    long = secrets.token_hex(4000)
    values = told | {name: long, "email_lead_map_id": None, "bucket": "parked"}
    parked, known = ledger.record([arrival("read", **values), arrival("read", **(told | {name: long}))])
    assert (parked.status, known.status) == ("parked", "accepted")
    assert ("longer than any real one" in (parked.reason or "")) == (name != "mailbox")


def test_more_than_a_driver_takes_in_one_list_is_no_trouble(ledger: Ledger) -> None:
    told = [arrival(None, bucket="ignored", key=f"{number}", email_lead_map_id=None) for number in range(5001)]
    assert {receipt.status for receipt in ledger.record([*told, arrival("read")])} == {"ignored", "accepted"}
    assert {receipt.status for receipt in ledger.record(told)} == {"duplicate"}
    numbers = [*range(1, 70_000), CONVERSATION]
    assert ledger.retry_parked(numbers) == 0
    assert ledger.redo(numbers, [State.PENDING]).again == 1
    assert set(ledger.kept_categories([("default", number, None, None) for number in numbers])) == {None}
