"""The index of a rule set: which rules a reply may make come out true or unknown, found by what stands in it.

Each rule is filed under a guard: one of its conditions, as keys of which at least one is there whenever the rule
matches. So the cost of a decision grows with what a reply holds, and hardly with the number of rules.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING

from rules.engine.matchers import AnyPattern, Phrases
from rules.engine.matching.literals import LiteralIndex
from rules.engine.matching.phrases import PhraseIndex
from rules.engine.ruleset import Group, conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rules.engine.matchers import Key, Kind
    from rules.engine.matching.phrases import Phrase
    from rules.engine.reading import View
    from rules.engine.ruleset import Condition, Rule

_FEW = 8  # numbers of rules that are sorted at once rather than merged

Guard = frozenset[tuple[str, "Key"]]
"""Keys, each with the name of its field."""


class Index:
    """Everything that the rules look for, found together. Read only, so threads may share it."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.fields = frozenset(condition.field.name for condition in _all_conditions(rules))
        self.phrases = _phrases_by_field(rules)
        self.literals = _literals_by_field(rules)
        self._unguarded: list[int] = []
        self._guarded: defaultdict[str, list[int]] = defaultdict(list)
        self._by_key: dict[str, dict[Kind, dict[str, list[int]]]] = {}
        choices = [tuple(_guards(rule.when)) for rule in rules]
        sharing = Counter(chain.from_iterable(chain.from_iterable(choices)))
        for number, guards in enumerate(choices):
            self._file(number, guards, sharing)

    def candidates(self, view: View, *, unknown: bool = True) -> Iterator[int]:
        """Give the numbers of the rules that may match this reply, in the order of the file.

        With `unknown` those too that may come out unknown, which are very many where a text is not known whole. Lazily,
        because most replies are decided by one of the first.
        """
        few: set[int] = set()
        many: list[Sequence[int]] = []
        for numbers in (self._unguarded, *self._filed(view, unknown=unknown)):
            if len(numbers) <= _FEW:
                few.update(numbers)
            else:
                many.append(numbers)
        return _without_repeats(merge(sorted(few), *many)) if many else iter(sorted(few))

    def _filed(self, view: View, *, unknown: bool) -> list[Sequence[int]]:
        """Give the rules that are filed under what stands in the reply, key by key."""
        filed: list[Sequence[int]] = []
        for field, guarded in self._guarded.items():
            reading = view[field]
            if unknown and not reading.is_complete:
                filed.append(guarded)
            elif not reading.doubt:  # while of what is merely not told it is known that it is empty
                for kind, by_key in self._by_key[field].items():
                    filed += [by_key[key] for key in reading.keys(kind) if key in by_key]
        return filed

    def _file(self, number: int, guards: Sequence[Guard], sharing: Mapping[tuple[str, Key], int]) -> None:
        """File a rule under the guard whose keys the fewest rules share."""
        if not guards:
            self._unguarded.append(number)
            return
        guard = min(guards, key=lambda keys: max(map(sharing.__getitem__, keys)))
        for field in {field for field, _ in guard}:
            self._guarded[field].append(number)
        for field, (kind, key) in guard:
            self._by_key.setdefault(field, {}).setdefault(kind, {}).setdefault(key, []).append(number)


def _without_repeats(numbers: Iterable[int]) -> Iterator[int]:
    """Give rising numbers once each."""
    last = -1
    for number in numbers:
        if number != last:
            yield number
        last = number


def _phrases_by_field(rules: Sequence[Rule]) -> Mapping[str, PhraseIndex]:
    sought: defaultdict[str, list[Phrase]] = defaultdict(list)
    for condition in _all_conditions(rules):
        if isinstance(condition.matcher, Phrases):
            sought[condition.field.name].extend(condition.matcher.phrases)
    return {field: PhraseIndex(phrases) for field, phrases in sought.items()}


def _literals_by_field(rules: Sequence[Rule]) -> Mapping[str, LiteralIndex]:
    sought: defaultdict[str, set[str]] = defaultdict(set)
    for condition in _all_conditions(rules):
        if isinstance(condition.matcher, AnyPattern) and not condition.test.negative:
            sought[condition.field.name].update(condition.matcher.literals or ())
    return {field: LiteralIndex(literals) for field, literals in sought.items()}


def _all_conditions(rules: Sequence[Rule]) -> Iterable[Condition]:
    return chain.from_iterable(conditions(rule.when) for rule in rules)


def _guards(member: Group | Condition) -> Iterable[Guard]:
    """Every guard that a rule may be filed under: of a condition its keys, of "all of" those of any member."""
    if isinstance(member, Group):
        return _guards_of_group(member)
    keys = None if member.test.negative else member.matcher.guard()
    return () if keys is None else (frozenset((member.field.name, key) for key in keys),)


def _guards_of_group(group: Group) -> Iterable[Guard]:
    if group.kind == "all of":
        return chain.from_iterable(map(_guards, group.members))
    if group.kind == "none of":
        return ()
    firsts = [next(iter(_guards(member)), None) for member in group.members]
    guards = [guard for guard in firsts if guard is not None]
    return (frozenset().union(*guards),) if len(guards) == len(firsts) else ()
