"""Phrases: how one is written, and how all phrases about a field are found in one pass over its text."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_lowercase, digits
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from rules.engine.matching.folding import fold, is_boundary

if TYPE_CHECKING:
    from collections.abc import Iterable

Span = tuple[int, int]

OPEN = "*"
_CLOSING_MARKS = ".!?,;: "
_LETTERS = frozenset(ascii_lowercase + digits)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words to be found as whole words. `is_open`: the last word may go on ("unsubscrib*")."""

    written: str  # as the author wrote it
    words: str  # folded, without the asterisk
    key: str  # folded, with the asterisk if there is one
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a text is no phrase, and what would be one."""

    reason: str
    hint: str


def parse_phrase(written: str) -> Phrase | Unusable:
    """Read a phrase as its author wrote it."""
    stem = written.strip()
    is_open = stem.endswith(OPEN)
    stem = stem.removesuffix(OPEN)
    words = fold(stem)
    if not words:
        return Unusable("This phrase is empty.", "Write the words to look for.")
    if OPEN in words:
        return Unusable('A "*" may stand only at the end of a phrase, where it opens the last word.', _nearest(words))
    if is_open and stem[-1].isspace():
        return Unusable("A space stands before the asterisk.", f'Write "{words}*", or leave the asterisk out.')
    return Phrase(written, words, words + OPEN if is_open else words, is_open)


def _nearest(words: str) -> str:
    """What can be written in place of a phrase with an asterisk at its start or in its midst."""
    before, _, after = words.partition(OPEN)
    if before.endswith((".", ")", "]")):
        return "Write the words to look for."
    if before.strip():
        return f'Write "{before.strip()}*".'
    rest = after.strip()
    return f'Write "{rest}" (a whole word, wherever it stands) or "{rest}*" (also longer words that begin so).'


def without_closing_marks(folded: str) -> str:
    """Give a folded text without the punctuation at its end: "thanks!" is "thanks". Punctuation alone stays."""
    return folded.rstrip(_CLOSING_MARKS) or folded


def without_halves(text: str) -> str:
    """Give a text with "?" for half a surrogate pair, which no UTF-8 holds and a broken mail may. The places stay."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def word_end(folded: str, at: int) -> int:
    """Find the end of the word that position `at` of a folded text stands in."""
    while not is_boundary(folded, at):
        at += 1
    return at


class PhraseIndex:
    """All phrases that some rule looks for in one field, found together: the cost is one pass over the text."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        alike: dict[str, dict[str, Phrase]] = {}
        for phrase in phrases:
            alike.setdefault(phrase.words, {}).setdefault(phrase.key, phrase)
        self._phrases = tuple(tuple(same.values()) for same in alike.values())
        self._automaton = AhoCorasick(list(alike), store_patterns=False)

    def scan(self, folded: str) -> dict[str, Span]:
        """Find the keys of the phrases that stand in a folded text, each with its first place."""
        folded = without_halves(folded)
        found: dict[str, Span] = {}
        settled: set[int] = set()  # words of which no more is to be learnt
        between = f" {folded} "  # so that the character before a place, and the one after, always exist
        for number, start, end in self._automaton.find_matches_as_indexes(folded, overlapping=True):
            if number in settled or (between[start] != " " and not _is_apart(folded, start)):
                continue
            is_whole = between[end + 1] == " " or _is_apart(folded, end)
            for phrase in self._phrases[number]:
                if (phrase.is_open or is_whole) and phrase.key not in found:
                    found[phrase.key] = (start, word_end(folded, end) if phrase.is_open else end)
            if is_whole:
                settled.add(number)
        return found


def _is_apart(folded: str, at: int) -> bool:
    """`is_boundary`, with the answer first that nearly every place within words has."""
    is_within = 0 < at < len(folded) and folded[at - 1] in _LETTERS and folded[at] in _LETTERS
    return not is_within and is_boundary(folded, at)
