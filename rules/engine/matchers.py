"""What a condition looks for, compiled: each matcher says whether it finds it in a reading, and where.

A matcher knows nothing of negation; the condition turns its answer round.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, ClassVar, Literal

from rules.engine.matching.folding import fold, is_boundary
from rules.engine.matching.phrases import without_closing_marks, word_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rules.engine.matching.patterns import Pattern
    from rules.engine.matching.phrases import Phrase, Span
    from rules.engine.reading import Reading

NAMED = 3

Kind = Literal["phrase", "value", "literal"]
Key = tuple[Kind, str]
"""What may stand in a field, for the index of the rules: in which sense, and the text itself."""


class Matcher(ABC):
    """Something to look for in a field."""

    __slots__ = ()
    _absent: ClassVar[str] = "not there"

    def found(self, reading: Reading) -> bool | None:
        """Tell whether it is there; None where the field's text is not known."""
        return None if reading.unknown else self._is_in(reading)

    def span(self, reading: Reading) -> Span | None:
        """Tell where it is in the text as it was written, if words of the text show it."""
        return self._span(reading) if reading.text is not None else None

    def absence(self, reading: Reading) -> str:
        """Tell a person what is not there."""
        return f"{self._absent}: {named(self._missing(reading))}"

    def guard(self) -> Iterable[Key] | None:
        """Give keys of which the reading has at least one if this is found in it; None if nothing can be said."""
        return None

    @abstractmethod
    def _is_in(self, reading: Reading) -> bool: ...

    @abstractmethod
    def _span(self, reading: Reading) -> Span | None: ...

    @property
    @abstractmethod
    def _sought(self) -> Sequence[str]:
        """What is looked for, as the author wrote it."""

    def _missing(self, _reading: Reading) -> Sequence[str]:
        return self._sought


@dataclass(frozen=True, slots=True)
class Phrases(Matcher):
    """Some phrases; how they are to be found is each child's own."""

    phrases: tuple[Phrase, ...]
    keys: frozenset[str]  # of the phrases

    @property
    def _sought(self) -> Sequence[str]:
        return [phrase.written for phrase in self.phrases]

    def guard(self) -> Iterable[Key]:
        """Give the phrases themselves."""
        return [("phrase", key) for key in self.keys]


class AnyPhrase(Phrases):
    """One of several phrases, anywhere."""

    __slots__ = ()

    def _is_in(self, reading: Reading) -> bool:
        return not self.keys.isdisjoint(reading.phrases)

    def _span(self, reading: Reading) -> Span | None:
        there = [span for key, span in reading.phrases.items() if key in self.keys]
        return reading.original(min(there, key=_first_and_longest)) if there else None


class AllPhrases(Phrases):
    """Each of several phrases, anywhere."""

    __slots__ = ()

    def _is_in(self, reading: Reading) -> bool:
        return self.keys <= reading.phrases.keys()

    def _span(self, reading: Reading) -> Span | None:
        return reading.original(reading.phrases[self.phrases[0].key]) if self._is_in(reading) else None

    def _missing(self, reading: Reading) -> Sequence[str]:
        return [phrase.written for phrase in self.phrases if phrase.key not in reading.phrases]

    def guard(self) -> Iterable[Key]:
        """Give the longest phrase: it is the rarest, most likely."""
        return [("phrase", max(sorted(self.keys), key=len))]


class Opening(Phrases):
    """One of several phrases, at the beginning."""

    __slots__ = ()
    _absent: ClassVar[str] = "not at the beginning"

    def _is_in(self, reading: Reading) -> bool:
        return any(_opens(reading.folded, phrase) for phrase in self.phrases)

    def _span(self, reading: Reading) -> Span | None:
        phrase = next((phrase for phrase in self.phrases if _opens(reading.folded, phrase)), None)
        return reading.original((0, word_end(reading.folded, len(phrase.words)))) if phrase else None


class Ending(Phrases):
    """One of several phrases, at the end; punctuation after it does not count."""

    __slots__ = ()
    _absent: ClassVar[str] = "not at the end"

    def _is_in(self, reading: Reading) -> bool:
        return any(_closes(reading.folded, phrase) for phrase in self.phrases)

    def _span(self, reading: Reading) -> Span | None:
        spans = (_closes(reading.folded, phrase) for phrase in self.phrases)
        return next((reading.original(span) for span in spans if span), None)


