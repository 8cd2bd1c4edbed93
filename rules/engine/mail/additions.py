"""Additions: what programs put behind the beginning of a text, sentence by sentence, and what only people do."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from rules.engine.mail.openings import find_openings
from rules.engine.mail.sentences import partition_sentence, split_clauses, split_sentences
from rules.engine.mail.sign_lists import index_of, lists_of
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.engine.matching.phrases import Span

    Added = Callable[[str, str], bool]

_DATE: Final = 40
_CLAUSE: Final = 60  # characters that an absence may go on for without a promise, such as a date
_COURTESY: Final = 80  # characters of a courtesy, with the name or reason that follows it
_SIGNATURE: Final = 8  # lines
_WITHOUT_BLANKS: Final = "\u3000"  # from here on are the scripts in which one word may be a sentence
_ENGLISH: Final = "English"

_ADDRESS: Final = re.compile(r"@|\d[\d ()/.+-]{4,}\d")  # a mail's, a telephone's
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY: Final = re.compile(rf" *(?:\d+\S*(?: \w+)?|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?)(?: \d{{4}})? *")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_TECHNICAL: Final = re.compile(r"[\d@_=/\\]|\w\.\w")  # in an address, a host's name, a code


def goes_on(rest: str, section: str, language: str, names: frozenset[str]) -> bool:
    """Whether all that follows an opening is what programs add; `names` are words of the sender's own name."""
    added = _ADDED[section]
    own, below = partition_sentence(rest)
    is_plain = added(own, language) or (
        not own.strip(" .:-*]") if section == "declarations" else is_bare(own, language)
    )
    return is_plain and _adds_only(below.split("\n"), added, language, names)


def is_report(text: str) -> bool:
    """Whether each of its words is a mail server's, an address or what stands before its @."""
    tokens = text.split()
    local_parts = (token.partition("@")[0] for token in tokens if "@" in token)
    known = {word for part in local_parts for word in _WORDS.findall(part)} | _report_words()
    plain = (token for token in tokens if not _TECHNICAL.search(token))
    return all(word in known for token in plain for word in _WORDS.findall(token))


def is_bare(sentence: str, language: str) -> bool:
    """Whether it is one short clause, perhaps with a day behind it."""
    clause, *others = split_clauses(sentence)
    is_short = len(clause) <= _CLAUSE and all(_DAY.fullmatch(other) for other in others if other)
    return is_short and not index_of("companions", language, "turns").scan(clause)


def is_date(words: str) -> bool:
    """Whether it is one, or nothing: "on Monday 9 March"."""
    return len(words) <= _DATE and any(map(str.isdigit, words)) if words.strip() else True


def is_courtesy(clause: str, language: str) -> bool:
    """Whether it begins with a courtesy of the language, or of English, and is not long."""
    folded = clause.strip()
    indexes = (index_of("companions", spoken, "courtesies") for spoken in {language, _ENGLISH})
    found = chain.from_iterable(index.scan(folded).values() for index in indexes)
    return len(folded) <= _COURTESY and any(start == 0 for start, _ in found)


def is_promise(sentence: str, language: str) -> bool:
    """Whether it says what programs add to an absence, and nothing of a person's own is joined to that."""
    settings = index_of("companions", language, "settings").scan(sentence).values()
    answers = index_of("companions", language, "answers").scan(sentence).values() if settings else ()
    promises = index_of("companions", language, "promises").scan(sentence).values()
    found = [span for span in promises if not any(_is_within(span, setting) for setting in settings)]
    end = max((end for _, end in (*found, *answers)), default=None)
    if end is None:
        return False
    last = max((end for _, end in settings), default=0)
    if last > end and not is_date(split_clauses(sentence[last:])[0]):
        return False  # "I answer on my return with the order"
    return _ends_plainly(sentence[max(end, last) :], language)


def _is_ticket(sentence: str, language: str) -> bool:
    """Whether it says what programs add to a receipt."""
    tickets = index_of("companions", language, "tickets").scan(sentence)
    return bool(tickets) and _ends_plainly(sentence[max(end for _, end in tickets.values()) :], language)


def _is_of_a_program(sentence: str, language: str) -> bool:
    """Whether it is what programs add to an absence or a receipt, or begins as a program's text does."""
    return is_promise(sentence, language) or _is_ticket(sentence, language) or _opens(sentence, language)


def _opens(sentence: str, language: str) -> bool:
    hits = (hit for hit in find_openings(sentence) if hit.opening.section != "bounces")
    return any(
        all(is_courtesy(clause, language) for clause in split_clauses(sentence[: hit.start]) if clause)
        and is_bare(sentence[hit.end :], language)
        for hit in hits
    )


_ADDED: Final[dict[str, Added]] = {
    "absences": is_promise,
    "receipts": _is_ticket,
    "declarations": _is_of_a_program,
}


def _is_within(inner: Span, outer: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _ends_plainly(rest: str, language: str) -> bool:
    """Whether the rest of a sentence joins nothing of a person's own."""
    plain = rest.replace("e-mail", "email")  # an "e" alone is a turn in Portuguese and in Italian
    _, *others = split_clauses(rest)
    own = (index_of("companions", language, section).scan(plain) for section in ("turns", "purposes"))
    return not any(own) and all(
        is_courtesy(clause, language) or _ADDRESS.search(clause) or _DAY.fullmatch(clause)
        for clause in others
        if clause
    )


def _adds_only(lines: Sequence[str], added: Added, language: str, names: frozenset[str]) -> bool:
    """Whether each sentence is one that programs add, until a line ends with a courtesy and a name follows."""
    for number, line in enumerate(lines, start=1):
        sentences = list(split_sentences(line))
        if not all(added(sentence, language) or _is_polite(sentence, language) for sentence in sentences):
            return all(_is_own_name(rest, language, names) for rest in lines[number - 1 :])
        if sentences and not added(sentences[-1], language):
            return _is_signature(lines[number:])
    return True


def _is_signature(lines: Sequence[str]) -> bool:
    return len(lines) <= _SIGNATURE and not any(len(line) > _CLAUSE or line.endswith(".") for line in lines)


def _is_own_name(line: str, language: str, names: frozenset[str]) -> bool:
    """Whether it is nothing but the sender's own name, or a team's: "Tom", "The Acme Team"."""
    words = (found[0] for found in _WORDS.finditer(line))
    known = all(word in names or index_of("companions", language, "teams").scan(word) for word in words)
    return known and not any(map(str.isdigit, line))


def _is_polite(sentence: str, language: str) -> bool:
    """Whether it is courtesies alone, and perhaps a name of one word."""
    first, *others = (clause.strip() for clause in split_clauses(sentence) if clause)
    own = [clause for clause in others if not is_courtesy(clause, language)]
    is_name = own == [sentence.rsplit(maxsplit=1)[-1]] and own[0] < _WITHOUT_BLANKS
    return is_courtesy(first, language) and (not own or is_name)


@cache
def _report_words() -> frozenset[str]:
    entries = chain.from_iterable(chain.from_iterable(lists.values()) for lists in lists_of("bounces").values())
    return frozenset(word for entry in entries for word in _WORDS.findall(fold(entry)))
