"""What the rules want of a reply, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Mark(StrEnum):
    """What a rule wants of a conversation: hide it, show it, or leave it as it is."""

    READ = "read"
    UNREAD = "unread"
    LEAVE = "leave"


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
