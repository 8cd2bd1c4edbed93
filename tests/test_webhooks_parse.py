"""From an event to a reply: which events are one, who is who in it, what it says, and which key it has."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import ARRIVAL, DANA, FULL, LENA, OMAR, WRITTEN, reply, reply_with

from model import Ignored, Malformed, Reply
from rules.engine import facts_of
from webhooks.parse import body_key, event_key, parse


@pytest.mark.parametrize(
    "name", ["EMAIL_REPLY", "EMAIL_REPLIED", "REPLIED", "LEAD_REPLIED", "email_reply", "Email Reply"]
)
@pytest.mark.parametrize("key", ["event_type", "eventType", "event"])
def test_every_name_of_the_reply_event_is_a_reply(key: str, name: str) -> None:
    assert reply({key: name, "sl_email_lead_map_id": 7}).email_lead_map_id == 7


@pytest.mark.parametrize(
    "event",
    [
        {"reply_text": "Yes", "email_lead_map_id": "7"},
        {"preview_text": "Yes", "lead_email": "dana@northpier.example"},
        {"reply_body": "<p>Yes</p>", "sl_lead_email": "dana@northpier.example", "event_type": None},
        {"reply": "Yes", "email": "dana@northpier.example", "event_type": ""},
    ],
)
def test_without_an_event_name_a_text_and_its_lead_make_a_reply(event: dict[str, Any]) -> None:
    assert isinstance(parse(event, received_at=ARRIVAL), Reply)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"hello": "world"},
        {"reply_text": "Yes"},  # whose?
        {"email_lead_map_id": 7},  # what?
        {"from_email": "a@b.example", "to_email": "c@d.example", "message": "Yes"},  # any mail
        {"sent_message": {"text": "Hi"}, "sl_email_lead_map_id": 7},  # our own mail
    ],
)
def test_an_object_without_a_reply_is_ignored_so_that_a_zap_goes_on(event: dict[str, Any]) -> None:
    assert isinstance(parse(event, received_at=ARRIVAL), Ignored)


@pytest.mark.parametrize(
    "event",
    [
        {"event_type": "EMAIL_REPLY"},
        {"event_type": "EMAIL_REPLY", "sl_lead_email": "", "reply_text": None, "campaign_id": 1},
    ],
)
def test_an_event_that_calls_itself_a_reply_and_tells_nothing_is_malformed(event: dict[str, Any]) -> None:
    assert isinstance(parse(event, received_at=ARRIVAL), Malformed)


def test_a_reply_of_which_only_the_text_is_known_is_kept() -> None:
    assert reply({"event_type": "EMAIL_REPLY", "reply_text": "Yes"}).text == "Yes"


def test_an_event_name_from_the_wire_is_shown_clean_and_short() -> None:
    read = parse({"event_type": "<script>\n" + "X" * 500}, received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert "?script??XXX" in read.reason
    assert len(read.reason) < 120


def people(**event: Any) -> tuple[str | None, str | None, str | None]:
    told = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_text": "Yes", **event})
    return told.lead, told.sender, told.mailbox


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"sl_lead_email": DANA, "from_email": LENA, "to_email": DANA}, (DANA, None, LENA), "as SmartLead's guide"),
        ({"sl_lead_email": DANA, "from_email": DANA, "to_email": LENA}, (DANA, None, LENA), "as relays turn it round"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": OMAR}, "from": LENA, "to": OMAR},
            (DANA, OMAR, LENA),
            "a colleague replied",
        ),
        ({"sl_lead_email": DANA, "from_email": OMAR, "to_email": LENA}, (DANA, None, None), "either may be ours"),
        ({"sl_lead_email": DANA, "from_email": LENA}, (DANA, None, None), "one end alone tells nothing"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": OMAR}, "from": OMAR, "to": DANA},
            (DANA, OMAR, None),
            "lead and colleague: no end is ours",
        ),
        ({"from_email": LENA, "to_email": DANA}, (None, None, None), "no name: either may be the lead"),
        ({"from_email": DANA, "to_email": LENA, "mailbox": LENA}, (DANA, None, LENA), "the end that is not ours"),
        ({"sl_lead_email": DANA, "sl_senders_mailbox": LENA}, (DANA, None, LENA), "our mailbox by name"),
        (
            {"sl_lead_email": DANA, "email_account": {"id": 4, "from_email": LENA}},
            (DANA, None, LENA),
            "the guide's account",
        ),
        ({"lead_email": DANA, "email_account": LENA}, (DANA, None, LENA), "an account that is an address"),
        (
            {"sl_lead_email": DANA, "mailbox": LENA.upper(), "leadCorrespondence": {"replyReceivedFrom": LENA}},
            (DANA, None, LENA.upper()),
            "our own mailbox is never the sender",
        ),
        ({"email": LENA, "mailbox": LENA}, (None, None, LENA), "nor the lead"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": "Unknown", "targetLeadEmail": ""}},
            (DANA, None, None),
            "Unknown is no address",
        ),
        ({"sl_lead_email": DANA, "leadCorrespondence": []}, (DANA, None, None), "an empty list for the object"),
        (
            {"sl_lead_email": DANA, "lead_correspondence": {"reply_received_from": OMAR}},
            (DANA, OMAR, None),
            "snake case",
        ),
        ({"slLeadEmail": f"Dana Whitfield <{DANA}>"}, (DANA, None, None), "camel case, with a name"),
        ({"sl_lead_email": "dana", "lead_email": DANA}, (DANA, None, None), "what is no address is passed over"),
    ],
)
def test_people_are_told_apart_or_left_unknown(
    event: dict[str, Any], expected: tuple[str | None, ...], why: str
) -> None:
    assert people(**event) == expected, why


def test_without_any_id_the_lead_is_guessed_for_the_lookup_as_smartleads_guide_says() -> None:
    assert people(from_email=LENA, to_email=DANA, sl_email_lead_map_id=None) == (DANA, None, LENA)


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"to_email": OMAR, "to_name": "Omar\n  Vance"}, "Omar Vance", "a line break in it"),
        ({"to_email": DANA, "to_name": "Dana Whitfield"}, None, "the name of another than the sender"),
        ({"to_name": "Dana Whitfield"}, None, "a name without an address"),
        ({"leadCorrespondence": {"replyReceivedFrom": f'"Vance, Omar" <{OMAR}>'}}, "Vance, Omar", "beside the address"),
        ({"sl_lead_email": OMAR, "sl_lead_name": "Omar V."}, "Omar V.", "the lead replied"),
        ({"sl_lead_email": DANA, "sl_lead_name": "Dana W."}, None, "another than the lead replied"),
    ],
)
def test_the_senders_name_belongs_to_the_sender(event: dict[str, Any], expected: str | None, why: str) -> None:
    assert reply_with(**{"leadCorrespondence": {"replyReceivedFrom": OMAR}, **event}).sender_name == expected, why


@pytest.mark.parametrize(
    ("event", "text", "html", "why"),
    [
        ({"reply_message": {"text": "a\nb", "html": "<p>a</p>"}}, "a\nb", "<p>a</p>", "SmartLead's own"),
        ({"reply_message": {"text": "", "html": "<p>a</p>"}}, None, "<p>a</p>", "HTML alone"),
        ({"reply_message": "Yes\n> no"}, "Yes\n> no", None, "a plain text for the object"),
        ({"reply_message": "<div>Yes</div>"}, None, "<div>Yes</div>", "HTML for the object"),
        ({"reply_body": "<html>Yes</html>"}, None, "<html>Yes</html>", "the short event of 2026"),
        (
            {"reply_body": "Yes <dana@northpier.example>\n> no"},
            "Yes <dana@northpier.example>\n> no",
            None,
            "no HTML in it",
        ),
        ({"reply_text": "Hi,<br>yes"}, None, "Hi,<br>yes", "HTML under the text's key"),
        ({"reply": {"body": "Yes"}}, "Yes", None, "the nested event"),
        ({"reply": "Yes"}, "Yes", None, "a key that a person chose"),
        ({"message": "Yes"}, "Yes", None, "REPLIED's own"),
        ({"body": 5}, "5", None, "a relay's number"),
        ({"message": "A reply came!", "reply_body": "<p>No</p>"}, None, "<p>No</p>", "never two mails mixed"),
        ({"reply_message": {"text": "undefined"}, "reply_text": "null"}, None, None, "a relay's word for nothing"),
        ({"reply_message": {"text": ["Yes"]}, "reply_body": {}}, None, None, "no texts"),
    ],
)
def test_text_and_html_are_told_by_key_and_by_look(
    event: dict[str, Any], text: str | None, html: str | None, why: str
) -> None:
    told = reply_with(**event)
    assert (told.text, told.html) == (text, html), why


def test_our_own_mail_is_read_by_the_same_rule() -> None:
    told = reply_with(sent_message_body="Hi Dana,\nfine?", sent_message={"text": None})
    assert (told.sent_text, told.sent_html) == ("Hi Dana,\nfine?", None)


def test_texts_are_not_cut() -> None:
    assert reply_with(reply_text="x" * 500_000).text == "x" * 500_000


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


def test_keys_are_found_in_every_spelling_and_the_one_that_tells_something_counts() -> None:
    assert reply_with(campaignName="A").campaign == "A"
    assert reply_with(**{"Campaign Name": "A"}).campaign == "A"
    assert reply_with(campaign_name=None, campaignName="A", CAMPAIGN_NAME="B").campaign == "A"


def test_our_own_mails_message_id_is_not_the_replys() -> None:
    assert reply_with(message_id="<s@x>", sent_message={"message_id": "<s@x>"}).message_id is None


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
    assert event_key(reply({**FULL, **change})) == event_key(reply(FULL)), why


def test_brackets_around_a_message_id_make_no_other_reply() -> None:
    assert event_key(reply_with(message_id="<a@x>")) == event_key(reply_with(message_id="a@x"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"reply_message": {**FULL["reply_message"], "message_id": "<other@x>"}}, "another message of the same step"),
        ({"sl_email_lead_map_id": 8}, "another conversation"),
    ],
)
def test_other_replies_have_other_keys(change: dict[str, Any], why: str) -> None:
    assert event_key(reply({**FULL, **change})) != event_key(reply(FULL)), why


def test_the_same_reply_in_two_accounts_has_two_keys() -> None:
    mine, theirs = (parse(FULL, account=name, received_at=ARRIVAL) for name in ("default", "acme"))
    assert isinstance(mine, Reply)
    assert isinstance(theirs, Reply)
    assert event_key(mine) != event_key(theirs)


def test_without_a_message_id_time_and_words_make_the_key() -> None:
    told = event_key(reply_with(reply_text="Yes,  please", time_replied=WRITTEN))
    assert told == event_key(reply_with(reply_text="Yes,\r\nplease ", time_replied=WRITTEN))
    assert told != event_key(reply_with(reply_text="Yes, please", time_replied=WRITTEN + 1))
    assert told != event_key(reply_with(reply_text="No", time_replied=WRITTEN))


def test_without_a_conversation_id_lead_and_campaign_stand_for_it() -> None:
    event = {"sl_email_lead_map_id": None, "message_id": "<a@x>"}
    told = event_key(reply_with(**event, campaign_id=1))
    assert told == event_key(reply_with(**{**event, "sl_lead_email": "Dana@Northpier.example"}, campaign_id="1"))
    assert told != event_key(reply_with(**event, campaign_id=2))


def test_a_bodys_key_is_that_of_its_content() -> None:
    assert body_key({"a": 1, "b": {"c": 2, "d": 3}}) == body_key({"b": {"d": 3, "c": 2}, "a": 1})
    assert body_key({"a": 1}) != body_key({"a": "1"})


def test_a_preview_keeps_the_line_break_that_says_it_is_whole() -> None:
    words = "Thanks for reaching out to us about this matter"
    whole = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 5, "preview_text": f"{words}\n"})
    assert whole.preview == f"{words}\n"
    assert facts_of(whole).doubt is None
    cut = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 5, "preview_text": words})
    assert facts_of(cut).doubt is not None
