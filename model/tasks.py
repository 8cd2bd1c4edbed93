"""What a worker does next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from model.decisions import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What every task tells beside itself: when it was claimed, and when its call may begin. By the ledger's clock."""

    claimed_at: float = 0.0
    begins_at: float = 0.0  # its call may not be sent earlier


@dataclass(frozen=True, slots=True)
class Delivery(Claimed):
    """A wish that a worker has claimed, with what proves later that the claim is still its own."""

    account: str
    email_lead_map_id: int
    mark: Mark  # READ or UNREAD
    generation: int  # of the wish: a newer wish has a higher one
    lease: str  # of this claim alone
    attempt: int  # 1 for the first


@dataclass(frozen=True, slots=True)
class Lookup(Claimed):
    """A conversation whose id no event told, claimed by a worker that asks SmartLead for it.

    `by`: "lead" asks for the lead and its campaigns, "inbox" searches the inbox.
    """

    account: str
    lead: str
    campaign_id: str | None
    campaign: str | None  # by name
    by: Literal["lead", "inbox"]
    lease: str
    attempt: int  # 1 for the first


@dataclass(frozen=True, slots=True)
class CategoriesWanted(Claimed):
    """The names of an account's categories, claimed by a worker that asks SmartLead for them."""

    account: str
    lease: str


Task = Delivery | Lookup | CategoriesWanted
