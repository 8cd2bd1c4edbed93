"""Deciding anew: the newest reply's next decision replaces the earlier one, and no newer reply's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from ledgers import CONVERSATION, LEAD, WINDOWS, arrival, name_categories, parked

from ledger import Hold, Ledger, Redecision, State, pack
from model import CategoriesWanted, CategoryNames, Decision, Delivery, Done, Found, Lookup, Mark, Retry

if TYPE_CHECKING:
    from ledger import Receipt

READ, UNREAD, LEAVE = Mark.READ, Mark.UNREAD, Mark.LEAVE


def revise(ledger: Ledger, receipt: Receipt, mark: Mark, *, dry_run: bool = False) -> Receipt:
    decision = Decision(mark, rule=f"now {mark}", version=1)
    return ledger.revise(receipt.event_id, decision, "the category came", dry_run=dry_run)


def test_the_new_decision_is_what_is_sent_and_shown(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("read")])
    revised = revise(ledger, first, UNREAD)
    assert (revised.status, revised.mark, revised.rule) == ("accepted", UNREAD, "now unread")
    assert revised.email_lead_map_id == CONVERSATION
    (row,) = ledger.recent_events()
    assert (row.mark, row.rule, row.cause, row.state) == (UNREAD, "now unread", "the category came", "pending")
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    assert delivery.mark is UNREAD


def test_a_repeat_is_still_answered_with_the_first_decision(ledger: Ledger) -> None:
    one = arrival("read")
    (first,) = ledger.record([one])
    revise(ledger, first, UNREAD)
    assert ledger.record([one])[0].mark is READ


def test_a_reply_that_is_no_longer_the_newest_is_not_decided_anew(ledger: Ledger) -> None:
    older, newer = (ledger.record([arrival("leave", at=at)])[0] for at in (1000.0, 2000.0))
    revised = revise(ledger, older, READ)
    assert (revised.status, revised.mark) == ("ignored", None)
    assert "newer reply" in (revised.reason or "")
    assert {row.rule for row in ledger.recent_events()} == {"wants leave"}
    assert ledger.recent_deliveries() == []
    assert revise(ledger, newer, READ).status == "accepted"


def test_our_read_that_was_delivered_is_taken_back_when_the_reply_is_to_be_left(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("read")])
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    ledger.settle(delivery, Done(), WINDOWS, 3)
    revised = revise(ledger, first, LEAVE)
    assert "may have reached SmartLead" in (revised.reason or "")
    assert [(row.mark, row.state) for row in ledger.recent_deliveries()] == [(UNREAD, State.PENDING)]


def test_the_same_decision_again_makes_no_revision_and_no_call(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("read")])
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    ledger.settle(delivery, Done(), WINDOWS, 3)
    for _ in range(2):
        ledger.revise(first.event_id, Decision(READ, rule="wants read", version=1), "again", dry_run=False)
    assert ledger.recent_deliveries()[0].state is State.SETTLED
    assert ledger.recent_events()[0].cause is None


def test_an_undated_reply_beside_another_is_not_marked_read_anew(ledger: Ledger) -> None:
    ledger.record([arrival("leave", at=1000.0)])
    (undated,) = ledger.record([arrival("leave", at=None)])
    assert "tells no time" in (revise(ledger, undated, READ).reason or "")
    assert ledger.recent_deliveries() == []


def test_a_parked_reply_enters_with_what_was_decided_last(ledger: Ledger) -> None:
    (first,) = ledger.record([parked("read")])
    assert revise(ledger, first, UNREAD).status == "parked"
    name_categories(ledger)
    lookup = ledger.claim("default", WINDOWS)
    assert isinstance(lookup, Lookup)
    ledger.settle(lookup, Found(CONVERSATION), WINDOWS, 3)
    assert [row.mark for row in ledger.recent_deliveries()] == [UNREAD]


@pytest.mark.parametrize("bucket", ["ignored", "quarantined"])
def test_what_is_no_reply_is_not_decided_anew(ledger: Ledger, bucket: str) -> None:
    (receipt,) = ledger.record([arrival(None, bucket=bucket)])
    assert revise(ledger, receipt, READ).status == "ignored"
    missing = ledger.revise(999, Decision(READ, rule=None, version=1), "none", dry_run=False)
    assert (missing.status, missing.reason) == ("ignored", "the reply is not kept any more")


def test_the_newest_reply_is_found_by_id_or_by_lead_and_campaign(ledger: Ledger) -> None:
    told = {"lead": LEAD, "campaign_id": "77"}
    newest, _older = ledger.record(
        [arrival("read", at=2000.0, body=pack('{"newest": 1}'), **told), arrival("read", at=1000.0, **told)]
    )
    by_id = ledger.newest_reply("default", map_id=CONVERSATION)
    assert by_id is not None
    assert (by_id.event_id, by_id.body, by_id.written_at) == (newest.event_id, '{"newest": 1}', 2000.0)
    assert ledger.newest_reply("default", lead=LEAD.upper(), campaign_id="77") == by_id
    assert ledger.newest_reply("default", lead=LEAD, campaign_id="78") is None
    assert ledger.newest_reply("other", map_id=CONVERSATION) is None


def test_the_newest_of_parked_replies_is_found_by_lead_and_campaign(ledger: Ledger) -> None:
    newest, _older = ledger.record([parked("read", at=2000.0), parked("read", at=1000.0)])
    found = ledger.newest_reply("default", lead=LEAD, campaign_id="77")
    assert found is not None
    assert (found.event_id, found.email_lead_map_id) == (newest.event_id, None)


def test_the_names_of_the_categories_are_fetched_first_daily_and_when_a_number_has_no_name(ledger: Ledger) -> None:
    wanted = ledger.claim("default", WINDOWS)
    assert isinstance(wanted, CategoriesWanted)
    assert isinstance(ledger.claim("default", WINDOWS), Hold)
    ledger.drop(wanted)
    name_categories(ledger, {1: "Interested", 2: "Out Of Office"})
    assert ledger.category_names("default") == {1: "Interested", 2: "Out Of Office"}
    assert ledger.category_names("other") == {}
    (hold, day) = ledger.claim("default", WINDOWS), 86400.0
    assert isinstance(hold, Hold)
    ledger.record([arrival("leave", category_id=9)])
    sooner = ledger.claim("default", WINDOWS)
    assert isinstance(sooner, Hold)
    assert 200 < sooner.seconds <= 300 < hold.seconds <= day


def test_a_number_without_a_name_is_asked_for_once_in_a_while_not_for_ever(ledger: Ledger) -> None:
    ledger.record([arrival("leave", category_id=9)])
    name_categories(ledger)
    for _ in range(3):
        ledger.record([arrival("leave", category_id=9)])
        assert isinstance(ledger.claim("default", WINDOWS), Hold)


@pytest.mark.parametrize("limited", [True, False])
def test_names_that_were_not_told_are_asked_for_again(ledger: Ledger, *, limited: bool) -> None:
    wanted = ledger.claim("default", WINDOWS)
    assert isinstance(wanted, CategoriesWanted)
    ledger.settle(wanted, Retry("SmartLead answered 500", whole_account=limited), WINDOWS, 3)
    hold = ledger.claim("default", WINDOWS)
    assert isinstance(hold, Hold)
    assert 0 < hold.seconds <= 60


def test_an_answer_that_does_not_belong_to_its_task_is_a_mistake_of_ours(ledger: Ledger) -> None:
    ledger.record([arrival("read")])
    delivery = ledger.claim("default", WINDOWS)
    assert isinstance(delivery, Delivery)
    with pytest.raises(TypeError, match="Found is no answer to a Delivery"):
        ledger.settle(delivery, Found(5), WINDOWS, 3)


def test_an_older_category_does_not_decide_over_a_newer_one(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("leave")])

    def decide(mark: Mark, category_at: float) -> Receipt:
        decision = Decision(mark, rule=None, version=1)
        return ledger.revise(first.event_id, decision, "a category", dry_run=False, category_at=category_at)

    assert decide(UNREAD, 3000.0).status == "accepted"
    late = decide(READ, 2000.0)
    assert (late.status, late.reason) == ("ignored", "a newer category of this conversation has decided already")
    assert [row.mark for row in ledger.recent_deliveries()] == [UNREAD]
    assert decide(READ, 3000.0).status == decide(READ, 4000.0).status == "accepted"


def test_a_name_that_comes_late_does_not_decide_over_a_newer_category(ledger: Ledger) -> None:
    (first,) = ledger.record([arrival("leave", category_id=6)])
    one: dict[str, Any] = {"event_id": first.event_id, "cause": "a test", "dry_run": False}
    named = Redecision(decision=Decision(READ, rule=None, version=1), waiting_for=6, **one)
    changed = Redecision(decision=Decision(UNREAD, rule=None, version=1), category_at=3000.0, **one)
    accepted, late = ledger.revise_all([changed, named])
    assert (accepted.status, late.status) == ("accepted", "ignored")
    assert "does not wait" in (late.reason or "")
    ledger.wait_for_name(first.event_id, 7, category_at=2000.0)
    assert ledger.revise_all([replace(named, waiting_for=7)])[0].status == "ignored"
    ledger.wait_for_name(first.event_id, 7, category_at=4000.0)
    assert ledger.revise_all([replace(named, waiting_for=7)])[0].status == "accepted"
    assert [row.mark for row in ledger.recent_deliveries()] == [READ]


def test_many_are_decided_anew_at_once_each_in_its_own_conversation(ledger: Ledger) -> None:
    receipts = ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 6)])
    twice = [(receipts[0], UNREAD), *((one, UNREAD) for one in receipts), (receipts[0], LEAVE)]
    made = [
        Redecision(event_id=one.event_id, decision=Decision(mark, None, version=1), cause="a test", dry_run=False)
        for one, mark in twice
    ]
    assert {receipt.status for receipt in ledger.revise_all(made)} == {"accepted"}
    assert {row.email_lead_map_id: row.state for row in ledger.recent_deliveries()} == {
        1: State.WITHDRAWN,
        **dict.fromkeys(range(2, 6), State.PENDING),
    }
    assert ledger.recent_events()[-1].mark is LEAVE
    assert ledger.revise_all([]) == []


def test_newest_replies_are_named_once_their_category_has_a_name(ledger: Ledger) -> None:
    _older, newer, other, waiting, _unnamed = ledger.record(
        [
            arrival("leave", at=1000.0, category_id=1),
            arrival("leave", at=2000.0, category_id=1),
            arrival("leave", email_lead_map_id=5),
            parked("leave", category_id=2),
            arrival("leave", email_lead_map_id=6, category_id=3),
        ]
    )
    assert ledger.replies_to_name("default") == []
    name_categories(ledger, {1: "Interested", 2: "Out Of Office"})
    found = ledger.replies_to_name("default")
    assert [(one.event_id, one.category_id) for one in found] == [(newer.event_id, 1), (waiting.event_id, 2)]
    assert other.event_id not in {one.event_id for one in found}
    revise(ledger, newer, READ)
    assert [one.event_id for one in ledger.replies_to_name("default")] == [waiting.event_id]


def test_settling_categories_replaces_those_that_are_gone(ledger: Ledger, database_url: str) -> None:
    name_categories(ledger, {1: "Interested"})
    other = Ledger(database_url, "real")
    wanted = CategoriesWanted("default", "an old lease")
    other.settle(wanted, CategoryNames({2: "Booked"}), WINDOWS, 3)
    assert other.category_names("default") == {2: "Booked"}
    other.close()


def test_the_event_that_told_the_category_shows_what_became_of_the_reply(ledger: Ledger) -> None:
    reply, told, older = ledger.record(
        [arrival("read"), *(arrival(None, lead=LEAD, email_lead_map_id=None) for _ in range(2))]
    )
    unread = Redecision(
        event_id=reply.event_id,
        decision=Decision(UNREAD, rule=None, version=1),
        cause="Interested",
        dry_run=False,
        category_at=1500.0,
        told_by=told.event_id,
    )
    ledger.revise_all([unread, replace(unread, category_at=1400.0, told_by=older.event_id)])
    reasons = {row.event_id: row.reason for row in ledger.recent_events()}
    assert reasons[told.event_id] == f"Interested: event {reply.event_id} decided anew: unread"
    assert "a newer category" in (reasons[older.event_id] or "")
    ledger.wait_for_name(reply.event_id, 7, category_at=1600.0, told_by=older.event_id)
    assert (
        "category 7 has no known name yet"
        in {row.event_id: row.reason or "" for row in ledger.recent_events()}[older.event_id]
    )
