"""Categories that came before their reply: kept, and given to no other conversation's."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ledgers import CONVERSATION, LEAD, arrival, parked

from ledger import Ledger, NotStoredError, OvertakenError
from model import CategoryChange, Mark

READ = Mark.READ


def change(category: str | None = "Interested", **values: object) -> CategoryChange:
    told: dict[str, object] = {"lead": LEAD, "campaign_id": "77", "category": category, "changed_at": 3000.0}
    return CategoryChange(**(told | values))  # type: ignore[arg-type]  # a row of the test's own


def test_a_category_that_comes_before_its_reply_is_kept_for_it(ledger: Ledger) -> None:
    assert ledger.kept_category("default", None, LEAD, "77") is None
    assert ledger.keep_category(change(email_lead_map_id=CONVERSATION))
    expected = ("Interested", None, 3000.0)
    assert ledger.kept_category("default", None, LEAD.upper(), "77") == expected
    assert ledger.kept_category("default", CONVERSATION, None, None) == expected
    assert ledger.kept_category("default", CONVERSATION + 1, LEAD, "78") is None
    assert ledger.kept_category("other", CONVERSATION, LEAD, "77") is None


def test_of_two_categories_the_later_is_kept_whatever_came_first(ledger: Ledger) -> None:
    ledger.keep_category(change(None, category_id=5, changed_at=4000.0))
    assert not ledger.keep_category(change("Do Not Contact", changed_at=3000.0))
    assert ledger.kept_category("default", None, LEAD, "77") == (None, 5, 4000.0)


def test_a_category_by_id_alone_is_kept_by_the_id(ledger: Ledger) -> None:
    assert ledger.keep_category(change(lead=None, campaign_id=None, email_lead_map_id=CONVERSATION))
    assert ledger.kept_category("default", CONVERSATION, None, None) == ("Interested", None, 3000.0)
    assert ledger.kept_category("default", None, LEAD, "77") is None
    ledger.record([arrival("read", lead=LEAD, campaign_id="77")])
    assert ledger.kept_category("default", None, LEAD, "77") == ("Interested", None, 3000.0)
    assert not ledger.keep_category(change(lead=None))


def test_where_both_tell_an_id_only_the_same_id_is_the_same_conversation(ledger: Ledger) -> None:
    ledger.keep_category(change(campaign_id=None, email_lead_map_id=8))
    ledger.keep_category(change("Booked", campaign_id=None, email_lead_map_id=9, changed_at=4000.0))
    asked = [("default", map_id, LEAD, None) for map_id in (7, 8, 9, None)]
    expected = [None, ("Interested", None, 3000.0), ("Booked", None, 4000.0), None]  # without an id it may be either's
    assert ledger.kept_categories(asked) == [ledger.kept_category(*one) for one in asked] == expected


def test_of_two_categories_of_the_same_time_always_the_same_counts_and_rather_the_named_one(ledger: Ledger) -> None:
    by_id: dict[str, Any] = {"lead": None, "campaign_id": None, "email_lead_map_id": CONVERSATION}
    ledger.record([arrival("read", lead=LEAD, campaign_id="77")])
    for one in (change(None, category_id=5, **by_id), change("Booked")):
        ledger.keep_category(one)
    other = CONVERSATION + 1
    ledger.record([arrival("read", lead=LEAD, campaign_id="78", email_lead_map_id=other)])
    for one in (change(**by_id | {"email_lead_map_id": other}), change(None, category_id=5, campaign_id="78")):
        ledger.keep_category(one)
    asked = [("default", map_id, None, None) for map_id in (CONVERSATION, other)]
    assert ledger.kept_categories(asked) == [("Booked", None, 3000.0), ("Interested", None, 3000.0)]


def test_a_category_by_name_is_found_by_the_id_that_the_ledger_knows(ledger: Ledger) -> None:
    ledger.record([arrival("read", lead=LEAD, campaign_id="77")])
    ledger.keep_category(change())
    assert ledger.kept_category("default", CONVERSATION, None, None) == ("Interested", None, 3000.0)


def test_that_a_category_was_taken_away_is_newer_knowledge(ledger: Ledger) -> None:
    ledger.keep_category(change("Out Of Office", lead="ana.alias@lead.example", email_lead_map_id=CONVERSATION))
    assert ledger.keep_category(change(None, email_lead_map_id=CONVERSATION, changed_at=4000.0))
    assert ledger.kept_category("default", CONVERSATION, LEAD, "77") == (None, None, 4000.0)
    assert not ledger.keep_category(change("Out Of Office", email_lead_map_id=CONVERSATION, changed_at=3500.0))


def test_of_the_categories_in_one_batch_the_newest_is_kept(ledger: Ledger) -> None:
    told = [change(str(at), changed_at=at) for at in (1000.0, 3000.0, 2000.0)]
    ledger.record([arrival(None, bucket="ignored", category_change=one) for one in told])
    assert ledger.kept_category("default", None, LEAD, "77") == ("3000.0", None, 3000.0)


def test_processes_that_keep_the_same_categories_in_opposite_orders_wait_for_no_other(
    ledger: Ledger, database_url: str
) -> None:
    other = Ledger(database_url, "real")
    together = threading.Barrier(2)
    lost: list[Exception] = []

    def send(book: Ledger, step: int) -> None:
        for turn in range(10):
            ids = list(range(1, 101))[::step]
            told = [change(lead=None, email_lead_map_id=one, changed_at=turn * 10.0 + step) for one in ids]
            together.wait()
            try:
                book.record([arrival(None, bucket="ignored", category_change=one) for one in told])
            except NotStoredError as error:
                lost.append(error)

    threads = [threading.Thread(target=send, args=one) for one in ((ledger, 1), (other, -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert lost == []


def test_a_category_event_that_is_recorded_keeps_its_category_and_frees_parked_replies(ledger: Ledger) -> None:
    ledger.record([parked("read")])
    told = change(email_lead_map_id=CONVERSATION)
    (receipt,) = ledger.record([arrival(None, bucket="ignored", category_change=told)])
    assert receipt.status == "ignored"
    assert ledger.kept_category("default", CONVERSATION, None, None) == ("Interested", None, 3000.0)
    assert [row.mark for row in ledger.recent_deliveries()] == [READ]


def test_a_category_event_that_was_applied_is_no_reply(ledger: Ledger) -> None:
    ledger.record([arrival("read"), arrival(None, category_change=change())])
    assert ledger.count_stored_replies(0.0) == len(list(ledger.stored_replies(0.0))) == 1


def test_a_reply_that_was_decided_without_a_category_that_counts_is_not_recorded(ledger: Ledger) -> None:
    ledger.keep_category(change(email_lead_map_id=CONVERSATION))
    reply, other = arrival("read", kept_since=2000.0), arrival("unread", email_lead_map_id=8, kept_since=2000.0)
    with pytest.raises(OvertakenError) as overtaken:
        ledger.record([other, reply])
    assert list(overtaken.value.kept) == [None, ("Interested", None, 3000.0)]
    assert sum(ledger.buckets().values()) == 0


def test_a_reply_that_was_decided_by_the_kept_category_is_recorded(ledger: Ledger) -> None:
    ledger.keep_category(change(email_lead_map_id=CONVERSATION))
    kept = ledger.kept_category("default", CONVERSATION, None, None)
    (receipt,) = ledger.record([arrival("read", kept=kept, kept_since=2000.0)])
    assert (receipt.status, receipt.kept) == ("accepted", kept)


@pytest.mark.parametrize(
    ("since", "why"),
    [(3000.5, "it was given to an earlier reply"), (float("inf"), "the reply asks for none")],
)
def test_a_category_that_does_not_count_holds_up_no_reply(ledger: Ledger, since: float, why: str) -> None:
    ledger.keep_category(change(email_lead_map_id=CONVERSATION))
    (receipt,) = ledger.record([arrival("read", kept_since=since)])
    assert receipt.status == "accepted", why


def test_a_category_that_is_recorded_beside_its_reply_is_told_with_the_receipt(ledger: Ledger) -> None:
    told = arrival(None, category_change=change(email_lead_map_id=CONVERSATION))
    _category, reply = ledger.record([told, arrival("read", kept_since=2000.0)])
    assert (reply.status, reply.kept) == ("accepted", ("Interested", None, 3000.0))


def test_others_are_recorded_whose_replies_come_at_the_same_moment_as_an_overtaken_one(ledger: Ledger) -> None:
    ledger.keep_category(change(email_lead_map_id=CONVERSATION))
    answers: dict[int, str] = {}

    def send(map_id: int) -> None:
        try:
            answers[map_id] = ledger.record([arrival("read", email_lead_map_id=map_id, kept_since=2000.0)])[0].status
        except OvertakenError:
            answers[map_id] = "overtaken"

    senders = [threading.Thread(target=send, args=(map_id,)) for map_id in (CONVERSATION, *range(1, 20))]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert answers == {CONVERSATION: "overtaken"} | dict.fromkeys(range(1, 20), "accepted")
