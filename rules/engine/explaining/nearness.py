"""How near rules come to a reply that they do not match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.evaluate import holds
from rules.engine.explaining.closeness import Words
from rules.engine.ruleset import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.engine.explaining.closeness import Close
    from rules.engine.reading import View
    from rules.engine.ruleset import Group, Rule

CLOSE = 0.75  # what a condition counts that nearly holds
WORTH_TELLING = 0.5

# What differs from reply to reply. That a campaign or an account is the right one brings no rule near.
_TELLING = {"reply", "whole message", "subject", "sender", "sender name", "category"}


class Nearness:
    """One reply, and how near rules come to it. Nearer is of which more conditions hold, or nearly hold.

    Of "any of" the best alternative counts. A rule is near if half of it is so, and at least one of its conditions is
    touched by words of this very mail: else a rule that only forbids something would be near to every reply.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._words: dict[str, Words] = {}

    def nearest(self, rules: Sequence[Rule]) -> Rule | None:
        """Give the nearest of the rules that do not match, the upper one of equals; None if none is near."""
        touched = [rule for rule in rules if holds(rule.when, self._view) is False and self._is_touched(rule)]
        nearest = max(touched, key=self._share_of, default=None)
        return nearest if nearest and self._share_of(nearest) >= WORTH_TELLING else None

    def close(self, rule: Rule) -> Iterator[Close]:
        """What nearly is there, of each condition that wants something to be there and does not find it."""
        failing = (one for one in _seeking(rule.when) if holds(one, self._view) is False)
        return (close for one in failing if (close := self._close(one)))

    def _is_touched(self, rule: Rule) -> bool:
        return any(self._touches(one) for one in _seeking(rule.when) if one.field.name in _TELLING)

    def _touches(self, condition: Condition) -> bool:
        reading, matcher = self._view[condition.field.name], condition.matcher
        if matcher.found(reading):
            return matcher.span(reading) is not None
        return self._close(condition) is not None

    def _close(self, condition: Condition) -> Close | None:
        name = condition.field.name
        if name not in self._words:
            self._words[name] = Words(self._view[name])
        return self._words[name].close(condition)

    def _share_of(self, rule: Rule) -> float:
        return self._share(rule.when, wanted=True)

    def _share(self, member: Group | Condition, *, wanted: bool) -> float:
        """How much of what would make a member come out as wanted is so, from 0 to 1."""
        if isinstance(member, Condition):
            if holds(member, self._view) is wanted:
                return 1
            return CLOSE if wanted and not member.test.negative and self._close(member) else 0
        inside = wanted != (member.kind == "none of")
        shares = [self._share(inner, wanted=inside) for inner in member.members]
        needs_all = (member.kind == "any of") != wanted
        return sum(shares) / len(shares) if needs_all else max(shares)


def _seeking(member: Group | Condition) -> Iterator[Condition]:
    """The conditions that want something to be there."""
    if isinstance(member, Condition):
        if not member.test.negative:
            yield member
    elif member.kind != "none of":
        for inner in member.members:
            yield from _seeking(inner)
