"""What a condition nearly found: its words with other endings, with a word or two between them, or in another place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING

from rules.engine.explaining.clauses import missing
from rules.engine.matchers import AnyAddress, AnyValue, Ending, Opening, Phrases
from rules.engine.matching.addresses import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.engine.matchers import Matcher
    from rules.engine.matching.phrases import Span
    from rules.engine.reading import Reading
    from rules.engine.ruleset import Condition

MOST_WORDS = 2_000  # of a text that are looked at
GAP = 2  # words that may stand between two of a phrase
STEM = 4  # letters that two words share at least
LONGEST_ENDING = 4
MORE_WORDS = 3  # that a text may have beyond a value which it nearly is

_PLACES: dict[type, str] = {Opening: "at the beginning", Ending: "at the end"}
_ENDS_OF_SENTENCES = frozenset(".!?;")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Close:
    """What a rule looks for, as its author wrote it, and what the reply has instead; offsets are in characters."""

    sought: str
    field: str
    words: str
    start: int
    end: int
    where: str = ""  # where in the field the rule wants it, if not anywhere: "at the beginning"


class Words:
    """The words of one field of a reply, found by how they begin."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        found = list(islice(_WORD.finditer(reading.folded), MOST_WORDS))
        self._words = [word[0] for word in found]
        self._spans = [word.span() for word in found]
        self._sentences = list(accumulate(map(self._begins_a_sentence, range(len(found)))))
        self._by_stem: defaultdict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self._words):
            self._by_stem[word[:STEM]].append(at)

    def _begins_a_sentence(self, at: int) -> bool:
        before = self._reading.folded[self._spans[at - 1][1] : self._spans[at][0]] if at else ""
        return not _ENDS_OF_SENTENCES.isdisjoint(before)

    def close(self, condition: Condition) -> Close | None:
        """The first text of a condition that nearly stands here, None where nothing does or the field is unknown."""
        matcher, reading = condition.matcher, self._reading
        if reading.unknown or reading.text is None or not isinstance(matcher, Phrases | AnyValue | AnyAddress):
            return None
        for key, written in missing(matcher, reading).items():
            span = self._near(matcher, key)
            if span:
                start, end = span
                return Close(written, condition.field.name, reading.text[start:end], start, end, _where(matcher))
        return None

    def _near(self, matcher: Phrases | AnyValue | AnyAddress, key: str) -> Span | None:
        """Where in the text, as it was written, something close to a key stands."""
        if isinstance(matcher, AnyAddress):
            return self._near_address(key)
        words = _WORD.findall(key)
        if isinstance(matcher, AnyValue) and len(self._words) > len(words) + MORE_WORDS:
            return None
        span = self._in_order(words)
        return self._reading.original(span) if span else None

    def _near_address(self, key: str) -> Span | None:
        """A domain where one of its subdomains is looked for, or the other way round."""
        text = self._reading.text or ""
        other = f"*.{key[1:]}" if key.startswith("@") else f"@{key[2:]}" if key.startswith("*.") else None
        return (0, len(text)) if other in set(keys_of(text)) else None

    def _in_order(self, words: Sequence[str]) -> Span | None:
        if not words or any(word[:STEM] not in self._by_stem for word in words):
            return None
        for first in self._by_stem[words[0][:STEM]]:
            last = self._follow(words, first)
            if last is not None:
                return self._spans[first][0], self._spans[last][1]
        return None

    def _follow(self, words: Sequence[str], at: int) -> int | None:
        """Where the last of these words stands, if the first stands at `at` and each soon after the one before."""
        if not are_alike(words[0], self._words[at]):
            return None
        for word in words[1:]:
            end = bisect_right(self._sentences, self._sentences[at], at)
            next_words = range(at + 1, min(at + 2 + GAP, end))
            found = next((later for later in next_words if are_alike(word, self._words[later])), None)
            if found is None:
                return None
            at = found
        return at


def are_alike(one: str, other: str) -> bool:
    """Whether two folded words differ in their ending at most: "pricing", "prices"; short words not even there."""
    if one == other:
        return True
    shorter, longer = sorted((len(one), len(other)))
    common = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), shorter)
    return common >= max(STEM, shorter - 2) and longer - common <= LONGEST_ENDING


def _where(matcher: Matcher) -> str:
    whole = "as all that is said" if isinstance(matcher, AnyValue) else ""
    return _PLACES.get(type(matcher), whole)
