"""The main job, from the webhook to the PATCH."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from acceptance.processes import until
from acceptance.replies import LEAVE, MARK_OF, READ, RULE_OF, UNREAD, as_form, reply

if TYPE_CHECKING:
    from acceptance.installation import Installation
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance

LEFT, HIDDEN, SHOWN, LAST = 2255108331, 2255108332, 2255108333, 2255108339


def test_conversations_end_in_smartlead_as_the_rules_decided(replymark: Installation, smartlead: StandIn) -> None:
    for conversation, words in ((LEFT, LEAVE), (HIDDEN, READ), (SHOWN, UNREAD)):
        answer = replymark.post(reply(conversation, words))
        assert answer.status == 200, answer.text
        assert answer.json["status"] == "accepted"
        assert (answer.json["mark"], answer.json["rule"]) == (MARK_OF[words], RULE_OF[words])
        assert answer.json["email_lead_map_id"] == conversation
    until(lambda: smartlead.state_of(HIDDEN) == "read", "the out-of-office reply is read")
    until(lambda: smartlead.state_of(SHOWN) == "unread", "the reply that wants a call is unread")
    patched = [entry["body"]["email_lead_map_id"] for entry in smartlead.requests()]
    assert sorted(patched) == [HIDDEN, SHOWN]


def test_a_form_from_zapier_ends_in_smartlead_as_decided(replymark: Installation, smartlead: StandIn) -> None:
    for conversation, words in ((HIDDEN, READ), (SHOWN, UNREAD)):
        answer = replymark.post_form(as_form(reply(conversation, words)))
        assert answer.status == 200, answer.text
        assert (answer.json["mark"], answer.json["rule"]) == (MARK_OF[words], RULE_OF[words])
    until(lambda: smartlead.state_of(HIDDEN) == "read", "the out-of-office reply is read")
    until(lambda: smartlead.state_of(SHOWN) == "unread", "the reply that wants a call is unread")


def test_a_duplicate_repeats_its_answer_and_costs_no_second_call(replymark: Installation, smartlead: StandIn) -> None:
    event = reply(HIDDEN, READ)
    first = replymark.post(event).json
    until(lambda: smartlead.patches_of(HIDDEN), "the first delivery's PATCH")
    again = replymark.post(event).json
    assert again["status"] == "duplicate"
    for field in ("event_id", "mark", "rule", "email_lead_map_id"):
        assert again[field] == first[field]
    replymark.post(reply(LAST, UNREAD))
    until(lambda: smartlead.patches_of(LAST), "the PATCH of a reply that came after the duplicate")
    assert smartlead.patches_of(HIDDEN) == 1


def test_calls_name_replymark_as_their_agent(on_sqlite: Installation, smartlead: StandIn) -> None:
    on_sqlite.post(reply(HIDDEN, READ))
    (entry,) = until(smartlead.requests, "the PATCH")
    assert entry["user_agent"].startswith("Replymark/")
