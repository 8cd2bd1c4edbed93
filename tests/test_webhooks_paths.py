"""The table of paths and its readers: ids, times and keys in every spelling, and nothing where they are not sure."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from webhook_events import ARRIVAL, WRITTEN, reply, reply_with

from model import Reply
from rules.engine import facts_of
from webhooks.events import CATEGORY_EVENTS, OTHER_EVENTS, REPLY_EVENTS
from webhooks.paths import CLUES, PATHS, describe, fold
from webhooks.unwrap import Unwrapped, unwrap

MAP_KEYS = [
    "sl_email_lead_map_id",
    "email_lead_map_id",
    "campaign_lead_map_id",
    "lead_map_id",
    "leadMap",
    "conversation_id",
    "emailLeadMapId",
    "Lead Map ID",
    "Conversation ID",
]


@pytest.mark.parametrize("key", MAP_KEYS)
def test_every_key_of_the_conversation_id_is_read(key: str) -> None:
    assert reply({"event_type": "EMAIL_REPLY", key: 2433664091}).email_lead_map_id == 2433664091


@pytest.mark.parametrize(
    ("value", "expected", "why"),
    [
        (2255108337, 2255108337, "a number"),
        ("2255108337", 2255108337, "digits"),
        (" 2255108337\n", 2255108337, "blanks around"),
        (2255108337.0, 2255108337, "a float that is whole"),
        ("2255108337.0", 2255108337, "a float as text, as spreadsheets write it"),
        ("2255108337.5", None, "no whole number as text"),
        (str(2**60) + ".0", None, "a float as text that may have been another number"),
        (2**63 - 1, 2**63 - 1, "the largest"),
        (str(2**63 - 1), 2**63 - 1, "the largest as digits"),
        (2**63, None, "too large"),
        (str(2**63), None, "too large as digits"),
        (2.0**60, None, "a float that may have been another number"),
        (1.5, None, "no whole number"),
        (float("nan"), None, "no number"),
        (0, None, "zero"),
        ("0", None, "zero as a digit"),
        ("0012", None, "SmartLead writes no leading zeros"),
        (-5, None, "negative"),
        ("-5", None, "negative as text"),
        (True, None, "a yes is no number"),
        ("map123", None, "a test event's id"),
        ("12 34", None, "two numbers"),
        ("٣", None, "other scripts' digits"),
        ("9" * 5000, None, "beyond Python's limit of digits"),
        ("", None, "empty"),
        ("null", None, "null as text"),
        (None, None, "null"),
        ([7], None, "a list"),
        ({"id": 7}, None, "an object"),
    ],
)
def test_only_a_sure_number_is_a_conversation_id(value: Any, expected: int | None, why: str) -> None:
    assert reply_with(sl_email_lead_map_id=value).email_lead_map_id == expected, why


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://app.smartlead.ai/app/master-inbox?leadMap=2255108337", 2255108337),
        ("https://app.smartlead.ai/app/master-inbox?action=INBOX&leadMap=2255108337&x=1", 2255108337),
        ("https://app.smartlead.ai/app/master-inbox?action=INBOX&amp;leadMap=2255108337#top", 2255108337),
        ("https://app.smartlead.ai/app/master-inbox", None),
        ("https://app.smartlead.ai/app/master-inbox?leadMap=", None),
        ("https://app.smartlead.ai/app/master-inbox?leadMap=12ab", None),
        ("https://app.smartlead.ai/app/master-inbox?badleadMap=12", None),
        (2255108337, None),
    ],
)
@pytest.mark.parametrize("key", ["app_url", "ui_master_inbox_link"])
def test_without_a_key_the_link_to_the_inbox_tells_the_conversation(key: str, link: Any, expected: int | None) -> None:
    assert reply_with(sl_email_lead_map_id=None, **{key: link}).email_lead_map_id == expected


@pytest.mark.parametrize(
    "second",
    [
        {"app_url": "https://app.smartlead.ai/?leadMap=8"},
        {"slEmailLeadMapId ": 8, "email_lead_map_id": 8},
        {"leadMap": 8},
    ],
)
def test_of_two_conversation_ids_none_is_sure(second: dict[str, Any]) -> None:
    assert reply_with(**second).email_lead_map_id is None
    assert reply_with(**{key: str(told).replace("8", "7") for key, told in second.items()}).email_lead_map_id == 7


def test_a_bad_key_falls_back_to_the_link() -> None:
    link = "https://app.smartlead.ai/app/master-inbox?leadMap=8"
    assert reply_with(app_url=link, sl_email_lead_map_id="map123").email_lead_map_id == 8


@pytest.mark.parametrize("key", ["sl_email_lead_id", "lead_id", "email_lead_id", "id", "webhook_id", "campaign_id"])
def test_a_lead_id_is_never_a_conversation_id(key: str) -> None:
    event = {"event_type": "EMAIL_REPLY", "lead_email": "dana@northpier.example", key: 2710034418}
    assert reply({**event, "lead": {"id": 2710034418}}).email_lead_map_id is None


def iso(**ahead: float) -> str:
    return (datetime.fromtimestamp(ARRIVAL, UTC) + timedelta(**ahead)).isoformat()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("2026-02-11T14:03:27+00:00", "an offset"),
        ("2026-02-11T14:03:27.000Z", "milliseconds and Z"),
        ("2026-02-11T14:03:27Z", "Z"),
        ("2026-02-11t14:03:27z", "in small letters"),
        ("2026-02-11T15:03:27+0100", "another zone"),
        ("2026-02-11T15:03:27+01", "another zone, hours alone"),
        ("2026-02-11T14:03:27", "no zone is UTC"),
        ("2026-02-11 14:03:27 UTC", "a blank between"),
        (WRITTEN, "seconds"),
        (int(WRITTEN * 1000), "milliseconds"),
        (str(int(WRITTEN)), "seconds as digits"),
        (str(int(WRITTEN * 1000)), "milliseconds as digits"),
    ],
)
def test_times_are_read_in_every_spelling(told: Any, why: str) -> None:
    assert reply_with(time_replied=told).written_at == WRITTEN, why


@pytest.mark.parametrize(
    "nonsense",
    [
        "yesterday", "1999-12-31T23:59:59Z", "2026-02-30T10:00:00Z", "2026-02-11", "20260211", 0, -1, 5, True, "", None,
        [], {}, "٢٠٢٦-02-11T14:03:27Z", "0001-01-01T00:00:00+14:00", 1e300, "9" * 400,
    ],
)  # fmt: skip
def test_nonsense_is_no_time_and_the_next_path_tells_it(nonsense: Any) -> None:
    assert reply_with(time_replied=nonsense).written_at is None
    assert reply_with(time_replied=nonsense, event_timestamp=WRITTEN).written_at == WRITTEN


def test_times_count_in_their_order_of_trust() -> None:
    event = {
        "reply_message": {"text": "Yes", "time": WRITTEN},
        "time_replied": WRITTEN + 1,
        "received_at": WRITTEN + 2,
        "reply": {"received_at": WRITTEN + 3},
        "event_timestamp": WRITTEN + 4,
        "metadata": {"webhook_created_at": WRITTEN + 5},
    }
    for order in range(5):
        assert reply_with(**event).written_at == WRITTEN + order
        event.pop(next(iter(event)))
    assert reply_with(**event).written_at is None


def test_a_clock_far_ahead_is_not_believed() -> None:
    assert reply_with(time_replied=iso(minutes=5)).written_at == ARRIVAL + 300
    assert reply_with(time_replied=iso(minutes=5, seconds=1)).written_at is None
    assert reply_with(time_replied=iso(days=365), event_timestamp=iso()).written_at is None


def test_the_table_names_fields_of_a_reply_and_no_path_twice() -> None:
    assert set(PATHS) <= {field.name for field in fields(Reply)}
    for name, paths in {**PATHS, **CLUES}.items():
        routes = [tuple(map(fold, path.split("."))) for path in paths]
        assert len(set(routes)) == len(routes), name


def test_no_path_of_the_conversation_id_is_a_lead_id() -> None:
    ways = {fold(path) for path in PATHS["email_lead_map_id"]}
    assert ways.isdisjoint(map(fold, CLUES["lead_id"]))
    assert not any(way.endswith("leadid") for way in ways)


@pytest.mark.parametrize("key", ["sl_email_lead_id", "lead_id", "LeadId", "email_lead_id"])
def test_a_number_that_the_event_calls_a_lead_id_is_no_conversation_under_any_key(key: str) -> None:
    told = {key: "2710034418", "app_url": "https://app.smartlead.ai/app/master-inbox?leadMap=2710034418"}
    assert reply_with(**told, sl_email_lead_map_id=2710034418).email_lead_map_id is None
    assert reply_with(**told, sl_email_lead_map_id=2255108337).email_lead_map_id == 2255108337


@pytest.mark.parametrize("key", ["leadMap", "Conversation ID", "email_lead_map_id"])
def test_a_link_under_the_conversations_own_key_will_do(key: str) -> None:
    link = "https://app.smartlead.ai/app/master-inbox?leadMap=2255108337"
    assert reply_with(sl_email_lead_map_id=None, **{key: link}).email_lead_map_id == 2255108337


DOC = (Path(__file__).parent.parent / "docs" / "webhooks.md").read_text("utf-8")
ROWS = [re.findall(r"`([^`]+)`", cells) for cells in re.findall(r"^\|(.*)\|$", DOC, re.MULTILINE)]


@pytest.mark.parametrize(("name", "paths"), [*PATHS.items(), *CLUES.items()])
def test_the_page_for_people_shows_the_table_as_it_is(name: str, paths: tuple[str, ...]) -> None:
    (row,) = (cells for cells in ROWS if cells and cells[0] == name and cells[-1] == paths[-1])
    assert tuple(row[-len(paths) :]) == paths


def test_the_page_shows_no_field_that_is_not_in_the_table() -> None:
    shown = re.findall(r"^\| `(\w+)` \| [^|]*\| `", DOC, re.MULTILINE)
    assert shown == [*PATHS, *CLUES]


@pytest.mark.parametrize("names", [REPLY_EVENTS, CATEGORY_EVENTS, *OTHER_EVENTS.values()], ids=lambda names: names[0])
def test_the_page_shows_every_event(names: tuple[str, ...]) -> None:
    assert list(names) in ROWS


@pytest.mark.parametrize(("reason", "names"), OTHER_EVENTS.items())
def test_the_page_says_why_an_event_is_ignored(reason: str, names: tuple[str, ...]) -> None:
    (line,) = (line for line in DOC.splitlines() if line.startswith(f"| `{names[0]}`"))
    assert line.endswith(f"| ignored: {reason} |")


@pytest.mark.parametrize("example", re.findall(r"^```json\n(.*?)^```", DOC, re.MULTILINE | re.DOTALL))
def test_every_example_of_the_page_is_a_reply_with_its_conversation(example: str) -> None:
    read = unwrap(example.encode(), "application/json")
    assert isinstance(read, Unwrapped)
    told = reply(read.events[0])
    assert (told.email_lead_map_id, told.lead) == (2255108337, "dana.whitfield@northpier.example")
    assert facts_of(told).reply == "Sounds useful, can you send two slots?"


def test_what_is_described_to_people_is_every_field_with_all_its_paths() -> None:
    described = describe()
    assert list(described) == ["event_type", *PATHS, "sender_name"]
    assert all(described[field][: len(paths)] == paths for field, paths in PATHS.items())
    assert "app_url (?leadMap=…)" in described["email_lead_map_id"]
