"""What stands after a condition's colon, turned into something to look for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from rules.engine.language import CONDITIONS, Field, Nature, Operand, Test
from rules.engine.loading.document import Scalar, Sequence
from rules.engine.loading.meant import is_no_word, nearest, not_a_choice
from rules.engine.loading.problem import Place
from rules.engine.loading.slips import pattern_meant
from rules.engine.loading.source import in_quotes
from rules.engine.loading.structure import is_nothing, phrase_of, word, yes_or_no
from rules.engine.loading.suspicions import comment_alone, warn_of_joined
from rules.engine.matchers import (
    AllPhrases,
    AnyAddress,
    AnyCampaign,
    AnyPattern,
    AnyPhrase,
    AnyValue,
    Emptiness,
    Ending,
    Opening,
    comparable,
)
from rules.engine.matching.addresses import parse_address
from rules.engine.matching.folding import fold
from rules.engine.matching.patterns import Refusal, compile_pattern
from rules.engine.matching.phrases import OPEN, Unusable, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.engine.loading.document import Node
    from rules.engine.loading.problem import Report
    from rules.engine.matchers import Matcher
    from rules.engine.matching.addresses import AddressForm
    from rules.engine.matching.patterns import Pattern
    from rules.engine.matching.phrases import Phrase

T = TypeVar("T")

Texts = tuple[Scalar | None, ...]

MOST_TEXTS = 150_000
MOST_OF_PATTERNS = 150_000  # characters; each takes ten microseconds to compile
LONGEST_TEXT = 1_000  # characters
_MOST_NAMES_COMPARED = 100

_PHRASE_MATCHERS: dict[str, Callable[[tuple[Phrase, ...], frozenset[str]], Matcher]] = {
    "contains": AnyPhrase,
    "does not contain": AnyPhrase,
    "contains all": AllPhrases,
    "starts with": Opening,
    "ends with": Ending,
}
_PATTERN_TESTS = {"contains": "matches", "does not contain": "does not match"}
_REFERENCE = re.compile(r"\$(?P<name>[^\W\d_].*)", re.DOTALL)
_HALF_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\[^\\\"]")  # a backslash that is neither doubled nor before a quote
_ESCAPED = re.compile(r"\$\$[^\W\d_]")


@dataclass(slots=True)
class Allowance:
    """What the conditions of a file may still look for, lists written out wherever they are used."""

    texts: int = MOST_TEXTS
    patterns: int = MOST_OF_PATTERNS  # characters


@dataclass(frozen=True, slots=True)
class NamedList:
    """A list at the top of a file, and by which tests the rules look for its texts."""

    name: Scalar
    texts: tuple[Scalar, ...]
    tests: set[str] = field(default_factory=set)


Lists = Mapping[str, NamedList]


def read_operand(
    key: Scalar, node: Node, lists: Lists, report: Report, allowance: Allowance
) -> tuple[Matcher, tuple[Scalar, ...]] | None:
    """Read the value of a condition: what is looked for, and its texts where they stand; None if it has a problem."""
    field, test = CONDITIONS[word(key)]
    operand = _Operand(key, field, test, lists, report, allowance)
    if test.operand is Operand.YES_OR_NO:
        emptiness = operand.emptiness(node)
        return (emptiness, ()) if emptiness else None
    texts = operand.texts(node)
    matcher = operand.matcher(texts)
    return (matcher, tuple(filter(None, texts))) if matcher else None


def list_named(scalar: Scalar) -> str | None:
    """Give the name of the list that a text stands for ("$our team"), if it does."""
    found = _REFERENCE.fullmatch(scalar.text.strip()) if "$" in scalar.text else None
    return " ".join(found["name"].split()) if found else None


def literal(text: Scalar) -> Scalar:
    """Give a text that is no list's name: "$$name" is how "$name" is written."""
    return text._replace(text=text.text[1:]) if text.text[:2] == "$$" and _ESCAPED.match(text.text) else text


