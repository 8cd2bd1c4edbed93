"""What the doctor makes of answers and addresses: the sentences, and what must never be in them."""

from __future__ import annotations

import json
import socket
import ssl
from http.client import RemoteDisconnected
from typing import Any

import pytest

from cli.doctor.account import compare_clocks, examine_clock, examine_key, examine_rate
from cli.doctor.addresses import Home
from cli.doctor.deliverers import Seen, examine_webhooks
from cli.doctor.finding import DAY, Finding, Level
from cli.doctor.forms import ZAP_DATA, smartlead_form, token_for, zapier_form
from cli.doctor.installation import examine_refusals
from cli.doctor.reach import Answered, explain, judge
from cli.doctor.subscriptions import Campaign, read_campaign_webhooks, read_campaigns, read_webhook
from config import Window
from handlers.reading import Rate, Reading
from ledger import Refusal
from webhooks.paths import PATHS

NOON = 1_770_811_200.0  # 2026-02-11T12:00:00Z
HOME = Home("https://replymark.example/in", ("a-token-of-ours",), takes_secret_keys=False)
RIGHT = "https://replymark.example/in/webhooks/smartlead?token=a-token-of-ours"
ONE = Campaign(1, "One", "ACTIVE")
DEFAULT = (Window(10, 1.0), Window(60, 60.0), Window(1000, 3600.0))


def reading(status: int | None = 200, trouble: str | None = None, rate: Rate | None = None, **headers: str) -> Reading:
    return Reading(status, headers, None if trouble else [], trouble, 0.1, rate)


@pytest.mark.parametrize(
    ("status", "trouble", "level", "mend"),
    [
        (401, "SmartLead refuses the API key: check SMARTLEAD_API_KEY", Level.PROBLEM, "Copy the key"),
        (403, "SmartLead says that the key may not do this", Level.PROBLEM, "Copy the key"),
        (403, "The request was blocked by Cloudflare, which …", Level.PROBLEM, "The key may be right"),
        (404, "SmartLead has no such address (status 404)", Level.PROBLEM, "Check SMARTLEAD_BASE_URL"),
        (429, "SmartLead's rate limit is reached", Level.WARNING, "Wait a minute"),
        (502, "SmartLead is in trouble (status 502)", Level.WARNING, "status.smartlead.ai"),
        (None, "SmartLead refused the connection", Level.PROBLEM, "firewall"),
        (200, None, Level.OK, None),
    ],
)
def test_each_answer_to_the_first_call_has_its_own_mend(
    status: int | None, trouble: str | None, level: Level, mend: str | None
) -> None:
    finding = examine_key(reading(status, trouble))
    assert finding.level is level
    assert (finding.mend or "").startswith(mend or "") or str(mend) in str(finding.mend)


@pytest.mark.parametrize(
    ("windows", "rate", "level"),
    [
        pytest.param(DEFAULT, Rate(60, 59, "42"), Level.OK, id="60 a minute, as SmartLead's guide has it"),
        pytest.param(DEFAULT, Rate(10, 9, "1"), Level.OK, id="a short window is not taken for a minute"),
        pytest.param(DEFAULT, Rate(60, 59, str(round(NOON) + 42)), Level.OK, id="a reset given as a time"),
        pytest.param((Window(20, 1.0), Window(120, 60.0)), Rate(60, 59, "42"), Level.WARNING, id="twice as much"),
        pytest.param((Window(10, 1.0),), Rate(60, 59, None), Level.WARNING, id="600 a minute, a second at a time"),
        pytest.param(
            (Window(900, 3600.0),), Rate(60, 59, "42"), Level.WARNING, id="an hour's share may go in a minute"
        ),
        pytest.param(DEFAULT, Rate(None, None, None), Level.UNKNOWN, id="nothing told"),
        pytest.param(DEFAULT, None, Level.UNKNOWN, id="no header"),
    ],
)
def test_our_rate_is_compared_with_what_smartlead_tells(
    windows: tuple[Window, ...], rate: Rate | None, level: Level
) -> None:
    assert examine_rate(reading(rate=rate), windows, NOON).level is level


