"""From an event to a reply: which events are one, and what the mail says."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import ARRIVAL, DANA, LENA, category_change, reply, reply_with

from model import Ignored, Malformed, Reply
from rules.engine import facts_of
from webhooks.events import CATEGORY_EVENTS, OTHER_EVENTS, REPLY_EVENTS
from webhooks.parse import parse


@pytest.mark.parametrize("name", [*REPLY_EVENTS, "email_reply", "Email Reply", "email.replied"])
@pytest.mark.parametrize("key", ["event_type", "eventType", "event", "type"])
def test_every_name_of_the_reply_event_is_a_reply(key: str, name: str) -> None:
    assert reply({key: name, "sl_email_lead_map_id": 7}).email_lead_map_id == 7


@pytest.mark.parametrize(
    "event",
    [
        {"reply_text": "Yes", "email_lead_map_id": "7"},
        {"preview_text": "Yes", "lead_email": "dana@northpier.example"},
        {"reply_body": "<p>Yes</p>", "sl_lead_email": "dana@northpier.example", "event_type": None},
        {"reply": "Yes", "email": "dana@northpier.example", "event_type": ""},
        {"text": "Yes", "conversation id": 7, "type": "lead"},  # anything may be called a type
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
        {"type": "SENT", "email_body": "Hi", "message": "Hi", "lead_email": "dana@northpier.example"},  # by its type
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


def test_keys_are_found_in_every_spelling_and_the_one_that_tells_something_counts() -> None:
    assert reply_with(campaignName="A").campaign == "A"
    assert reply_with(**{"Campaign Name": "A"}).campaign == "A"
    assert reply_with(campaign_name=None, campaignName="A", CAMPAIGN_NAME="B").campaign == "A"


def test_our_own_mails_message_id_is_not_the_replys() -> None:
    assert reply_with(message_id="<s@x>", sent_message={"message_id": "<s@x>"}).message_id is None


def test_a_preview_keeps_the_line_break_that_says_it_is_whole() -> None:
    words = "Thanks for reaching out to us about this matter"
    whole = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 5, "preview_text": f"{words}\n"})
    assert whole.preview == f"{words}\n"
    assert facts_of(whole).doubt is None
    cut = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 5, "preview_text": words})
    assert facts_of(cut).doubt is not None


@pytest.mark.parametrize("key", ["event_type", "event", "type"])
@pytest.mark.parametrize("name", [name for names in OTHER_EVENTS.values() for name in names])
def test_every_other_event_of_smartlead_is_ignored_and_says_why(key: str, name: str) -> None:
    read = parse({key: name, "lead_email": DANA, "message": "Hi", "sl_email_lead_map_id": 7}, received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert read.reason.startswith(f"Nothing is decided about {name}: ")
    assert "it is no reply" not in read.reason, "the table says more"


def test_no_event_has_two_meanings() -> None:
    names = [*REPLY_EVENTS, *CATEGORY_EVENTS, *(name for group in OTHER_EVENTS.values() for name in group)]
    assert len(names) == len(set(names))


def test_an_event_that_is_only_known_by_its_type_is_ignored_by_that_name() -> None:
    read = parse({"type": "invoice.paid", "data": {}}, received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert "invoice.paid" in read.reason


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"message_id": "<s@x.example>", "sent_message": {"message_id": "s@X.example"}}, "our mail's, in any spelling"),
        ({"message_id": "7be0b9a4", "stats_id": "7be0b9a4"}, "the sequence step's, which all its replies share"),
    ],
)
def test_what_many_replies_share_is_no_message_id(changes: dict[str, Any], why: str) -> None:
    assert reply_with(**changes).message_id is None, why


@pytest.mark.parametrize(
    ("changes", "expected", "why"),
    [
        ({"reply_message": [{"text": "Yes", "html": None}]}, ("Yes", None), "alone in a list"),
        ({"text": "Yes"}, ("Yes", None), "a key that a person chose"),
        ({"html": "<p>Yes</p>"}, (None, "<p>Yes</p>"), "or this one"),
        ({"text": "From the form", "reply_text": "Yes"}, ("Yes", None), "SmartLead's own keys come first"),
    ],
)
def test_texts_are_found_under_the_keys_that_relays_choose(
    changes: dict[str, Any], expected: tuple[str | None, str | None], why: str
) -> None:
    told = reply_with(**changes)
    assert (told.text, told.html) == expected, why


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"from_email": DANA, "to_email": LENA}, "it came from the lead"),
        ({"from_email": LENA, "to_email": DANA, "preview_text": "Yes"}, "SmartLead's own key says that it is a reply"),
        ({"to_email": DANA}, "nobody is named who sent it"),
        ({"from_email": LENA, "to_email": DANA, "event_type": "EMAIL_REPLY"}, "it calls itself a reply"),
    ],
)
def test_a_mail_to_the_lead_without_an_events_name_is_our_own_and_nothing_else_is(
    changes: dict[str, Any], why: str
) -> None:
    mail = {"lead_email": DANA, "sl_email_lead_map_id": 7, "body": "Shall we talk?"}
    assert isinstance(parse({**mail, **changes}, received_at=ARRIVAL), Reply), why
    sent = parse({**mail, "from_email": LENA, "to_email": DANA.upper()}, received_at=ARRIVAL)
    assert isinstance(sent, Ignored)
    assert "a mail of ours" in sent.reason


def test_a_campaigns_id_and_name_are_of_bounded_length() -> None:
    assert reply_with(campaign_id="7" * 200, campaign_name="n" * 200).campaign_id == "7" * 200
    told = reply_with(campaign_id="7" * 201, campaign_name="n" * 201)
    assert (told.campaign_id, told.campaign) == (None, "n" * 200)
    change = category_change(
        {"event_type": "LEAD_CATEGORY_UPDATED", "lead_email": DANA, "category": "x"} | {"campaign_id": "7" * 201}
    )
    assert change.campaign_id is None
