"""Machine text: what in the words of a reply shows that a program sent them, and what shows a person."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Final

from rules.engine.mail.additions import goes_on, is_bare, is_courtesy, is_date, is_promise, is_report
from rules.engine.mail.notes import find_note, idioms_in
from rules.engine.mail.openings import complete, find_heads
from rules.engine.mail.sentences import split_clauses, split_sentences, unwrap
from rules.engine.mail.sign_lists import index_of, lists_of, phrases_in
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import PhraseIndex
from rules.engine.matching.places import original_span
from rules.engine.once import once

if TYPE_CHECKING:
    from rules.engine.mail.openings import Hit
    from rules.engine.matching.phrases import Span

LONGEST: Final = 4_000  # characters: no program's note is longer, and what is written below may be a wish

_GREETING: Final = 500  # characters that may stand before an opening
_FIRST_WORDS: Final = 2  # "I am back on Monday", not "start without me until Monday"
_ENGLISH: Final = "English"

_NAMES: Final = re.compile(r"[^\W\d_]+")
_QUESTION: Final = re.compile(r"[?؟](?![a-z0-9=/&%._-])|(?<=[\u03b1-\u03c9]);")  # the last is the Greek one


class Text:
    """The words of a reply, folded and searched only as far as somebody asks. Places are in the folded text."""

    def __init__(self, words: str | None, sender: str = "") -> None:
        """`sender`: the sender's name and address."""
        self.words = (words or "")[:LONGEST]
        self.is_whole = len(words or "") <= LONGEST
        self._sender = sender

    @once
    def names(self) -> frozenset[str]:
        """The words, folded, of which the sender's name and address are made."""
        return frozenset(_NAMES.findall(fold(self._sender)))

    @once
    def folded(self) -> str:
        """The words as they are compared. Places in it are the same in `lines`."""
        return fold(self.words)

    @once
    def lines(self) -> str:
        """The words as they are compared, with the line breaks that `folded` has not."""
        lines = unwrap(self.words).splitlines()
        return self.folded if len(lines) <= 1 else "\n".join(filter(None, map(fold, lines)))

    def quote(self, span: Span) -> str:
        """Give what stands in a place, as it was written."""
        start, end = original_span(self.words, self.folded, span)
        return " ".join(self.words[start:end].split())

    def departure(self) -> Span | None:
        """Where it says that somebody has left, None if it does not."""
        return self._first(_all_of("persons", "departures"))

    def wish(self) -> Span | None:
        """Where it says what only a person writes, or has a question mark; None if it has neither."""
        if question := _QUESTION.search(self.folded):
            return question.span()
        languages = self._languages()
        if not languages:
            return self._wish(_all_of("persons", "wishes"))
        wishes = (self._wish(index_of("persons", language, "wishes")) for language in sorted({*languages, _ENGLISH}))
        return next((wish for wish in wishes if wish), None)

    def demand(self) -> Span | None:
        """Where it says what no program says to strangers, outside of what is to be done in urgent cases."""
        place = 0
        for sentence in split_sentences(self.lines):
            place = self.lines.index(sentence, place)
            if (found := demand_in(sentence)) and not _all_of("companions", "settings").scan(sentence):
                return place + found[0], place + found[1]
        return None

    @property
    def is_silent(self) -> bool:
        """Whether nothing at all stands in it. A thumb, or three dots, may be an answer."""
        return not self.folded.strip()

    def is_said_by_postmasters(self) -> bool:
        """Whether it has what is a report under a postmaster's address alone."""
        return bool(self._first(index_of("bounces", "said by postmasters", "")))

    def tells_of_return(self) -> bool:
        """Whether it is one short clause that says at once when somebody is back."""
        found = self._first(_all_of("companions", "returns"))
        begins = found is not None and self.folded[: found[0]].count(" ") <= _FIRST_WORDS
        return begins and is_bare(self.folded, _ENGLISH)

    def is_report(self) -> bool:
        """Whether it has anything that mail servers put into their reports, wherever that stands."""
        return self._has_mark() or any(hit.opening.section == "bounces" for hit in self._hits)

    def bounce(self) -> Span | None:
        """Where it begins as a mail server's report does, if all that follows is one's."""
        hit = next((hit for hit in self._hits if hit.opening.section == "bounces" and self._opens(hit)), None)
        is_whole_report = hit and self._has_mark() and is_report(self.folded[hit.start :])
        return (hit.start, hit.end) if hit and is_whole_report else None

    def auto_reply(self) -> Span | None:
        """Where it begins as a program's answer does, if it goes on as one."""
        hits = (hit for hit in self._hits if hit.opening.section != "bounces" and self._opens(hit))
        return next(((hit.start, hit.end) for hit in hits if self._goes_on(hit)), None)

    def note(self) -> Span | None:
        """Where it says that somebody is away or that a mail was received, if all of it is a program's note."""
        return find_note(self.words, self.folded, self.names)

    def promise(self) -> Span | None:
        """Where it says something that programs promise, and sometimes people, with nothing joined to it."""
        answered = self._first(_all_of("companions", "answers"))
        found = self._first(_all_of("companions", "promises")) or (
            self._first(_all_of("companions", "settings")) if answered else None
        )
        sentences = set(split_sentences(self.lines)) if found else ()
        is_plain = any(is_promise(said, language) for said in sentences for language in lists_of("companions"))
        return found if is_plain else None

    @once
    def _hits(self) -> tuple[Hit, ...]:
        heads = find_heads(self.folded)
        return complete(heads, self.lines) if heads else ()

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
        if not is_date(same_clause):
            before.append(same_clause)
        return all(is_courtesy(clause, hit.opening.language) for clause in before if clause)

    def _goes_on(self, hit: Hit) -> bool:
        """Whether all that follows is what programs add."""
        section, language = hit.opening.section, hit.opening.language
        if section == "receipts" and not self._first(index_of("companions", language, "tickets")):
            return False
        return goes_on(self.lines[hit.end :], section, language, self.names)

    def _wish(self, index: PhraseIndex) -> Span | None:
        return min(index.scan(self._without_idioms).values(), default=None)

    @once
    def _without_idioms(self) -> str:
        """`folded`, its places kept, without the idioms of programs that have a word of a wish."""
        text = self.folded
        for start, end in idioms_in(text):
            text = text[:start] + "." * (end - start) + text[end:]
        return text

    def _first(self, index: PhraseIndex) -> Span | None:
        return min(index.scan(self.folded).values(), default=None)


def demand_in(folded: str) -> Span | None:
    """Where a text says what no program says to strangers: that we remove them, call them, or sell to them."""
    return min(_all_of("persons", "demands").scan(folded).values(), default=None)


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
