"""The cases in which a rule matches, each a plain list: what must be found, and what must not.

A rule matches exactly if one of its cases holds. That is as true where something is unknown as elsewhere: what is
found, or surely not found, is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, permutations
from typing import TYPE_CHECKING

from rules.engine.matchers import (
    AllPhrases,
    AnyAddress,
    AnyCampaign,
    AnyPattern,
    AnyPhrase,
    AnyValue,
    Emptiness,
    Ending,
    Matcher,
    Opening,
    Phrases,
    comparable,
)
from rules.engine.matching.addresses import AddressForm, parse_address
from rules.engine.meaning.implication import (
    ADDRESS,
    CAMPAIGN,
    CONTAINS,
    EMPTY,
    ENDS,
    IS,
    KNOWN,
    MATCHES,
    OTHER,
    STARTS,
    Find,
)
from rules.engine.ruleset import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rules.engine.meaning.implication import Implications
    from rules.engine.ruleset import Group

_MOST = 64  # cases of one rule; nothing is claimed of a rule that has more
_FEW = 8  # cases of one rule that are compared with each other

_PHRASE_KINDS: dict[type[Matcher], str] = {AnyPhrase: CONTAINS, AllPhrases: CONTAINS, Opening: STARTS, Ending: ENDS}


@dataclass(frozen=True, slots=True)
class Sought:
    """What a condition looks for: each find with the words in which it was written."""

    condition: Condition
    finds: Mapping[Find, str]

    def only(self, find: Find) -> Sought:
        """Give the part of it that is about one find."""
        return Sought(self.condition, {find: self.finds[find]})


@dataclass(frozen=True, slots=True)
class Opposite:
    """A demand that contradicts another: something else is found, or, if `denied`, this is not."""

    sought: Sought
    denied: bool


@dataclass(frozen=True, slots=True)
class Case:
    """It holds where of each in `must` at least one is found, and of those in `never` none."""

    must: tuple[Sought, ...] = ()
    never: tuple[Sought, ...] = ()
    barred: frozenset[Find] = frozenset()  # all finds of `never`

    def narrowed(self, sought: Sought, find: Find) -> Case:
        """Give the part of the case in which this one find is there."""
        only = sought.only(find)
        return Case(tuple(only if one is sought else one for one in self.must), self.never, self.barred)


Cases = tuple[Case, ...]


def cases_of(member: Group | Condition, *, denied: bool = False) -> Cases | None:
    """Give the cases in which a condition or group holds or, if `denied`, fails; None if they are too many."""
    if isinstance(member, Condition):
        return _cases_of_condition(member, denied=denied)
    denied = denied != (member.kind == "none of")
    parts = [cases_of(part, denied=denied) for part in member.members]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _together(known) if (member.kind == "all of") != denied else _either(known)


def clash(case: Case, implications: Implications) -> tuple[Sought, Opposite] | None:
    """Find two demands of a case that can never both be met, each with a find that shows it, if there are such."""
    if len(case.must) + len(case.never) == 1:
        return None
    for sought in case.must:
        shown: tuple[Sought, Opposite] | None = None
        for find in sought.finds:
            against = _against(find, sought, case, implications)
            shown = (sought.only(find), against) if against else None
            if shown is None:
                break
        if shown:
            return shown
    return None


def with_consensus(cases: Cases, implications: Implications) -> Cases:
    """Put first the cases that follow where one of two alternatives always holds, as "contains", "does not contain"."""
    if len(cases) > _FEW or not any(case.barred for case in cases):
        return cases
    found = (
        _consensus(first, second, sought, implications)
        for first, second in permutations(cases, 2)
        for sought in first.must
    )
    return (*filter(None, found), *cases)


def finds_of(condition: Condition) -> Iterator[tuple[Find, str]]:
    """Give what is looked for by each of a condition's texts, in their order, and the words in which it was written.

    A matcher that is not known here looks for one thing that is like nothing else.
    """
    field, matcher = condition.field.name, condition.matcher
    kind = type(matcher)
    if isinstance(matcher, Phrases) and kind in _PHRASE_KINDS:
        return ((Find(field, _PHRASE_KINDS[kind], phrase.key), phrase.written) for phrase in matcher.phrases)
    if isinstance(matcher, AnyPattern):
        return ((Find(field, MATCHES, pattern.source), pattern.source) for pattern in matcher.patterns)
    if isinstance(matcher, AnyAddress):
        forms = (form for text in matcher.written if isinstance(form := parse_address(text), AddressForm))
        return ((Find(field, ADDRESS, form.key), form.written) for form in forms)
    if kind in {AnyValue, AnyCampaign} and isinstance(matcher, AnyValue):
        kind_of_value = CAMPAIGN if kind is AnyCampaign else IS
        return ((Find(field, kind_of_value, comparable(written)), written) for written in matcher.written)
    return iter([(Find(field, OTHER, str(id(matcher))), condition.wording)])


def _cases_of_condition(condition: Condition, *, denied: bool) -> Cases | None:
    sought, matcher = Sought(condition, dict(finds_of(condition))), condition.matcher
    wanted = condition.test.negative == denied
    if isinstance(matcher, Emptiness):
        key = "yes" if matcher.wanted == wanted else "no"
        return (Case((Sought(condition, {Find(condition.field.name, EMPTY, key): key}),)),)
    if isinstance(matcher, AllPhrases):
        each = [sought.only(find) for find in sought.finds]
        return (Case(tuple(each)),) if wanted else _either([(_without(one),) for one in each])
    return (Case((sought,)),) if wanted else (_without(sought),)


def _without(sought: Sought) -> Case:
    """Give the case in which nothing of this is found; that it is not found tells that the field is known."""
    field = sought.condition.field.name
    kinds = {find.kind for find in sought.finds}
    by_number = kinds == {CAMPAIGN} and all(find.key.isdecimal() for find in sought.finds)
    known = Sought(sought.condition, {Find(field, KNOWN, ""): ""})
    return Case(() if by_number or kinds == {OTHER} else (known,), (sought,), frozenset(sought.finds))


def _together(parts: Sequence[Cases]) -> Cases | None:
    cases: Cases = (Case(),)
    for part in parts:
        if len(cases) * len(part) > _MOST:
            return None
        cases = tuple(_joined(case, other) for case in cases for other in part)
    return cases


def _either(parts: Iterable[Cases]) -> Cases | None:
    cases = tuple(chain.from_iterable(parts))
    return cases if len(cases) <= _MOST else None


def _joined(one: Case, other: Case) -> Case:
    return Case(one.must + other.must, one.never + other.never, one.barred | other.barred)


def _against(find: Find, sought: Sought, case: Case, implications: Implications) -> Opposite | None:
    """Find what forbids a find of a case: it must not be there, or whatever else must be there excludes it."""
    follows = implications.of(find) if case.barred else frozenset()
    for never in case.never:
        if not never.finds.keys().isdisjoint(follows):
            return Opposite(never.only(next(one for one in never.finds if one in follows)), denied=True)
    for other in case.must:
        is_rival = other is not sought and other.condition.field is sought.condition.field
        if is_rival and all(implications.exclude(find, one) for one in other.finds):
            return Opposite(other.only(next(iter(other.finds))), denied=False)
    return None


def _consensus(one: Case, other: Case, sought: Sought, implications: Implications) -> Case | None:
    """Join two cases where one wants something found of which the other wants nothing found."""
    if not other.barred or any(find.kind in {CAMPAIGN, OTHER} for find in other.barred):
        return None  # that a campaign is not 17 or not 18 may be unknown, though its name is told
    if any(implications.of(find).isdisjoint(sought.finds) for find in other.barred):
        return None
    rest = replace(one, must=tuple(part for part in one.must if part is not sought))
    return _joined(rest, Case(other.must))
