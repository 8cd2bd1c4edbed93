"""One reply that SmartLead and a relay tell is one reply; two replies with the same words are two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from website import Website, environment, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONVERSATION, LEAD, CAMPAIGN = 2255108337, "dana@northpier.example", 884213
WORDS, WHEN = "Sounds useful, two slots?", "2026-02-11T14:03:27Z"
SMARTLEAD: dict[str, Any] = {
    "event_type": "EMAIL_REPLY",
    "sl_email_lead_map_id": CONVERSATION,
    "sl_lead_email": LEAD,
    "campaign_id": CAMPAIGN,
    "reply_message": {"message_id": "<A1@Northpier.example>", "text": WORDS, "time": WHEN},
}
ZAPIER = {"lead_email": LEAD, "campaign_id": str(CAMPAIGN), "reply_text": WORDS}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (
            ZAPIER | {"sl_email_lead_map_id": str(CONVERSATION), "message_id": "<A1@northpier.EXAMPLE>"},
            "the message id",
        ),
        (ZAPIER | {"message_id": "A1@northpier.example"}, "the message id, and lead and campaign"),
        (ZAPIER | {"sl_email_lead_map_id": str(CONVERSATION)}, "the words, within minutes"),
        (ZAPIER, "the words, and lead and campaign"),
        (ZAPIER | {"time_replied": "2026-02-11T14:03:30Z"}, "the words, and nearly the time"),
        (ZAPIER | {"reply_text": f"  {WORDS.upper()}\r\n\r\n"}, "the words as phrases compare them"),
    ],
)
@pytest.mark.parametrize("smartlead_first", [True, False])
def test_a_reply_that_comes_two_ways_is_one(
    site: Website, second: dict[str, Any], why: str, *, smartlead_first: bool
) -> None:
    first, other = (SMARTLEAD, second) if smartlead_first else (second, SMARTLEAD)
    one, two = site.post(first).json, site.post(other, source="zapier").json
    assert (two["status"], two["event_id"], two["mark"], two["rule"]) == (
        "duplicate",
        one["event_id"],
        one["mark"],
        one["rule"],
    ), why
    assert f"event {one['event_id']}" in two["reason"]
    assert site.parts.ledger.buckets() == {"accepted": 1, "duplicates": 1}
    (row,) = site.parts.ledger.recent_deliveries()
    assert row.email_lead_map_id == CONVERSATION


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (SMARTLEAD | {"reply_message": SMARTLEAD["reply_message"] | {"message_id": "<A2@x>"}}, "two message ids"),
        (ZAPIER | {"time_replied": "2026-02-11T16:03:27Z"}, "hours later"),
        (ZAPIER | {"reply_text": "Sounds useful, three slots?"}, "other words"),
        (ZAPIER | {"lead_email": "omar@northpier.example"}, "another lead"),
        (ZAPIER | {"campaign_id": "7"}, "another campaign"),
        (ZAPIER | {"sl_email_lead_map_id": "7"}, "another conversation"),
    ],
)
def test_two_replies_stay_two(site: Website, second: dict[str, Any], why: str) -> None:
    site.post(SMARTLEAD)
    answer = site.post(second, source="zapier").json
    assert answer["status"] in {"accepted", "parked"}, why
    assert site.parts.ledger.buckets()["duplicates"] == 0


def test_one_reply_told_twice_in_one_batch_is_one(site: Website) -> None:
    answer = site.post([SMARTLEAD, ZAPIER]).json
    assert [one["status"] for one in answer["results"]] == ["accepted", "duplicate"]


def test_replays_of_a_reply_without_time_and_id_are_one_for_days(site: Website) -> None:
    assert site.post(ZAPIER).json["status"] == "parked"
    assert site.post(ZAPIER | {"campaign_name": "Ops leaders"}).json["status"] == "duplicate"
