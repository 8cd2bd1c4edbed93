"""Makers of what a ledger takes: short, so that a test shows only what matters to it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from config import Window
from ledger import Arrival, Draft, pack
from model import Decision, Mark

if TYPE_CHECKING:
    from ledger import Ledger, RuleVersion

WINDOWS = (Window(1000, 1.0),)
CONVERSATION = 2255108337
numbers = count(1)


def publish(ledger: Ledger, content: str = "version: 1\nrules: []\n") -> RuleVersion:
    """Make some rules live."""
    return ledger.publish_rules(Draft(content=content, source="command", author="tests"))


def arrival(mark: str | None = "read", *, at: float | None = 1000.0, **values: Any) -> Arrival:
    """A reply of its own, decided as told and written at that time; `values` override any field."""
    decision = Decision(Mark(mark), rule=f"wants {mark}", version=1) if mark else None
    defaults: dict[str, Any] = {
        "account": "default",
        "source": "smartlead",
        "key": f"key-{next(numbers)}",
        "bucket": "accepted",
        "email_lead_map_id": CONVERSATION,
        "written_at": at,
        "body": pack("{}"),
        "decision": decision,
    }
    return Arrival(**(defaults | values))
