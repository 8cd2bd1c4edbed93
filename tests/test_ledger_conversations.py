"""Which id a conversation has: told by events, by SmartLead, or by neither where they contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, LEAD, WINDOWS, arrival, look_up, name_categories, parked

from ledger import State
from model import CategoryChange, Delivery, Done, Found, GiveUp, Lookup, Mark

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


KNOWN: dict[str, Any] = {"lead": LEAD, "campaign_id": "77"}
GONE = GiveUp("SmartLead does not know this conversation", gone=True)


def lose(ledger: Ledger, map_id: int = CONVERSATION) -> None:
    """Have SmartLead refuse the mark that is due, for not knowing the conversation."""
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert delivery.email_lead_map_id == map_id
    ledger.settle(delivery, GONE, WINDOWS, 3)


def test_a_learned_id_that_smartlead_does_not_know_any_more_is_looked_up_anew(ledger: Ledger) -> None:
    ledger.record([arrival("leave", at=900.0, **KNOWN)])
    ledger.record([parked("read")])
    lose(ledger)
    (failed,) = ledger.recent_deliveries(State.FAILED)
    assert (failed.email_lead_map_id, failed.reason) == (CONVERSATION, GONE.reason)
    (waiting,) = ledger.recent_events("parked")
    assert f"does not know conversation {CONVERSATION}" in (waiting.reason or "")
    assert look_up(ledger, Found(5)).by == "lead"
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert (delivery.email_lead_map_id, delivery.mark) == (5, Mark.READ)
    (later,) = ledger.record([parked("read", at=2000.0)])
    assert later.email_lead_map_id == 5


def test_a_lost_id_that_smartlead_tells_again_is_not_marked_in_a_circle(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    look_up(ledger, Found(CONVERSATION))
    lose(ledger)
    look_up(ledger, Found(CONVERSATION))
    (row,) = ledger.recent_events("accepted")
    assert "SmartLead did not know" in (row.reason or "")
    assert [one.state for one in ledger.recent_deliveries()] == [State.FAILED]
    ledger.record([parked("unread", at=2000.0)])
    assert isinstance(ledger.claim("default", WINDOWS), Delivery)


def test_a_lost_id_that_the_event_told_itself_stays_its_own(ledger: Ledger) -> None:
    ledger.record([arrival("read", **KNOWN)])
    lose(ledger)
    assert [row.bucket for row in ledger.recent_events()] == ["accepted"]
    (receipt,) = ledger.record([parked("read", at=2000.0)])
    assert receipt.status == "parked"


@pytest.mark.parametrize("at", [None, 1000.0])
def test_a_repeat_does_not_teach_a_lost_id_again(ledger: Ledger, at: float | None) -> None:
    first = arrival("leave", at=at, **KNOWN)
    change = CategoryChange(email_lead_map_id=CONVERSATION, category="Interested", changed_at=4e9, **KNOWN)
    told = arrival(None, at=None, category_change=change)
    ledger.record([first, told])
    ledger.record([parked("unread", at=2000.0)])
    lose(ledger)
    ledger.record([first, told])
    assert [row.bucket for row in ledger.recent_events("parked")] == ["parked"]


def test_an_event_that_is_older_than_the_last_neither_teaches_nor_contradicts(ledger: Ledger) -> None:
    ledger.record([arrival("leave", at=2000.0, **KNOWN)])
    ledger.record([arrival("leave", at=1000.0, **(KNOWN | {"email_lead_map_id": 5}))])
    (receipt,) = ledger.record([parked("leave", at=3000.0)])
    assert receipt.email_lead_map_id == CONVERSATION
    ledger.record([arrival("leave", at=4000.0, **(KNOWN | {"email_lead_map_id": 5}))])
    assert ledger.record([parked("leave", at=5000.0)])[0].status == "parked"


def test_a_newer_event_teaches_the_id_anew_after_it_was_lost(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    look_up(ledger, Found(CONVERSATION))
    lose(ledger)
    ledger.record([arrival("leave", at=None, **(KNOWN | {"email_lead_map_id": 5}))])
    assert ledger.recent_events("parked") == []
    assert {row.email_lead_map_id for row in ledger.recent_events()} == {5}
