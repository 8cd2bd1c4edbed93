"""Keys: deliveries of one reply are one event, other replies are others, and a mail is known whatever way it came."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import ARRIVAL, FULL, WRITTEN, reply, reply_with

from model import Reply
from webhooks.identity import body_key, event_key, message_key, words_key
from webhooks.parse import parse

DAY = 24 * 60 * 60.0


def key_of(told: Reply, received_at: float = ARRIVAL) -> str:
    return event_key(told, received_at)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"stats_id": "another"}, "stats ids are those of the sequence step"),
        ({"event_timestamp": "2026-02-11T14:09:00Z"}, "a later delivery"),
        ({"message_id": None}, "the same id under its other key"),
        ({"reply_category": 3}, "a category that came in between"),
        ({"sl_email_lead_map_id": "2255108337"}, "the id as text"),
    ],
)
def test_deliveries_of_one_reply_have_one_key(change: dict[str, Any], why: str) -> None:
    assert key_of(reply({**FULL, **change})) == key_of(reply(FULL)), why


def test_brackets_around_a_message_id_make_no_other_reply() -> None:
    assert key_of(reply_with(message_id="<a@x>")) == key_of(reply_with(message_id="a@x"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reply_message": {**FULL["reply_message"], "message_id": "<other@x>"}}, "another message of the same step"),
        ({"sl_email_lead_map_id": 8}, "another conversation"),
    ],
)
def test_other_replies_have_other_keys(change: dict[str, Any], why: str) -> None:
    assert key_of(reply({**FULL, **change})) != key_of(reply(FULL)), why


def test_the_same_reply_in_two_accounts_has_two_keys() -> None:
    mine, theirs = (parse(FULL, account=name, received_at=ARRIVAL) for name in ("default", "acme"))
    assert isinstance(mine, Reply)
    assert isinstance(theirs, Reply)
    assert key_of(mine) != key_of(theirs)


def test_without_a_message_id_time_and_words_make_the_key() -> None:
    told = key_of(reply_with(reply_text="Yes,  please", time_replied=WRITTEN))
    assert told == key_of(reply_with(reply_text="Yes,\r\nplease ", time_replied=WRITTEN))
    assert told != key_of(reply_with(reply_text="Yes, please", time_replied=WRITTEN + 1))
    assert told != key_of(reply_with(reply_text="No", time_replied=WRITTEN))


def test_without_a_conversation_id_lead_and_campaign_stand_for_it() -> None:
    event = {"sl_email_lead_map_id": None, "message_id": "<a@x>"}
    told = key_of(reply_with(**event, campaign_id=1))
    assert told == key_of(reply_with(**{**event, "sl_lead_email": "Dana@Northpier.example"}, campaign_id="1"))
    assert told != key_of(reply_with(**event, campaign_id=2))


def test_a_bodys_key_is_that_of_its_content() -> None:
    assert body_key({"a": 1, "b": {"c": 2, "d": 3}}) == body_key({"b": {"d": 3, "c": 2}, "a": 1})
    assert body_key({"a": 1}) != body_key({"a": "1"})


def test_without_id_and_time_the_same_words_are_one_reply_on_one_day_only() -> None:
    told = reply_with(reply_text="Thanks")
    assert key_of(told, ARRIVAL) == key_of(told, ARRIVAL + 60)
    assert key_of(told, ARRIVAL) != key_of(told, ARRIVAL + DAY)


@pytest.mark.parametrize("changes", [{"message_id": "<a@x.example>"}, {"time_replied": WRITTEN}])
def test_with_an_id_or_a_time_a_replay_days_later_is_the_same_event(changes: dict[str, Any]) -> None:
    told = reply_with(reply_text="Thanks", **changes)
    assert key_of(told, ARRIVAL) == key_of(told, ARRIVAL + 9 * DAY)


@pytest.mark.parametrize(
    "spelling",
    [
        "<a.B@mail.example>",
        "a.B@mail.example",
        " <a.B@MAIL.Example> ",
        "<a.B@mail.example>\r\n",
        "< a.B@mail.exa mple >",
    ],
)
def test_one_message_id_has_one_key_in_every_spelling(spelling: str) -> None:
    assert message_key(reply_with(message_id=spelling)) == message_key(reply_with(message_id="<a.B@mail.example>"))


@pytest.mark.parametrize("other", ["<a.b@mail.example>", "<a.B@mail2.example>", "a.B", "@mail.example"])
def test_other_message_ids_have_other_keys(other: str) -> None:
    assert message_key(reply_with(message_id=other)) != message_key(reply_with(message_id="<a.B@mail.example>"))


def test_a_message_is_one_whatever_the_conversation_but_not_in_two_accounts() -> None:
    told = message_key(reply(FULL))
    assert told == message_key(reply({**FULL, "sl_email_lead_map_id": None, "app_url": None, "campaign_id": 1}))
    elsewhere = parse(FULL, account="acme", received_at=ARRIVAL)
    assert isinstance(elsewhere, Reply)
    assert told != message_key(elsewhere)


@pytest.mark.parametrize("message_id", [None, "", "<>", " < > ", "null"])
def test_without_a_message_id_there_is_no_key(message_id: str | None) -> None:
    assert message_key(reply_with(message_id=message_id)) is None


@pytest.mark.parametrize(
    ("words", "other", "same"),
    [
        ("Thanks,\r\n talk soon", "thanks, talk  soon", True),
        ("It\u2019s fine \u2013 really", "it's fine - really", True),
        ("Yes", "Yes please", False),
        ("Yes!", "Yes?", False),
    ],
)
def test_words_are_the_same_as_phrases_compare_them(words: str, other: str, *, same: bool) -> None:
    assert (words_key(words) == words_key(other)) is same


@pytest.mark.parametrize("nothing", [None, "", " \r\n", "\u200b"])
def test_no_words_have_no_key(nothing: str | None) -> None:
    assert words_key(nothing) is None


def test_a_look_alike_of_a_lead_is_another_lead() -> None:
    one, other = (Reply(lead=lead, text="Yes") for lead in ("kim@x.example", "\N{KELVIN SIGN}im@x.example"))
    assert key_of(one) != key_of(other)
    assert key_of(one) == key_of(Reply(lead="KIM@X.example", text="Yes"))
