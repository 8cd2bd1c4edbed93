"""What differs in meaning between two rules files: their comments, layout and lists by name are no difference."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, Literal

from rules.engine.change.order import Passed, find_passed
from rules.engine.explaining.clauses import sought
from rules.engine.ruleset import Condition

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from model import Mark
    from rules.engine.change.order import Places
    from rules.engine.ruleset import Group, Rule, RuleSet


@dataclass(frozen=True, slots=True)
class ValueChange:
    """Something of a rule, or of the file, with its old and its new value; None where it has none."""

    what: str  # "mark", "until", "trial", "paused", "default"
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ConditionChange:
    """One condition: what it looks for now and did not before, and the other way round."""

    condition: str  # "reply contains"
    groups: tuple[str, ...]  # that it stands in, from the outermost: ("any of",)
    kind: Literal["added", "removed", "changed"]
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What happened to one rule. Lines are those of its name, None where it is not in that file."""

    rule: str  # its name in the new file; in the old one if it was removed
    kind: Literal["added", "removed", "changed"]
    mark: Mark
    old_line: int | None = None
    line: int | None = None
    old_name: str | None = None  # where it has another name now
    values: tuple[ValueChange, ...] = ()
    conditions: tuple[ConditionChange, ...] = ()
    is_regrouped: bool = False  # the same conditions, put together otherwise
    above: tuple[str, ...] = ()  # rules of another mark that it stood below, and stands above now; the first few
    below: tuple[str, ...] = ()  # the other way round


@dataclass(frozen=True, slots=True)
class Difference:
    """Every change in meaning, rules in the order of the new file, those that were removed last."""

    default: ValueChange | None
    rules: tuple[RuleChange, ...]

    def __bool__(self) -> bool:
        return self.default is not None or bool(self.rules)


def compare(old: RuleSet, new: RuleSet) -> Difference:
    """Compare two rule sets by what they mean.

    A rule is the same in both if it has the same name, or else the same meaning. The order of rules counts only
    between rules of different marks. No difference are comments, notes and examples, the order of conditions and of
    phrases, phrases that are compared alike ("Café", "cafe"), and a list that is written out.
    """
    default = None if old.default is new.default else ValueChange("default", old.default, new.default)
    pairs = _pairs(old.rules, new.rules)
    before = {places[1]: places[0] for places in pairs}
    passed = find_passed(old.rules, new.rules, pairs)
    kept = {places[0] for places in pairs}
    changes = [
        _change(old.rules[before[at]], rule, passed.get(at, Passed())) if at in before else _added(rule)
        for at, rule in enumerate(new.rules)
    ]
    removed = [_removed(rule) for at, rule in enumerate(old.rules) if at not in kept]
    return Difference(default, tuple(change for change in chain(changes, removed) if change))


def _pairs(old: Sequence[Rule], new: Sequence[Rule]) -> list[Places]:
    """The rules that are in both files, in their order in the new one."""
    old_names = {rule.name: at for at, rule in enumerate(old)}
    pairs = {at: old_names[rule.name] for at, rule in enumerate(new) if rule.name in old_names}
    left = sorted(set(range(len(old))) - set(pairs.values()))
    by_meaning = defaultdict(list)
    for at in reversed(left):
        by_meaning[_meaning(old[at])].append(at)
    for at, rule in enumerate(new):
        if at not in pairs and (alike := by_meaning.get(_meaning(rule))):
            pairs[at] = alike.pop()
    return [(pairs[at], at) for at in sorted(pairs)]


def _added(rule: Rule) -> RuleChange:
    found = tuple(_condition_changes({}, _texts(rule.when)))
    values = tuple(_value_changes(None, rule))
    return RuleChange(
        rule=rule.name, kind="added", mark=rule.mark, line=rule.place.line, values=values, conditions=found
    )


def _removed(rule: Rule) -> RuleChange:
    return RuleChange(rule=rule.name, kind="removed", mark=rule.mark, old_line=rule.place.line)


def _change(old: Rule, new: Rule, passed: Passed) -> RuleChange | None:
    same_when = _normal(old.when) == _normal(new.when)
    found = () if same_when else tuple(_condition_changes(_texts(old.when), _texts(new.when)))
    change = RuleChange(
        rule=new.name,
        kind="changed",
        mark=new.mark,
        old_line=old.place.line,
        line=new.place.line,
        old_name=old.name if old.name != new.name else None,
        values=tuple(_value_changes(old, new)),
        conditions=found,
        is_regrouped=not same_when and not found,
        above=passed.above,
        below=passed.below,
    )
    is_other = change.old_name or change.values or not same_when or change.above or change.below
    return change if is_other else None


def _value_changes(old: Rule | None, new: Rule) -> Iterator[ValueChange]:
    before, after = _values(old) if old else {}, _values(new)
    for what, value in after.items():
        if value != before.get(what):
            yield ValueChange(what, before.get(what), value)


def _values(rule: Rule) -> dict[str, str | None]:
    yes = {True: "yes", False: None}
    until = rule.until.isoformat() if rule.until else None
    return {"mark": rule.mark, "until": until, "trial": yes[rule.trial], "paused": yes[rule.paused]}


def _meaning(rule: Rule) -> Any:
    return _normal(rule.when), tuple(_values(rule).values())


def _normal(member: Group | Condition) -> Any:
    """A value that is equal for members that are written in another order, or with groups that change nothing."""
    if isinstance(member, Condition):
        texts = frozenset(sought(member.matcher))
        test = member.test.name
        return member.field.name, "contains" if test == "contains all" and len(texts) == 1 else test, texts
    inside = frozenset(_flat(member.kind, map(_normal, member.members)))
    return next(iter(inside)) if len(inside) == 1 and member.kind != "none of" else (member.kind, inside)


def _flat(kind: str, members: Iterable[Any]) -> Iterator[Any]:
    for member in members:
        if member[0] == kind and kind != "none of":
            yield from member[1]
        else:
            yield member


Texts = dict[tuple[tuple[str, ...], str], list[dict[str, str]]]
"""The texts of each condition by the groups around it and its wording, for it may stand there more than once."""


def _texts(group: Group) -> Texts:
    found: Texts = defaultdict(list)
    for groups, condition in _conditions(group, ()):
        found[groups, condition.wording].append(sought(condition.matcher))
    return found


def _conditions(group: Group, groups: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Condition]]:
    for member in group.members:
        if isinstance(member, Condition):
            yield groups, member
        else:
            yield from _conditions(member, (*groups, member.kind))


def _condition_changes(old: Texts, new: Texts) -> Iterator[ConditionChange]:
    for groups, wording in dict.fromkeys(chain(new, old)):
        before, after = list(old.get((groups, wording), ())), list(new.get((groups, wording), ()))
        for texts in list(before):
            same = next((one for one in after if one.keys() == texts.keys()), None)
            if same is not None:
                before.remove(texts)
                after.remove(same)
        for was, now in zip_longest(before, after):
            kind: Literal["added", "removed", "changed"]
            kind = "added" if was is None else "removed" if now is None else "changed"
            yield ConditionChange(wording, groups, kind, _without(now, was), _without(was, now))


def _without(texts: dict[str, str] | None, others: dict[str, str] | None) -> tuple[str, ...]:
    return tuple(written for key, written in (texts or {}).items() if key not in (others or {}))
