"""Texts of a list that add nothing to it, because another text of the same list finds all that they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.addresses import AddressForm, keys_of, parse_address
from rules.engine.implication import CONTAINS, covering
from rules.engine.matchers import AllPhrases, AnyAddress, AnyValue, Ending, Opening, Phrases, comparable
from rules.engine.ruleset import conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rules.engine.matchers import Matcher
    from rules.engine.problem import Report
    from rules.engine.ruleset import Condition, Rule

Pair = tuple[int, int]


def check_lists(rules: Iterable[Rule], report: Report) -> None:
    """Warn of each text that adds nothing, where it is written: in a condition, or in a list at the top of the file."""
    seen: set[tuple[str, ...]] = set()  # a list at the top is looked at once for each test, not at each use
    for condition in (condition for rule in rules for condition in conditions(rule.when)):
        alike = (condition.test.name, *(text.text for text in condition.texts))
        if len(condition.texts) > 1 and alike not in seen:
            seen.add(alike)
            _check_texts(condition, report)


def _check_texts(condition: Condition, report: Report) -> None:
    texts = condition.texts
    for surplus, other in _pairs(condition.matcher):
        text, by = texts[surplus], texts[other]
        if text.place < condition.place < by.place:
            continue  # the list may be needed whole elsewhere
        what = "stands here twice" if text.text == by.text else f'adds nothing: "{by.text}" finds all that it finds'
        report.warning(text.place, f'"{text.text}" {what} (line {by.place.line}).', "Delete it.")


def _pairs(matcher: Matcher) -> Iterable[Pair]:
    """The number of each text that adds nothing, and of one that makes it needless."""
    if isinstance(matcher, AnyAddress):
        return _covered_addresses(matcher.written)
    if isinstance(matcher, AnyValue):
        return _repeated([comparable(text) for text in matcher.written])
    if isinstance(matcher, AllPhrases) or not isinstance(matcher, Phrases):
        return ()
    test = {Opening: "starts with", Ending: "ends with"}.get(type(matcher), CONTAINS)
    return covering(matcher.phrases, test)


def _covered_addresses(written: Sequence[str]) -> Iterable[Pair]:
    keys = [form.key for text in written if isinstance(form := parse_address(text), AddressForm)]
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    for number, key in enumerate(keys):
        wider = (first[other] for other in (key, *keys_of(key)) if first.get(other, number) != number)
        if (other := next(wider, None)) is not None:
            yield number, other


def _repeated(keys: Sequence[str]) -> Iterable[Pair]:
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    return ((number, first[key]) for number, key in enumerate(keys) if first[key] != number)
