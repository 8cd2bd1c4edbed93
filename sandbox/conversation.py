"""One conversation, and those that are there from the first minute."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    client_id: int | None = None
    is_read: bool = False
    is_archived: bool = False  # in none of the lists
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


@dataclass(frozen=True, slots=True)
class Crowd:
    """So many conversations with ids in a row, each `apart` seconds older than the one before, in turn in campaigns."""

    count: int
    first_id: int = 2_400_000_000
    campaigns: int = 1
    newest: float | None = None  # None: now
    apart: float = 60.0
    is_read: bool = False

    def __iter__(self) -> Iterator[Conversation]:
        begin = time.time() if self.newest is None else self.newest
        return (self._conversation(number, begin - number * self.apart) for number in range(self.count))

    def _conversation(self, number: int, last_reply_time: float) -> Conversation:
        campaign = 880_000 + number % self.campaigns
        return Conversation(
            self.first_id + number,
            "Lead",
            str(number),
            f"lead-{number}@crowd.example",
            campaign,
            f"Campaign {campaign}",
            last_reply_time=last_reply_time,
            is_read=self.is_read,
        )
