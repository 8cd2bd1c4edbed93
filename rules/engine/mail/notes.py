"""Notes: texts made of nothing but the words of a program's note, whatever the order of their sentences.

A phrase list knows a sentence only as it stands there; people set up their notes in their own words. But those words
are few. So a text is a note if it tells of an absence or a receipt as programs do, and has not one word that a note
has not. Names may stand behind a greeting or behind whom to contact, and a signature below.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import chain, filterfalse
from typing import TYPE_CHECKING, Final

from rules.engine.mail.additions import is_courtesy
from rules.engine.mail.sentences import split_clauses, split_sentences, unwrap
from rules.engine.mail.sign_lists import index_of, lists_of, phrases_in
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import PhraseIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rules.engine.matching.phrases import Span

_ENGLISH: Final = "English"
_ANCHORS: Final = ("absences", "receipts")
_ADDED: Final = ("promises", "settings", "teams")
_STATEMENTS: Final = (
    *(("notes", section) for section in ("absences", "receipts", "formal")),
    *(("companions", section) for section in ("promises", "settings", "answers", "tickets", "returns")),
)
_MOST_NAMES: Final = 4  # words of a name in one sentence: "Anna Maria de Vries"
_SIGNATURE: Final = 10  # lines
_SIGNATURE_LINE: Final = 60  # characters
_UNSPACED: Final = "\u2e80"  # from here on a word has no blanks around it

_SIGN: Final = r"[\d@_/\\]|\w\.\w"
_TECHNICAL_SIGN: Final = re.compile(_SIGN)
_TECHNICAL: Final = re.compile(rf"\S*(?:{_SIGN})\S*")  # a date, a telephone, an address, a link
_ADDRESS: Final = re.compile(r"@|\d[\d ()/.+-]{4,}\d|\w\.\w")
_CLOCK: Final = re.compile(r"\b\d{1,2}(?:[:.]\d\d)? ?(?:am|pm|h\d{0,2}|uhr|uur)\b|\b\d{1,2}:\d\d\b")
_DIGIT: Final = re.compile(r"\d")
_WORDS: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Speech:
    """What programs say in the languages of one text, folded."""

    languages: frozenset[str]
    words: frozenset[str]
    polite_words: frozenset[str]  # with those of courtesies
    leads: frozenset[str]
    unspaced: re.Pattern[str]

    def has(self, folded: str, file: str, section: str) -> bool:
        """Whether a phrase of a list stands in a text."""
        return any(index_of(file, language, section).scan(folded) for language in self.languages)

    def without_unspaced(self, text: str) -> str:
        """Leave out the programs' words that no blank parts from the next one, as in Chinese."""
        return text if text.isascii() else self.unspaced.sub(" ", text)


def find_note(words: str, folded: str, names: frozenset[str]) -> Span | None:
    """Where a text says that somebody is away or that it was received, if all of it is a program's note.

    `folded` is the text `words` as it is compared, and the place is one in it. `names` are the words of the sender's
    own name and address.
    """
    index, languages = _anchors()
    anchors = index.scan(folded)
    if not anchors:
        return None
    speech = _speech(frozenset(chain.from_iterable(languages[key] for key in anchors)))
    lines = [line.strip() for line in unwrap(words).splitlines() if any(map(str.isalnum, line))]
    is_note = speech.has(folded, "notes", "formal") and _is_note(lines, speech, names)
    return min(anchors.values()) if is_note else None


def idioms_in(folded: str) -> tuple[Span, ...]:
    """Give the places where a word that is elsewhere a person's belongs to a program's idiom: "as soon as I can"."""
    return tuple(_idioms().scan(folded).values())


def _is_note(lines: Sequence[str], speech: _Speech, names: frozenset[str]) -> bool:
    """Whether each line is a note's, up to a signature. Without a closing a signature is the sender's own name."""
    body = 0
    while body < len(lines) and _is_all_said(lines[body], speech, names):
        body += 1
    below = lines[body:]
    if body == 0 or len(below) > _SIGNATURE:
        return False
    is_closed = _is_closing(fold(lines[body - 1]), speech)
    return all(_is_signed(line, names, is_closed=is_closed) for line in below)


def _is_all_said(line: str, speech: _Speech, names: frozenset[str]) -> bool:
    """Whether a note may have each sentence of the line. Where a word of one is a person's, that is told first."""
    sentences = list(split_sentences(line))
    return all(_may_be_said(sentence, speech, names) for sentence in sentences) and all(
        _is_said(sentence, speech, names) for sentence in sentences
    )


def _may_be_said(sentence: str, speech: _Speech, names: frozenset[str]) -> bool:
    words = map(str.lower, filterfalse(_is_name, _words_of(sentence))) if sentence.isascii() else ()
    return all(word in speech.polite_words or word in names for word in words)


def _is_said(sentence: str, speech: _Speech, names: frozenset[str]) -> bool:
    """Whether a note may have this sentence: a courtesy, or one of its statements, in its words alone."""
    folded = fold(sentence)
    is_polite = _is_courtesy(folded, speech)
    if not (is_polite or _is_stated(folded, speech)) or not _is_settled(folded, speech):
        return False
    clauses = split_clauses(sentence)
    polite = [_is_courtesy(fold(clause), speech) for clause in clauses]
    spoken = [speech.polite_words if one else speech.words for one in polite]
    return not _offers_time(folded, speech) and _is_plain(
        [(speech.without_unspaced(clause), known) for clause, known in zip(clauses, spoken, strict=True)],
        names,
        speech.leads,
        is_named=is_polite,
    )