def test_a_clock_that_goes_wrong_is_told_with_the_difference() -> None:
    at_noon = reading(date="Wed, 11 Feb 2026 12:00:00 GMT")
    assert examine_clock(at_noon, NOON + 59).level is Level.OK
    behind = examine_clock(at_noon, NOON - 7200)
    assert (behind.level, behind.found) == (Level.WARNING, "This machine's clock is 2 hours behind SmartLead's.")
    assert "90" not in compare_clocks("This machine's clock", 90, "the ledger's").found
    assert examine_clock(reading(date="soon"), NOON).level is Level.UNKNOWN
    assert examine_clock(reading(), NOON).level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("refused_at", "last_reply", "level"),
    [
        pytest.param((), None, Level.OK, id="none"),
        pytest.param((NOON - 2 * DAY,), None, Level.OK, id="long ago"),
        pytest.param((NOON - 60,), None, Level.PROBLEM, id="and no reply ever"),
        pytest.param((NOON - 60,), NOON - 61, Level.PROBLEM, id="after the last reply"),
        pytest.param((NOON - 7200, NOON - 60), NOON - 30, Level.WARNING, id="and replies come"),
    ],
)
def test_refused_deliveries_weigh_more_where_no_reply_follows(
    refused_at: tuple[float, ...], last_reply: float | None, level: Level
) -> None:
    refusals = [Refusal(moment, "/webhooks/smartlead", "wrong token") for moment in refused_at]
    assert examine_refusals(refusals, last_reply, NOON).level is level


REALM = {"www-authenticate": 'Basic realm="Replymark"'}


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (302, {"location": "https://login.example/?next=%2Fsecret"}, "", "redirects to login.example"),
        (401, REALM, '{"error": "No valid token."}', "does not know our token"),
        (401, {"www-authenticate": "Basic realm=x"}, "", "asks for a sign-in"),
        (403, {}, "<html>", "turns senders away"),
        (404, {}, "<html>", "knows no /webhooks/smartlead (status 404)"),
        (405, {}, "", "knows no /webhooks/smartlead (status 405)"),
        (502, {}, "<html>", "Replymark behind it does not (status 502)"),
        (503, {}, '{"error": "Not stored"}', "can not store events"),
        (503, {}, "<html>", "Replymark behind it does not (status 503)"),
        (200, {}, "<!doctype html><form>", "a web page"),
        (200, {}, '{"ok": true}', "Something else than Replymark"),
        (200, {}, '{"status": "ok", "event_id": "7"}', "Something else than Replymark"),
        (200, {}, "[" * 100_000, "Something else than Replymark"),
    ],
)
def test_each_wrong_answer_at_the_public_address_is_told_apart(
    status: int, headers: dict[str, str], body: str, words: str
) -> None:
    finding = judge(Answered(status, headers, body.encode()))
    assert isinstance(finding, Finding)
    assert words in finding.found
    assert finding.mend
    assert "secret" not in finding.found


def test_our_own_answer_gives_the_number_of_the_event() -> None:
    body = json.dumps({"status": "ignored", "event_id": 12}).encode()
    assert judge(Answered(200, {}, body)) == 12


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "is not known"),
        (UnicodeError("label too long"), "Nothing can be sent"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "does not speak TLS"),
        (TimeoutError(), "did not answer within 10 seconds"),
        (ConnectionRefusedError(), "Nothing listens"),
        (RemoteDisconnected("?token=a-token-of-ours"), "broke off (RemoteDisconnected)"),
    ],
)
def test_each_way_not_to_reach_the_public_address_is_told_apart(error: Exception, words: str) -> None:
    finding = explain(error, "replymark.example")
    assert words in finding.found
    assert "a-token-of-ours" not in finding.found


def test_a_certificate_that_is_not_valid_is_told_with_its_reason() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = "certificate has expired"
    assert explain(error, "replymark.example").found.endswith("is not valid: certificate has expired.")


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
    ],
)
def test_a_flaw_of_our_address_in_smartlead_is_found(address: str, flaw: str | None) -> None:
    assert HOME.is_here(address)
    assert (HOME.flaw(address) or "").startswith(flaw or "")
    assert (HOME.flaw(address) is None) == (flaw is None)


def test_our_address_is_known_by_its_token_where_no_public_address_is_set() -> None:
    unset = Home(None, HOME.tokens, takes_secret_keys=False)
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
