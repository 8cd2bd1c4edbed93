"""What a condition looks for, and what it found in a reply, as a clause of a sentence."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rules.engine.matchers import AllPhrases, AnyAddress, AnyPattern, AnyValue, Emptiness, Phrases, comparable, named
from rules.engine.matching.addresses import AddressForm, parse_address
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.engine.matchers import Matcher
    from rules.engine.reading import Reading
    from rules.engine.ruleset import Condition

MOST_CLAUSES = 5
LONGEST_QUOTE = 100

# Of each test what is said of one text that is there, of one that is not, and of several that are not.
_FORMS = {
    "contains": ("contains", "does not contain", "contains none of"),
    "starts with": ("starts with", "does not start with", "starts with none of"),
    "ends with": ("ends with", "does not end with", "ends with none of"),
    "is": ("is", "is not", "is none of"),
    "matches": ("matches", "does not match", "matches none of"),
}
_POSITIVE = {"contains all": "contains", "does not contain": "contains", "is not": "is", "does not match": "matches"}


def sought(matcher: Matcher) -> dict[str, str]:
    """What a matcher looks for: each text as its author wrote it, under the form that is compared."""
    if isinstance(matcher, Phrases):
        return {phrase.key: phrase.written for phrase in matcher.phrases}
    if isinstance(matcher, AnyPattern):
        return {pattern.source: pattern.source for pattern in matcher.patterns}
    if isinstance(matcher, AnyAddress):
        forms = [form for text in matcher.written if isinstance(form := parse_address(text), AddressForm)]
        return {form.key: form.written for form in forms}
    if isinstance(matcher, AnyValue):
        return {comparable(text): text for text in matcher.written}
    wanted = "yes" if isinstance(matcher, Emptiness) and matcher.wanted else "no"
    return {wanted: wanted}


def missing(matcher: Matcher, reading: Reading) -> dict[str, str]:
    """The texts, as `sought` gives them, that a matcher lacks in a reading in which it does not find what it wants."""
    there = reading.phrases if isinstance(matcher, AllPhrases) else ()
    return {key: written for key, written in sought(matcher).items() if key not in there}


def clause(condition: Condition, reading: Reading) -> str:
    """What is so in a reply: "the reply contains none of …", whatever the condition wants of it.

    For conditions that hold or fail; why one is unknown stands in the note of its check.
    """
    matcher, found = condition.matcher, bool(condition.matcher.found(reading))
    if isinstance(matcher, Emptiness):
        return f"the {condition.field.name} is {'' if matcher.wanted == found else 'not '}empty"
    test = condition.test.name
    holds, lacks_one, lacks_all = _FORMS[_POSITIVE.get(test, test)]
    if found:
        return f"the {condition.field.name} {holds} {_found(matcher, reading)}"
    texts = list(missing(matcher, reading).values())
    return f"the {condition.field.name} {lacks_one if len(texts) == 1 else lacks_all} {named(texts)}"


def in_one_sentence(clauses: Iterable[str]) -> str:
    """Clauses joined, each once; of many the first few."""
    distinct = list(dict.fromkeys(clauses))
    more = len(distinct) - MOST_CLAUSES
    told = distinct[:MOST_CLAUSES] + ([f"{more} more {'condition' if more == 1 else 'conditions'}"] if more > 0 else [])
    return ", and ".join(told)


def quoted(words: str) -> str:
    """Words of a reply in quotes, shortened."""
    return f"“{shortened(words)}”"


def shortened(words: str) -> str:
    """Words of a reply on one line, a long stretch without its middle."""
    line = " ".join(words.split())
    half = LONGEST_QUOTE // 2
    return line if len(line) <= LONGEST_QUOTE else f"{line[:half]} … {line[-half:]}"


def _found(matcher: Matcher, reading: Reading) -> str:
    texts = sought(matcher)
    if isinstance(matcher, AllPhrases) and len(texts) > 1:
        return f"all of {named(list(texts.values()))}"
    span = matcher.span(reading)
    if span is None or reading.text is None:
        return f"{'' if len(texts) == 1 else 'one of '}{named(list(texts.values()))}"
    words = reading.text[slice(*span)]
    written = _shown_by(words, matcher, texts, reading)
    return quoted(words) if written in {None, words} else f'"{written}" (found: {quoted(words)})'


def _shown_by(words: str, matcher: Matcher, texts: Mapping[str, str], reading: Reading) -> str | None:
    """Which of the texts these words show."""
    if isinstance(matcher, AnyPattern):
        text = reading.text or ""
        return next((pattern.source for pattern in matcher.patterns if pattern.search(text)), None)
    if isinstance(matcher, Phrases):
        folded = fold(words)
        whole = (phrase.written for phrase in matcher.phrases if phrase.words == folded)
        begun = (phrase.written for phrase in matcher.phrases if phrase.is_open and folded.startswith(phrase.words))
        return next(chain(whole, begun), None)
    keys = reading.address_keys if isinstance(matcher, AnyAddress) else (comparable(words),)
    return next((texts[key] for key in keys if key in texts), None)
