"""What came of a call to SmartLead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came with an answer: when it began to arrive, and how much the key may still ask.

    `heard_at` is of `time.monotonic` in the process that asked, `round_trip` the seconds from the sending to then;
    `limit`, `remaining` and `reset` (seconds from the answer) are of the window that SmartLead tells, None where it
    does not.
    """

    heard_at: float
    round_trip: float = 0.0
    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What every outcome tells beside itself, if an answer came at all."""

    told: Told | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Found(Heard):
    """A conversation's id."""

    email_lead_map_id: int


@dataclass(frozen=True, slots=True)
class NotFound(Heard):
    """SmartLead shows no such conversation, or more than one; `reason` is a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class CategoryNames(Heard):
    """The names of an account's categories by their numbers."""

    names: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Done(Heard):
    """SmartLead has the mark."""


@dataclass(frozen=True, slots=True)
class Retry(Heard):
    """Not now. `after`: seconds that SmartLead asked for, None for a growing wait of ours.

    `cause` is what would stop any other call as well: the rate limit, a refused key, SmartLead's own outage.
    """

    reason: str
    after: float | None = None
    whole_account: bool = False  # the key is limited or refused: no call of this account can succeed before
    landing: Literal["no", "maybe", "later"] = "maybe"  # has SmartLead the mark all the same, or may it yet get it
    cause: Literal["limit", "key", "outage"] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class GiveUp(Heard):
    """Never, whatever the number of tries; `reason` is a sentence for the person who has to mend it."""

    reason: str
    gone: bool = False  # SmartLead does not know the conversation


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nothing was asked: the moment until which it might be sent was over."""


Outcome = Done | Retry | GiveUp
Answer = Outcome | Found | NotFound | CategoryNames
