"""Literals: texts without which a pattern cannot match, all found in one pass, so that few patterns are searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from rules.engine.folding import smooth

if TYPE_CHECKING:
    from collections.abc import Iterable


class LiteralIndex:
    """The literals that the patterns about one field demand."""

    def __init__(self, literals: Iterable[str]) -> None:
        self._literals = sorted(set(literals))
        self._automaton = AhoCorasick(self._literals)

    def scan(self, text: str) -> set[str]:
        """Find the literals that stand in a text, in any case."""
        searched = smooth(text).casefold()
        found = {number for number, _, _ in self._automaton.find_matches_as_indexes(searched, overlapping=True)}
        return {self._literals[number] for number in found}
