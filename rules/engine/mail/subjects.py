"""Subjects: how programs begin a subject, and what in one hints at a program."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.sign_lists import lists_of, phrases_in
from rules.engine.matching.folding import fold, is_boundary
from rules.engine.matching.phrases import PhraseIndex, without_closing_marks

if TYPE_CHECKING:
    from rules.engine.matching.phrases import Span

_HINTS: Final = "hints of an auto-reply"
_GATEWAY_TAG: Final = re.compile(r"(?:\[[^\[\]]{1,30}\] ?)+")  # "[EXTERNAL] "


class _Beginnings(NamedTuple):
    """The beginnings that need a colon, without it, and the others; each with the entry as it is written."""

    before_colon: dict[str, str]
    loose: dict[str, str]
    loose_words: tuple[str, ...]


def beginning_of(subject: str, section: str) -> str | None:
    """The beginning of a folded subject that a section of `subjects.yaml` has, as it is written there."""
    if sign := _beginning(subject, section):
        return sign
    tag = _GATEWAY_TAG.match(subject)
    return _beginning(subject[tag.end() :], section) if tag else None


def hint_in(subject: str) -> Span | None:
    """Where a folded subject has a word that hints at an automatic reply."""
    return min(_hints().scan(subject).values(), default=None)


def _beginning(subject: str, section: str) -> str | None:
    signs = _beginnings(section)
    head = without_closing_marks(subject.partition(":")[0])
    if head in signs.before_colon:
        return signs.before_colon[head]
    if not subject.startswith(signs.loose_words):
        return None
    whole_words = (words for words in signs.loose if subject.startswith(words) and is_boundary(subject, len(words)))
    return next((signs.loose[words] for words in whole_words), None)


@cache
def _beginnings(section: str) -> _Beginnings:
    entries = [entry for language in lists_of("subjects")[section].values() for entry in language]
    folded = {fold(entry): entry for entry in entries}
    before_colon = {words.rstrip(": "): entry for words, entry in folded.items() if words.endswith(":")}
    loose = {words: entry for words, entry in folded.items() if not words.endswith(":")}
    return _Beginnings(before_colon, loose, tuple(loose))


@cache
def _hints() -> PhraseIndex:
    languages = lists_of("subjects")[_HINTS].values()
    return PhraseIndex(phrase for entries in languages for phrase in phrases_in(entries))
