"""How warnings speak of rules, and of what a rule asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.meaning.implication import ADDRESS, CAMPAIGN, CONTAINS, EMPTY, ENDS, IS, MATCHES, STARTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from rules.engine.meaning.cases import Case
    from rules.engine.meaning.implication import Find
    from rules.engine.ruleset import Rule

_MOST_NAMED = 3
_VERBS = {
    CONTAINS: ("contains", "does not contain"),
    STARTS: ("starts with", "does not start with"),
    ENDS: ("ends with", "does not end with"),
    IS: ("is", "is not"),
    ADDRESS: ("is", "is not"),
    CAMPAIGN: ("is", "is not"),
    MATCHES: ("matches", "does not match"),
}


def claim(find: Find, written: Iterable[str], *, denied: bool = False) -> str:
    """Say what is asked of a field: 'contains "demo" or "offer"', "is not empty"."""
    if find.kind in _VERBS:
        return f"{_VERBS[find.kind][denied]} {choice_of(written)}"
    return ("is empty" if find.key == "yes" else "is not empty") if find.kind == EMPTY else "is known"


def demand(find: Find, written: Iterable[str]) -> str:
    """Say what is asked of a reply: 'that contains "demo"', 'whose subject is "Re: demo"'."""
    asked = claim(find, written)
    return f"that {asked}" if find.field == "reply" else f"whose {find.field} {asked}"


def of_any_text(case: Case) -> str:
    """Say which replies a case takes that asks only for a text: "whose subject is known"."""
    finds = dict.fromkeys(find for sought in case.must for find in sought.finds)
    texts = (f"{'text' if find.field == 'reply' else find.field} {claim(find, ())}" for find in finds)
    return f"whose {' and '.join(texts)}"


def choice_of(texts: Iterable[str]) -> str:
    """Name the first few texts as alternatives, in quotes."""
    named = [f'"{text}"' for text in texts]
    more = len(named) - _MOST_NAMED
    return _joined([*named[:_MOST_NAMED], f"{more} more"] if more > 0 else named, "or")


def named_rules(rules: Sequence[Rule]) -> str:
    """Name the first few rules, each with its line."""
    names = [f'"{rule.name}" on line {rule.place.line}' for rule in rules[:_MOST_NAMED]]
    more = len(rules) - _MOST_NAMED
    if more > 0:
        names.append(f"{more} more {'rule' if more == 1 else 'rules'}")
    return _joined(names, "and")


def _joined(parts: Collection[str], word: str) -> str:
    *most, last = parts
    return f"{', '.join(most)} {word} {last}" if most else last
