"""A backtest: what other rules would have made of replies that came, against the rules that are live."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal

from model import Mark
from rules.engine.evaluate import decide_facts, holds
from rules.engine.explaining.clauses import shortened
from rules.engine.facts import facts_of
from rules.engine.index import Index
from rules.engine.language import Nature
from rules.engine.matchers import AllPhrases
from rules.engine.reading import View
from rules.engine.ruleset import Group, RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from model import Reply
    from rules.engine.facts import Facts
    from rules.engine.matching.phrases import Span
    from rules.engine.reading import Reading
    from rules.engine.ruleset import Condition, Rule

Direction = Literal["to read", "from read", "other", "on trial"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A reply that gets another mark. Rules are None where the default decides.

    Words are the reply's own, shortened: of "contains all" those of each phrase, of a negative test none. A sign is a
    clause that says by what the kind was found.
    """

    old_mark: Mark
    mark: Mark
    old_rule: str | None
    rule: str | None
    words: tuple[str, ...] = ()  # by which the new rule decides
    sign: str | None = None
    old_words: tuple[str, ...] = ()  # by which the old one did
    old_sign: str | None = None
    on_trial: bool = False  # the new rule is the candidate's, and only on trial; the old one is its rule in force

    @property
    def direction(self) -> Direction:
        """Whether it is hidden now, shown now, or neither; "to read" is where a lead may be lost."""
        if self.on_trial:
            return "on trial"
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

    def try_reply(self, reply: Reply, on: date) -> tuple[Flip, ...]:
        """Decide a reply that arrived on a day in UTC by both rule sets; give its flips.

        First, if they differ in the mark, the one between them; then one for each rule on trial that would hide it.
        """
        facts = facts_of(reply)
        old, new = (_Ruling(ruleset, facts, on) for ruleset in (self.live, self.candidate))
        self.tried += 1
        self._taken[False, old.decision.rule] += 1
        self._taken[True, new.decision.rule] += 1
        differ = old.decision.mark is not new.decision.mark
        flips = (*((_flip(old, new),) if differ else ()), *self._try_trials(new))
        self.flipped.update(flip.direction for flip in flips)
        return flips

    @property
    def shares(self) -> list[Share]:
        """What each rule takes, in the candidate's order, then rules that only the live ones have, then the default."""
        names = dict.fromkeys(rule.name for rule in (*self.candidate.rules, *self.live.rules))
        return [Share(name, self._taken[False, name], self._taken[True, name]) for name in (*names, None)]

    @property
    def trials(self) -> list[Trial]:
        """The candidate's rules on trial, in the order of the file."""
        return [trial for _, _, trial in self._on_trial]

    def _try_trials(self, in_force: _Ruling) -> Iterator[Flip]:
        mark = in_force.decision.mark
        decided_at = self._places.get(in_force.decision.rule, len(self.candidate.rules))
        for at, alone, trial in self._on_trial:
            ruling = _Ruling(alone, in_force.facts, in_force.on) if at < decided_at else None
            if ruling and ruling.decision.rule:
                trial.taken += 1
                trial.flipped += trial.mark is not mark
                if trial.mark is Mark.READ is not mark:
                    yield _flip(in_force, ruling, on_trial=True)


class _Ruling:
    """What a rule set makes of a reply."""

    def __init__(self, ruleset: RuleSet, facts: Facts, on: date) -> None:
        self.ruleset = ruleset
        self.facts = facts
        self.on = on
        self.decision = decide_facts(ruleset, facts, on=on)

    def grounds(self) -> tuple[tuple[str, ...], str | None]:
        """Give the words by which the rule decided, and the sign if it asked for a kind."""
        rule = next((rule for rule in self.ruleset.rules if rule.name == self.decision.rule), None)
        if rule is None:
            return (), None
        view = View(self.facts, self.ruleset.index)
        holding = [(condition, view[condition.field.name]) for condition in _holding(rule.when, view)]
        words = (one for condition, reading in holding for one in _words(condition, reading))
        signs = (_sign(reading) for _, reading in holding if reading.field.nature is Nature.KIND)
        return tuple(dict.fromkeys(map(shortened, words))), next(signs, None)


def _flip(old: _Ruling, new: _Ruling, *, on_trial: bool = False) -> Flip:
    return Flip(
        old.decision.mark,
        new.decision.mark,
        old.decision.rule,
        new.decision.rule,
        *new.grounds(),
        *old.grounds(),
        on_trial=on_trial,
    )


def _alone(rule: Rule) -> RuleSet:
    """A rule on trial as if it were in force, and alone: a decision tells only the first few that did not decide."""
    in_force = (replace(rule, trial=False),)
    return RuleSet(in_force, Mark.LEAVE, Index(in_force))


def _holding(member: Group | Condition, view: View) -> Iterator[Condition]:
    """Give the conditions by which something holds that was found, without alternatives that do not hold."""
    if not holds(member, view):
        return
    if isinstance(member, Group):
        if member.kind != "none of":
            yield from chain.from_iterable(_holding(part, view) for part in member.members)
    elif not member.test.negative:
        yield member


def _sign(reading: Reading) -> str:
    return shortened(reading.sign or f"the {reading.field.name} is {reading.text}")


def _words(condition: Condition, reading: Reading) -> Iterator[str]:
    """Give the words of a reply in which a condition finds what it wants; of each phrase if it wants all."""
    matcher = condition.matcher
    if reading.field.nature is Nature.KIND:
        return  # the kind is a word of ours
    spans: list[Span | None] = [matcher.span(reading)]
    if isinstance(matcher, AllPhrases):
        spans = [reading.original(reading.phrases[phrase.key]) for phrase in matcher.phrases]
    for span in filter(None, spans):
        yield (reading.text or "")[slice(*span)]
