"""Texts that add nothing where they stand, because another text finds all that they find."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from rules.engine.matchers import AllPhrases
from rules.engine.meaning.cases import finds_of
from rules.engine.ruleset import conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rules.engine.loading.nodes import Scalar
    from rules.engine.loading.operands import NamedList
    from rules.engine.loading.problem import Place, Report
    from rules.engine.meaning.implication import Find, Implications
    from rules.engine.ruleset import Condition, Rule

Wanted = tuple["Scalar", "Find"]
"""A text, and what a condition looks for by it."""


def check_surplus(
    rules: Iterable[Rule], lists: Iterable[NamedList], implications: Implications, report: Report
) -> None:
    """Warn of each text that adds nothing, where it is written: in a condition, or in a list at the top of the file.

    Whoever deletes all the texts that are warned of changes no decision: a text of a list is told only if one other
    text of that list finds all that it finds in every condition that uses the list.
    """
    homes = {text.place: number for number, named in enumerate(lists) for text in named.texts}
    uses = _Uses(homes, implications)
    for condition in chain.from_iterable(conditions(rule.when) for rule in rules):
        _tell(uses.surplus_of(condition), homes, report)
    _tell(uses.surplus_of_lists(), homes, report)


def _tell(surplus: Iterable[tuple[Scalar, Scalar]], homes: Mapping[Place, int], report: Report) -> None:
    for text, by in surplus:
        what = f'adds nothing: "{by.text}" finds all that it finds'
        if text.text == by.text:
            is_here = homes.get(text.place) == homes.get(by.place)
            what = "stands here twice" if is_here else "stands in the list already"
        report.warning(text.place, f'"{text.text}" {what} (line {by.place.line}).', "Delete it.")


@dataclass(frozen=True, slots=True)
class _Uses:
    """What the conditions look for by each list: the list is looked at once for each way, not at each use."""

    homes: Mapping[Place, int]  # in which list a text stands
    implications: Implications
    ways: defaultdict[int, dict[str, Sequence[Wanted]]] = field(default_factory=lambda: defaultdict(dict), init=False)

    def surplus_of(self, condition: Condition) -> Iterator[tuple[Scalar, Scalar]]:
        """Give the texts of a condition's own that add nothing to it, each with what covers it. Note its lists."""
        own, lists = self._parts(condition)
        needs_all = isinstance(condition.matcher, AllPhrases)
        for number, texts in lists.items():
            self.ways[number].setdefault("all" if needs_all else texts[0][1].kind, texts)
        if own and not needs_all:
            # The lists come first: of two equal texts the condition's own is told.
            every = [*chain.from_iterable(lists.values()), *own]
            for text, covers in self._covered(own, every).items():
                yield text, _first(covers)

    def surplus_of_lists(self) -> Iterator[tuple[Scalar, Scalar]]:
        """Give the texts of lists that another covers in every use, each with that."""
        for ways in self.ways.values():
            if "all" not in ways:
                covered = [self._covered(texts, texts) for texts in ways.values()]
                for text in covered[0]:
                    covers = set.intersection(*(one.get(text, set()) for one in covered))
                    if covers:
                        yield text, _first(covers)

    def _parts(self, condition: Condition) -> tuple[list[Wanted], dict[int, list[Wanted]]]:
        """Give a condition's own texts, and those of each list that it uses, a list that is named twice once."""
        own: list[Wanted] = []
        lists: defaultdict[int, list[Wanted]] = defaultdict(list)
        if condition.texts:
            finds = (find for find, _ in finds_of(condition))
            for text, find in {pair[0].place: pair for pair in zip(condition.texts, finds, strict=True)}.values():
                number = self.homes.get(text.place)
                (own if number is None else lists[number]).append((text, find))
        return own, lists

    def _covered(self, texts: Iterable[Wanted], every: Sequence[Wanted]) -> dict[Scalar, set[Scalar]]:
        """Give those of the texts that others cover, with these; of equal texts only the first covers."""
        first: dict[Find, Scalar] = {}
        for text, find in every:
            first.setdefault(find, text)
        covered = {}
        for text, find in texts:
            covers = {first[other] for other in self.implications.of(find) if other in first} - {text}
            if covers:
                covered[text] = covers
        return covered


def _first(texts: Iterable[Scalar]) -> Scalar:
    return min(texts, key=lambda text: text.place)
