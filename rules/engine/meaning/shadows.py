"""Rules and phrases in the shadow of the rules above: whatever they match has been decided before."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rules.engine.meaning.cases import with_consensus
from rules.engine.meaning.claims import choice_of, demand, named_rules, of_any_text
from rules.engine.meaning.coverage import Coverage, share_out_all
from rules.engine.meaning.implication import EMPTY, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rules.engine.loading.problem import Place, Report
    from rules.engine.meaning.cases import Case, Cases, Sought
    from rules.engine.meaning.coverage import Taking
    from rules.engine.meaning.implication import Find, Implications
    from rules.engine.ruleset import Condition, Rule

_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class _Loss:
    """What of one case is taken by rules above: all of it (`all_by`), and which finds of which demands."""

    all_by: tuple[Taking, ...] = ()
    parts: tuple[tuple[Sought, dict[Find, Taking]], ...] = ()


def check_order(
    rules: Sequence[Rule], cases: Sequence[Cases], implications: Implications, on: date, report: Report
) -> None:
    """Warn of every rule, and every phrase of a rule, that can never decide because of the rules above.

    `cases` has those of each rule that can hold at all; none for a rule of which nothing is known. A rule that is
    paused or has expired takes nothing and is not looked at. One on trial takes nothing either, but it is looked at:
    it is waited for what it would have done, and it never would.
    """
    _Order(rules, implications, Coverage(implications, cases), on, report).check(cases)


@dataclass(frozen=True, slots=True)
class _Order:
    rules: Sequence[Rule]
    implications: Implications
    coverage: Coverage
    on: date
    report: Report
    _swallowed: defaultdict[tuple[int, ...], list[tuple[Rule, str]]] = field(
        default_factory=lambda: defaultdict(list), init=False
    )

    def check(self, cases: Sequence[Cases]) -> None:
        for number, (rule, its_cases) in enumerate(zip(self.rules, cases, strict=True)):
            if self.report.full or self.implications.spent:
                break
            if its_cases and rule.set_aside(self.on) in {None, "on trial"}:
                self._check_rule(number, rule, its_cases)
        for numbers, swallowed in self._swallowed.items():
            self._tell_catch_all(numbers, swallowed)

    def _check_rule(self, number: int, rule: Rule, cases: Cases) -> None:
        losses = [self._loss(rule, case) for case in cases]
        if all(loss.all_by for loss in losses):
            self._tell_dead(rule, [taking for loss in losses for taking in loss.all_by])
            return
        self._check_parts(number, rule, cases, losses)
        if not rule.trial:
            self.coverage.file(number, with_consensus(cases, self.implications))

    def _loss(self, rule: Rule, case: Case) -> _Loss:
        def fits(number: int) -> bool:
            until = self.rules[number].until
            return until is None or (rule.until is not None and rule.until <= until)

        whole = self.coverage.taking(case, fits)
        if whole:
            reason = self.coverage.reason(whole, whole.by.must[0])
            return _Loss((whole,), ((reason, dict.fromkeys(reason.finds, whole)),))
        parts = tuple(self.coverage.taking_of_each(case, fits))
        complete = next((taken for sought, taken in parts if len(taken) == len(sought.finds)), {})
        return _Loss(tuple(complete.values()), parts)

    def _tell_dead(self, rule: Rule, takings: Sequence[Taking]) -> None:
        numbers = sorted({taking.number for taking in takings})
        takes_all = share_out_all(takings)
        if takes_all or (len(numbers) == 1 and all(taking.is_wide for taking in takings)):
            swallowed = "every reply" if takes_all else f"every reply {of_any_text(takings[0].by)}"
            self._swallowed[tuple(numbers)].append((rule, swallowed))
            return
        takers = [self.rules[number] for number in numbers]
        verb = "already takes" if len(takers) == 1 else "together take"
        replies, same = self._replies(takings) if len(takers) == 1 else (None, False)
        told = replies or "every reply that this one matches"
        message = f"This rule can never decide: {named_rules(takers)} {verb} {told}."
        self.report.warning(rule.place, message, _remedy(rule, takers, same=same))

    def _replies(self, takings: Sequence[Taking]) -> tuple[str | None, bool]:
        """Say which replies are taken, and by which words, where one demand of the rule above is all that it asks.

        Tell also whether the two ask for exactly the same.
        """
        if any(len(taking.by.must) > 1 or taking.by.never or taking.is_wide for taking in takings):
            return None, False
        pairs = [(self.coverage.reason(taking, taking.by.must[0]), taking.by.must[0]) for taking in takings]
        taken = {find: words for reason, _ in pairs for find, words in reason.finds.items()}
        found = {self.coverage.found_by(find, by): by for reason, by in pairs for find in reason.finds}
        if max(len(taken), len(found)) > _MOST_TOLD or len({find[:2] for find in taken}) > 1:
            return None, False
        same = found.keys() == taken.keys()
        looks_for = "the same" if same else choice_of([by.finds[find] for find, by in found.items()])
        is_equal = same and all(by.finds.keys() == taken.keys() and len(case.must) == 1 for case, by in _cases(takings))
        return f"every reply {demand(next(iter(taken)), taken.values())}, because it looks for {looks_for}", is_equal

    def _check_parts(self, number: int, rule: Rule, cases: Cases, losses: Sequence[_Loss]) -> None:
        if not any(taken for loss in losses for _, taken in loss.parts):
            return
        present = Counter(id(sought.condition) for case in cases for sought in case.must)
        lost: defaultdict[int, Counter[Find]] = defaultdict(Counter)
        told: dict[tuple[int, Find], tuple[Sought, Taking]] = {}
        for loss in losses:
            for sought, taken in loss.parts:
                lost[id(sought.condition)].update(taken.keys())
                told.update({(id(sought.condition), find): (sought, taking) for find, taking in taken.items()})
        for (condition, find), (sought, taking) in told.items():
            taker = self.rules[taking.number]
            is_text = find.kind not in {EMPTY, KNOWN}
            is_always = lost[condition][find] == present[condition]
            if is_text and is_always and taker.mark is not rule.mark and not taking.is_wide and not self.report.full:
                self._tell_part(number, sought, find, taking)

    def _tell_part(self, number: int, sought: Sought, find: Find, taking: Taking) -> None:
        place = self._place_of(sought.finds[find], sought.condition, number)
        if place is None:
            return  # it comes from a list at the top of the file, which other rules may need as it is
        taker = self.rules[taking.number]
        alone = replace(taking, taken=replace(taking.taken, must=(sought.only(find),)))
        replies, _ = self._replies([alone]) if len(taking.by.must) == 1 else (None, False)
        told = replies or "every reply that this rule matches by it"
        message = f'"{sought.finds[find]}" never counts here: {named_rules([taker])} already takes {told}.'
        self.report.warning(place, message, f'Delete it here, or move this rule above "{taker.name}".')

    def _tell_catch_all(self, numbers: Sequence[int], swallowed: Sequence[tuple[Rule, str]]) -> None:
        *others, last = (self.rules[number] for number in numbers)
        below, dead = len(self.rules) - numbers[-1] - 1, len(swallowed)
        takers = f"{named_rules(others)} and this rule take" if others else "This rule takes"
        replies = " or ".join(dict.fromkeys(replies for _, replies in swallowed))
        which = f"{dead} of the {below} rules" if dead < below else f"all {below} rules" if below > 1 else "the rule"
        names = named_rules([rule for rule, _ in swallowed])
        message = f"{takers} {replies}, so {which} below it can never decide: {names}."
        self.report.warning(last.place, message, "Move it to the end of the file, or narrow it.")

    def _place_of(self, written: str, condition: Condition, number: int) -> Place | None:
        """Find where a text of a condition is written; None if that is not within its rule."""
        below = self.rules[number + 1].place if number + 1 < len(self.rules) else None
        places = (text.place for text in condition.texts if text.text == written)
        return next((place for place in places if condition.place < place and (not below or place < below)), None)


def _cases(takings: Sequence[Taking]) -> Iterator[tuple[Case, Sought]]:
    return ((taking.taken, taking.by.must[0]) for taking in takings)


def _remedy(rule: Rule, takers: Sequence[Rule], *, same: bool) -> str:
    if all(taker.mark is rule.mark for taker in takers):
        return "Delete it: those replies get the same mark without it."
    if same:
        return "Delete one of the two: they look for the same."
    return f'Move it above "{takers[0].name}", or delete it.'
