"""Replies as SmartLead sends them, and rules that decide each by its words."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from secrets_of_tests import SECRET

READ = "I am out of the office until Monday."
UNREAD = "Please call me tomorrow."
LEAVE = "We had something like this before."

RULES = """\
version: 1
rules:
  - name: Out of office
    when: {reply contains: [out of the office]}
    mark: read
  - name: Wants a call
    when: {reply contains: [call me]}
    mark: unread
"""
RULE_OF = {READ: "Out of office", UNREAD: "Wants a call", LEAVE: None}
MARK_OF = {READ: "read", UNREAD: "unread", LEAVE: "leave"}

FIRST_CONVERSATION = 2255100000
numbers = count(1)


def reply(conversation: int, words: str) -> dict[str, Any]:
    """A new reply in this conversation, written now."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": conversation,
        "sl_lead_email": f"lead-{conversation}@northpier.example",
        "campaign_id": 884213,
        "subject": "Re: quick idea for Northpier",
        "secret_key": SECRET,
        "reply_message": {
            "message_id": f"<{next(numbers)}@northpier.example>",
            "text": words,
            "html": f"<p>{words}</p>",
            "time": now,
        },
    }


def as_form(event: dict[str, Any]) -> dict[str, str]:
    """The same reply as Zapier sends it when its payload type is form: flat, every value a text."""
    flat = {name: str(value) for name, value in event.items() if name != "reply_message"}
    return flat | {f"reply_message__{name}": value for name, value in event["reply_message"].items()}
