"""The account's conversations, and whether each is read."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

LEAD_ID_OFFSET = 400_000_000  # a lead id never equals the conversation's id: mixing them up is a usual mistake


@dataclass(frozen=True, slots=True)
class Conversation:
    """One lead in one campaign. Times are seconds since 1970 (UTC)."""

    map_id: int
    first_name: str
    last_name: str
    email: str
    campaign_id: int = 884213
    campaign_name: str = "Dock planners, spring"
    mailbox: str = "lena@getharborline.example"
    category_id: int | None = None
    last_reply_time: float = 0.0
    is_read: bool = False
    patches: int = 0  # how often its read status was set

    @property
    def lead_id(self) -> int:
        """The lead's own id."""
        return self.map_id + LEAD_ID_OFFSET


SEEDED = (
    Conversation(2300000101, "Marit", "Solheim", "marit.solheim@northpier.example", category_id=1),
    Conversation(2300000102, "Jonas", "Adeyemi", "jonas.adeyemi@quayside.example", category_id=6),
    Conversation(2300000103, "Priya", "Raman", "priya.raman@coldstore.example"),
    Conversation(2300000104, "Tomas", "Havel", "tomas.havel@riverlog.example"),
    Conversation(2300000105, "Ines", "Duarte", "ines.duarte@tidewater.example", category_id=9),
    Conversation(2300000106, "Wen", "Zhao", "wen.zhao@lockgate.example", 884377, "Terminal owners, summer"),
)


class Inbox:
    """All conversations. In a strict inbox an unknown id stays unknown; else the first PATCH makes it."""

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._lock = threading.Lock()
        self._conversations: dict[int, Conversation] = {}
        self.reset()

    def reset(self) -> None:
        """Back to the invented conversations of the first minute, all unread."""
        now = time.time()
        with self._lock:
            self._conversations = {seed.map_id: replace(seed, last_reply_time=now) for seed in SEEDED}

    def set_read(self, map_id: int, *, is_read: bool) -> bool:
        """Set the flag. False if there is no such conversation."""
        with self._lock:
            found = self._conversations.get(map_id)
            if found is None and self._strict:
                return False
            found = found or _unnamed(map_id)
            self._conversations[map_id] = replace(found, is_read=is_read, patches=found.patches + 1)
            return True

    def add(self, conversations: list[Conversation]) -> None:
        """Take them in, in the place of those with the same ids. Without a time their replies came now."""
        now = time.time()
        with self._lock:
            for each in conversations:
                self._conversations[each.map_id] = replace(each, last_reply_time=each.last_reply_time or now)

    def set_category(self, map_id: int, category_id: int | None) -> tuple[Conversation, Conversation]:
        """Give it a category: the conversation before and after. ValueError if there is no such conversation."""
        with self._lock:
            before = self._conversations.get(map_id)
            if before is None:
                raise ValueError(f"there is no conversation {map_id}")
            after = self._conversations[map_id] = replace(before, category_id=category_id)
            return before, after

    def find(self, holds: Callable[[Conversation], bool]) -> list[Conversation]:
        """The conversations for which `holds`, latest reply first."""
        with self._lock:
            found = [each for each in self._conversations.values() if holds(each)]
        return sorted(found, key=lambda each: each.last_reply_time, reverse=True)


def _unnamed(map_id: int) -> Conversation:
    return Conversation(map_id, "Lead", str(map_id), f"lead-{map_id}@unknown.example", last_reply_time=time.time())


def row(conversation: Conversation) -> dict[str, Any]:
    """A conversation as the inbox lists show it: ids as text, as in the answers that integrators recorded."""
    last_reply = datetime.fromtimestamp(conversation.last_reply_time, UTC)
    return {
        "lead_category_id": conversation.category_id,
        "last_sent_time": None,
        "last_reply_time": last_reply.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "has_new_unread_email": not conversation.is_read,
        "email_account_id": 5352520,
        "revenue": "0.00",
        "lead_first_name": conversation.first_name,
        "lead_last_name": conversation.last_name,
        "lead_email": conversation.email,
        "email_lead_id": str(conversation.lead_id),
        "email_lead_map_id": str(conversation.map_id),
        "lead_status": "COMPLETED",
        "current_sequence_number": 1,
        "is_important": False,
        "is_archived": False,
        "is_snoozed": False,
        "team_member_id": None,
        "is_ooo_automated_push_lead": None,
        "email_campaign_id": conversation.campaign_id,
        "email_campaign_name": conversation.campaign_name,
        "client_id": None,
        "sequence_count": "3",
    }


def lookup(conversations: list[Conversation]) -> dict[str, Any]:
    """One lead with all its conversations as the lead lookup shows it; `{}` without any."""
    if not conversations:
        return {}
    lead = conversations[0]
    return {
        "id": str(lead.lead_id),
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "email": lead.email,
        "is_unsubscribed": False,
        "lead_campaign_data": [
            {
                "campaign_lead_map_id": each.map_id,
                "lead_category_id": each.category_id,
                "campaign_id": each.campaign_id,
                "campaign_name": each.campaign_name,
                "client_id": None,
            }
            for each in conversations
        ],
    }
