"""What an account holds, as SmartLead's own routes show it and as tests may order it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox_client import KEY, call, control

from sandbox import SAMPLES, Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

LEADS = "/api/v1/leads/?email="
KNOWN = SAMPLES[0]["sl_email_lead_map_id"]
ASTRID = "astrid.lund@northpier.example"
TWICE = [
    {"map_id": 2433664091, "email": ASTRID, "campaign_id": 11, "campaign_name": "Spring"},
    {"map_id": 2433664092, "email": ASTRID, "campaign_id": 12, "campaign_name": "Autumn"},
]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=((1000, 1.0),)) as running:
        yield running


def get(box: Sandbox, path: str) -> Any:
    return call(box, "GET", f"/api/v1{path}").json


def test_a_lead_is_found_by_address_with_its_conversations(box: Sandbox) -> None:
    found = call(box, "GET", LEADS + SAMPLES[0]["sl_lead_email"]).json
    (conversation,) = found["lead_campaign_data"]
    assert conversation["campaign_lead_map_id"] == KNOWN
    assert int(found["id"]) != KNOWN
    assert call(box, "GET", LEADS + "nobody@example.com").json == {}
    assert call(box, "GET", "/api/v1/leads/").status == 400


def test_conversations_can_be_added_also_several_of_one_lead(box: Sandbox) -> None:
    assert control(box, "conversations", TWICE).json == {"added": 2}
    found = call(box, "GET", LEADS + ASTRID.upper()).json
    by_campaign = {each["campaign_id"]: each["campaign_lead_map_id"] for each in found["lead_campaign_data"]}
    assert by_campaign == {11: 2433664091, 12: 2433664092}
    listed = call(box, "POST", "/api/v1/master-inbox/inbox-replies", {"filters": {"campaignId": 12}}).json["data"]
    assert [row["email_lead_map_id"] for row in listed] == ["2433664092"]


def test_the_categories_are_smartleads_own(box: Sandbox) -> None:
    categories = get(box, "/leads/fetch-categories")
    assert {each["id"]: each["name"] for each in categories}[6] == "Out Of Office"


def test_a_new_category_of_a_conversation_is_shown_and_told_as_smartlead_tells_it(box: Sandbox) -> None:
    change = {"map_id": KNOWN, "category_id": 101822, "name": "Meeting Booked"}
    event = control(box, "category", change).json
    assert event["event_type"] == "LEAD_CATEGORY_UPDATED"
    assert event["lead_category"] == {
        "old_id": 1,
        "old_name": "Interested",
        "new_id": 101822,
        "new_name": "Meeting Booked",
    }
    assert str(KNOWN) not in str(event)
    assert {each["id"]: each["name"] for each in get(box, "/leads/fetch-categories")}[101822] == "Meeting Booked"
    (conversation,) = get(box, f"/leads/?email={event['lead_email']}")["lead_campaign_data"]
    assert conversation["lead_category_id"] == 101822
    assert control(box, "category", {"map_id": KNOWN, "category_id": None}).json["category"] is None


def test_campaigns_are_listed_by_number(box: Sandbox) -> None:
    control(box, "conversations", TWICE)
    named = {each["id"]: each["name"] for each in get(box, "/campaigns")}
    assert (named[11], named[12]) == ("Spring", "Autumn")


def test_webhooks_are_shown_by_campaign_and_by_number_and_listed_nowhere_else(box: Sandbox) -> None:
    of_campaign = {"number": 7, "webhook_url": "https://replymark.example/webhooks/smartlead", "campaign_id": 884213}
    of_account = {"number": 8, "webhook_url": "https://other.example/", "event_types": ["EMAIL_SENT"]}
    assert control(box, "webhooks", [of_campaign, of_account]).json == {"added": 2}
    (listed,) = get(box, "/campaigns/884213/webhooks")["data"]
    assert (listed["id"], listed["event_types"], listed["is_active"]) == (7, ["EMAIL_REPLY"], True)
    shown = get(box, "/webhook/8")["data"]
    assert (shown["email_campaign_id"], shown["event_type_map"]) == (None, {"EMAIL_SENT": True})


@pytest.mark.parametrize(
    ("path", "error"),
    [("/webhook/9", "Resource not found"), ("/campaigns/9/webhooks", "Campaign not found")],
)
def test_what_the_account_does_not_have_is_not_found(box: Sandbox, path: str, error: str) -> None:
    answer = call(box, "GET", f"/api/v1{path}")
    assert (answer.status, answer.json) == (404, {"error": error})


@pytest.mark.parametrize("path", ["/webhook", "/webhooks", "/webhook/x", "/campaigns/x/webhooks", "/campaigns/1/2"])
def test_there_is_no_list_of_all_webhooks(box: Sandbox, path: str) -> None:
    answer = call(box, "GET", f"/api/v1{path}")
    assert answer.status == 404
    assert f"Cannot GET /api/v1{path}" in answer.text


def test_every_answer_to_a_get_tells_how_much_may_still_be_asked(box: Sandbox) -> None:
    headers = call(box, "GET", "/api/v1/campaigns").headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("1000", "999")
    assert int(headers["x-ratelimit-reset"]) <= 1


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        pytest.param("conversations", {}, "conversations are a list of objects", id="no list"),
        pytest.param("conversations", [{"map_id": 1}], "a conversation needs email", id="half a conversation"),
        pytest.param("conversations", [{"map_id": "1", "email": "a@b.example"}], "cannot have map_id", id="id as text"),
        pytest.param("webhooks", [{"number": 1}], "a webhook needs webhook_url", id="half a webhook"),
        pytest.param("category", {"map_id": 1, "category_id": 1}, "there is no conversation 1", id="whose category"),
        pytest.param("category", {"map_id": KNOWN}, "needs category_id", id="which category"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_in_a_sentence(
    box: Sandbox, name: str, body: Any, sentence: str
) -> None:
    answer = control(box, name, body)
    assert answer.status == 400
    assert sentence in answer.json["error"]


def test_reset_takes_what_was_added(box: Sandbox) -> None:
    control(box, "conversations", TWICE)
    control(box, "webhooks", [{"number": 7, "webhook_url": "https://replymark.example/"}])
    control(box, "category", {"map_id": KNOWN, "category_id": 77, "name": "Follow Up"})
    control(box, "reset", {})
    assert call(box, "GET", LEADS + ASTRID).json == {}
    assert call(box, "GET", "/api/v1/webhook/7").status == 404
    assert 77 not in [each["id"] for each in get(box, "/leads/fetch-categories")]


def test_a_webhook_that_the_sandbox_is_started_with_is_shown_in_a_campaign(box: Sandbox) -> None:
    box.add_webhooks(["https://replymark.example/webhooks/smartlead"])
    (shown,) = get(box, f"/campaigns/{SAMPLES[0]['campaign_id']}/webhooks")["data"]
    assert shown["webhook_url"] == "https://replymark.example/webhooks/smartlead"
    assert shown["event_types"] == ["EMAIL_REPLY", "LEAD_CATEGORY_UPDATED"]
