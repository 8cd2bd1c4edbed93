"""Which rule above takes the replies of a case: proved, by an index of what the rules above ask for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from rules.engine.meaning.cases import Sought
from rules.engine.meaning.implication import EMPTY, KNOWN, is_empty_or_not

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from rules.engine.meaning.cases import Case, Cases
    from rules.engine.meaning.implication import Find, Implications

_MOST_COMPARED = 16  # rules above that one case is compared with, so that ten thousand like ones cost little

_Filed = tuple[int, int, "Case"]
"""The number of a rule, and one of its cases with its own number."""


@dataclass(frozen=True, slots=True)
class Taking:
    """One case of a rule, and the rule above of which one case holds wherever that does."""

    taken: Case
    number: int  # of the rule above
    by: Case

    @property
    def is_wide(self) -> bool:
        """Whether the rule above asks only that a field is known, or not empty."""
        return not self.by.never and all(asks_for_any_text(sought) for sought in self.by.must)


class Coverage:
    """The rules above, as they are filed one after the other."""

    def __init__(self, implications: Implications, all_cases: Iterable[Cases]) -> None:
        self._implications = implications
        self._sharing = Counter(chain.from_iterable(sought.finds for sought in _all_sought(all_cases)))
        self._filed: defaultdict[Find, list[_Filed]] = defaultdict(list)
        self._emptiness: defaultdict[str, dict[Find, Sought]] = defaultdict(dict)  # what is asked above, by field

    def file(self, number: int, cases: Cases) -> None:
        """File a rule that is in force, under the finds of each case that the fewest rules share."""
        for place, case in enumerate(cases):
            filed = (number, place, case)
            self._note_emptiness(case)
            for find in min(case.must, key=self._commonness).finds if case.must else ():
                self._filed[find].append(filed)

    def taking(self, case: Case, fits: Callable[[int], bool]) -> Taking | None:
        """Find the first rule above, of those that fit, that matches wherever the case holds."""
        hints = self._hints(case)
        return self._first(case, fits, hints, self._filed_under(hints))

    def taking_of_each(self, case: Case, fits: Callable[[int], bool]) -> Iterator[tuple[Sought, dict[Find, Taking]]]:
        """Look at each demand of a case that has a choice, find by find: which of its finds are taken.

        That a field is empty or not is demanded of every reply, where rules above ask for both.
        """
        for sought in case.must:
            if len(sought.finds) > 1:
                yield sought, dict(self._taken(sought, case, fits))
        for asked in self._emptiness.values():
            if len(asked) > 1:
                either = Sought(next(iter(asked.values())).condition, dict.fromkeys(asked, ""))
                yield either, dict(self._taken(either, replace(case, must=(*case.must, either)), fits))

    def reason(self, taking: Taking, wanted: Sought) -> Sought:
        """Tell which demand of the case that is taken makes sure that a demand of the rule above is met."""
        return next(sought for sought in taking.taken.must if self._meets(sought, wanted))

    def found_by(self, find: Find, wanted: Sought) -> Find:
        """Tell which find of the rule above follows from a find."""
        follows = self._implications.of(find)
        return find if find in wanted.finds else next(one for one in wanted.finds if one in follows)

    def _note_emptiness(self, case: Case) -> None:
        for sought in case.must:
            for find in sought.finds:
                if find.kind == EMPTY and is_empty_or_not(find.field):
                    self._emptiness[find.field][find] = sought

    def _commonness(self, sought: Sought) -> tuple[bool, int]:
        return asks_for_any_text(sought), max(map(self._sharing.__getitem__, sought.finds))

    def _taken(self, sought: Sought, case: Case, fits: Callable[[int], bool]) -> Iterator[tuple[Find, Taking]]:
        others = self._hints(replace(case, must=tuple(one for one in case.must if one is not sought)))
        filed_under_others = self._filed_under(others)
        for find in sought.finds:
            hints = self._implications.of(find)
            filed = self._filed_under(hints) + filed_under_others
            if filed:
                taking = self._first(case.narrowed(sought, find), fits, hints | others, filed)
                if taking:
                    yield find, taking

    def _first(
        self, case: Case, fits: Callable[[int], bool], hints: AbstractSet[Find], filed: Sequence[_Filed]
    ) -> Taking | None:
        each = {one[:2]: one for one in filed}
        compared = (each[key] for key in sorted(each)[:_MOST_COMPARED])
        above = (one for one in compared if fits(one[0]) and self._follows(one[2], case, hints))
        return next((Taking(case, number, by) for number, _, by in above), None)

    def _hints(self, case: Case) -> AbstractSet[Find]:
        """Give some finds, of which a rule above that takes the case asks for at least one."""
        return set().union(*(self._implications.of(next(iter(sought.finds))) for sought in case.must))

    def _filed_under(self, finds: AbstractSet[Find]) -> list[_Filed]:
        keys = self._filed.keys() & finds
        return [filed for key in keys for filed in self._filed[key][:_MOST_COMPARED]]

    def _follows(self, above: Case, case: Case, hints: AbstractSet[Find]) -> bool:
        """Whether a case of a rule above holds wherever the case does."""
        if any(wanted.finds.keys().isdisjoint(hints) for wanted in above.must):
            return False
        return all(any(self._meets(sought, wanted) for sought in case.must) for wanted in above.must) and all(
            self._is_barred(find, case) for find in above.barred
        )

    def _meets(self, sought: Sought, wanted: Sought) -> bool:
        return all(not wanted.finds.keys().isdisjoint(self._implications.of(find)) for find in sought.finds)

    def _is_barred(self, find: Find, case: Case) -> bool:
        """Whether a find is surely absent where the case holds."""
        if not case.barred.isdisjoint(self._implications.of(find)):
            return True
        deny = self._implications.deny
        rivals = (sought for sought in case.must if sought.condition.field.name == find.field)
        return any(all(deny(one, find) for one in sought.finds) for sought in rivals)


def share_out_all(takings: Iterable[Taking]) -> bool:
    """Whether rules above leave no reply at all: one asks that a field is empty, and one that it is not."""
    if any(len(taking.by.must) > 1 or taking.by.never for taking in takings):
        return False
    finds = {find for taking in takings for find in taking.by.must[0].finds}
    is_one_field = len({find.field for find in finds}) == 1 and all(find.kind == EMPTY for find in finds)
    return is_one_field and len(finds) > 1 and all(is_empty_or_not(find.field) for find in finds)


def asks_for_any_text(sought: Sought) -> bool:
    """Whether nothing is asked of a field but that it is known, or not empty."""
    return all(find.kind == KNOWN or (find.kind == EMPTY and find.key == "no") for find in sought.finds)


def _all_sought(all_cases: Iterable[Cases]) -> Iterator[Sought]:
    for cases in all_cases:
        for case in cases:
            yield from case.must
