"""From the lines under `when` to conditions: which field, which test, which group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from rules.engine.language import CONDITIONS, FIELDS, GROUPS, RULE_KEYS, TESTS, Nature
from rules.engine.loading.document import Mapping, Refused, Scalar, Sequence
from rules.engine.loading.meant import nearest_condition
from rules.engine.loading.operands import Allowance, read_operand
from rules.engine.loading.slips import pasted
from rules.engine.loading.structure import distinct, is_nothing, mapping_of, word
from rules.engine.ruleset import Condition, Group

if TYPE_CHECKING:
    from rules.engine.loading.document import Node
    from rules.engine.loading.operands import Lists
    from rules.engine.loading.problem import Report

DEEPEST = 2

_A_PHRASE = "A phrase belongs into the list above it: indent it as its neighbours."

Kind = Literal["all of", "any of", "none of"]


@dataclass(frozen=True, slots=True)
class ConditionReader:
    """Reads the conditions of one file; what is wrong with them goes to the report."""

    report: Report
    lists: Lists
    _allowance: Allowance = field(default_factory=Allowance, init=False)

    def when(self, key: Scalar, node: Node) -> Group | None:
        """All lines under `when`."""
        mapping = mapping_of(node, self.report, '"when"', key.place, _where_to_look(node))
        return Group("all of", self._members(mapping, 0)) if mapping else None

    def _members(self, mapping: Mapping, depth: int) -> tuple[Group | Condition, ...]:
        members = (self._member(key, value, depth) for key, value in distinct(mapping, self.report))
        return tuple(member for member in members if member is not None)

    def _member(self, key: Scalar, value: Node, depth: int) -> Group | Condition | None:
        wording = word(key)
        if wording in GROUPS:
            return self._group(key, value, depth + 1)
        if wording not in CONDITIONS:
            self.report.error(key.place, *_unknown(wording))
            return None
        operand = read_operand(key, value, self.lists, self.report, self._allowance)
        return Condition(wording, key.place, *CONDITIONS[wording], *operand) if operand else None

    def _group(self, key: Scalar, node: Node, depth: int) -> Group | None:
        kind = cast("Kind", word(key))
        if depth > DEEPEST:
            hint = "Split the rule in two, or turn the innermost group into conditions of its own."
            self.report.error(key.place, "Groups may be nested twice, not deeper.", hint)
            return None
        if not isinstance(node, Sequence) or not node.size:
            self._not_a_list(kind, key, node)
            return None
        return Group(kind, tuple(self._item(item, kind, depth) for item in node.items))

    def _item(self, item: Node, kind: Kind, depth: int) -> Group | Condition:
        """One item of a group; several lines in it are taken together."""
        mapping = mapping_of(item, self.report, f'This item of "{kind}"', item.place, _A_PHRASE)
        members = self._members(mapping, depth) if mapping else ()
        return members[0] if len(members) == 1 else Group("all of", members)

    def _not_a_list(self, kind: Kind, key: Scalar, node: Node) -> None:
        if is_nothing(node) or (isinstance(node, Sequence) and not node.size):
            self.report.error(key.place, f'"{kind}" is empty.', "Give at least one condition.")
        elif not isinstance(node, Refused):
            message = f'"{kind}" needs a list of conditions.'
            self.report.error(node.place, message, 'Put "- " before each condition.')


def _where_to_look(node: Node) -> str | None:
    """How a text is looked for that stands in place of conditions."""
    if not isinstance(node, Scalar) or "\n" in node.text:
        return None
    return f"Say below where to look for it, indented by two spaces more: reply contains: {pasted(node.text)}"


def _unknown(wording: str) -> tuple[str, str]:
    """What is wrong with a key that is no condition, and what was probably meant."""
    for name, tested in FIELDS.items():
        test = wording.removeprefix(f"{name} ")
        if wording.startswith(f"{name} ") and test in TESTS:
            instead = "Compare it with" if tested.nature is Nature.ADDRESS else "It takes"
            example = f', for example {name} is: "@acme.com"' if tested.nature is Nature.ADDRESS else ""
            kind = f'"{name}" is an address and' if tested.nature is Nature.ADDRESS else f'"{name}"'
            return f'{kind} cannot be tested with "{test}".', f"{instead}: {', '.join(tested.tests)}{example}."
    meant = nearest_condition(wording)
    if wording in FIELDS:
        return f'"{wording}" says which field, but not how to test it.', f'did you mean "{meant}"?'
    if wording in RULE_KEYS:
        return f'"{wording}" is no condition.', 'It stands beside "when", in the same column.'
    hint = (
        f'did you mean "{meant}"?'
        if meant
        else f'A field and a test, as "reply contains". Fields: {", ".join(FIELDS)}.'
    )
    return f'"{wording}" is not a condition.', hint
