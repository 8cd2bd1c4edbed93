"""Repetition: which lines of a reply stand in the mail that was answered, and so are ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.idioms import FOOTER
from rules.engine.matching.folding import fold
from rules.engine.once import once

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.engine.mail.quotation import Line

_LEAST_LINES: Final = 2  # one line alone may be what the person says in our words
_LEAST_TEXT: Final = 40  # characters: "Best," and a first name may be alike by chance
_NEARLY_ALL: Final = 0.8  # of our words
_ALIKE: Final = 0.7  # of the words of a line that was changed a little
_PAIRED: Final = 0.8  # of its pairs of neighbours
_LEAST_WORDS: Final = 4
_LEAST_MATCH: Final = 8  # words of ours, that a quotation is known as that of our mail
_FEW: Final = 100  # lines
_BEGINNING: Final = 12  # characters of a line
_LONGEST_TEXT: Final = 10_000  # characters
_FOOTER_LINES: Final = 20
_LONGEST_FOOTER: Final = 500
_MOST_STARTS: Final = 8  # of sentences with the same first word, so that nothing takes long

# Mail programs and link trackers change these.
_CHANGED: Final = re.compile(r"<?(?:https?://|mailto:)[^\s<>]*>?|\[(?:cid|image|inline)[^\[\]]{0,200}\]")
_SENTENCE_END: Final = re.compile(r"[.!?\u3002\u00b6\n]")  # as it is folded
# A script that is written without blanks may be broken anywhere, so there each character is a word.
_UNSPACED: Final = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_WORD_IN_ASCII: Final = re.compile(r"[a-z0-9]+")  # the same in a folded text, in half the time
_ASCII_WORD: Final = re.compile(r"[a-zA-Z0-9]")
_NOWHERE: Final = -1


class Subtracted(NamedTuple):
    """Which places are left without our mail. `mirrored`: nothing else is there. `footed`: maybe our footer is left."""

    places: Sequence[int]
    mirrored: bool = False
    footed: bool = False


class _Index(NamedTuple):
    """The words of our mail, in their order, and where its lines and sentences begin and end."""

    words: list[str]
    starts: dict[str, list[int]]
    ends: set[int]
    known: frozenset[str]
    pairs: frozenset[tuple[str, str]]


class OurMail:
    """The mail that was answered. Its words are looked into only where its lines do not say enough."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: Final = frozenset(map(str.strip, text.splitlines()))

    @once
    def _index(self) -> _Index:
        words: list[str] = []
        starts: dict[str, list[int]] = {}
        ends: set[int] = set()
        lines = "\n".join(map(fold, _without_changed(self.text).splitlines()))
        for sentence in _SENTENCE_END.split(lines):
            said = _words_in(sentence)
            if said and len(places := starts.setdefault(said[0], [])) < _MOST_STARTS:
                places.append(len(words))
            words += said
            ends.add(len(words))
        return _Index(words, starts, ends, frozenset(words), frozenset(pairwise(words)))

    @property
    def _is_indexed(self) -> bool:
        """Whether the index is there. Until then a search tells more cheaply that some words are not ours."""
        return "_index" in self.__dict__  # where `once` leaves it

    @once
    def _folded(self) -> str:
        return fold(self.text)

    @property
    def size(self) -> int:
        """The number of its words."""
        return len(self._index.words)

    def is_known_by(self, size: int) -> bool:
        """Tell whether so many words of ours are enough to know our mail by."""
        if size == 0 and _ASCII_WORD.search(_without_changed(self.text)):
            return False  # as nearly always, and told without the index
        return size >= min(_LEAST_MATCH, self.size)

    def may_hold(self, texts: Sequence[str]) -> bool:
        """Tell quickly whether one of the texts may begin a line of ours; true where they are many."""
        return len(texts) > _FEW or any(fold(text[:_BEGINNING]) in self._folded for text in texts)

    def follow(self, words: list[str], at: int) -> int | None:
        """Give the place behind the words, if they go on at `at` or begin a sentence of ours; None if neither."""
        if not self._is_indexed and not all(map(self._folded.__contains__, words)):
            return None
        for start in (at, *self._index.starts.get(words[0], [])):
            end = start + len(words)
            if self._index.words[start:end] == words:
                return end
        return None

    def ends_at(self, place: int) -> bool:
        """Tell whether a line or sentence of ours ends before the place."""
        return place in self._index.ends

    def resembles(self, words: list[str]) -> bool:
        """Tell whether the words are a sentence of ours with a word or two changed."""
        known = sum(word in self._index.known for word in words)
        return len(words) >= _LEAST_WORDS and known >= _ALIKE * len(words)

    def continues(self, words: list[str], *, loosely: bool) -> bool:
        """Tell whether the words may stand within a sentence of ours; a few of them only if `loosely`."""
        if len(words) <= _LEAST_WORDS:
            return loosely and self._index.known.issuperset(words)
        if not self._is_indexed and sum(map(self._folded.__contains__, words)) < _PAIRED * len(words):
            return False  # of fewer words fewer pairs are ours
        pairs = list(pairwise(words))
        return sum(pair in self._index.pairs for pair in pairs) >= _PAIRED * len(pairs)


