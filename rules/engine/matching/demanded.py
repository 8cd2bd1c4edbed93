"""Demanded literals: texts of which at least one stands wherever a pattern matches.

They are read from the same parse tree that `translation` writes for RE2. Whoever searches many patterns looks for all
literals in one pass, and then searches only the patterns of which a literal was there.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from itertools import groupby, product
from typing import Any, Final
from unicodedata import category

from rules.engine.matching.characters import is_word
from rules.engine.matching.folding import smooth

_codes: Final = import_module("re._constants")

EDGE: Final = "\0"
"""Before or after a literal: there a word begins or ends. It stands in no smoothed text that is searched for."""

SHORTEST: Final = 3
MOST: Final = 20
_LONG_ENOUGH: Final = 8  # beyond this a longer literal is hardly rarer, but more of them cost more
_LONGEST: Final = 60
STABLE: Final = "\u0500"
"""Below it, RE2 and every Python agree which letters there are, and which differ in case alone."""


Texts = frozenset[str]

_EMPTY: Final[Texts] = frozenset({""})


@dataclass(frozen=True, slots=True)
class _Match:
    """What a part of a pattern can match: `exact` is all of it, if that can be told; `demanded` one of it is there."""

    exact: Texts | None
    demanded: Texts | None = None


_ANYTHING: Final = _Match(None)


def demanded_literals(tree: Any) -> tuple[str, ...] | None:
    """Give literals of which one stands in `smooth(text).casefold()` whenever the pattern matches `text`.

    Where a literal begins or ends with EDGE, no letter stands before or after it there.
    `tree` is the pattern as Python's parser reads it. None where there are no such literals of three characters or
    more. Each of the literals is needed: none of them holds another.
    """
    match = _sequence(tree)
    demanded = _better(match.demanded, match.exact)
    return None if demanded is None else tuple(sorted(demanded))


def _sequence(tree: Any) -> _Match:
    run: Texts = _EMPTY  # what the parts since the last gap match, one after the other
    has_gap = False
    demanded: Texts | None = None
    for match in _parts(tree):
        joined = _joined(run, match.exact)
        if joined is not None:
            run = joined
            continue
        demanded = _better(_better(demanded, run), match.demanded)
        run, has_gap = match.exact or _EMPTY, True
    return _Match(None, _better(demanded, run)) if has_gap else _Match(run, demanded)


def _parts(tree: Any) -> list[_Match]:
    """Give what each part matches; neighbouring characters are one part, because they are smoothed together."""
    parts: list[_Match] = []
    characters = ""
    for code, value in tree:
        if code is _codes.LITERAL:
            characters += chr(value)
            continue
        parts += [*_literal(smooth(characters)), *_part(code, value)]
        characters = ""
    return [*parts, *_literal(smooth(characters))]


def _literal(characters: str) -> list[_Match]:
    if not characters:
        return []
    if characters.isascii() and characters.isprintable():
        return [_Match(frozenset({characters.lower()}))]
    return [
        _Match(frozenset({"".join(run).casefold()})) if reliable else _ANYTHING
        for reliable, run in groupby(characters, _is_reliable)
    ]


def _part(code: Any, value: Any) -> list[_Match]:
    if code is _codes.AT:
        return [_Match(frozenset({EDGE}))] if value is _codes.AT_BOUNDARY else []
    if code is _codes.SUBPATTERN:
        return [_sequence(value[-1])]
    if code is _codes.BRANCH:
        return [_branches([_sequence(branch) for branch in value[1]])]
    if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT):
        return _repeated(*value)
    return [_class(value) if code is _codes.IN else _ANYTHING]


def _branches(matches: list[_Match]) -> _Match:
    exact = [match.exact for match in matches if match.exact is not None]
    if len(exact) == len(matches):
        union: Texts = frozenset().union(*exact)
        if len(union) <= MOST:
            return _Match(union)
    demanded = [literals for match in matches if (literals := _better(match.demanded, match.exact))]
    return _Match(None, frozenset().union(*demanded)) if len(demanded) == len(matches) else _ANYTHING


def _repeated(least: int, most: int, tree: Any) -> list[_Match]:
    once = _sequence(tree)
    if least > 0:
        return [once] if most == 1 else [once, _ANYTHING]
    return [_Match(once.exact | _EMPTY) if most == 1 and once.exact is not None else _ANYTHING]


def _class(items: list[tuple[Any, Any]]) -> _Match:
    if not all(code is _codes.LITERAL for code, _ in items):
        return _ANYTHING
    characters = [smooth(chr(value)) for _, value in items]
    if len(characters) > MOST or not all(len(c) == 1 and _is_reliable(c) for c in characters):
        return _ANYTHING
    return _Match(frozenset(c.casefold() for c in characters))


def _is_reliable(character: str) -> bool:
    """Tell whether RE2, in any case, takes it for those characters alone that `str.casefold` makes equal to it."""
    return (character < STABLE and character.isprintable()) or category(character) == "Lo"


def _joined(run: Texts, following: Texts | None) -> Texts | None:
    """Give all that one text after the other can be; None where that is too much to tell."""
    if following is None or len(run) * len(following) > MOST:
        return None
    joined = frozenset(first + second for first, second in product(run, following))
    return joined if max(map(len, joined)) <= _LONGEST else None


def _better(one: Texts | None, other: Texts | None) -> Texts | None:
    """Choose the literals that stand in fewer texts, most likely; None where neither are of use."""
    choices = [frozenset(map(_with_edges, texts)) for texts in (one, other) if texts is not None]
    return max((_needed(texts) for texts in choices if _is_useful(texts)), key=_worth, default=None)


def _with_edges(text: str) -> str:
    """Leave the edges where a text begins or ends as words do, and nowhere else."""
    core = text.replace(EDGE, "")
    before = EDGE if text[:1] == EDGE and core and is_word(core[0]) else ""
    after = EDGE if text[-1:] == EDGE and core and is_word(core[-1]) else ""
    return f"{before}{core}{after}"


def _is_useful(texts: Texts) -> bool:
    return 0 < len(texts) <= MOST and min(map(_size, texts)) >= SHORTEST


def _size(text: str) -> int:
    return len(text.replace(EDGE, ""))


def _needed(texts: Texts) -> Texts:
    """Leave out what holds another of the literals: where it stands, the other stands too."""
    return frozenset(text for text in texts if not any(other in text for other in texts if other != text))


def _worth(texts: Texts) -> tuple[int, int, int]:
    shortest = min(map(_size, texts))
    return min(shortest, _LONG_ENOUGH), -len(texts), shortest
