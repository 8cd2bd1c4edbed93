"""Which id a conversation has: told by events, by SmartLead, or by neither where they contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, LEAD, WINDOWS, arrival, look_up, name_categories, parked

from ledger import State
from model import Delivery, Done, Found, Lookup, Mark

if TYPE_CHECKING:
    from ledger import Ledger


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    """One that knows the categories' names: else their turn comes before a lookup's."""
    name_categories(ledger)
    return ledger


def test_an_id_that_any_event_told_is_not_looked_up_at_all(ledger: Ledger) -> None:
    told, without = ledger.record([arrival("read", lead=LEAD, campaign_id="77"), parked("unread", at=2000.0)])
    assert (told.status, without.status, without.email_lead_map_id) == ("accepted", "accepted", CONVERSATION)
    assert ledger.recent_deliveries()[0].mark is Mark.UNREAD


@pytest.mark.parametrize("other", [{"campaign_id": "78"}, {"campaign_id": None}, {"lead": "ben@lead.example"}])
def test_an_id_is_taken_for_that_lead_in_that_campaign_only(ledger: Ledger, other: dict[str, Any]) -> None:
    ledger.record([arrival("read", lead=LEAD, campaign_id="77")])
    (receipt,) = ledger.record([parked("read", **other)])
    assert (receipt.status, receipt.email_lead_map_id) == ("parked", None)


def test_an_event_without_its_campaign_teaches_no_id(ledger: Ledger) -> None:
    ledger.record([arrival("read", lead=LEAD)])
    (receipt,) = ledger.record([parked("read", campaign_id=None)])
    assert receipt.status == "parked"


def test_ids_that_contradict_each_other_are_none_until_smartlead_tells(ledger: Ledger) -> None:
    told: dict[str, Any] = {"lead": LEAD, "campaign_id": "77"}
    ledger.record([arrival("leave", **told)])
    ledger.record([arrival("leave", **(told | {"email_lead_map_id": CONVERSATION + 1}))])
    ledger.record([arrival("leave", at=1500.0, **told)])  # told again, it is no more certain
    (receipt,) = ledger.record([parked("read", at=2000.0)])
    assert (receipt.status, ledger.recent_deliveries()) == ("parked", [])
    look_up(ledger, Found(CONVERSATION + 1))
    assert [row.email_lead_map_id for row in ledger.recent_deliveries()] == [CONVERSATION + 1]
    ledger.record([arrival("leave", at=3000.0, **told)])
    (later,) = ledger.record([parked("read", at=4000.0)])
    assert later.email_lead_map_id == CONVERSATION + 1


def test_ids_that_contradict_each_other_in_one_batch_are_none(ledger: Ledger) -> None:
    told: dict[str, Any] = {"lead": LEAD, "campaign_id": "77"}
    ledger.record([arrival("leave", **told), arrival("leave", **(told | {"email_lead_map_id": 5}))])
    assert ledger.record([parked("read")])[0].status == "parked"


def test_an_answer_that_comes_after_an_event_told_the_id_counts_for_nothing(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    lookup = ledger.claim("default", WINDOWS)
    assert isinstance(lookup, Lookup)
    ledger.record([arrival("leave", at=900.0, lead=LEAD, campaign_id="77")])
    ledger.settle(lookup, Found(CONVERSATION + 1), WINDOWS, 3)
    (receipt,) = ledger.record([parked("read", at=2000.0)])
    assert receipt.email_lead_map_id == CONVERSATION


def test_a_parked_reply_that_another_event_told_as_well_is_not_marked_twice(ledger: Ledger) -> None:
    (waiting,) = ledger.record([parked("read", words_key="words")])
    ledger.record([parked("read", words_key="words", source="zapier")])
    (known,) = ledger.record([arrival("unread", words_key="words", message_key="message")])
    assert known.status == "accepted"
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    ledger.settle(delivery, Done(), WINDOWS, 3)
    look_up(ledger, Found(CONVERSATION))
    assert ledger.buckets() == {"accepted": 1, "duplicates": 2}
    assert {row.twin_of for row in ledger.recent_events("duplicate")} == {known.event_id}
    assert waiting.event_id != known.event_id
    assert [(row.mark, row.state) for row in ledger.recent_deliveries()] == [(Mark.UNREAD, State.SETTLED)]


def test_leads_that_only_look_alike_are_two(ledger: Ledger) -> None:
    ledger.record([arrival("leave", lead="Kate@Lead.example", campaign_id="77")])
    kelvin, same = ledger.record(
        [parked("read", lead="\N{KELVIN SIGN}ate@lead.example"), parked("read", lead="KATE@LEAD.EXAMPLE")]
    )
    assert (kelvin.status, same.status) == ("parked", "accepted")
