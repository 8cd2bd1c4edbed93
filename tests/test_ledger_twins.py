"""One reply that comes two ways is one reply; two replies with the same words are two."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, LEAD, WINDOWS, arrival, parked

from ledger import Ledger, State
from ledger.twins import Sighting, same
from model import CategoryChange, Delivery, Mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger import Arrival, Receipt

FIRST = Sighting(
    event_id=1,
    account="default",
    email_lead_map_id=7,
    lead=LEAD,
    campaign_id="77",
    campaign="Spring",
    message_key="message",
    words_key="thanks",
    writer=LEAD,
    written_at=1000.0,
    received_at=1100.0,
)
NO_MESSAGE: dict[str, Any] = {"message_key": None}
NO_TIME: dict[str, Any] = {"written_at": None}
UNDATED: dict[str, Any] = NO_MESSAGE | NO_TIME
NO_ID: dict[str, Any] = {"email_lead_map_id": None}
DAY = 86400.0
ROUNDS = 60  # without turns, a few of so many are two replies


@pytest.mark.parametrize(
    ("first", "second", "twins"),
    [
        ({}, {}, True),  # by SmartLead and by a relay that passes everything on
        ({}, {"message_key": "other"}, False),  # "Thanks" twice with two ids is two replies
        ({}, {"words_key": "rewritten", "written_at": 9e9}, True),  # one id is one reply, whatever a relay did to it
        ({}, NO_MESSAGE, True),
        ({}, NO_MESSAGE | {"written_at": 1599.0}, True),  # clocks and queues differ by minutes
        ({}, NO_MESSAGE | {"written_at": 1601.0}, False),  # "Thanks" again, a quarter of an hour later
        ({}, NO_MESSAGE | {"words_key": "other"}, False),
        ({}, NO_MESSAGE | {"words_key": None}, False),  # nothing to tell it by
        (NO_MESSAGE | {"words_key": None}, NO_MESSAGE | {"words_key": None}, False),
        ({}, UNDATED | {"received_at": 1100.0 + 3 * DAY}, True),  # a relay that tells no time replays what failed
        ({}, UNDATED | {"received_at": 1101.0 + 3 * DAY}, False),
        (UNDATED, UNDATED | {"received_at": 1100.0 + 3 * DAY}, True),  # a relay replays what failed for days
        (UNDATED, UNDATED | {"received_at": 1101.0 + 3 * DAY}, False),
        (NO_TIME, NO_MESSAGE | {"received_at": 1699.0}, True),
        (NO_TIME, NO_MESSAGE | {"received_at": 1701.0}, False),  # a message id tells a reply as a time does
        ({}, NO_MESSAGE | {"writer": None}, True),
        ({}, NO_MESSAGE | {"writer": "boss@ours.example"}, False),  # two people who say the same
        ({}, {"writer": "boss@ours.example"}, False),
        ({}, {"account": "other"}, False),
        ({}, {"email_lead_map_id": 8}, False),
        ({}, NO_ID, True),
        ({}, NO_ID | {"lead": "ben@lead.example"}, False),
        ({}, NO_ID | {"lead": None}, False),
        ({}, NO_ID | {"campaign_id": "78"}, False),  # a lead may be in two campaigns, and answer both alike
        ({}, NO_ID | {"campaign_id": None}, True),
        ({}, NO_ID | {"campaign_id": None, "campaign": "Autumn"}, False),
        ({}, NO_ID | {"campaign_id": None, "campaign": None}, True),
    ],
)
def test_what_tells_one_reply_from_two(first: dict[str, Any], second: dict[str, Any], *, twins: bool) -> None:
    one, other = replace(FIRST, **first), replace(FIRST, event_id=2, **second)
    assert same(one, other) is same(other, one) is twins


def direct(**values: Any) -> Arrival:
    told = {"lead": LEAD.upper(), "campaign_id": "77", "message_key": "message", "words_key": "thanks"}
    return arrival("read", **(told | values))


def relayed(**values: Any) -> Arrival:
    return direct(**({"source": "zapier", "message_key": None, "decision": arrival("unread").decision} | values))


def test_a_reply_that_comes_another_way_is_answered_with_the_first_decision_and_moves_nothing(ledger: Ledger) -> None:
    (first,) = ledger.record([direct()])
    (second,) = ledger.record([relayed()])
    assert second.reason == f"the same reply as event {first.event_id}, by another way"
    assert (second.status, second.event_id, second.mark, second.rule, second.email_lead_map_id) == (
        "duplicate",
        first.event_id,
        Mark.READ,
        "wants read",
        CONVERSATION,
    )
    assert [row.mark for row in ledger.recent_deliveries()] == [Mark.READ]
    (row,) = ledger.recent_events("duplicate")
    assert (row.source, row.twin_of) == ("zapier", first.event_id)
    assert ledger.buckets() == {"accepted": 1, "duplicates": 1}


def test_a_twin_that_is_sent_again_is_still_the_first_reply(ledger: Ledger) -> None:
    twin = relayed()
    first, *others = [ledger.record([one])[0] for one in (direct(), twin, twin)]
    assert {(other.status, other.event_id, other.mark) for other in others} == {("duplicate", first.event_id, "read")}
    assert ledger.buckets() == {"accepted": 1, "duplicates": 2}


def test_both_ways_in_one_batch_are_one_reply(ledger: Ledger) -> None:
    first, second, third = ledger.record([direct(), relayed(), relayed(words_key="something else")])
    assert (first.status, second.status, third.status) == ("accepted", "duplicate", "accepted")
    assert second.event_id == first.event_id


def test_a_twin_that_knows_the_id_lets_the_parked_first_go_on(ledger: Ledger) -> None:
    (first,) = ledger.record([parked(words_key="thanks", campaign_id=None)])
    (second,) = ledger.record([relayed()])
    assert (first.status, second.status, second.event_id) == ("parked", "duplicate", first.event_id)
    assert (second.mark, second.email_lead_map_id) == (Mark.READ, CONVERSATION)
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert (delivery.email_lead_map_id, delivery.mark) == (CONVERSATION, Mark.READ)
    assert ledger.buckets() == {"accepted": 1, "duplicates": 1}


def test_a_twin_names_the_reply_that_it_may_tell_more_of(ledger: Ledger) -> None:
    twin = relayed()
    (first,), (second,), (again,) = (ledger.record([one]) for one in (direct(), twin, twin))
    assert (first.twin_of, second.twin_of, again.twin_of) == (None, first.event_id, None)
    stored = ledger.stored_reply(first.event_id)
    assert stored is not None
    assert (stored.event_id, stored.body, ledger.stored_reply(9999)) == (first.event_id, "{}", None)


def test_two_people_who_say_the_same_are_two_replies(ledger: Ledger) -> None:
    ledger.record([direct(message_key=None, sender="boss@ours.example")])
    (second,) = ledger.record([direct(sender="ANA@lead.example")])
    assert second.status == "accepted"
    assert ledger.recent_deliveries()[0].event_id == second.event_id


def test_an_address_that_only_stands_in_for_the_sender_tells_nobody_apart(ledger: Ledger) -> None:
    ledger.record([direct(sender="colleague@lead.example")])
    (second,) = ledger.record([relayed(sender=LEAD, sender_told=False)])
    assert second.status == "duplicate"


def test_the_same_words_with_a_second_message_id_are_a_second_reply(ledger: Ledger) -> None:
    receipts = [ledger.record([one])[0] for one in (relayed(), direct(), direct(message_key="another", at=1100.0))]
    assert [receipt.status for receipt in receipts] == ["accepted", "duplicate", "accepted"]


@pytest.mark.parametrize(
    "other",
    [
        {},  # the relay tells everything but the message id
        {"lead": None, "campaign_id": None},  # the id alone
        {"email_lead_map_id": None, "bucket": "parked", "campaign_id": None},  # the lead alone
    ],
)
def test_two_ways_at_the_same_moment_are_one_reply(ledger: Ledger, database_url: str, other: dict[str, Any]) -> None:
    record_two_ways(ledger, database_url, {}, other)


def test_an_id_that_is_known_of_the_lead_makes_two_ways_one_reply_too(ledger: Ledger, database_url: str) -> None:
    """One way tells the lead, the other the id: nothing in common but what the ledger knows."""
    for number in range(1, ROUNDS + 1):
        ledger.keep_category(
            CategoryChange(lead=f"lead-{number}@lead.example", campaign_id="77", email_lead_map_id=number)
        )
    by_lead = {"email_lead_map_id": None, "bucket": "parked", "message_key": None}
    record_two_ways(ledger, database_url, by_lead, {"lead": None, "campaign_id": None, "message_key": "message"})


def record_two_ways(ledger: Ledger, database_url: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    second = Ledger(database_url, "real")
    together = threading.Barrier(2)
    receipts: list[Receipt] = []

    def send(book: Ledger, make: Callable[..., Arrival], values: dict[str, Any]) -> None:
        for number in range(1, ROUNDS + 1):
            told = make(**({"lead": f"lead-{number}@lead.example", "email_lead_map_id": number} | values))
            together.wait()
            receipts.extend(book.record([told]))

    threads = [threading.Thread(target=send, args=way) for way in ((ledger, direct, one), (second, relayed, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    assert [receipt.status for receipt in receipts].count("duplicate") == ROUNDS
    assert len({receipt.event_id for receipt in receipts}) == ROUNDS
    assert ledger.buckets() == {"accepted": ROUNDS, "duplicates": ROUNDS}
    assert [row.state for row in ledger.recent_deliveries()] == [State.PENDING] * ROUNDS
