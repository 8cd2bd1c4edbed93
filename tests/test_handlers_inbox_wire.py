"""Pages of the inbox and histories are asked for over real sockets, and trouble is told, never raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox_client import KEY, add_crowd, control

from handlers.smartlead import SmartLead
from model import GiveUp, History, InboxPage, Retry
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = 1_753_980_524.0  # 2025-07-31T16:48:44Z


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        control(running, "empty", {})
        add_crowd(running, 45, newest=AT, campaigns=3)
        yield running


@pytest.fixture
def smartlead(box: Sandbox) -> Iterator[SmartLead]:
    made = SmartLead(box.url, KEY, user_agent="Replymark/tests")
    yield made
    made.close()


@pytest.mark.parametrize("is_documented", [False, True])
def test_pages_come_over_the_wire_in_both_generations(
    box: Sandbox, smartlead: SmartLead, *, is_documented: bool
) -> None:
    control(box, "generation", {"is_documented": is_documented})
    page = smartlead.page("unread-replies", 19, {"campaignId": [880_001, 880_002]})
    assert isinstance(page, InboxPage)
    assert (page.length, len(page.rows)) == (11, 11)
    assert (page.rows[0].is_read, page.rows[0].last_reply_at) == (False, AT - 29 * 60)
    (asked,) = control(box, "requests").json
    assert asked["path"] == "/api/v1/master-inbox/unread-replies"
    assert asked["query"] == {"fetch_message_history": "false"}
    filters = {"campaignId": [880_001, 880_002]}
    assert asked["body"] == {"offset": 19, "limit": 20, "filters": filters, "sortBy": "REPLY_TIME_DESC"}


@pytest.mark.parametrize("is_documented", [False, True])
def test_a_rows_own_ids_lead_to_its_history(box: Sandbox, smartlead: SmartLead, *, is_documented: bool) -> None:
    control(box, "generation", {"is_documented": is_documented})
    page = smartlead.page("inbox-replies", 0, {})
    assert isinstance(page, InboxPage)
    row = page.rows[3]
    mails = smartlead.history(str(row.campaign_id), str(row.lead_id))
    assert isinstance(mails, History)
    assert [(mail.by_lead, mail.at) for mail in mails.messages] == [(False, AT - 180 - 86400), (True, AT - 180)]


@pytest.mark.parametrize(("campaign", "lead"), [("..", "7"), ("7", "../../leads"), ("", "7"), ("7?x=1", "7")])
def test_an_id_that_is_no_number_is_never_part_of_an_address(
    box: Sandbox, smartlead: SmartLead, campaign: str, lead: str
) -> None:
    assert isinstance(smartlead.history(campaign, lead), GiveUp)
    assert control(box, "requests").json == []


TROUBLE = [
    pytest.param({"status": 429, "headers": {"Retry-After": "7"}}, Retry, id="429"),
    pytest.param({"status": 500}, Retry, id="500"),
    pytest.param({"reset": True}, Retry, id="a reset"),
    pytest.param({"close_midway": True}, Retry, id="half an answer"),
    pytest.param({"status": 200, "body": "<html>maintenance</html>"}, Retry, id="a web page"),
    pytest.param({"status": 200, "body": {"success": False, "message": "no"}}, Retry, id="a failure with 200"),
    pytest.param({"status": 422, "body": {"error": "limit must be between 1 and 20"}}, GiveUp, id="422"),
    pytest.param({"status": 404, "body": {"error": "Lead not found"}}, GiveUp, id="404"),
]


@pytest.mark.parametrize(("fault", "kind"), TROUBLE)
def test_trouble_is_told_and_never_an_empty_page(
    box: Sandbox, smartlead: SmartLead, fault: dict[str, Any], kind: type[Retry | GiveUp]
) -> None:
    control(box, "faults", [fault, fault])
    assert isinstance(smartlead.page("inbox-replies", 0, {}), kind)
    assert isinstance(smartlead.history("880000", "2800000000"), kind)
