"""Events for the tests of webhooks: the shared payloads, what each of them tells, and one short event to vary."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model import CategoryChange, Reply
from webhooks.parse import parse
from webhooks.unwrap import Unwrapped, unwrap

PAYLOADS = Path(__file__).parent / "payloads"
EXPECTED: dict[str, dict[str, Any]] = json.loads((PAYLOADS / "expected.json").read_text("utf-8"))
WRITTEN = datetime(2026, 2, 11, 14, 3, 27, tzinfo=UTC).timestamp()
ARRIVAL = WRITTEN + 60
DANA, OMAR, LENA = "dana@northpier.example", "omar@northpier.example", "lena@getharborline.example"


def names(told: str) -> list[str]:
    """The payloads that `expected.json` says tell this."""
    return [name for name, expected in EXPECTED.items() if expected["told"] == told]


def request_of(name: str) -> tuple[bytes, str | None]:
    """A payload's body and content type."""
    body = (PAYLOADS / name).read_bytes()
    if "_raw_" not in name:
        return body, "application/json"
    request = json.loads(body)
    return request["body"].encode(), request["headers"].get("Content-Type")


def unwrapped(name: str) -> tuple[dict[str, Any], ...]:
    read = unwrap(*request_of(name))
    assert isinstance(read, Unwrapped), read
    return read.events


def payload(name: str) -> dict[str, Any]:
    (event,) = unwrapped(name)
    return event


FULL = payload("05_email_reply_production_full.json")
SHORT = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "sl_lead_email": DANA}


def reply(event: dict[str, Any]) -> Reply:
    read = parse(event, received_at=ARRIVAL)
    assert isinstance(read, Reply), read
    return read


def reply_with(**changes: Any) -> Reply:
    return reply({**SHORT, **changes})


def category_change(event: dict[str, Any]) -> CategoryChange:
    read = parse(event, received_at=ARRIVAL)
    assert isinstance(read, CategoryChange), read
    return read
