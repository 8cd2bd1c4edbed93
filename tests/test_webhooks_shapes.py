"""Every payload through HTTP, on both databases: its own conversation or none, and never a 5xx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from test_webhooks_mutations import bodies
from webhook_events import EXPECTED, request_of
from website import Website, environment, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWERS = {
    "reply": {"accepted", "parked"},
    "batch": {"accepted", "parked"},
    "ignored": {"ignored"},
    "category change": {"ignored"},
    "malformed": {"quarantined"},
    "unsupported": {"quarantined"},
}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if expected["told"] in ANSWERS])
def test_each_payload_is_answered_with_its_own_conversation_or_none(site: Website, name: str) -> None:
    body, content_type = request_of(name)
    expected: dict[str, Any] = EXPECTED[name]
    answer = site.post(body, Content_Type=content_type or "")
    assert answer.json["status"] in ANSWERS[expected["told"]], answer.json
    if expected["told"] in {"reply", "batch"}:
        ids = expected.get("email_lead_map_ids") or [expected["email_lead_map_id"]]
        told = [one["email_lead_map_id"] for one in answer.json.get("results", [answer.json])]
        assert told == ids
        assert (answer.json["status"] == "parked") is (ids[0] is None)


SO_FAR: set[bytes] = set()  # numbers of the bodies posted: a conversation's id may come out of an earlier event


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies())
def test_a_mutated_payload_gets_no_5xx_and_no_conversation_that_nobody_told(
    site: Website, body: tuple[bytes, str | None]
) -> None:
    text, content_type = body
    answer = site.post(text, Content_Type=content_type or "")
    assert answer.status < 500
    SO_FAR.update(re.findall(rb"\d+", text))
    for one in answer.json.get("results", [answer.json]):
        told = one.get("email_lead_map_id")
        assert told is None or str(told).encode() in SO_FAR
