"""Why a reply is decided so, in sentences: the deciding rule, what was passed over, and the nearest miss above it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from model import Mark
from rules.engine.evaluate import decide_facts, holds, try_rule, why_unknown
from rules.engine.explaining.clauses import clause, in_one_sentence, quoted
from rules.engine.explaining.nearness import Nearness
from rules.engine.language import FIELDS, Nature
from rules.engine.reading import View
from rules.engine.ruleset import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from model import Decision, Step
    from rules.engine.explaining.closeness import Close
    from rules.engine.facts import Facts
    from rules.engine.matching.phrases import Span
    from rules.engine.reading import Reading
    from rules.engine.ruleset import Group, Rule, RuleSet

MOST_PASSED_OVER = 5
MOST_CLOSE = 3

_WOULD = {Mark.READ: "marked it read", Mark.UNREAD: "marked it unread", Mark.LEAVE: "left it as it is"}


@dataclass(frozen=True, slots=True)
class Passage:
    """The whole text of a field that people write in, and which stretches of it decided, in characters.

    The stretches are in their order and apart.
    """

    field: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A rule that did not decide, though it may match, and why, as the end of a sentence that its name begins."""

    step: Step
    text: str


@dataclass(frozen=True, slots=True)
class Miss:
    """A rule that nearly matched: what kept it from it, and which words of the reply came close."""

    step: Step
    text: str
    close: tuple[Close, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision in words. `because` is None where no rule matched."""

    decision: Decision
    because: str | None
    passages: tuple[Passage, ...]
    passed_over: tuple[Remark, ...]
    nearest_miss: Miss | None


def explain(ruleset: RuleSet, facts: Facts, *, on: date | None = None, full: bool = False) -> Explanation:
    """Decide, as `decide_facts` does with the same `on` and `full`, and say why. Never raises.

    The nearest miss is a rule above the deciding one that is in force, gives another mark and does not match: the one
    that `nearness` finds nearest.
    """
    decision = decide_facts(ruleset, facts, on=on, full=full)
    view = View(facts, ruleset.index)
    place = next((at for at, rule in enumerate(ruleset.rules) if rule.name == decision.rule), None)
    grounds = [] if place is None else list(_grounds(ruleset.rules[place].when, view, wanted=True))
    others = [rule for rule in ruleset.rules[:place] if rule.mark is not decision.mark and not rule.set_aside(on)]
    return Explanation(
        decision,
        _told(grounds, view) if place is not None else None,
        _passages(grounds, view),
        tuple(_passed_over(ruleset, decision, on, view)),
        _miss(ruleset, others, view, facts),
    )


def tell(explanation: Explanation, file: str) -> list[str]:
    """The explanation as sentences without line breaks of their own: first the decision, last the nearest miss."""
    decision, miss = explanation.decision, explanation.nearest_miss
    sentences = [f"{decision.mark}: no rule matches, so the default decides."]
    if decision.rule is not None:
        sentences = [f"{decision.mark}: decided by {_place(decision.steps[-1], file)}, because {explanation.because}."]
    passed_over = explanation.passed_over
    sentences += [f"{_place(remark.step, file)} {remark.text}." for remark in passed_over[:MOST_PASSED_OVER]]
    if len(passed_over) > MOST_PASSED_OVER:
        sentences.append("More rules were passed over.")
    if miss:
        would = f"would have {_WOULD[miss.step.mark]}, but {miss.text}"
        sentences.append(f"Nearest miss: {_place(miss.step, file)} {would}.{''.join(map(_closely, miss.close))}")
    return sentences


def _place(step: Step, file: str) -> str:
    return f'"{step.rule}" ({file}:{step.line})'


def _closely(close: Close) -> str:
    where = f" {close.where}" if close.where else ""
    return f' Close: the rule looks for "{close.sought}"{where}, the {close.field} has {quoted(close.words)}.'


def _told(grounds: list[Condition], view: View) -> str:
    return in_one_sentence(_clause(one, view[one.field.name]) for one in grounds)


def _clause(condition: Condition, reading: Reading) -> str:
    told = clause(condition, reading)
    return f"{told} ({reading.sign})" if reading.sign else told


def _grounds(member: Group | Condition, view: View, *, wanted: bool) -> Iterator[Condition]:
    """The conditions by which a group comes out as wanted; of "any of" all that hold."""
    if holds(member, view) is not wanted:
        return
    if isinstance(member, Condition):
        yield member
        return
    for inner in member.members:
        yield from _grounds(inner, view, wanted=wanted != (member.kind == "none of"))


def _passages(grounds: list[Condition], view: View) -> tuple[Passage, ...]:
    found: dict[str, list[Span]] = {}
    for one in grounds:
        reading = view[one.field.name]
        span = one.matcher.span(reading) if one.matcher.found(reading) else None
        if span and one.field.nature is Nature.TEXT:
            found.setdefault(one.field.name, []).append(span)
    return tuple(Passage(name, view[name].text or "", _apart(found[name])) for name in FIELDS if name in found)


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    """The spans in their order, those joined that meet."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _passed_over(ruleset: RuleSet, decision: Decision, on: date | None, view: View) -> Iterator[Remark]:
    """The rules that match without being in force, and those in force of which nobody can say whether they match."""
    steps = [step for step in decision.steps if step.verdict not in {"matched", "no match"}]
    rules = {rule.name: rule for rule in ruleset.rules} if steps else {}
    for step in steps:
        rule = rules[step.rule]
        if step.verdict != "unknown":
            yield Remark(step, f"{_standing(rule, step)}: it would have {_WOULD[rule.mark]}")
        elif not rule.set_aside(on):
            yield Remark(step, f"was passed over, because {in_one_sentence(_unknown(rule.when, view))}")


def _unknown(member: Group | Condition, view: View) -> Iterator[str]:
    """Why a member is unknown: of a group only by the members that are."""
    if holds(member, view) is not None:
        return
    if isinstance(member, Condition):
        yield why_unknown(member, view[member.field.name])
        return
    for inner in member.members:
        yield from _unknown(inner, view)


def _standing(rule: Rule, step: Step) -> str:
    return f"expired on {rule.until}" if step.verdict == "expired" else f"is {step.verdict}"


def _miss(ruleset: RuleSet, rules: list[Rule], view: View, facts: Facts) -> Miss | None:
    nearness = Nearness(view)
    rule = nearness.nearest(rules)
    if rule is None:
        return None
    text = _told(list(_grounds(rule.when, view, wanted=False)), view)
    return Miss(try_rule(ruleset, rule, facts), text, tuple(islice(nearness.close(rule), MOST_CLOSE)))
