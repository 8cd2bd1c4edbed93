"""Every shared payload tells what `expected.json` says of it: the right conversation, the right people, or none."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import (
    ARRIVAL,
    EXPECTED,
    FULL,
    PAYLOADS,
    WRITTEN,
    category_change,
    names,
    payload,
    reply,
    request_of,
    unwrapped,
)

from model import Ignored, Malformed, Reply
from rules.engine import facts_of
from webhooks.parse import parse
from webhooks.unwrap import Unsupported, unwrap


def category_expected(expected: dict[str, Any]) -> tuple[str | None, int | None]:
    category = expected["category"]
    return (None, category) if isinstance(category, int) else (category, expected.get("category_id"))


@pytest.mark.parametrize("name", names("reply"))
def test_each_reply_tells_its_conversation_and_its_people(name: str) -> None:
    expected, told = EXPECTED[name], reply(payload(name))
    assert told.email_lead_map_id == expected["email_lead_map_id"]
    assert told.lead == expected["lead_email"]
    assert told.sender == expected["replier_email"]
    assert told.mailbox == expected["our_mailbox"]
    assert told.campaign_id == (None if expected["campaign_id"] is None else str(expected["campaign_id"]))
    assert (told.category, told.category_id) == category_expected(expected)
    assert told.ours is expected.get("ours", False)


@pytest.mark.parametrize("name", [name for name in names("reply") if EXPECTED[name].keys() & {"message_id", "reply"}])
def test_each_reply_tells_its_words_and_its_message_id(name: str) -> None:
    expected, told = EXPECTED[name], reply(payload(name))
    assert facts_of(told).reply == expected.get("reply", facts_of(told).reply)
    assert told.message_id == expected.get("message_id", told.message_id)


@pytest.mark.parametrize("name", names("category change"))
def test_each_change_of_category_tells_whose_which_and_when(name: str) -> None:
    expected, told = EXPECTED[name], category_change(payload(name))
    assert told.email_lead_map_id == expected["email_lead_map_id"]
    assert told.lead == expected["lead_email"]
    assert told.campaign_id == str(expected["campaign_id"])
    assert (told.category, told.category_id) == category_expected(expected)
    assert told.changed_at == expected["changed_at"]


@pytest.mark.parametrize("name", names("ignored"))
def test_events_about_which_nothing_is_decided_are_ignored_by_name(name: str) -> None:
    read = parse(payload(name), received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert EXPECTED[name]["names"] in read.reason


@pytest.mark.parametrize("name", names("batch"))
def test_a_batch_gives_each_reply_its_own_conversation(name: str) -> None:
    told = [reply(event).email_lead_map_id for event in unwrapped(name)]
    assert told == EXPECTED[name]["email_lead_map_ids"]


@pytest.mark.parametrize(("told", "kind"), [("malformed", Malformed), ("unsupported", Unsupported)])
def test_bodies_that_nobody_can_read_get_a_sentence(told: str, kind: type[Malformed | Unsupported]) -> None:
    assert names(told)
    for name in names(told):
        read = unwrap(*request_of(name))
        assert isinstance(read, kind)
        assert "Zapier" in read.reason, "they are all bodies that a Zap makes"


def test_every_payload_is_tested() -> None:
    told = {"reply", "category change", "ignored", "batch", "malformed", "unsupported"}
    assert {expected["told"] for expected in EXPECTED.values()} == told | {"answer"}  # an answer of SmartLead's API
    assert set(EXPECTED) == {path.name for path in PAYLOADS.glob("*.json")} - {"expected.json"}


def test_a_full_event_tells_every_field() -> None:
    told = parse({**FULL, "reply_category": "Interested", "client_id": 9}, account="acme", received_at=ARRIVAL)
    assert told == Reply(
        account="acme",
        email_lead_map_id=2255108337,
        lead="dana.whitfield@northpier.example",
        sender="dana.whitfield@northpier.example",
        sender_name="Dana Whitfield",
        mailbox="lena@getharborline.example",
        subject="Re: quick idea for Northpier",
        text=FULL["reply_message"]["text"],
        html=FULL["reply_message"]["html"],
        preview="Sounds useful, can you send two slots for next week?\n",
        sent_text="Hi Dana,\nWe cut dock wait time by a third.",
        sent_html="<div>Hi Dana,</div><div>We cut dock wait time by a third.</div>",
        campaign_id="884213",
        campaign="Ops leaders Q1",
        category="Interested",
        client="9",
        sequence_step="2",
        message_id="<CAF7q-reply-0001@mail.northpier.example>",
        written_at=WRITTEN,
    )
