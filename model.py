"""The nouns that pass between the folders: what a reply is, what was decided about it, what came of it.

Frozen values without behaviour. A `None` in a `Reply` means that the event does not tell, never "empty".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_ACCOUNT = "default"
MAX_MAP_ID = 2**63 - 1


class Mark(StrEnum):
    """What a rule wants of a conversation: hide it, show it, or leave it as it is."""

    READ = "read"
    UNREAD = "unread"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One reply as an event told it, whatever the event's shape was.

    Times are seconds since 1970 (UTC). Addresses and texts are as they came, without the blanks around
    them; only `preview` keeps these, for its last line break tells a whole preview from a cut one.
    """

    account: str = DEFAULT_ACCOUNT
    email_lead_map_id: int | None = None  # the conversation: 1 … 2^63-1; never a lead id
    lead: str | None = None  # address of the lead that the campaign targets
    sender: str | None = None  # address of who really replied; None if the event does not tell
    sender_name: str | None = None
    mailbox: str | None = None  # our own address
    subject: str | None = None
    text: str | None = None  # the mail's plain text, quoted history and all
    html: str | None = None
    preview: str | None = None  # a plain-text beginning that the sender may have cut
    sent_text: str | None = None  # our mail that was answered
    sent_html: str | None = None
    campaign_id: str | None = None
    campaign: str | None = None
    category: str | None = None  # by name
    category_id: int | None = None  # by the account's own number, where no name came
    client: str | None = None
    sequence_step: str | None = None
    message_id: str | None = None
    written_at: float | None = None  # the reply's own time
    ours: bool = False  # our own team wrote it, from outside SmartLead


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryChange:
    """SmartLead, or a person in it, gave a conversation a category; `changed_at` is when, None if it is not told."""

    account: str = DEFAULT_ACCOUNT
    email_lead_map_id: int | None = None
    lead: str | None = None
    campaign_id: str | None = None
    category: str | None = None
    category_id: int | None = None
    changed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is no reply, and why nothing is decided about it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body from which no event can be read, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, tried on one reply."""

    condition: str  # as the rule's author wrote it: "reply contains"
    field: str  # what it looks at: "reply"
    line: int  # of the condition in the rules file, from 1
    verdict: Literal["holds", "fails", "unknown"]
    words: str | None = None  # the words of the reply that decided, as the person wrote them
    start: int | None = None  # where those words stand in the field's own text, in characters
    end: int | None = None
    note: str | None = None  # why it is unknown, which phrases were not there, or by which sign it holds


Verdict = Literal["matched", "no match", "unknown", "on trial", "expired", "paused"]


@dataclass(frozen=True, slots=True)
class Step:
    """One rule, tried on one reply. The last three verdicts are of rules that match, but are not in force."""

    rule: str
    line: int  # of the rule's name in the rules file, from 1
    verdict: Verdict
    mark: Mark  # what the rule gives
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rules want, and the way there.

    `rule` is None when the default decided. `version` is the version of the rules, None outside the ledger.
    """

    mark: Mark
    rule: str | None
    steps: tuple[Step, ...] = ()
    version: int | None = None


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
