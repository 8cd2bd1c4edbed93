"""Replies that no webhook brought: what the list and the history tell becomes the event that SmartLead would send."""

from __future__ import annotations

from typing import Any

import pytest

from inbox.missed import LAST, missed_events
from model import History, InboxRow, Message, Reply
from webhooks.parse import parse

NOON = 1_770_000_000.0
ROW = InboxRow(
    email_lead_map_id=2255108337,
    is_read=False,
    last_reply_at=NOON,
    lead="ana@lead.example",
    lead_id="2655108337",
    lead_name="Ana Lead",
    campaign_id="77",
    campaign="Spring",
    category_id=6,
    category="Out Of Office",
    client="12",
)
SENT = Message(
    by_lead=False, message_id="<1@ours>", at=NOON - 600, html="<p>Shorter waits?</p>", sender="lena@our.example"
)


def reply(at: float | None = NOON, **values: Any) -> Message:
    """A mail of the lead."""
    told = {"message_id": f"<{at}@lead.example>", "html": "<p>Tell me more.</p>", "sender": "Ana <ana@lead.example>"}
    return Message(by_lead=True, at=at, **(told | values))


def read(*messages: Message, known_until: float | None = None, row: InboxRow = ROW) -> list[Reply]:
    """The replies that the front door reads out of these mails."""
    parsed = [parse(event, received_at=NOON + 60) for event in missed_events(row, History(messages), known_until)]
    assert all(isinstance(one, Reply) for one in parsed)
    return [one for one in parsed if isinstance(one, Reply)]


def test_a_missed_reply_is_read_as_its_webhook_would_be() -> None:
    assert read(SENT, reply(subject="Re: quick idea")) == [
        Reply(
            email_lead_map_id=2255108337,
            lead="ana@lead.example",
            sender="ana@lead.example",
            sender_name="Ana",
            mailbox="lena@our.example",
            subject="Re: quick idea",
            html="<p>Tell me more.</p>",
            sent_html="<p>Shorter waits?</p>",
            campaign_id="77",
            campaign="Spring",
            category="Out Of Office",
            category_id=6,
            client="12",
            message_id=f"<{NOON}@lead.example>",
            written_at=NOON,
        )
    ]


def test_who_really_replied_is_told_beside_the_lead() -> None:
    (found,) = read(SENT, reply(sender="boss@lead.example"))
    assert (found.lead, found.sender) == ("ana@lead.example", "boss@lead.example")


def test_a_mail_of_ours_is_no_reply_and_no_address_of_the_reply_is_taken_for_ours() -> None:
    (found,) = read(reply(recipient="colleague@lead.example"), SENT)
    assert (found.mailbox, found.sent_html) == (None, None)  # what we sent later was not answered by it


@pytest.mark.parametrize(
    ("known_until", "times"),
    [
        (None, [NOON - 900, NOON - 300, NOON]),  # no reply of it is known
        (NOON - 900, [NOON - 300, NOON]),
        (NOON - 301.5, [NOON]),  # told with and without thousandths it is the same reply
        (NOON, []),
        (NOON + 5, []),
    ],
)
def test_only_newer_replies_than_the_known_ones_are_missed(known_until: float | None, times: list[float]) -> None:
    mails = (reply(NOON - 900), SENT, reply(NOON - 300), reply(NOON))
    assert [one.written_at for one in read(*mails, known_until=known_until)] == times


def test_of_a_long_conversation_the_last_replies_count_and_the_newest_comes_last() -> None:
    found = read(*(reply(NOON - 100 + number) for number in range(20)))
    assert [one.written_at for one in found] == [NOON - 100 + number for number in range(20 - LAST, 20)]


def test_a_category_is_told_only_where_no_earlier_reply_can_have_earned_it() -> None:
    assert [one.category for one in read(reply(NOON - 300), reply())] == [None, None]
    assert [one.category for one in read(reply(NOON - 300), reply(), known_until=NOON - 300)] == [None]


@pytest.mark.parametrize(
    ("row", "category"),
    [
        ({"category": None}, (None, 6)),
        ({"category_id": None}, ("Out Of Office", None)),
        ({"category": None, "category_id": None}, (None, None)),
    ],
)
def test_a_category_is_told_as_far_as_the_list_tells_it(row: dict[str, Any], category: tuple[Any, Any]) -> None:
    told: dict[str, Any] = {"email_lead_map_id": 5, "last_reply_at": NOON, "lead": "ana@lead.example"}
    (found,) = read(reply(), row=InboxRow(**(told | {"category_id": 6, "category": "Out Of Office"} | row)))
    assert (found.category, found.category_id) == category


def test_the_last_reply_without_a_time_has_that_of_the_list_and_an_earlier_one_is_left_out() -> None:
    assert [one.written_at for one in read(reply(None), reply(None, message_id="<2@lead.example>"))] == [NOON]


@pytest.mark.parametrize("history", [None, History(()), History((SENT,))], ids=["none", "empty", "only ours"])
def test_without_a_history_the_reply_is_told_without_its_text(history: History | None) -> None:
    (event,) = missed_events(ROW, history, None)
    told = parse(event, received_at=NOON + 60)
    assert isinstance(told, Reply)
    assert (told.email_lead_map_id, told.written_at, told.lead) == (2255108337, NOON, "ana@lead.example")
    assert (told.text, told.html, told.preview, told.category) == (None, None, None, None)


@pytest.mark.parametrize(
    ("late_by", "is_whole", "times"),
    [
        (3600, True, [NOON - 3600, NOON]),
        (3600, False, [NOON - 3600]),  # the history may be behind
        (240, True, [NOON - 240]),  # the list tells the same reply's time a little later
    ],
)
def test_the_last_reply_is_told_without_its_text_where_the_history_does_not_have_it(
    *, late_by: int, is_whole: bool, times: list[float]
) -> None:
    events = missed_events(ROW, History((reply(NOON - late_by),)), None, is_whole=is_whole)
    told = [parse(event, received_at=NOON + 60) for event in events]
    assert [one.written_at for one in told if isinstance(one, Reply)] == times


def test_a_row_that_tells_next_to_nothing_still_makes_a_reply_of_its_conversation() -> None:
    (event,) = missed_events(InboxRow(email_lead_map_id=5, last_reply_at=NOON), None, None)
    told = parse(event, received_at=NOON + 60)
    assert told == Reply(email_lead_map_id=5, written_at=NOON)