@dataclass(frozen=True, slots=True)
class _Operand:
    key: Scalar
    field: Field
    test: Test
    lists: Lists
    report: Report
    allowance: Allowance

    def matcher(self, texts: Texts) -> Matcher | None:
        if self.test.operand is Operand.PHRASES:
            return self._phrases(texts)
        if self.test.operand is Operand.PATTERNS:
            return self._patterns(texts)
        return self._addresses(texts) if self.field.nature is Nature.ADDRESS else self._values(texts)

    def emptiness(self, node: Node) -> Matcher | None:
        is_empty = yes_or_no(node, self.report, f'"{word(self.key)}"', self.key.place)
        return None if is_empty is None else Emptiness(is_empty)

    def _phrases(self, texts: Texts) -> Matcher | None:
        phrases = self._each(self._phrase, texts)
        if phrases is None:
            return None
        kind = _PHRASE_MATCHERS[self.test.name]
        return kind(phrases, frozenset(phrase.key for phrase in phrases))

    def _phrase(self, text: Scalar) -> Phrase | None:
        phrase = parse_phrase(text.text)
        if isinstance(phrase, Unusable):
            self._refuse(text, phrase.reason, self._or_pattern(text.text, phrase.hint))
            return None
        if phrase.is_open and self.test.name == "ends with":
            hint = f'Use "{self.field.name} contains", or "{self.field.name} matches" with a pattern.'
            self._refuse(text, 'A "*" cannot stand at the end of "ends with".', hint)
            return None
        return phrase

    def _or_pattern(self, text: str, hint: str) -> str:
        """The hint for a text that is no phrase, with the pattern that it may have been meant for."""
        test = _PATTERN_TESTS.get(self.test.name)
        if OPEN not in text.strip().strip(OPEN) or test not in self.field.tests:
            return hint
        return f"{hint} Or a pattern: {self.field.name} {test}: {pattern_meant(text)}"

    def _values(self, texts: Texts) -> Matcher | None:
        values = self._each(self._value, texts)
        if values is None:
            return None
        kind = AnyCampaign if self.field.nature is Nature.CAMPAIGN else AnyValue
        return kind(values, frozenset(map(comparable, values)))

    def _value(self, text: Scalar) -> str | None:
        name = self.field.name
        if not fold(text.text):
            self._refuse(text, "This text is empty.", f'For a field without text: "{name} is empty: yes".')
            return None
        if OPEN in text.text:
            start = in_quotes(text.text.partition(OPEN)[0].strip())
            longer = f"did you mean: {name} starts with: {start}" if "starts with" in self.field.tests else None
            self._refuse(text, f'"{self.test.name}" compares the whole text and takes no "*".', longer)
            return None
        if wrong := not_a_choice(self.field, text.text):
            self._refuse(text, *wrong)
            return None
        return text.text

    def _addresses(self, texts: Texts) -> Matcher | None:
        forms = self._each(self._address, texts)
        if forms is None:
            return None
        return AnyAddress(tuple(form.written for form in forms), frozenset(form.key for form in forms))

    def _address(self, text: Scalar) -> AddressForm | None:
        if wrong := is_no_word(self.field, text.text):
            self._refuse(text, *wrong)
            return None
        form = parse_address(text.text)
        if isinstance(form, Unusable):
            self._refuse(text, form.reason, form.hint)
            return None
        return form

    def _patterns(self, texts: Texts) -> Matcher | None:
        self.allowance.patterns -= sum(len(text.text) for text in texts if text)
        if self.allowance.patterns < 0:
            message = f"The patterns of this file come to more than {MOST_OF_PATTERNS:,} characters here."
            self.report.error(self.key.place, message, f'Use phrases where they do: "{self.field.name} contains".')
            return None
        patterns = self._each(self._pattern, texts)
        return AnyPattern(patterns) if patterns else None

    def _pattern(self, text: Scalar) -> Pattern | None:
        place = text.place
        raw = self.report.lines[place.line - 1][place.column - 1 : place.column - 1 + place.width]
        if text.style == '"' and _HALF_ESCAPE.search(raw):
            hint = f"Use single quotes: {in_quotes(raw[1:-1])}"
            self._refuse(text, "In double quotes a backslash makes another character of what follows.", hint)
            return None
        pattern = compile_pattern(text.text)
        if not isinstance(pattern, Refusal):
            return pattern
        if pattern.at is not None and pattern.at < place.width and "''" not in raw[1:-1]:
            column = place.column + len(text.style) + pattern.at
            text = text._replace(place=Place(place.line, column))
        self._refuse(text, pattern.reason, None)
        return None

    def texts(self, node: Node) -> Texts:
        """Give the texts of a value, lists by name written out; None in place of each that has a problem."""
        if is_nothing(node) or (isinstance(node, Sequence) and not node.size):
            wanted = "pattern" if self.test.operand is Operand.PATTERNS else "phrase"
            hint = comment_alone(self.key.place, self.report) or f"Give at least one {wanted}."
            self.report.error(self.key.place, f'"{word(self.key)}" is empty.', hint)
            return (None,)
        if isinstance(node, Sequence) and node.size > self.allowance.texts:
            return self._too_many()
        texts: list[Scalar | None] = []
        for item in node.items if isinstance(node, Sequence) else (node,):
            if self.report.full or len(texts) > self.allowance.texts:
                break
            text = phrase_of(item, self.report)
            texts += self._expanded(text) if text else (None,)
        self.allowance.texts -= len(texts)
        return tuple(texts) if self.allowance.texts >= 0 else self._too_many()

    def _too_many(self) -> Texts:
        self.allowance.texts = 0
        message = f"The conditions up to here look for more than {MOST_TEXTS:,} texts, each list counted at each use."
        hint = "Use a long list in fewer rules, or take domains in place of single addresses."
        self.report.error(self.key.place, message, hint)
        return (None,)

    def _expanded(self, text: Scalar) -> Texts:
        name = list_named(text)
        if name is None:
            warn_of_joined(text, self.field, self.test, self.report)
            return (literal(text),)
        if name in self.lists:
            named = self.lists[name]
            if self.test.name not in named.tests:
                named.tests.add(self.test.name)
                for each in named.texts:
                    warn_of_joined(each, self.field, self.test, self.report)
            return named.texts
        close = nearest(name, islice(self.lists, _MOST_NAMES_COMPARED)) or next(iter(self.lists), None)
        hint = f'did you mean "${close}"?' if close else 'Lists stand at the top of the file, under "lists:".'
        self.report.error(text.place, f'There is no list "{name}".', hint)
        return (None,)

    def _each(self, read: Callable[[Scalar], T | None], texts: Texts) -> tuple[T, ...] | None:
        """Read all texts, so that every problem is noted, and give what was read if there was none."""
        good: list[T] = []
        for text in texts:
            if self.report.full:
                return None
            thing = read(text) if text and not self._is_too_long(text) else None
            if thing is not None:
                good.append(thing)
        return tuple(good) if len(good) == len(texts) else None

    def _is_too_long(self, text: Scalar) -> bool:
        is_long = len(text.text) > LONGEST_TEXT
        if is_long:
            hint = "Keep what tells it from others, or make two of it."
            self._refuse(text, f"This text is longer than {LONGEST_TEXT:,} characters.", hint)
        return is_long

    def _refuse(self, text: Scalar, message: str, hint: str | None) -> None:
        """Note a problem of a text, which may stand in a list far away, and read nothing from it."""
        if text.place.line < self.key.place.line:
            hint = f'{hint or ""} Used by "{word(self.key)}" on line {self.key.place.line}.'.strip()
        self.report.error(text.place, message, hint)
