"""A backtest: what other rules would have made of replies that came, against the rules that are live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from model import Mark
from rules.engine.clauses import shortened
from rules.engine.evaluate import decide_facts
from rules.engine.facts import facts_of
from rules.engine.index import Index
from rules.engine.ruleset import RuleSet

if TYPE_CHECKING:
    from datetime import date

    from model import Decision, Reply
    from rules.engine.facts import Facts
    from rules.engine.ruleset import Rule

Direction = Literal["to read", "from read", "other"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A reply that gets another mark. Rules are None where the default decides."""

    old_mark: Mark
    mark: Mark
    old_rule: str | None
    rule: str | None
    words: tuple[str, ...]  # of the reply, by which the new rule decides; shortened

    @property
    def direction(self) -> Direction:
        """Whether it is hidden now, shown now, or neither; "to read" is where a lead may be lost."""
        if self.mark is Mark.READ:
            return "to read"
        return "from read" if self.old_mark is Mark.READ else "other"


@dataclass(slots=True)
class Share:
    """How many replies a rule takes: of the live rules, and of the candidate. `rule` is None for the default."""

    rule: str | None
    live: int = 0
    candidate: int = 0


@dataclass(slots=True)
class Trial:
    """What a candidate's rule on trial would have done, had it been in force."""

    rule: str
    mark: Mark
    taken: int = 0  # replies that it matches and no rule above it takes
    flipped: int = 0  # of these, how many get another mark from the rules below it


@dataclass(slots=True)
class Backtest:
    """Tries replies on both rule sets, one after the other, and keeps counts, never a reply. For one thread."""

    live: RuleSet
    candidate: RuleSet
    tried: int = 0
    flipped: Counter[Direction] = field(default_factory=Counter)
    _taken: Counter[tuple[bool, str | None]] = field(default_factory=Counter)
    _on_trial: list[tuple[int, RuleSet, Trial]] = field(init=False)
    _places: dict[str | None, int] = field(init=False)

    def __post_init__(self) -> None:
        self._places = {rule.name: at for at, rule in enumerate(self.candidate.rules)}
        self._on_trial = [
            (at, _alone(rule), Trial(rule.name, rule.mark))
            for at, rule in enumerate(self.candidate.rules)
            if rule.trial and not rule.paused
        ]

    def try_reply(self, reply: Reply, on: date) -> Flip | None:
        """Decide a reply that arrived on a day in UTC by both rule sets; a flip if they differ in the mark."""
        facts = facts_of(reply)
        old, new = (decide_facts(ruleset, facts, on=on) for ruleset in (self.live, self.candidate))
        self.tried += 1
        self._taken[False, old.rule] += 1
        self._taken[True, new.rule] += 1
        self._try_trials(facts, new, on)
        if old.mark is new.mark:
            return None
        flip = Flip(old.mark, new.mark, old.rule, new.rule, _words(new))
        self.flipped[flip.direction] += 1
        return flip

    @property
    def shares(self) -> list[Share]:
        """What each rule takes, in the candidate's order, then rules that only the live ones have, then the default."""
        names = dict.fromkeys(rule.name for rule in (*self.candidate.rules, *self.live.rules))
        return [Share(name, self._taken[False, name], self._taken[True, name]) for name in (*names, None)]

    @property
    def trials(self) -> list[Trial]:
        """The candidate's rules on trial, in the order of the file."""
        return [trial for _, _, trial in self._on_trial]

    def _try_trials(self, facts: Facts, decision: Decision, on: date) -> None:
        decided_at = self._places.get(decision.rule, len(self.candidate.rules))
        for at, alone, trial in self._on_trial:
            if at < decided_at and decide_facts(alone, facts, on=on).rule:
                trial.taken += 1
                trial.flipped += trial.mark is not decision.mark


def _alone(rule: Rule) -> RuleSet:
    """A rule on trial as if it were in force, and alone: a decision tells only the first few that did not decide."""
    in_force = (replace(rule, trial=False),)
    return RuleSet(in_force, Mark.LEAVE, Index(in_force))


def _words(decision: Decision) -> tuple[str, ...]:
    if decision.rule is None:
        return ()
    checks = decision.steps[-1].checks
    return tuple(dict.fromkeys(shortened(one.words) for one in checks if one.words and one.verdict == "holds"))
