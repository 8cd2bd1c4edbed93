"""Patterns: what a rule's `matches` searches for, in time that grows with the text and no faster."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from unicodedata import normalize

import re2

from rules.engine.matching.folding import smooth, smooth_with_offsets
from rules.engine.matching.translation import EMPTY_MATCH, TAGGED_WIDTH, Translation, UnsupportedError, tag, translate

MAX_LENGTH: Final = 1_000
_MEMORY: Final = 4 << 20
_MAX_PROGRAM: Final = 10_000
_KEPT_TEXTS: Final = 8  # the fields of the replies that are being decided now

_TOO_LARGE: Final = "The pattern is too large: use smaller counts in its repeats, or make two patterns of it."
_TOO_DEEP: Final = "The pattern has too many brackets within brackets: write it more simply."
_HUGE_COUNT: Final = "A repeat counts too far: use a smaller count, or * or +."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a pattern is not taken: a sentence with a way out, and the offset in the pattern where it is known."""

    reason: str
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. It may be searched by many threads at once.

    `literals`: at least one of them stands in `smooth(text).casefold()` of every text in which the pattern is found;
    None where nothing of the kind can be said.
    """

    source: str
    literals: tuple[str, ...] | None = field(repr=False, compare=False)
    _program: Any = field(repr=False, compare=False)
    _tagged: bool = field(repr=False, compare=False)

    def search(self, text: str) -> tuple[int, int] | None:
        """Find the first match: where it begins and ends in `text`, in characters. Never raises."""
        found = self._program.search(_tagged_text(text) if self._tagged else _smoothed_text(text))
        if found is None:
            return None
        start, end = found.span()
        looked_at = map(found.span, range(1, self._program.groups + 1))
        end = min([end, *(first for first, last in looked_at if last == end)])
        if self._tagged:
            start, end = start // TAGGED_WIDTH, end // TAGGED_WIDTH
        if text.isascii():
            return start, end
        offsets = _offsets(text)
        return offsets[start], offsets[end]


def compile_pattern(source: str) -> Pattern | Refusal:
    r"""Compile a pattern that is written as for Python's `re`, and searched in any case.

    Before the search, curly quotes, dashes and exotic blanks of both pattern and text become plain, and invisible
    characters go; accents and line breaks stay. \w \d \s \b have Python's Unicode meaning, except that a combining
    mark counts as part of its word. `$` within a pattern, with more after it, is only the very end of the text.
    Refused is what RE2 cannot search in linear time, what is too large, and what would match every text.
    """
    if len(source) > MAX_LENGTH:
        return Refusal(f"The pattern is longer than {MAX_LENGTH:,} characters: make two patterns of it.", MAX_LENGTH)
    try:
        translation = _translate(normalize("NFC", source))
    except UnsupportedError as error:
        return Refusal(error.reason, _first(source, error.tokens))
    except re.error as error:
        return Refusal(_in_plain_words(error), error.pos)
    except OverflowError:
        return Refusal(_HUGE_COUNT, _first(source, ("{",)))
    except RecursionError:
        return Refusal(_TOO_DEEP)
    return _compile(source, translation)


def _translate(source: str) -> Translation:
    with warnings.catch_warnings():
        # Python warns of sets that a later version may read otherwise; they mean today what they always meant.
        warnings.simplefilter("ignore", FutureWarning)
        return translate(source)


def _compile(source: str, translation: Translation) -> Pattern | Refusal:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        program = re2.compile(translation.source, options)
    except re2.error:
        return Refusal(_TOO_LARGE)
    # The program that RE2 runs backwards is about as large. Where it had no room, nothing would ever be found: there
    # is room for fifteen times as much.
    if not 0 < program.programsize <= _MAX_PROGRAM:
        return Refusal(_TOO_LARGE)
    if program.search("") is not None:
        return Refusal(EMPTY_MATCH)
    return Pattern(source, translation.literals, program, translation.tagged)


@lru_cache(maxsize=_KEPT_TEXTS)
def _smoothed_text(text: str) -> str:
    return smooth(text)


@lru_cache(maxsize=_KEPT_TEXTS)
def _tagged_text(text: str) -> str:
    return tag(_smoothed_text(text))


@lru_cache(maxsize=_KEPT_TEXTS)
def _offsets(text: str) -> list[int]:
    return smooth_with_offsets(text)[1]


def _first(source: str, tokens: tuple[str, ...]) -> int | None:
    """Find where a construct stands; a guess, for the parse tree does not say."""
    places = [place for place in map(source.find, tokens) if place >= 0]
    return min(places, default=None)


_PLAIN_WORDS: Final = (
    ("missing )", "A ( is never closed: add the ), or write \\( for the sign itself."),
    ("unbalanced parenthesis", "A ) has no ( before it: take it away, or write \\) for the sign itself."),
    ("unterminated character set", "A [ is never closed: add the ], or write \\[ for the sign itself."),
    (
        "nothing to repeat",
        "Nothing stands before this sign that could be repeated: write a \\ before it for the sign itself.",
    ),
    ("multiple repeat", "Two repeats follow each other: keep one, or write a \\ before the sign itself."),
    ("min repeat greater", "The first count of the repeat is greater than the second: swap them."),
    (
        "bad character range",
        "The range within [ ] runs backwards: swap its ends, or put the - last for the sign itself.",
    ),
    ("bad escape (end of pattern)", "The pattern ends with a single \\: write \\\\ for the sign itself."),
    (
        "bad escape",
        "This \\ with the letter after it means nothing here: leave out the \\, or write \\\\ for the sign itself.",
    ),
    (
        "unknown extension",
        "This ( ? form is unknown: write (?: … ) for a group, or \\( and \\? for the signs themselves.",
    ),
    ("global flags not at the start", "Flags such as (?s) belong at the very start of the pattern."),
)


def _in_plain_words(error: re.error) -> str:
    message = str(error.msg)
    plain = (words for beginning, words in _PLAIN_WORDS if message.startswith(beginning))
    return next(plain, f"The pattern cannot be read: {message}.")
