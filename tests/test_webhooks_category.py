"""Categories come as numbers, names and objects; a change tells whose, which and when, or that there is none."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import ARRIVAL, DANA, LENA, WRITTEN, category_change, reply_with

from model import Ignored
from webhooks.parse import parse

CHANGED = {"event_type": "LEAD_CATEGORY_UPDATED", "lead_email": DANA, "campaign_id": 884213}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"reply_category": 3}, (None, 3)),
        ({"reply_category": "3"}, (None, 3)),
        ({"reply_category": 3.0}, (None, 3)),
        ({"reply_category": " Not  Interested "}, ("Not Interested", None)),
        ({"reply_category": {"id": "3", "name": "Not Interested"}}, ("Not Interested", 3)),
        ({"lead_category": {"old_id": 1, "new_id": 3, "new_name": "Not Interested"}}, ("Not Interested", 3)),
        ({"lead_category": {"old_id": 1, "old_name": "Interested", "new_id": None}}, (None, None)),
        ({"reply_category": None, "category": "Interested"}, ("Interested", None)),
        ({"reply_category": 0, "lead_category_id": "31756"}, (None, 31756)),
        ({"lead_data": {"category": {"name": "Interested"}}}, ("Interested", None)),
        ({"reply_category": True}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_categories_come_as_numbers_names_and_objects(event: dict[str, Any], expected: tuple[Any, Any]) -> None:
    told = reply_with(**event)
    assert (told.category, told.category_id) == expected


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"category": 3}, (None, 3), "a number"),
        ({"category": "3"}, (None, 3), "a number as text"),
        ({"category": " Out  Of Office "}, ("Out Of Office", None), "a name"),
        ({"category": {"name": "Interested", "sentiment_type": "positive"}}, ("Interested", None), "an object"),
        ({"lead_category_id": 31756}, (None, 31756), "a flat number"),
        ({"lead_data": {"category": {"name": "Interested"}}}, ("Interested", None), "in the lead's data"),
        ({"lead_category": {"old_id": 1, "new_id": 3, "new_name": "Not Interested"}}, ("Not Interested", 3), "new"),
        (
            {"lead_category": {"old": {"id": 1}, "new": {"id": 3, "name": "Not Interested"}}},
            ("Not Interested", 3),
            "new",
        ),
        ({"lead_category": {"new_name": "B"}, "category": "A"}, ("B", None), "what is called new is trusted most"),
        ({"reply_category": "A", "category": "B"}, ("B", None), "the reply's own was the earlier one"),
        ({"lead_category": {"old_name": None, "new_name": None}, "category": "A"}, ("A", None), "an empty change"),
        ({"lead_category": {"old_id": 1, "new_id": None}, "category": "Interested"}, (None, None), "it was taken away"),
    ],
)
def test_a_change_tells_the_new_category(event: dict[str, Any], expected: tuple[Any, Any], why: str) -> None:
    told = category_change({**CHANGED, **event})
    assert (told.category, told.category_id) == expected, why


@pytest.mark.parametrize("name", ["LEAD_CATEGORY_UPDATED", "lead_category_updated", "LeadCategoryUpdate"])
def test_a_change_is_known_by_its_name_in_any_spelling(name: str) -> None:
    assert category_change({**CHANGED, "event_type": name, "category": 3}).category_id == 3


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"event_timestamp": WRITTEN, "created_at": WRITTEN + 1}, WRITTEN, "the event's own time"),
        ({"created_at": "2026-02-11T14:03:27.000Z"}, WRITTEN, "when SmartLead made it"),
        ({"metadata": {"webhook_created_at": "2026-01-05T09:12:44Z"}}, None, "not when the webhook was set up"),
        ({"lead_data": {"created_at": WRITTEN}}, None, "not when the lead was"),
        ({"last_reply": {"time": WRITTEN}, "history": [{"time": WRITTEN}]}, None, "not when the lead wrote"),
        ({"event_timestamp": ARRIVAL + 301}, None, "a clock that is far ahead"),
    ],
)
def test_a_change_tells_when_it_came(event: dict[str, Any], expected: float | None, why: str) -> None:
    assert category_change({**CHANGED, "category": 3, **event}).changed_at == expected, why


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"email_lead_map_id": "2255108337"}, 2255108337),
        ({"app_url": "https://app.smartlead.ai/app/master-inbox?leadMap=2255108337"}, 2255108337),
        ({"lead_id": 2710034418}, None),
        ({"lead_id": 2710034418, "email_lead_map_id": 2710034418}, None),
    ],
)
def test_a_change_tells_its_conversation_or_the_lead_and_the_campaign(event: dict[str, Any], expected: int) -> None:
    told = category_change({**CHANGED, "category": 3, **event})
    assert (told.email_lead_map_id, told.lead, told.campaign_id) == (expected, DANA, "884213")


def test_a_long_history_is_not_read() -> None:
    history = [{"type": "REPLY", "email_lead_map_id": 5, "category": "Interested", "email_body": "x" * 4000}] * 100
    told = category_change({**CHANGED, "category": 3, "history": history, "lastReply": history[0]})
    assert (told.email_lead_map_id, told.category, told.category_id) == (None, None, 3)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"lead_email": None, "category": 3}, "neither whose"),
        ({"lead_email": LENA, "mailbox": LENA, "category": 3}, "neither whose"),
        ({}, "no category"),
        ({"category": {}, "lead_category": {"old_id": None, "new_id": None}}, "no category"),
    ],
)
def test_a_change_of_nobody_or_of_nothing_is_ignored_and_says_so(event: dict[str, Any], says: str) -> None:
    read = parse({**CHANGED, **event}, received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert says in read.reason
