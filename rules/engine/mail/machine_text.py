"""Machine text: what in the words of a reply shows that a program sent them, and what shows a person."""

from __future__ import annotations

import re
from functools import cache, cached_property
from itertools import chain
from typing import TYPE_CHECKING, Final

from rules.engine.mail.openings import find_openings
from rules.engine.mail.sentences import partition_sentence, split_clauses, split_sentences, unwrap
from rules.engine.mail.sign_lists import index_of, lists_of, phrases_in
from rules.engine.matching.folding import fold, fold_with_offsets
from rules.engine.matching.phrases import PhraseIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.engine.mail.openings import Hit
    from rules.engine.matching.phrases import Span

LONGEST: Final = 4_000  # characters: no program's note is longer, and what is written below may be a wish

_GREETING: Final = 500  # characters that may stand before an opening
_DATE: Final = 40
_CLAUSE: Final = 60  # characters that an absence may go on for without a promise, such as a date
_COURTESY: Final = 80  # characters of a courtesy, with the name or reason that follows it
_SIGNATURE: Final = 8  # lines
_WITHOUT_BLANKS: Final = "\u3000"  # from here on are the scripts in which one word may be a sentence
_ENGLISH: Final = "English"

_QUESTION: Final = re.compile(r"[?؟](?![a-z0-9=/&%._-])|(?<=[\u03b1-\u03c9]);")  # the last is the Greek one

_ADDRESS: Final = re.compile(
    r"@|\d[\d ()/.+-]{4,}\d|^ *\d+\S*(?: \w+)?(?: \d{4})? *$"
)  # a mail's, a telephone's; or a day


class Text:
    """The words of a reply, folded and searched only as far as somebody asks. Places are in the folded text."""

    def __init__(self, words: str | None) -> None:
        self.words = (words or "")[:LONGEST]
        self.is_whole = len(words or "") <= LONGEST

    @cached_property
    def lines(self) -> str:
        """The words as they are compared, with the line breaks that `folded` has not."""
        return "\n".join(filter(None, map(fold, unwrap(self.words).splitlines())))

    @cached_property
    def folded(self) -> str:
        """The words as they are compared. Places in it are the same in `lines`."""
        return self.lines.replace("\n", " ")

    def quote(self, span: Span) -> str:
        """Give what stands in a place, as it was written."""
        offsets = fold_with_offsets(self.words)[1]
        return " ".join(self.words[offsets[span[0]] : offsets[span[1]]].split())

    def departure(self) -> Span | None:
        """Where it says that somebody has left, None if it does not."""
        return self._first(_all_of("persons", "departures"))

    def wish(self) -> Span | None:
        """Where it says what only a person writes, or has a question mark; None if it has neither."""
        if question := _QUESTION.search(self.folded):
            return question.span()
        languages = self._languages()
        if not languages:
            return self._first(_all_of("persons", "wishes"))
        wishes = (self._first(index_of("persons", language, "wishes")) for language in sorted({*languages, _ENGLISH}))
        return next((wish for wish in wishes if wish), None)

    @property
    def is_silent(self) -> bool:
        """Whether it says nothing: neither a letter nor a digit."""
        return not any(map(str.isalnum, self.words))

    def is_report(self) -> bool:
        """Whether it has anything that mail servers put into their reports, wherever that stands."""
        return self._has_mark() or any(hit.opening.section == "bounces" for hit in self._hits)

    def bounce(self) -> Span | None:
        """Where it begins as a mail server's report does."""
        hit = next((hit for hit in self._hits if hit.opening.section == "bounces" and self._opens(hit)), None)
        return (hit.start, hit.end) if hit and self._has_mark() else None

    def auto_reply(self) -> Span | None:
        """Where it begins as a program's answer does, if it goes on as one."""
        hits = (hit for hit in self._hits if hit.opening.section != "bounces" and self._opens(hit))
        return next(((hit.start, hit.end) for hit in hits if self._goes_on(hit)), None)

    def promise(self) -> Span | None:
        """Where it says something that programs promise, and sometimes people."""
        answered = self._first(_all_of("companions", "answers"))
        return self._first(_all_of("companions", "promises")) or (
            self._first(_all_of("companions", "settings")) if answered else None
        )

    @cached_property
    def _hits(self) -> tuple[Hit, ...]:
        return find_openings(self.lines)

    def _has_mark(self) -> bool:
        return bool(self._first(index_of("bounces", "marks", "")))

    def _languages(self) -> set[str]:
        """Every language that the text seems to be in; empty if nobody can tell."""
        found = _all_of("companions", "courtesies").scan(self.folded[:_GREETING]) if not self._hits else {}
        greeted = chain.from_iterable(_languages_of_courtesies()[key] for key in found)
        return {*(hit.opening.language for hit in self._hits), *greeted}

    def _opens(self, hit: Hit) -> bool:
        """Whether nothing but courtesies stands before, and perhaps a date: "2-9 Mart ... izindeyim"."""
        if hit.start > _GREETING:
            return False
        *before, same_clause = split_clauses(self.lines[: hit.start])
        if not _is_date(same_clause):
            before.append(same_clause)
        return all(_is_courtesy(clause, hit.opening.language) for clause in before if clause)

    def _goes_on(self, hit: Hit) -> bool:
        """Whether all that follows is what programs add."""
        section, language = hit.opening.section, hit.opening.language
        if section == "declarations":
            return True
        if section == "receipts" and not self._first(index_of("companions", language, "tickets")):
            return False
        added = _is_promise if section == "absences" else _is_ticket
        own, below = partition_sentence(self.lines[hit.end :])
        return (added(own, language) or _is_bare(own, language)) and _adds_only(below.split("\n"), added, language)

    def _first(self, index: PhraseIndex) -> Span | None:
        return min(index.scan(self.folded).values(), default=None)


