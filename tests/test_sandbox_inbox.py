"""The stand-in's lists and histories: both generations of the answers, filters, and what changes meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sandbox_client import KEY, add_crowd, call, change, control, page

from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = 2_400_000_000
BEGIN = 1_750_000_000.0  # 2025-06-15
LEAD_IDS = 400_000_000


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        control(running, "empty", {})
        yield running


def ids(box: Sandbox, shown: str = "inbox-replies", offset: int = 0, **filters: Any) -> list[int]:
    return [int(row["email_lead_map_id"]) for row in page(box, shown, offset, **filters)["data"]]


def history(box: Sandbox, map_id: int) -> Any:
    return call(box, "GET", f"/api/v1/campaigns/880000/leads/{map_id + LEAD_IDS}/message-history")


def test_a_crowd_stands_in_the_lists_latest_reply_first(box: Sandbox) -> None:
    add_crowd(box, 45, newest=BEGIN)
    assert ids(box) == list(range(FIRST, FIRST + 20))
    assert ids(box, offset=40) == list(range(FIRST + 40, FIRST + 45))
    assert page(box)["data"][1]["last_reply_time"] == "2025-06-15T15:05:40.000Z"


def test_a_mark_takes_a_conversation_out_of_the_unread_and_puts_it_back_where_it_was(box: Sandbox) -> None:
    add_crowd(box, 3)
    change(box, FIRST + 1, read_status=True)
    assert ids(box, "unread-replies") == [FIRST, FIRST + 2]
    assert ids(box) == [FIRST, FIRST + 1, FIRST + 2]
    change(box, FIRST + 1, read_status=False)
    assert ids(box, "unread-replies") == [FIRST, FIRST + 1, FIRST + 2]


def test_the_documented_generation_tells_the_same_in_its_own_words(box: Sandbox) -> None:
    add_crowd(box, 21, newest=BEGIN)
    control(box, "category", {"map_id": FIRST, "category_id": 6})
    change(box, FIRST)
    control(box, "generation", {"is_documented": True})
    answer = page(box)
    first, second = answer["messages"][:2]
    assert answer["total_count"] == 21
    assert (first["campaign_lead_map_id"], first["is_read"], second["is_read"]) == (str(FIRST), True, False)
    assert first["category"] == {"id": 6, "name": "Out Of Office"}
    assert first["last_message"]["received_at"] == "2025-06-15T15:06:40.000Z"
    assert first["lead"]["id"] == FIRST + LEAD_IDS


def test_a_lead_that_writes_again_moves_up_and_is_unread_and_its_webhook_is_told_and_not_sent(box: Sandbox) -> None:
    add_crowd(box, 3, newest=BEGIN)
    change(box, FIRST + 2)
    (event,) = control(box, "replies", [{"map_id": FIRST + 2, "text": "Call <me>", "message_id": "<m@x>"}]).json
    assert event["event_type"] == "EMAIL_REPLY"
    assert event["sl_email_lead_map_id"] == FIRST + 2
    assert event["reply_message"]["message_id"] == "<m@x>"
    assert ids(box, "unread-replies") == [FIRST + 2, FIRST, FIRST + 1]
    newest = history(box, FIRST + 2).json["history"][-1]
    assert newest["message_id"] == "<m@x>"
    assert newest["email_body"] == "<div>Call &lt;me&gt;</div>"
    assert newest["time"] == event["reply_message"]["time"] == page(box)["data"][0]["last_reply_time"]


def test_a_reply_of_before_changes_neither_place_nor_time(box: Sandbox) -> None:
    add_crowd(box, 2, newest=BEGIN)
    control(box, "replies", [{"map_id": FIRST + 1, "time": BEGIN - 5000}])
    assert ids(box) == [FIRST, FIRST + 1]


def test_a_conversation_begins_with_our_mail_and_its_reply(box: Sandbox) -> None:
    add_crowd(box, 1, newest=BEGIN)
    ours, theirs = history(box, FIRST).json["history"]
    assert (ours["type"], theirs["type"]) == ("SENT", "REPLY")
    assert "subject" in ours
    assert "subject" not in theirs
    assert theirs["time"] == page(box)["data"][0]["last_reply_time"]
    control(box, "generation", {"is_documented": True})
    mails = history(box, FIRST).json["messages"]
    assert [mail["direction"] for mail in mails] == ["outbound", "inbound"]


def test_a_history_is_only_of_a_lead_in_its_own_campaign(box: Sandbox) -> None:
    add_crowd(box, 1)
    assert call(box, "GET", f"/api/v1/campaigns/880001/leads/{FIRST + LEAD_IDS}/message-history").status == 404
    assert call(box, "GET", f"/api/v1/campaigns/880000/leads/{FIRST}/message-history").status == 404


FILTERS = [
    pytest.param({"campaignId": [880_001]}, {1, 4}, id="a campaign"),
    pytest.param({"campaignClientId": [7]}, {0}, id="a client"),
    pytest.param({"leadCategories": {"categoryIdsIn": [6]}}, {2}, id="a category"),
    pytest.param({"leadCategories": {"categoryIdsNotIn": [6]}}, {0, 1, 3, 4}, id="any but one"),
    pytest.param({"leadCategories": {"unassigned": True}}, {0, 1, 3, 4}, id="none"),
    pytest.param({"leadCategories": {"isAssigned": True}}, {2}, id="some category"),
    pytest.param({"replyTimeBetween": ["2025-06-15T15:03:00Z", "2025-06-15T15:05:00Z"]}, {2, 3}, id="a time"),
    pytest.param({"search": "LEAD-3@"}, {3}, id="a search"),
    pytest.param({"emailStatus": "Replied"}, {0, 1, 2, 3, 4}, id="what it has no data for"),
    pytest.param({"campaignId": 880_001, "search": "lead-4"}, {4}, id="all must hold"),
]


@pytest.mark.parametrize(("filters", "found"), FILTERS)
def test_filters_narrow_the_lists(box: Sandbox, filters: dict[str, Any], found: set[int]) -> None:
    add_crowd(box, 5, newest=BEGIN, campaigns=3)
    of_a_client = {"map_id": FIRST, "email": "lead-0@crowd.example", "client_id": 7, "last_reply_time": BEGIN}
    control(box, "conversations", [of_a_client | {"campaign_id": 880_000}])
    control(box, "category", {"map_id": FIRST + 2, "category_id": 6})
    assert {map_id - FIRST for map_id in ids(box, **filters)} == found


@pytest.mark.parametrize(
    "filters",
    [
        {"campaignClientId": list(range(11))},
        {"leadCategories": {"categoryIdsIn": list(range(11))}},
        {"leadCategories": [1]},
        {"replyTimeBetween": ["yesterday"]},
    ],
)
def test_filters_beyond_their_bounds_are_refused(box: Sandbox, filters: dict[str, Any]) -> None:
    answer = call(box, "POST", "/api/v1/master-inbox/inbox-replies", {"filters": filters})
    assert answer.status in {400, 422}


def test_trouble_can_wait_for_a_page_in_the_middle(box: Sandbox) -> None:
    control(
        box, "faults", [{"match": "inbox-replies", "skip": 2, "status": 429}, {"match": "inbox-replies", "skip": 4}]
    )
    asked = [call(box, "POST", "/api/v1/master-inbox/inbox-replies", {}).status for _ in range(5)]
    assert asked == [200, 200, 429, 200, 200]


def test_the_list_can_change_behind_the_back_of_who_walks_it(box: Sandbox) -> None:
    add_crowd(box, 45)
    behind = {"match": "unread-replies", "skip": 1, "archive": 3, "replies": [FIRST + 40]}
    control(box, "faults", [behind])
    assert ids(box, "unread-replies", 0)[-1] == FIRST + 19
    assert ids(box, "unread-replies", 19)[0] == FIRST + 19
    assert ids(box, "unread-replies", 0)[:2] == [FIRST + 40, FIRST + 3]
    assert not {FIRST, FIRST + 1, FIRST + 2} & set(ids(box))
    assert control(box, "inbox").json[str(FIRST)] == {"is_read": False, "patches": 0}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("replies", [{"map_id": 1}]),
        ("replies", [{"text": "to nobody"}]),
        ("crowd", {"campaigns": 2}),
        ("generation", {"is_documented": "yes"}),
        ("faults", [{"skip": "2"}]),
    ],
)
def test_an_order_that_can_not_be_read_is_refused_with_a_sentence(box: Sandbox, name: str, body: Any) -> None:
    answer = control(box, name, body)
    assert answer.status == 400
    assert answer.json["error"]
