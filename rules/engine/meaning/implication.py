"""What follows from what: where one thing is found in a field, which others are surely found there too, or surely not.

Only what can be proved counts. Patterns are compared by their source alone, and campaigns by what was typed, for one
event may tell a name and a number.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.language import FIELDS, Field, Nature
from rules.engine.matching.addresses import OURS, keys_of
from rules.engine.matching.folding import is_boundary
from rules.engine.matching.phrases import OPEN, without_closing_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rules.engine.matching.phrases import PhraseIndex

CONTAINS: Final = "contains"
STARTS: Final = "starts with"
ENDS: Final = "ends with"
IS: Final = "is"
ADDRESS: Final = "is address"
CAMPAIGN: Final = "is campaign"
MATCHES: Final = "matches"
EMPTY: Final = "is empty"  # its key is yes or no
KNOWN: Final = "is known"  # the text is told, and nothing about it is doubted
OTHER: Final = "other"  # what nothing is known of

_MOST_QUESTIONS: Final = 500_000  # ten thousand rules ask about a sixth of them
_LONGEST: Final = 200  # a longer phrase would make the scan slow, and is written by nobody
_SURROUNDINGS: Final = (("", ""), ("", "a"), ("一", ""), ("一", "a"))  # a mail goes on before and after a phrase
_JOINERS: Final = frozenset("'_")  # they join two words or not, as what stands beside them says
_NEVER_DOUBTED: Final = next(one.default for one in fields(Field) if one.name == "doubt")


class Find(NamedTuple):
    """One thing that a condition looks for. `key` is in the form in which it is compared."""

    field: str
    kind: str
    key: str


class Implications:
    """Tells what follows from a find, for the phrases of one rule set.

    Whoever asks should stop when its questions are spent; from then on nothing excludes anything any more.
    """

    def __init__(self, phrases: Mapping[str, PhraseIndex]) -> None:
        self._phrases = phrases
        self._known: dict[Find, frozenset[Find]] = {}
        self._questions = 0

    @property
    def spent(self) -> bool:
        """Whether there were more questions than are answered."""
        return self._questions > _MOST_QUESTIONS

    def of(self, find: Find) -> frozenset[Find]:
        """Give everything that is found wherever `find` is, itself included."""
        self._questions += 1
        known = self._known.get(find)
        if known is None:
            states = () if find.kind == OTHER else _states(find.field, find.kind, filled=_is_filled(find))
            known = self._known[find] = frozenset((find, *states, *self._others(find)))
        return known

    def exclude(self, one: Find, other: Find) -> bool:
        """Tell whether the two are surely never found in the same field of one reply."""
        self._questions += 1
        if self.spent:
            return False
        if one.field != other.field or one == other:
            return False
        for first, second in ((one, other), (other, one)):
            if first.kind == EMPTY and first.key == "yes":
                return Find(one.field, EMPTY, "no") in self.of(second)
            if first.kind == IS and second.kind in {CONTAINS, STARTS, ENDS}:
                return not _ends_in_marks(_stem(second.key)) and second not in self.of(first)
        return one.kind == other.kind and _differ(one.kind, one.key, other.key)

    def deny(self, one: Find, other: Find) -> bool:
        """Tell whether it is sure, wherever `one` is found, that `other` is looked for and not found."""
        return one.kind != EMPTY and self.exclude(one, other)

    def _others(self, find: Find) -> Iterable[Find]:
        if find.kind == ADDRESS:
            return (Find(find.field, ADDRESS, key) for key in _wider_forms(find.key))
        if find.field not in self._phrases:
            return ()
        if find.kind == IS:
            return self._in_value(find)
        return self._in_phrase(find) if find.kind in {CONTAINS, STARTS, ENDS} and len(find.key) <= _LONGEST else ()

    def _in_value(self, find: Find) -> Iterator[Find]:
        """Give the phrases in a whole value; only punctuation can follow it in the field."""
        field, _, value = find
        for key, (start, _) in self._phrases[field].scan(value).items():
            yield Find(field, CONTAINS, key)
            if start == 0:
                yield Find(field, STARTS, key)
            if value.endswith(key) and is_boundary(value, len(value) - len(key)):
                yield Find(field, ENDS, key)

    def _in_phrase(self, find: Find) -> Iterator[Find]:
        """Give the phrases that stand in a phrase whatever stands around it."""
        field, kind, phrase = find
        words = _stem(phrase)
        for key, (start, _) in self._phrases[field].scan(words).items():
            if key == phrase and kind == CONTAINS:
                continue
            end = start + len(_stem(key))
            goes_on = end == len(words) and _is_open(phrase)
            if _is_sure(words, start) and (_is_open(key) or (_is_sure(words, end) and not goes_on)):
                yield Find(field, CONTAINS, key)
                if kind == STARTS and start == 0:
                    yield Find(field, STARTS, key)
            if kind == ENDS and words.endswith(key) and _is_sure(words, len(words) - len(key)):
                yield Find(field, ENDS, key)


def is_empty_or_not(field: str) -> bool:
    """Tell whether a field is either empty or not in every reply; where a text is doubted, neither is sure."""
    return FIELDS[field].doubt is _NEVER_DOUBTED


@cache
def _states(field: str, kind: str, *, filled: bool) -> tuple[Find, ...]:
    """Tell what a find says of its field as a whole; `filled` is whether it needs more than blanks."""
    known = kind != CAMPAIGN and (kind != EMPTY or (filled and not _has_number(field)))
    return (Find(field, KNOWN, ""),) * known + (Find(field, EMPTY, "no"),) * filled


def _is_filled(find: Find) -> bool:
    """Whether a find needs more than blanks: a pattern may find these, though a field that has only them is empty."""
    return find.key == "no" if find.kind == EMPTY else find.kind not in {MATCHES, KNOWN}


def _has_number(field: str) -> bool:
    return field in FIELDS and FIELDS[field].nature is Nature.CAMPAIGN


def _stem(key: str) -> str:
    return key.removesuffix(OPEN)


def _is_open(key: str) -> bool:
    return key.endswith(OPEN)


def _is_sure(words: str, at: int) -> bool:
    """Whether a word begins or ends there, whatever stands around the words; joiners make that matter."""
    if at in {0, len(words)} or _JOINERS.isdisjoint(words):
        return is_boundary(words, at)
    return all(is_boundary(before + words + after, len(before) + at) for before, after in _SURROUNDINGS)


def _ends_in_marks(words: str) -> bool:
    return without_closing_marks(f"x{words}") != f"x{words}"


def _wider_forms(key: str) -> Iterable[str]:
    """Give the address forms that cover all addresses of a form."""
    name, at, domain = key.rpartition("@")
    if domain in {"*", OURS}:
        return ()
    forms = keys_of(f"{name or 'x'}@{domain.removeprefix('*.')}")
    return forms if name else (form for form in forms if form.startswith(("@", "*.") if at else "*."))


def _differ(kind: str, one: str, other: str) -> bool:
    if kind == IS:
        return one != other
    if kind == STARTS:
        one, other = _stem(one), _stem(other)
        return not one.startswith(other) and not other.startswith(one)
    return kind == ADDRESS and _are_apart(one, other)


def _are_apart(one: str, other: str) -> bool:
    """Whether no address has both forms. Which addresses are ours, only an installation knows."""
    if OURS in {one, other}:
        return False
    name, _, domain = one.rpartition("@")
    other_name, _, other_domain = other.rpartition("@")
    return bool(name and other_name and name != other_name) or _domains_apart(domain, other_domain)


def _domains_apart(one: str, other: str) -> bool:
    if "*" in {one, other}:
        return False
    if one.startswith("*."):
        one, other = other, one
    if one.startswith("*."):
        return not one.endswith(other[1:]) and not other.endswith(one[1:])
    return not one.endswith(other[1:]) if other.startswith("*.") else one != other