def words_of(text: str) -> list[str]:
    """Give the words of a text in folded form, without links and pictures; of a long one more than our mails have."""
    return _words_in(fold(_without_changed(text[:_LONGEST_TEXT])))


def subtract(lines: Sequence[Line], places: Sequence[int], ours: OurMail) -> Subtracted:
    """Give the places without the lines that repeat our mail.

    Only whole lines and sentences of ours go, at least two in their order, or one that is nearly all of our mail: the
    person may say one thing in our words. Where nothing but our mail is left, with a word changed, it is mirrored.
    """
    if not ours.may_hold([text for at in places if (text := lines[at].text.strip())]):
        return Subtracted(places)
    runs = [run for run in _runs(lines, places, ours) if _is_enough(run, lines, ours)]
    if not runs:
        return Subtracted(places)
    gone = {place for run in runs for place in run.places}
    kept = [place for place in places if place not in gone]
    rest = [(at, words) for at in kept if (words := words_of(lines[at].text))]
    taken = sum(run.size for run in runs)
    mirrored = taken >= ours.size // 2 and all(
        ours.resembles(words) or ours.follow(words, _NOWHERE) for _, words in rest
    )
    whole = ours.ends_at(runs[-1].end) and runs[-1].end >= _NEARLY_ALL * ours.size
    below = [lines[at].text for at, _ in rest if at > runs[-1].places[-1]]
    return Subtracted(kept, mirrored, footed=whole and any(map(is_footer, below[:_FOOTER_LINES])))


def is_footer(text: str) -> bool:
    """Tell whether the line may be one of those that are put below a mail to many: how to get no more of them."""
    return FOOTER.match(fold(text[:_LONGEST_FOOTER])) is not None


@dataclass(slots=True)
class _Run:
    """Lines in the order of our mail: where they are, where in our words they end, and how many words they have."""

    places: list[int]
    end: int = 0
    size: int = 0

    def add(self, places: list[int], end: int, size: int) -> None:
        self.places += places
        self.end, self.size = end, self.size + size


def _runs(lines: Sequence[Line], places: Sequence[int], ours: OurMail) -> Iterator[_Run]:
    """Find the lines of ours, each run as far as it ends with a line or sentence. Blank lines break none."""
    run, pending, size, at = _Run([]), [], 0, _NOWHERE
    for place in places:
        words = words_of(lines[place].text)
        if not words:
            pending.append(place)
            continue
        end = ours.follow(words, at)
        if end is None or end != at + len(words):
            yield run
            run, pending, size = _Run([]), [], 0
        at = _NOWHERE if end is None else end
        if end is None:
            continue
        pending.append(place)
        size += len(words)
        if ours.ends_at(end):
            run.add(pending, end, size)
            pending, size = [], 0
    yield run


def _is_enough(run: _Run, lines: Sequence[Line], ours: OurMail) -> bool:
    texts = [text for at in run.places if (text := lines[at].text.strip())]
    if run.size >= _NEARLY_ALL * ours.size > 0:
        return sum(map(len, texts)) >= _LEAST_TEXT // 2
    return len(texts) >= _LEAST_LINES and sum(map(len, texts)) >= _LEAST_TEXT


def _words_in(folded: str) -> list[str]:
    return (_WORD_IN_ASCII if folded.isascii() else _WORD).findall(folded)


def _without_changed(text: str) -> str:
    return _CHANGED.sub(" ", text) if "://" in text or "[" in text or "mailto:" in text else text
