"""A reply that names no conversation: SmartLead is asked for it, and the right one is marked, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from acceptance.processes import until
from acceptance.replies import READ, UNREAD, reply

if TYPE_CHECKING:
    from acceptance.installation import Installation
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance

ASTRID = "astrid.lund@northpier.example"
SPRING, AUTUMN, OTHER = 2433664091, 2433664092, 2433664099
TWICE = (
    {"map_id": SPRING, "email": ASTRID, "campaign_id": 11, "campaign_name": "Spring"},
    {"map_id": AUTUMN, "email": ASTRID, "campaign_id": 12, "campaign_name": "Autumn"},
)


def reply_without_id(words: str, campaign_id: int | None = 12, lead: str = ASTRID) -> dict[str, Any]:
    event = reply(OTHER, words) | {"sl_lead_email": lead, "campaign_id": campaign_id}
    return {name: value for name, value in event.items() if name != "sl_email_lead_map_id" and value is not None}


def test_a_reply_without_an_id_is_parked_looked_up_and_marked(replymark: Installation, smartlead: StandIn) -> None:
    smartlead.hold(*TWICE)
    answer = replymark.post(reply_without_id(READ)).json
    assert (answer["status"], answer["mark"], answer["email_lead_map_id"]) == ("parked", "read", None)
    until(lambda: smartlead.state_of(AUTUMN) == "read", "the conversation of the reply's own campaign is read")
    assert smartlead.patches_of(SPRING) == 0
    assert len(smartlead.questions()) == 1
    until(lambda: "settled" in {row["state"] for row in replymark.deliveries()}, "it is listed as settled")


def test_what_was_found_is_known_for_the_next_reply(on_sqlite: Installation, smartlead: StandIn) -> None:
    smartlead.hold(*TWICE)
    on_sqlite.post(reply_without_id(READ))
    until(lambda: smartlead.state_of(AUTUMN) == "read", "the first reply is marked")
    answer = on_sqlite.post(reply_without_id(UNREAD)).json
    assert (answer["status"], answer["email_lead_map_id"]) == ("accepted", AUTUMN)
    until(lambda: smartlead.state_of(AUTUMN) == "unread", "the second reply is marked")
    assert len(smartlead.questions()) == 1


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(reply_without_id(READ, lead="nobody@northpier.example"), id="an unknown lead"),
        pytest.param(reply_without_id(READ, campaign_id=13), id="a campaign that the lead is not in"),
        pytest.param(reply_without_id(READ, campaign_id=None), id="two campaigns, and nothing tells which"),
    ],
)
def test_what_cannot_be_found_for_sure_stays_parked_and_marks_nobody(
    on_sqlite: Installation, smartlead: StandIn, event: dict[str, Any]
) -> None:
    smartlead.hold(*TWICE)
    assert on_sqlite.post(event).json["status"] == "parked"
    until(smartlead.questions, "SmartLead is asked")
    on_sqlite.post(reply(OTHER, UNREAD))
    until(lambda: smartlead.state_of(OTHER) == "unread", "a reply that came later is marked")
    assert [entry["body"]["email_lead_map_id"] for entry in smartlead.requests()] == [OTHER]
    assert on_sqlite.post(event).json["status"] == "duplicate"
    assert len(on_sqlite.flask("inbox", "show", "--parked").splitlines()) > 1


def test_a_lookup_that_fails_is_tried_again_until_smartlead_answers(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    smartlead.hold(*TWICE)
    smartlead.suffer({"match": "/leads/", "status": 500, "times": 2})
    on_sqlite.post(reply_without_id(READ))
    until(lambda: smartlead.state_of(AUTUMN) == "read", "the conversation is marked in spite of it", 60)
