"""Whatever comes, and however often: each POST is counted once, and each reply has one place."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import WINDOWS, arrival

from ledger import Arrival, Hold, Ledger
from model import CategoriesWanted, CategoryNames, Decision, Delivery, Done, Found, Lookup, Mark, NotFound

accounts = (f"account-{number}" for number in count())  # each story has one of its own: a database for each would cost
MAP_IDS = {("ana@lead.example", "77"): 1, ("ana@lead.example", "78"): 2, ("ben@lead.example", "77"): 3}

replies = st.fixed_dictionaries(
    {
        "conversation": st.sampled_from(sorted(MAP_IDS)),
        "tells": st.sets(st.sampled_from(["id", "lead", "campaign", "time", "message", "words"])),
        "mark": st.sampled_from(["read", "unread", "leave"]),
        "number": st.integers(0, 3),  # of the reply: the same one may come many times
        "dry_run": st.booleans(),
    }
)
others = st.sampled_from(["ignored", "quarantined"])
steps = st.lists(
    st.one_of(
        st.lists(st.one_of(replies, others), min_size=1, max_size=4),
        st.sampled_from(["work", "find nothing", "decide anew"]),
    ),
    max_size=12,
)


def told(account: str, event: Any) -> Arrival:
    if isinstance(event, str):
        return arrival(None, account=account, bucket=event, email_lead_map_id=None, key=f"{event} of its own")
    (lead, campaign), tells, number = event["conversation"], event["tells"], event["number"]
    map_id = MAP_IDS[lead, campaign] if "id" in tells else None
    identity: dict[str, Any] = {
        "email_lead_map_id": map_id,
        "bucket": "accepted" if map_id else "parked",
        "lead": lead if "lead" in tells else None,
        "campaign_id": campaign if "campaign" in tells else None,
        "message_key": f"{lead} message {number}" if "message" in tells else None,
        "words_key": f"words {number}" if "words" in tells else None,
        "key": f"{number} {event['conversation']} {sorted(tells)}",
    }
    at = 1000.0 + 100 * number if "time" in tells else None
    return arrival(event["mark"], at=at, account=account, dry_run=event["dry_run"], **identity)


def work(ledger: Ledger, account: str, *, finds: bool) -> None:
    """Do all that is due."""
    while not isinstance(task := ledger.claim(account, WINDOWS), Hold):
        match task:
            case Delivery():
                ledger.settle(task, Done(), WINDOWS, 3)
            case CategoriesWanted():
                ledger.settle(task, CategoryNames({}), WINDOWS, 3)
            case Lookup():
                map_id = MAP_IDS.get((task.lead, task.campaign_id or "")) if finds else None
                ledger.settle(task, Found(map_id) if map_id else NotFound("Nowhere."), WINDOWS, 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=steps)
def test_all_that_was_received_is_counted_once_and_a_reply_is_marked_in_its_own_conversation(
    ledger: Ledger, story: list[Any]
) -> None:
    account, before, received = next(accounts), sum(ledger.buckets().values()), 0
    for step in story:
        if isinstance(step, list):
            receipts = ledger.record([told(account, event) for event in step])
            received += len(step)
            assert len(receipts) == len(step)
        elif step == "decide anew":
            for row in ledger.recent_events("accepted", limit=3):
                ledger.revise(row.event_id, Decision(Mark.UNREAD, "anew", version=1), "a story", dry_run=False)
        else:
            work(ledger, account, finds=step == "work")
        counts = ledger.buckets()
        assert set(counts) <= {"accepted", "duplicates", "ignored", "parked", "quarantined"}
        assert sum(counts.values()) - before == received
    rows = [row for row in ledger.recent_events(limit=10_000) if row.account == account]
    for row in rows:
        assert (row.bucket == "parked") <= (row.email_lead_map_id is None)
        assert (row.bucket == "duplicate") == (row.twin_of is not None)
        if row.lead and row.email_lead_map_id:
            assert row.lead == next(lead for (lead, _), number in MAP_IDS.items() if number == row.email_lead_map_id)
    firsts = {row.event_id for row in rows if row.bucket in {"accepted", "parked"}}
    assert {row.twin_of for row in rows if row.twin_of} <= firsts
