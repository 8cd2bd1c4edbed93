"""Every shared payload, and any event made of such parts, gives the right conversation or none."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webhook_events import ARRIVAL, DANA, FULL, PAYLOADS, WRITTEN, payload, reply, unwrapped

from model import Ignored, Malformed, Reply
from webhooks.parse import body_key, event_key, parse
from webhooks.paths import CLUES, PATHS
from webhooks.unwrap import Unwrapped, unwrap

EXPECTED: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "expected.json").read_text())
REPLIES = [
    "01_email_reply_enhanced_direct.json",
    "02_email_reply_colleague_same_company.json",
    "05_email_reply_production_full.json",
    "06_email_reply_types_flipped.json",
    "08_email_reply_docs_minimal_2026.json",
    "09_email_replied_nested_core_docs.json",
    "16_email_reply_written_by_our_team.json",
    "20_email_reply_map_only_in_app_url.json",
    "21_email_reply_only_lead_id_and_campaign.json",
    "24_email_reply_out_of_office.json",
    "26_email_reply_stop.json",
    "27_email_reply_html_only_entities.json",
    "60_zapier_post_json_flat_strings.json",
    "61_zapier_flattened_double_underscore.json",
    "64_raw_zapier_form_encoded.json",
    "66_raw_double_encoded_json.json",
]
NO_REPLIES = {
    "40_lead_category_updated_2024_full.json": "LEAD_CATEGORY_UPDATED",
    "50_untracked_replies_2024.json": "UNTRACKED_REPLIES",
    "54_email_sent_2024.json": "EMAIL_SENT",
    "56_unknown_future_event.json": "EMAIL_COMPLAINT",
}


@pytest.mark.parametrize("name", REPLIES)
def test_each_payload_tells_what_it_should(name: str) -> None:
    expected, told = EXPECTED[name], reply(payload(name))
    category = expected["category"]
    assert told.email_lead_map_id == expected["email_lead_map_id"]
    assert told.lead == expected["lead_email"]
    assert told.sender == expected["replier_email"]
    assert told.mailbox == expected["our_mailbox"]
    assert told.campaign_id == str(expected["campaign_id"])
    assert (told.category, told.category_id) == ((category, None) if isinstance(category, str) else (None, category))


@pytest.mark.parametrize("name", NO_REPLIES)
def test_events_that_are_no_replies_are_ignored_by_name(name: str) -> None:
    read = parse(payload(name), received_at=ARRIVAL)
    assert isinstance(read, Ignored)
    assert NO_REPLIES[name] in read.reason


def test_every_webhook_among_the_payloads_is_tested() -> None:
    apart = {"29_email_reply_batch_array.json", "70_master_inbox_row_live.json"}  # a batch; an answer of the API
    assert set(EXPECTED) == {*REPLIES, *NO_REPLIES, *apart}


def test_a_batch_gives_each_reply_its_own_conversation() -> None:
    batch = unwrapped("29_email_reply_batch_array.json")
    assert [reply(event).email_lead_map_id for event in batch] == [2255108337, 2255108999]


def test_a_full_event_tells_every_field() -> None:
    told = parse({**FULL, "reply_category": "Interested", "client_id": 9}, account="acme", received_at=ARRIVAL)
    assert told == Reply(
        account="acme",
        email_lead_map_id=2255108337,
        lead="dana.whitfield@northpier.example",
        sender="dana.whitfield@northpier.example",
        sender_name="Dana Whitfield",
        mailbox="lena@getharborline.example",
        subject="Re: quick idea for Northpier",
        text=FULL["reply_message"]["text"],
        html=FULL["reply_message"]["html"],
        preview="Sounds useful, can you send two slots for next week?\n",
        sent_text="Hi Dana,\nWe cut dock wait time by a third.",
        sent_html="<div>Hi Dana,</div><div>We cut dock wait time by a third.</div>",
        campaign_id="884213",
        campaign="Ops leaders Q1",
        category="Interested",
        client="9",
        sequence_step="2",
        message_id="<CAF7q-reply-0001@mail.northpier.example>",
        written_at=WRITTEN,
    )


KEYS = sorted({step for paths in {**PATHS, **CLUES}.values() for path in paths for step in path.split(".")})
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["EMAIL_REPLY", "2255108337", DANA, f"Dana <{DANA}>", "2026-02-11T14:03:27Z", "<p>x</p>", "\ud800"]
    )
)
JSON_VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=25,
)


@settings(deadline=None, max_examples=300)
@given(JSON_VALUES)
def test_no_json_value_makes_it_raise(value: Any) -> None:
    read = unwrap(json.dumps(value).encode(), "application/json")
    for event in read.events if isinstance(read, Unwrapped) else ():
        told = parse(event, received_at=ARRIVAL)
        assert isinstance(told, Reply | Ignored | Malformed)
        assert len(body_key(event)) == 64
        if isinstance(told, Reply):
            assert len(event_key(told)) == 64
            assert told.email_lead_map_id is None or 1 <= told.email_lead_map_id <= 2**63 - 1


def retyped(value: Any) -> list[Any]:
    return [str(value), [value], {"id": value}, {"value": value}, None, "", 0, True, f"map{value}", json.dumps(value)]


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_mutation_of_a_good_event_names_another_conversation(data: st.DataObject) -> None:
    event = copy.deepcopy(FULL)
    for _ in range(data.draw(st.integers(1, 6))):
        key = data.draw(st.sampled_from(sorted(event) or ["none"]))
        value = event.pop(key, None)
        match data.draw(st.sampled_from(["drop", "rename", "retype"])):
            case "rename":
                event[
                    data.draw(st.sampled_from(sorted(FULL)).filter(lambda name: "map_id" not in name) | st.text())
                ] = value
            case "retype":
                event[key] = data.draw(st.sampled_from(retyped(value)))
    told = parse(event, received_at=ARRIVAL)
    if isinstance(told, Reply):
        assert told.email_lead_map_id in {None, 2255108337}
