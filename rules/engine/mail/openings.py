"""Openings: how the texts of programs begin, found all together in one pass over a text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.sentences import partition_sentence
from rules.engine.mail.sign_lists import lists_of, phrases_in
from rules.engine.matching.phrases import PhraseIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.engine.matching.phrases import Phrase, Span

GAP: Final = "..."
OR: Final = "|"

_NEAR: Final = 80  # characters between the two halves of an opening
_LONGEST_TAIL: Final = 80


@dataclass(frozen=True, slots=True)
class Opening:
    """A beginning of a text: one of `heads`, and if there are `tails`, one of them soon after it in the sentence."""

    section: str  # "bounces", or one of the sections of openings.yaml
    language: str
    heads: tuple[Phrase, ...]
    tails: tuple[Phrase, ...]


class _Head(NamedTuple):
    """What begins with the same words, and what of it needs no tail."""

    openings: tuple[Opening, ...]
    complete: tuple[Opening, ...]


class Hit(NamedTuple):
    """An opening that stands in a text, with its place."""

    opening: Opening
    start: int
    end: int


def find_openings(lines: str) -> tuple[Hit, ...]:
    """Find the openings that stand somewhere in a text, folded line by line."""
    return complete(find_heads(lines.replace("\n", " ")), lines)


def find_heads(folded: str) -> dict[str, Span]:
    """Find the heads of openings that stand in a folded text, by their keys, each with its first place."""
    return _index()[0].scan(folded)


def complete(heads: dict[str, Span], lines: str) -> tuple[Hit, ...]:
    """Give the openings of which the heads are, as far as a tail follows that they need in the same sentence."""
    _, by_key = _index()
    hits: list[Hit] = []
    for key, (start, end) in heads.items():
        sentence, _ = partition_sentence(lines[end : end + _NEAR + _LONGEST_TAIL])
        head, tails = by_key[key], _tails_of(key).scan(sentence)
        lengths = ((opening, _tail(opening, tails)) for opening in (head.openings if tails else head.complete))
        hits += [Hit(opening, start, end + length) for opening, length in lengths if length is not None]
    return tuple(hits)


def _tail(opening: Opening, found: dict[str, Span]) -> int | None:
    """How far the first of its tails reaches behind the head: 0 if it needs none, None if none of them was found."""
    if not opening.tails:
        return 0
    spans = (found[tail.key] for tail in opening.tails if tail.key in found)
    near = [span for span in spans if span[0] <= _NEAR]
    return min(near, key=lambda span: (span[0], -span[1]))[1] if near else None


@cache
def _index() -> tuple[PhraseIndex, dict[str, _Head]]:
    """Give one index of the heads of all openings, and what begins with each of them, by its key."""
    by_key: dict[str, list[Opening]] = {}
    openings = tuple(_all_openings())
    for opening in openings:
        for head in opening.heads:
            by_key.setdefault(head.key, []).append(opening)
    index = PhraseIndex(chain.from_iterable(opening.heads for opening in openings))
    return index, {key: _head(same) for key, same in by_key.items()}


def _head(openings: list[Opening]) -> _Head:
    return _Head(tuple(openings), tuple(opening for opening in openings if not opening.tails))


@cache
def _tails_of(head: str) -> PhraseIndex:
    """Give one index of all tails that may follow a head, made when a text first has it."""
    return PhraseIndex(chain.from_iterable(opening.tails for opening in _index()[1][head].openings))


def _all_openings() -> Iterator[Opening]:
    for language, sections in lists_of("openings").items():
        for section, entries in sections.items():
            yield from (_opening(section, language, entry) for entry in entries)
    for language, entries in lists_of("bounces")["openings"].items():
        yield from (_opening("bounces", language, entry) for entry in entries)


def _opening(section: str, language: str, entry: str) -> Opening:
    heads, _, tails = entry.partition(GAP)
    parts = filter(None, tails.split(OR))
    return Opening(section, language, tuple(phrases_in(heads.split(OR))), tuple(phrases_in(parts)))
