"""Literals: texts without which a pattern cannot match, all found in one pass, so that few patterns are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from rules.engine.matching.characters import is_word
from rules.engine.matching.demanded import EDGE, STABLE
from rules.engine.matching.folding import smooth

if TYPE_CHECKING:
    from collections.abc import Iterable


class LiteralIndex:
    """The literals that the patterns about one field demand."""

    def __init__(self, literals: Iterable[str]) -> None:
        self._literals = sorted(set(literals))
        self._automaton = AhoCorasick([literal.strip(EDGE) for literal in self._literals], store_patterns=False)

    def scan(self, text: str) -> set[str]:
        """Find the literals that stand in a text, in any case."""
        searched = smooth(text).casefold()
        found: set[str] = set()
        for number, start, end in self._automaton.find_matches_as_indexes(searched, overlapping=True):
            literal = self._literals[number]
            if literal in found:
                continue
            begins = literal[0] != EDGE or start == 0 or not _is_letter(searched[start - 1])
            if begins and (literal[-1] != EDGE or not _is_letter(searched[end : end + 1])):
                found.add(literal)
        return found


def _is_letter(character: str) -> bool:
    """Tell of a character, as far as RE2 and every Python agree, whether words go on with it."""
    return character < STABLE and is_word(character)