def _is_closing(line: str, speech: _Speech) -> bool:
    return all(_is_courtesy(said, speech) and not _is_stated(said, speech) for said in split_sentences(line))


def _is_stated(folded: str, speech: _Speech) -> bool:
    return any(speech.has(folded, *section) for section in _STATEMENTS)


def _offers_time(folded: str, speech: _Speech) -> bool:
    """Whether the only time of the day stands in a clause with no statement: "Tuesday 10 am". Two are opening hours."""
    if not _DIGIT.search(folded):
        return False
    clauses = (clause for clause in split_clauses(folded) if _CLOCK.search(clause))
    return len(_CLOCK.findall(folded)) == 1 and not all(_is_stated(clause, speech) for clause in clauses)


def _is_settled(folded: str, speech: _Speech) -> bool:
    """Whether it sends nobody anywhere, or only in urgent cases, or to an address."""
    if not speech.has(folded, "notes", "referrals") or speech.has(folded, "notes", "receipts"):
        return True
    is_urgent = speech.has(folded, "companions", "settings") or speech.has(folded, "companions", "promises")
    return is_urgent or bool(_ADDRESS.search(folded))


def _is_courtesy(folded: str, speech: _Speech) -> bool:
    return any(is_courtesy(folded, language) for language in speech.languages)


def _is_plain(
    clauses: Iterable[tuple[str, frozenset[str]]], names: frozenset[str], leads: frozenset[str], *, is_named: bool
) -> bool:
    """Whether each word of the clauses is one that its clause may have, or a part of a name where one may stand."""
    named, is_lead = 0, is_named
    for word, known in ((word, known) for clause, known in clauses for word in _words_of(clause)):
        parts = _parts(word)
        if all(part in known or part in names for part in parts):
            is_lead = is_named or (is_lead and _is_name(word)) or not leads.isdisjoint(parts)
            continue
        named += 1
        if not is_lead or named > _MOST_NAMES or not _is_name(word):
            return False
    return True


def _is_signed(line: str, names: frozenset[str], *, is_closed: bool) -> bool:
    """Whether a line is one of a signature: short, with what is known and, below a closing, with names."""
    titles = _titles()
    unknown = (word for word in _words_of(line) if not all(part in titles or part in names for part in _parts(word)))
    return len(line) <= _SIGNATURE_LINE and all(is_closed and _is_name(word) for word in unknown)


def _is_name(word: str) -> bool:
    return word[0].isupper() and word[0] < _UNSPACED


def _words_of(text: str) -> list[str]:
    plain = _TECHNICAL.sub(" ", text) if _TECHNICAL_SIGN.search(text) else text
    return _WORDS.findall(plain)


def _parts(word: str) -> list[str]:
    """Give a word as it is compared, or the words that folding makes of it."""
    return [word.lower()] if word.isascii() else _WORDS.findall(fold(word))


@cache
def _anchors() -> tuple[PhraseIndex, dict[str, list[str]]]:
    """Give one index of the anchors of all languages, and the languages of each of them, by its key."""
    languages: dict[str, list[str]] = {}
    phrases = []
    for language, lists in lists_of("notes").items():
        for phrase in phrases_in(chain.from_iterable(lists[section] for section in _ANCHORS)):
            phrases.append(phrase)
            languages.setdefault(phrase.key, []).append(language)
    return PhraseIndex(phrases), languages


@cache
def _idioms() -> PhraseIndex:
    return PhraseIndex(phrases_in(chain.from_iterable(lists.get("idioms", ()) for lists in lists_of("notes").values())))


@cache
def _speech(languages: frozenset[str]) -> _Speech:
    spoken = languages | {_ENGLISH}
    entries = frozenset(chain.from_iterable(map(_entries, spoken)))
    unspaced = sorted((entry for entry in entries if entry >= _UNSPACED), key=len, reverse=True)
    words = _words(entries)
    courtesies = chain.from_iterable(lists_of("companions")[language]["courtesies"] for language in spoken)
    return _Speech(
        languages=spoken,
        words=words,
        polite_words=words | _words(courtesies),
        leads=_words(chain.from_iterable(lists_of("notes")[language]["leads"] for language in spoken)),
        unspaced=re.compile("|".join(map(re.escape, unspaced)) or r"(?!)"),
    )


def _entries(language: str) -> Iterator[str]:
    """Give all that programs say in a language, list by list and word by word."""
    companions = lists_of("companions")[language]
    added = (companions.get(section, ()) for section in _ADDED)
    for entry in chain.from_iterable((*lists_of("notes")[language].values(), *added)):
        yield entry
        yield from entry.split()


def _words(entries: Iterable[str]) -> frozenset[str]:
    return frozenset(word for entry in entries for word in _WORDS.findall(fold(entry)))


@cache
def _titles() -> frozenset[str]:
    teams = chain.from_iterable(lists.get("teams", ()) for lists in lists_of("companions").values())
    return _words(chain(lists_of("signatures")["words"][""], teams))
