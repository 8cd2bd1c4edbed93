"""The nouns of a loaded rules file, ready to decide. All are values: a rule set may be shared by threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from model import Mark
    from rules.engine.facts import Facts
    from rules.engine.index import Index
    from rules.engine.language import Field, Test
    from rules.engine.loading.nodes import Scalar
    from rules.engine.loading.problem import Place
    from rules.engine.matchers import Matcher


@dataclass(frozen=True, slots=True)
class Condition:
    """One line under `when`: a test of a field."""

    wording: str  # "reply contains", as the author wrote it
    place: Place
    field: Field
    test: Test
    matcher: Matcher
    texts: tuple[Scalar, ...] = ()  # what it looks for, where it is written: here, or in a list


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions taken together: "all of", "any of" or "none of"."""

    kind: Literal["all of", "any of", "none of"]
    members: tuple[Group | Condition, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A reply that its rule must decide (`matches`), or must not match."""

    text: str  # the words that tell the example from others
    place: Place
    facts: Facts
    matches: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What to look for, and the mark that a reply then gets."""

    name: str
    place: Place  # of the name
    when: Group
    mark: Mark
    examples: tuple[Example, ...] = ()
    note: str | None = None
    until: date | None = None  # the last day on which it decides
    trial: bool = False
    paused: bool = False

    def set_aside(self, on: date | None) -> Literal["paused", "on trial", "expired"] | None:
        """Why the rule does not decide the replies of a day, though it may match; None if it does decide."""
        if self.paused:
            return "paused"
        if self.until and on and on > self.until:
            return "expired"
        return "on trial" if self.trial else None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in their order, and the mark where none decides."""

    rules: tuple[Rule, ...]
    default: Mark
    index: Index

    def asks_for(self, field: str) -> bool:
        """Whether any rule looks at the field of this name."""
        return field in self.index.fields


def conditions(group: Group) -> Iterator[Condition]:
    """Every condition of a group and of the groups in it, in the order of the file."""
    for member in group.members:
        if isinstance(member, Group):
            yield from conditions(member)
        else:
            yield member
