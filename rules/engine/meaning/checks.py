"""What a rules file says that its author cannot mean: rules that never decide, never match, or match nearly always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.loading.problem import Place, Report
from rules.engine.meaning.cases import cases_of, clash
from rules.engine.meaning.claims import claim
from rules.engine.meaning.implication import Implications
from rules.engine.meaning.negatives import check_negatives
from rules.engine.meaning.shadows import check_order
from rules.engine.meaning.surplus import check_surplus
from rules.engine.ruleset import Group

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rules.engine.loading.loader import Loaded
    from rules.engine.loading.problem import Problem
    from rules.engine.meaning.cases import Case, Cases, Sought
    from rules.engine.ruleset import Rule


def check_meaning(loaded: Loaded, on: date) -> tuple[Problem, ...]:
    """Give a warning for all that a loaded file says and cannot mean, in the order of the file.

    `on` is today, in UTC. Everything that is said can be proved; not everything that is true is seen: of patterns only
    equal ones are compared, a rule with too many alternatives is not looked at, and where several rules above take a
    rule's replies together, they have to share out one line of it. Nothing is said of a file that has an error.
    """
    if loaded.ruleset is None:
        return ()
    rules, report = loaded.ruleset.rules, Report(loaded.lines)
    implications = Implications(loaded.ruleset.index.phrases)
    cases = []
    for rule in rules:
        _check_day(rule, on, report)
        check_negatives(rule.when, report)
        cases.append(_possible_cases(rule, implications, report))
    check_order(rules, cases, implications, on, report)
    check_surplus(rules, loaded.lists, implications, report)
    if implications.spent:
        message = "This file asks too much to be compared to the end: more of its rules may never decide."
        report.warning(
            Place(1, 1), message, "Shorten the longest lists under one rule, or write domains for addresses."
        )
    return report.problems()


def _check_day(rule: Rule, on: date, report: Report) -> None:
    if rule.set_aside(on) == "expired":
        message = f"This rule expired on {rule.until} and no longer decides."
        report.warning(rule.place, message, "Delete it, or give it a later day.")


def _possible_cases(rule: Rule, implications: Implications, report: Report) -> Cases:
    """Give the cases in which a rule can match; none if that is not known, or if it cannot and a warning says so."""
    if implications.spent:
        return ()
    possible = _without_clashes(rule.when, "This rule can never match", implications, report)
    if possible:
        for group in _groups_of_lines(rule.when):
            _without_clashes(group, "This can never hold", implications, report)
    return possible


def _without_clashes(group: Group, what: str, implications: Implications, report: Report) -> Cases:
    cases = cases_of(group) or ()
    possible = tuple(case for case in cases if not clash(case, implications))
    if cases and not possible:
        _tell_clash(cases[0], what, implications, report)
    return possible


def _tell_clash(case: Case, what: str, implications: Implications, report: Report) -> None:
    found = clash(case, implications)
    if found is None:
        return
    sought, opposite = found
    claims = f"{_claim(sought)} and {_claim(opposite.sought, denied=opposite.denied)}"
    first = sought.condition
    hint = 'Delete one of the two, or put them under "any of".'
    report.warning(first.place, f"{what}: no {first.field.name} {claims}.", hint)


def _claim(sought: Sought, *, denied: bool = False) -> str:
    find, written = next(iter(sought.finds.items()))
    return f"{claim(find, [written], denied=denied)} (line {sought.condition.place.line})"


def _groups_of_lines(group: Group) -> Iterator[Group]:
    """Give the groups in a group whose lines must all hold."""
    for member in group.members:
        if isinstance(member, Group):
            if member.kind == "all of":
                yield member
            yield from _groups_of_lines(member)
