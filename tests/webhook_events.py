"""Events for the tests of webhooks: the shared payloads, and one short event to vary."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model import Reply
from webhooks.parse import parse
from webhooks.unwrap import Unwrapped, unwrap

PAYLOADS = Path(__file__).parent / "payloads"
WRITTEN = datetime(2026, 2, 11, 14, 3, 27, tzinfo=UTC).timestamp()
ARRIVAL = WRITTEN + 60
DANA, OMAR, LENA = "dana@northpier.example", "omar@northpier.example", "lena@getharborline.example"


def unwrapped(name: str) -> tuple[dict[str, Any], ...]:
    body, content_type = (PAYLOADS / name).read_bytes(), "application/json"
    if "_raw_" in name:
        request = json.loads(body)
        body, content_type = request["body"].encode(), request["headers"]["Content-Type"]
    read = unwrap(body, content_type)
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
