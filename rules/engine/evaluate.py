"""Deciding a reply: the first rule that matches.

Every answer is one of three: it holds, it does not, or it is unknown (None), because the event does not tell. A rule
that comes out unknown does not decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from model import Check, Decision, Step
from rules.engine.facts import facts_of
from rules.engine.reading import View
from rules.engine.ruleset import Condition, Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from model import Reply, Verdict
    from rules.engine.facts import Facts
    from rules.engine.reading import Reading
    from rules.engine.ruleset import Rule, RuleSet

Answer = bool | None

_CHECK: dict[Answer, Literal["holds", "fails", "unknown"]] = {True: "holds", False: "fails", None: "unknown"}
_VERDICT: dict[Answer, Verdict] = {True: "matched", False: "no match", None: "unknown"}

MOST_TOLD = 20  # rules that did not decide; of ten thousand that are unknown a mail that was cut would tell each


def decide(ruleset: RuleSet, reply: Reply, *, on: date | None = None, full: bool = False) -> Decision:
    """Decide a reply that arrived on a day in UTC; without a day no rule has expired.

    The steps are the rule that matched and, of those above it, the first that came out unknown or match without
    being in force. With `full` the steps are all rules that were tried: the deciding one and every one above it. A
    step has a check for each of its conditions. The decision names no version. Never raises.
    """
    facts = facts_of(reply, whole=ruleset.asks_for("whole message"))
    return decide_facts(ruleset, facts, on=on, full=full)


def decide_facts(ruleset: RuleSet, facts: Facts, *, on: date | None = None, full: bool = False) -> Decision:
    """Decide what `decide` decides, from what the rules can read of a reply."""
    view = View(facts, ruleset.index)
    steps: list[Step] = []
    for rule in ruleset.rules if full else _worth_trying(ruleset, view, steps):
        answer = holds(rule.when, view)
        verdict = (rule.set_aside(on) if answer else None) or _VERDICT[answer]
        if full or verdict == "matched" or (verdict != "no match" and len(steps) < MOST_TOLD):
            steps.append(_step(rule, verdict, view))
        if verdict == "matched":
            return Decision(rule.mark, rule.name, tuple(steps))
    return Decision(ruleset.default, None, tuple(steps))


def _worth_trying(ruleset: RuleSet, view: View, told: Sequence[Step]) -> Iterator[Rule]:
    """The rules that may match or be unknown; those that may match alone, once enough is told."""
    last = -1
    for last in ruleset.index.candidates(view):
        yield ruleset.rules[last]
        if len(told) >= MOST_TOLD:
            break
    else:
        return
    for number in ruleset.index.candidates(view, unknown=False):
        if number > last:
            yield ruleset.rules[number]


def try_rule(ruleset: RuleSet, rule: Rule, facts: Facts) -> Step:
    """Try one rule of the set alone, as if it were in force, whatever the rules above it say."""
    view = View(facts, ruleset.index)
    return _step(rule, _VERDICT[holds(rule.when, view)], view)


def taker(ruleset: RuleSet, facts: Facts, in_force: Rule) -> Rule | None:
    """Give the rule that decides if `in_force` is in force and no rule has expired; None if the default does."""
    view = View(facts, ruleset.index)
    for rule in map(ruleset.rules.__getitem__, ruleset.index.candidates(view, unknown=False)):
        if holds(rule.when, view) and (rule is in_force or not rule.set_aside(None)):
            return rule
    return None


def holds(member: Group | Condition, view: View) -> Answer:
    """Whether a condition or group holds for a reply; None if that is unknown."""
    if isinstance(member, Condition):
        return _answer(member, member.matcher.found(view[member.field.name]))
    if member.kind == "all of":
        return _all_hold(member, view)
    any_holds = _any_holds(member, view)
    return any_holds if member.kind == "any of" or any_holds is None else not any_holds


def _answer(condition: Condition, found: Answer) -> Answer:
    """Whether a condition holds, by whether what it looks for was found; a negative test turns that round."""
    return None if found is None else found != condition.test.negative


def _all_hold(group: Group, view: View) -> Answer:
    verdict: Answer = True
    for member in group.members:
        answer = holds(member, view)
        if answer is False:
            return False
        verdict = verdict if answer else None
    return verdict


def _any_holds(group: Group, view: View) -> Answer:
    verdict: Answer = False
    for member in group.members:
        answer = holds(member, view)
        if answer:
            return True
        verdict = None if answer is None else verdict
    return verdict


def _step(rule: Rule, verdict: Verdict, view: View) -> Step:
    checks = tuple(_checks(rule.when, view, denied=False))
    return Step(rule.name, rule.place.line, verdict, rule.mark, checks)


def _checks(group: Group, view: View, *, denied: bool) -> Iterator[Check]:
    denied = denied != (group.kind == "none of")
    for member in group.members:
        if isinstance(member, Group):
            yield from _checks(member, view, denied=denied)
        else:
            yield _check(member, view, denied=denied)


def _check(condition: Condition, view: View, *, denied: bool) -> Check:
    reading, matcher = view[condition.field.name], condition.matcher
    found = matcher.found(reading)
    answer = _answer(condition, found)
    span = matcher.span(reading) if found else None
    note = _why(condition, reading, found)
    if denied and answer:
        note = "it stands under none of, so the rule does not match"
    return Check(
        condition=condition.wording,
        field=condition.field.name,
        line=condition.place.line,
        verdict=_CHECK[answer],
        words=reading.text[slice(*span)] if span and reading.text is not None else None,
        start=span[0] if span else None,
        end=span[1] if span else None,
        note=note,
    )


def _why(condition: Condition, reading: Reading, found: Answer) -> str | None:
    """Say what is not there, why nothing can be said, or by which sign it was found; the words show the rest."""
    if found is None:
        return why_unknown(condition, reading)
    return reading.sign or (None if found else condition.matcher.absence(reading))


def why_unknown(condition: Condition, reading: Reading) -> str:
    """Say why a condition that is unknown is so, as a clause."""
    return reading.unknown or f"the event does not tell the number of the {condition.field.name}"
