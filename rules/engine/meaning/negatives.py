"""Negative alternatives: an "any of" that holds far more often than its author thinks."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from rules.engine.meaning.cases import cases_of
from rules.engine.meaning.claims import choice_of, claim
from rules.engine.meaning.implication import KNOWN
from rules.engine.ruleset import Group, conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.engine.loading.problem import Report
    from rules.engine.meaning.cases import Case
    from rules.engine.ruleset import Condition

_NEGATIVES = 2
_MOST_NAMED = 3


def check_negatives(group: Group, report: Report) -> None:
    """Warn where an "any of" has two negative alternatives: each alone lets the rule match what the other forbids."""
    negatives = [member for member in group.members if _is_negative(member)]
    if group.kind == "any of" and len(negatives) >= _NEGATIVES:
        _tell(negatives, report)
    for member in group.members:
        if isinstance(member, Group) and group.kind != "none of":
            check_negatives(member, report)


def _tell(negatives: Sequence[Group | Condition], report: Report) -> None:
    alike = next((pair for pair in combinations(negatives, _NEGATIVES) if _have_one_field(*pair)), None)
    if alike:
        first, second = map(_named, alike)
        message = f'This "any of" holds nearly always: {first} is enough, and so is {second}.'
        hint = 'If all of it must hold, write it straight under "when"; two lines about one field become one list.'
    else:
        together = "; ".join(map(_failure, negatives[:_MOST_NAMED]))
        message = f'This "any of" fails only where all of this is so together: {together}.'
        hint = (
            'If any one of these is to keep the rule from matching, write each test straight under "when". If only all '
            'of them together are, put them behind one dash under "none of", without the "not".'
        )
    report.warning(_first_condition((alike or negatives)[0]).place, message, hint)


def _is_negative(member: Group | Condition) -> bool:
    if not isinstance(member, Group):
        return member.test.negative
    return member.kind == "none of" or all(map(_is_negative, member.members))


def _have_one_field(one: Group | Condition, other: Group | Condition) -> bool:
    return len({condition.field.name for condition in conditions(Group("any of", (one, other)))}) == 1


def _named(member: Group | Condition) -> str:
    """Name an alternative by its first words, and a condition with its texts too."""
    first = _first_condition(member)
    if isinstance(member, Group):
        return f'"{member.kind if member.kind == "none of" else first.wording}" on line {first.place.line}'
    return f'"{first.wording}" on line {first.place.line} ({choice_of(text.text for text in first.texts)})'


def _failure(member: Group | Condition) -> str:
    """Say what must be so of a reply for an alternative to fail."""
    cases = cases_of(member, denied=True) or ()
    claims = [_claimed(case) for case in cases]
    if None in claims or not 0 < len(claims) <= _MOST_NAMED:
        return f"{_named(member)} fails"
    return f"{' or '.join(filter(None, claims))} (line {_first_condition(member).place.line})"


def _claimed(case: Case) -> str | None:
    """Say what a case asks of one field; None if it asks for more."""
    asked = [(sought, False) for sought in case.must if all(find.kind != KNOWN for find in sought.finds)]
    asked += [(sought, True) for sought in case.never]
    if len(asked) != 1:
        return None
    ((sought, denied),) = asked
    find = next(iter(sought.finds))
    return f"the {find.field} {claim(find, sought.finds.values(), denied=denied)}"


def _first_condition(member: Group | Condition) -> Condition:
    return next(conditions(member)) if isinstance(member, Group) else member
