"""What the doctor makes of campaigns, webhooks and their addresses, and what must never be in its sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.doctor.addresses import Home
from cli.doctor.deliverers import Seen, examine_webhooks
from cli.doctor.finding import Level
from cli.doctor.forms import ZAP_DATA, smartlead_form, token_for, zapier_form
from cli.doctor.names import clean_texts
from cli.doctor.retirement import addresses_in, examine_base_url, examine_retired, is_retired
from cli.doctor.subscriptions import Campaign, read_campaign_webhooks, read_campaigns, read_webhook
from config import Account
from handlers.reading import Reading
from webhooks.paths import PATHS

HOME = Home("https://replymark.example/in", Account(name="default", webhook_tokens=("a-token-of-ours",)))
RIGHT = "https://replymark.example/in/webhooks/smartlead?token=a-token-of-ours"
ONE = Campaign(1, "One", "ACTIVE")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([{"id": 1, "name": "One", "status": "ACTIVE"}], id="a list"),
        pytest.param({"data": [{"id": "1", "name": " One ", "status": "active"}]}, id="in data, numbers as text"),
        pytest.param(
            {"success": True, "data": {"campaigns": [{"id": 1, "name": "One", "status": "ACTIVE"}]}}, id="deep"
        ),
    ],
)
def test_campaigns_are_read_from_every_generation_of_the_list(value: Any) -> None:
    assert read_campaigns(value) == [ONE]


def test_campaigns_that_send_come_first_and_the_archived_do_not_come() -> None:
    told = [(1, "COMPLETED"), (2, "ACTIVE"), (3, "ARCHIVED"), (4, "ACTIVE"), (5, "SOMETHING NEW")]
    assert [each.id for each in read_campaigns([{"id": n, "status": status} for n, status in told])] == [4, 2, 1, 5]


@pytest.mark.parametrize("value", [None, "x", 7, [], {}, {"data": None}, [[]], [{"id": True}], {"data": "none"}])
def test_an_answer_that_is_no_list_holds_nothing(value: Any) -> None:
    assert read_campaigns(value) == []
    assert read_campaign_webhooks(value, ONE) == []
    assert read_webhook(value) is None


@pytest.mark.parametrize(
    "events",
    [
        {"event_types": ["EMAIL_REPLY"]},
        {"event_type_map": {"EMAIL_REPLY": True, "EMAIL_SENT": False}},
        {"event_types": {"EMAIL_REPLY": True}},
        {"event_type": "EMAIL_REPLY"},
    ],
)
def test_the_events_of_a_webhook_are_read_in_each_shape(events: dict[str, Any]) -> None:
    (webhook,) = read_campaign_webhooks([{"id": 3, "webhook_url": RIGHT} | events], ONE)
    assert (webhook.events, webhook.tells_replies, webhook.tells_categories) == (("EMAIL_REPLY",), True, False)


@pytest.mark.parametrize(
    ("address", "flaw"),
    [
        (RIGHT, None),
        (f"{RIGHT}&x=1", None),
        ("https://REPLYMARK.example/in/webhooks/zapier/?token=a-token-of-ours", None),
        ("https://replymark.example/webhooks/smartlead?token=a-token-of-ours", "leads to /webhooks/smartlead"),
        ("https://replymark.example/in/webhooks/smartlead?token=another", "shows a token that is not among"),
        ("https://replymark.example/in/webhooks/smartlead", "shows no token"),
        ("https://zap:a-token-of-ours@replymark.example/in/webhooks/zapier", None),
        ("https://zap:another@replymark.example/in/webhooks/zapier", "shows a token that is not among"),
    ],
)
def test_a_flaw_of_our_address_in_smartlead_is_found(address: str, flaw: str | None) -> None:
    assert HOME.is_here(address)
    assert (HOME.flaw(address) or "").startswith(flaw or "")
    assert (HOME.flaw(address) is None) == (flaw is None)


def test_our_address_is_known_by_its_token_where_no_public_address_is_set() -> None:
    unset = Home(None, HOME.account)
    assert unset.is_here("https://anything.example/webhooks/smartlead?token=a-token-of-ours")
    assert not unset.is_here("https://anything.example/webhooks/smartlead?token=x")


@pytest.mark.parametrize(
    "address",
    [
        RIGHT,
        "https://u:a-token-of-ours@replymark.example/in/webhooks/smartlead",
        "https://hooks.else.example/catch/a-token-of-ours/",
        "https://[a-token-of-ours",
        "a-token-of-ours",
    ],
)
def test_no_address_is_shown_with_its_secrets(address: str) -> None:
    assert "a-token-of-ours" not in HOME.show(address)


def test_a_webhook_that_was_read_twice_is_told_once() -> None:
    row = {"id": 3, "name": "Ours", "webhook_url": RIGHT, "is_active": False, "event_types": ["EMAIL_REPLY"]}
    listed, alone = read_campaign_webhooks([row], ONE), read_webhook(row | {"email_campaign_id": 1})
    assert alone
    found = examine_webhooks(Seen([ONE], 0, listed, [alone]), HOME, with_categories=False)
    assert [each.found for each in found if each.level is Level.PROBLEM].count(
        'Webhook 3 "Ours" leads here, but is switched off.'
    ) == 1


def test_every_key_that_a_zap_is_told_fills_the_field_that_it_is_told_for() -> None:
    assert {key: field for key, (field, _) in ZAP_DATA.items() if field and key not in PATHS[field]} == {}


def test_forms_show_no_token_unless_they_are_asked_to() -> None:
    hidden = str([smartlead_form(HOME, token_for(HOME, whole=False, in_url=True)), zapier_form(HOME, "…")])
    assert "a-token-of-ours" not in hidden
    assert smartlead_form(HOME, token_for(HOME, whole=True, in_url=True))["Webhook URL"] == RIGHT


def test_names_are_cut_and_hold_no_part_of_a_secret() -> None:
    secret, address = "s" * 40, f"https://a.example/?token={'s' * 40}"
    row = {"name": f"{'x' * 60}{secret} and more", "webhook_url": address, "id": 7, "is_active": True}
    cleaned = clean_texts({"data": [row]}, (secret,))["data"][0]
    assert cleaned == row | {"name": f"{'x' * 60}[redacted] and more"}
    assert clean_texts("x" * 81, ()) == f"{'x' * 79}…"
    assert clean_texts("x" * 80, ()) == "x" * 80


def test_an_answer_of_boxes_in_boxes_is_read_as_deep_as_any_name_lies() -> None:
    value: Any = "x"
    for _ in range(20_000):
        value = [value]
    assert "x" not in json.dumps(clean_texts(value, ()))


def test_smartleads_legacy_address_is_told_with_that_of_today() -> None:
    (finding,) = examine_base_url("https://server.smartlead.ai/api")
    assert (finding.level, finding.mend) == (
        Level.PROBLEM,
        "Set it to https://server.smartlead.ai: /api/v1 is added to it.",
    )


@pytest.mark.parametrize(
    "url",
    ["https://server.smartlead.ai/api/v1", "https://server.smartlead.ai", "https://gateway.example/smartlead/api"],
)
def test_an_address_that_may_be_right_is_not_called_legacy(url: str) -> None:
    assert examine_base_url(url) == []


@pytest.mark.parametrize(
    ("address", "given_up"),
    [
        ("https://server.smartlead.ai/api/v1/master-inbox/mark-unread?api_key=x", "/master-inbox/mark-unread"),
        ("https://replymark.example/api/v1/master-inbox/mark-unread", "/master-inbox/mark-unread"),
        ("https://server.smartlead.ai/api/campaigns", "/api/campaigns"),
        ("https://server.smartlead.ai/api/v1/campaigns", None),
        ("https://app.smartlead.ai/app/master-inbox?leadMap=7", None),
        ("https://else.example/?next=/master-inbox/mark-unread", None),
    ],
)
def test_who_names_an_address_that_smartlead_gave_up_is_told(address: str, given_up: str | None) -> None:
    (finding,) = examine_retired([], [("event 17", address)])
    assert finding.level is (Level.WARNING if given_up else Level.UNKNOWN)
    assert (f"given up {given_up}, and it is still named by event 17." in finding.found) == bool(given_up)
    assert "api_key" not in finding.found


def test_links_of_an_event_count_and_a_persons_words_do_not() -> None:
    event = {
        "target": "https://a.example/x",
        "reply_text": "see https://b.example/y",
        "n": 7,
        "deep": {"u": "https://c"},
    }
    assert list(addresses_in(json.dumps(event))) == ["https://a.example/x"]
    assert [list(addresses_in(body)) for body in (None, "", "[1]", "no JSON", "[" * 99_999)] == [[]] * 5


def test_an_address_that_smartlead_says_is_ending_is_told() -> None:
    assert is_retired(Reading(410, {}, None, "gone", 0.1))
    assert is_retired(Reading(200, {"sunset": "Wed, 11 Nov 2026 23:59:59 GMT"}, [], None, 0.1))
    assert not is_retired(Reading(200, {"date": "Wed, 11 Nov 2026 23:59:59 GMT"}, [], None, 0.1))
    (finding,) = examine_retired(["/campaigns/7/webhooks", "/campaigns/8/webhooks"], [])
    assert (finding.level, finding.found.count("/campaigns/…/webhooks")) == (Level.WARNING, 1)
