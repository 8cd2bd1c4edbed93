"""How an account stands with SmartLead, and what each answer makes of that. Pure.

An answer may hold the whole account back: a limit, a refused key, calls that fail in a row. After the last two one call
at a time is tried until one succeeds. A pause is a person's, and ends by a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from model import Heard, Retry

LONGEST_HOLD = 60.0  # seconds: SmartLead's guide says that its windows reset within a minute
BREAK_AFTER = 5  # failures in a row
CUT, LEAST_SHARE = 0.7, 0.1  # what a limit that we did not expect leaves of the rate, each time and at least
RECOVERY = 600.0  # seconds in which a share grows from nothing to the whole rate
GENERATION = 100  # answers until the shortest round trip of before is forgotten
SMOOTHING = 32  # answers over which the usual round trip is smoothed
FIRMLY, DOUBT = 0.9, 0.25  # how much of the shortest round trip is trusted, and less where they differ much
USED_UP = "SmartLead says that no call is left: somebody else uses the key, too"


@dataclass(frozen=True, slots=True)
class Standing:
    """One account, as the ledger's row holds it. Times are seconds since 1970 by the database's clock."""

    name: str
    held_until: float = 0.0
    held_reason: str | None = None
    strikes: int = 0  # limits in a row that named no time
    failures: int = 0  # calls in a row that failed for what is not their own
    failed_with: int | None = None  # the last conversation of which SmartLead said that it failed
    probing: bool = False  # one call at a time, until one succeeds
    share: float = 1.0  # of each window, when it was last cut
    share_at: float = 0.0
    quickest: float = 0.0  # seconds of the shortest round trip of late; 0: too few to tell
    quickest_now: float | None = None  # of those that are counted in `heard`
    heard: int = 0
    usual: float = 0.0  # seconds of a round trip, smoothed
    paused_at: float | None = None
    paused_by: str | None = None
    pause_reason: str | None = None

    @property
    def is_paused(self) -> bool:
        """Whether a person holds the marks back."""
        return self.paused_at is not None

    @property
    def allowance(self) -> float:
        """Seconds that one call's way back and another's way there most likely take together: see `pace`."""
        return max(0.0, FIRMLY * self.quickest - DOUBT * (self.usual - self.quickest))

    @property
    def turn(self) -> int:
        """A number that is another one after each probe that failed."""
        return self.failures + self.strikes

    def share_now(self, now: float) -> float:
        """The share of each window that may be used."""
        return min(1.0, self.share + max(0.0, now - self.share_at) / RECOVERY)

    def is_broken(self, now: float) -> bool:
        """Whether calls are held back for what no single conversation can help."""
        return self.probing and self.held_until > now

    def why_held(self, now: float) -> str | None:
        """Why marks wait, or calls are made one at a time; None if neither."""
        if self.paused_at is None:
            return (self.held_reason or "held") if self.held_until > now or self.probing else None
        since = datetime.fromtimestamp(self.paused_at, UTC).strftime("%Y-%m-%dT%H:%MZ")
        reason = f" ({self.pause_reason})" if self.pause_reason else ""
        return f"{self.paused_by} paused it at {since}{reason}; flask deliveries resume sends its marks again"


def after_answer(  # noqa: PLR0913 - all of it decides
    standing: Standing, answer: Heard, now: float, *, conversation: int | None, break_after: int, chance: float
) -> Standing:
    """The account after an answer; `conversation` is None for a question.

    `break_after`: failures in a row that hold the account back, `chance`: from 0.5 to 1, so that a crowd of accounts
    does not come back as one.
    """
    if not isinstance(answer, Retry):
        strikes = standing.strikes if standing.held_until > now else 0  # else that call was made before the hold
        return replace(standing, strikes=strikes, failures=0, failed_with=None, probing=False)
    if answer.whole_account:
        return _refused(standing, answer, now, chance)
    if _tells_of_all(standing, answer, conversation):
        return _failed(replace(standing, failed_with=conversation), answer, now, break_after, chance)
    return standing


def _tells_of_all(standing: Standing, answer: Retry, conversation: int | None) -> bool:
    """Whether a failure may be every call's: one conversation that fails again and again tells of itself alone."""
    if answer.cause == "outage":
        return True
    return answer.told is not None and conversation is not None and conversation != standing.failed_with


def _refused(standing: Standing, answer: Retry, now: float, chance: float) -> Standing:
    strikes = standing.strikes + 1
    pause = min(LONGEST_HOLD, 2.0 ** min(strikes - 1, 20)) * chance if answer.after is None else answer.after
    held = hold(replace(standing, strikes=strikes), now + pause, answer.reason)
    if answer.cause == "key":
        return replace(held, probing=True)
    if standing.held_until > now:  # one surprise, however many calls were under way
        return held
    share = max(LEAST_SHARE, CUT * standing.share_now(now))
    return replace(held, probing=False, share=share, share_at=now, quickest=0.0, quickest_now=None, heard=0)


def _failed(standing: Standing, answer: Retry, now: float, break_after: int, chance: float) -> Standing:
    if standing.held_until > now:
        return standing  # that call was made before the hold
    failures = standing.failures + 1
    if failures < break_after and not standing.probing:
        return replace(standing, failures=failures)
    pause = max(answer.after or 0.0, min(LONGEST_HOLD, 2.0 ** min(max(failures - break_after, 0), 20)) * chance)
    times = "once" if failures == 1 else f"{failures} times in a row"
    reason = f"SmartLead failed {times}, so one call at a time is tried; the last: {answer.reason}"
    return hold(replace(standing, failures=failures, probing=True), now + pause, reason)


def hold(standing: Standing, until: float, reason: str) -> Standing:
    """The account with no call before this time. A longer hold that is there stays."""
    return replace(standing, held_until=until, held_reason=reason) if until > standing.held_until else standing


def after_round_trip(standing: Standing, seconds: float) -> Standing:
    """The account when the answer to a call began so long after its sending."""
    usual = standing.usual + (seconds - standing.usual) / SMOOTHING if standing.usual else seconds
    standing = replace(standing, usual=usual)
    shortest = min(seconds, seconds if standing.quickest_now is None else standing.quickest_now)
    if standing.heard + 1 < GENERATION:
        known = min(standing.quickest, seconds)
        return replace(standing, quickest=known, quickest_now=shortest, heard=standing.heard + 1)
    return replace(standing, quickest=shortest, quickest_now=None, heard=0)