def _is_bare(sentence: str, language: str) -> bool:
    """Whether it is one short clause, such as a date."""
    clause, *others = split_clauses(sentence)
    return len(clause) <= _CLAUSE and not any(others) and not index_of("companions", language, "turns").scan(clause)


def _is_promise(sentence: str, language: str) -> bool:
    """Whether it says what programs add to an absence, and nothing of a person's own is joined to that."""
    settings = index_of("companions", language, "settings").scan(sentence).values()
    answers = index_of("companions", language, "answers").scan(sentence).values() if settings else ()
    promises = index_of("companions", language, "promises").scan(sentence).values()
    found = [span for span in promises if not any(_is_within(span, setting) for setting in settings)]
    end = max((end for _, end in (*found, *answers)), default=None)
    if end is None:
        return False
    last = max((end for _, end in settings), default=0)
    if last > end and not _is_date(split_clauses(sentence[last:])[0]):
        return False  # "I answer on my return with the order"
    return _ends_plainly(sentence[max(end, last) :], language)


def _is_date(words: str) -> bool:
    """Whether it is one, or nothing: "on Monday 9 March"."""
    return len(words) <= _DATE and any(map(str.isdigit, words)) if words.strip() else True


def _is_within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _ends_plainly(rest: str, language: str) -> bool:
    """Whether the rest of a sentence joins nothing of a person's own."""
    plain = rest.replace("e-mail", "email")  # an "e" alone is a turn in Portuguese and in Italian
    _, *others = split_clauses(rest)
    own = (index_of("companions", language, section).scan(plain) for section in ("turns", "purposes"))
    return not any(own) and all(
        _is_courtesy(clause, language) or _ADDRESS.search(clause) for clause in others if clause
    )


def _is_ticket(sentence: str, language: str) -> bool:
    """Whether it says what programs add to a receipt."""
    tickets = index_of("companions", language, "tickets").scan(sentence)
    return bool(tickets) and _ends_plainly(sentence[max(end for _, end in tickets.values()) :], language)


def _adds_only(lines: Sequence[str], added: Callable[[str, str], bool], language: str) -> bool:
    """Whether each sentence is one that programs add, until a line ends with a courtesy and a name follows."""
    for number, line in enumerate(lines, start=1):
        sentences = list(split_sentences(line))
        if not all(added(sentence, language) or _is_polite(sentence, language) for sentence in sentences):
            return False
        if sentences and not added(sentences[-1], language):
            return _is_signature(lines[number:])
    return True


def _is_signature(lines: Sequence[str]) -> bool:
    return len(lines) <= _SIGNATURE and not any(len(line) > _CLAUSE or line.endswith(".") for line in lines)


def _is_polite(sentence: str, language: str) -> bool:
    """Whether it is courtesies alone, and perhaps a name of one word."""
    first, *others = (clause.strip() for clause in split_clauses(sentence) if clause)
    own = [clause for clause in others if not _is_courtesy(clause, language)]
    is_name = own == [sentence.rsplit(maxsplit=1)[-1]] and own[0] < _WITHOUT_BLANKS
    return _is_courtesy(first, language) and (not own or is_name)


def _is_courtesy(clause: str, language: str) -> bool:
    folded = clause.strip()
    indexes = (index_of("companions", spoken, "courtesies") for spoken in {language, _ENGLISH})
    found = chain.from_iterable(index.scan(folded).values() for index in indexes)
    return len(folded) <= _COURTESY and any(start == 0 for start, _ in found)


@cache
def _all_of(name: str, section: str) -> PhraseIndex:
    """Give one section of all languages as one index."""
    return PhraseIndex(phrases_in(chain.from_iterable(lists.get(section, ()) for lists in lists_of(name).values())))


@cache
def _languages_of_courtesies() -> dict[str, set[str]]:
    """Give the languages of each courtesy, by its key."""
    languages: dict[str, set[str]] = {}
    for language, lists in lists_of("companions").items():
        for phrase in phrases_in(lists.get("courtesies", ())):
            languages.setdefault(phrase.key, set()).add(language)
    return languages
