"""The plain way to decide, as a measure: each rule's compiled patterns of Python's `re`, one after the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.engine.matching.folding import fold, smooth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.workload import PlainRule
    from rules.engine import Facts


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule of the workload, ready for the loop."""

    name: str
    phrases: tuple[re.Pattern[str], ...]
    pattern: re.Pattern[str] | None
    categories: frozenset[str]
    domains: frozenset[str]

    def matches(self, folded: str, smoothed: str, category: str | None, domain: str) -> bool:
        """Whether all that the rule asks for is there."""
        return (
            (not self.domains or domain in self.domains)
            and (not self.categories or category in self.categories)
            and (not self.phrases or any(phrase.search(folded) for phrase in self.phrases))
            and (not self.pattern or self.pattern.search(smoothed) is not None)
        )


class Loop:
    """Decides as the engine does, in a time that grows with the number of rules."""

    def __init__(self, rules: Iterable[PlainRule]) -> None:
        self._rules = [_compile(rule) for rule in rules]

    def decide(self, facts: Facts) -> str | None:
        """The name of the first rule that matches the reply, None if the default decides."""
        text = facts.reply or ""
        folded, smoothed = fold(text), smooth(text)
        domain = (facts.sender or "").rpartition("@")[2]
        return next((rule.name for rule in self._rules if rule.matches(folded, smoothed, facts.category, domain)), None)


def _compile(rule: PlainRule) -> CompiledRule:
    return CompiledRule(
        rule.name,
        tuple(re.compile(rf"(?<!\w)(?<!\w'){re.escape(fold(phrase))}(?!\w|'\w)") for phrase in rule.phrases),
        re.compile(rule.pattern, re.IGNORECASE) if rule.pattern else None,
        frozenset(rule.categories),
        frozenset(rule.domains),
    )