@dataclass(frozen=True, slots=True)
class _Values(Matcher):
    written: tuple[str, ...]
    keys: frozenset[str]  # in the form in which they are compared
    _absent: ClassVar[str] = "it is none of"

    @property
    def _sought(self) -> Sequence[str]:
        return self.written

    def guard(self) -> Iterable[Key]:
        """Give the values themselves."""
        return [("value", key) for key in self.keys]


class AnyValue(_Values):
    """The whole text, as one of several values."""

    __slots__ = ()

    def _is_in(self, reading: Reading) -> bool:
        return without_closing_marks(reading.folded) in self.keys

    def _span(self, reading: Reading) -> Span | None:
        return reading.original((0, len(reading.folded))) if self._is_in(reading) else None


class AnyCampaign(AnyValue):
    """One of several campaigns, by name or by number, whichever of the two the event tells."""

    __slots__ = ()

    def found(self, reading: Reading) -> bool | None:
        """Tell whether it is one of them; None where the name or the number that would tell is kept back."""
        if self._is_in(reading) or reading.number in self.keys:
            return True
        numbers = {key for key in self.keys if key.isdecimal()}
        name_decides = reading.text is None and numbers != self.keys
        number_decides = reading.number is None and bool(numbers)
        return None if name_decides or number_decides else False


class AnyAddress(_Values):
    """An address that one of several forms covers."""

    __slots__ = ()

    def _is_in(self, reading: Reading) -> bool:
        return not self.keys.isdisjoint(reading.address_keys)

    def _span(self, reading: Reading) -> Span | None:
        return (0, len(reading.text or "")) if self._is_in(reading) else None


@dataclass(frozen=True, slots=True)
class AnyPattern(Matcher):
    """One of several patterns, anywhere."""

    patterns: tuple[Pattern, ...]
    _absent: ClassVar[str] = "not found"

    @property
    def _sought(self) -> Sequence[str]:
        return [pattern.source for pattern in self.patterns]

    def _is_in(self, reading: Reading) -> bool:
        return self._span(reading) is not None

    def _span(self, reading: Reading) -> Span | None:
        text = reading.text or ""
        return next((span for pattern in self.patterns if (span := pattern.search(text))), None)

    @property
    def literals(self) -> frozenset[str] | None:
        """Texts of which at least one stands wherever a pattern matches; None if some pattern demands none."""
        demanded = [getattr(pattern, "literals", None) for pattern in self.patterns]
        return frozenset(chain.from_iterable(filter(None, demanded))) if all(demanded) else None

    def guard(self) -> Iterable[Key] | None:
        """Give the literals."""
        literals = self.literals
        return None if literals is None else [("literal", literal) for literal in literals]


@dataclass(frozen=True, slots=True)
class Emptiness(Matcher):
    """Nothing told or nothing written (`wanted`), or the opposite of that."""

    wanted: bool
    _absent: ClassVar[str] = "is empty"

    @property
    def _sought(self) -> Sequence[str]:
        return ["yes" if self.wanted else "no"]

    def found(self, reading: Reading) -> bool | None:
        """Tell whether it is so; where nothing is told it is empty, where the text is doubted nobody knows."""
        return None if reading.doubt else self._is_in(reading)

    def guard(self) -> Iterable[Key] | None:
        """Give the empty value; "not empty" is what nearly every field is."""
        return [("value", "")] if self.wanted else None

    def _is_in(self, reading: Reading) -> bool:
        return (not reading.folded and reading.number is None) == self.wanted

    def _span(self, _reading: Reading) -> Span | None:
        return None


def comparable(text: str) -> str:
    """Give a text in the form in which a whole value is compared."""
    return without_closing_marks(fold(text))


def named(texts: Sequence[str]) -> str:
    """Name the first few texts, in quotes."""
    shown = ", ".join(f'"{text}"' for text in texts[:NAMED])
    more = len(texts) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def _first_and_longest(span: Span) -> tuple[int, int]:
    return span[0], -span[1]


def _opens(folded: str, phrase: Phrase) -> bool:
    return folded.startswith(phrase.words) and (phrase.is_open or is_boundary(folded, len(phrase.words)))


def _closes(folded: str, phrase: Phrase) -> Span | None:
    for text in (folded, without_closing_marks(folded)):
        start = len(text) - len(phrase.words)
        if text.endswith(phrase.words) and is_boundary(folded, start):
            return start, len(text)
    return None
