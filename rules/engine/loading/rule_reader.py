"""Reading one rule of a file: its name, its conditions, its mark, and what else may stand in it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from model import Mark
from rules.engine.facts import facts_told
from rules.engine.language import EXAMPLE_KEYS, FIELDS, MARKS, RULE_KEYS, is_condition
from rules.engine.loading.document import Mapping, Refused, Scalar
from rules.engine.loading.meant import nearest_mark, not_a_choice
from rules.engine.loading.structure import is_nothing, items_of, keyed, mapping_of, text_of, word, yes_or_no
from rules.engine.ruleset import Example, Rule

if TYPE_CHECKING:
    from rules.engine.loading.conditions import ConditionReader
    from rules.engine.loading.document import Node
    from rules.engine.loading.problem import Place, Report
    from rules.engine.loading.structure import Entry

_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)")
_OTHER_DAYS = (
    re.compile(r"(?P<day>\d\d?)\.\s*(?P<month>\d\d?)\.\s*(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d\d?)[/-](?P<month>\d\d?)[/-](?P<year>\d{4})"),
    re.compile(r"(?P<month>\d\d?)[/-](?P<day>\d\d?)[/-](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[/.](?P<month>\d\d?)[/.](?P<day>\d\d?)"),
)
_SWITCHED = {
    **dict.fromkeys(["enabled", "active"], 'A rule is in force unless it says "paused: yes".'),
    **dict.fromkeys(["disabled", "inactive"], 'did you mean "paused: yes"?'),
}
_MISSING = {
    "name": 'a "name:" that tells people what the rule is for.',
    "when": '"when:", and below it the conditions.',
    "mark": '"mark: read", "mark: unread" or "mark: leave".',
}


@dataclass(frozen=True, slots=True)
class RuleReader:
    """Reads the rules of one file; what is wrong with them goes to the report."""

    report: Report
    conditions: ConditionReader
    _named: dict[str, Place] = field(default_factory=dict, init=False)  # where each name stands

    def rule(self, node: Node) -> Rule | None:
        """Read a rule; None where it has no name, no conditions or no mark."""
        mapping = mapping_of(node, self.report, "This rule", node.place)
        if mapping is None:
            return None
        lines = keyed(mapping, RULE_KEYS, self.report, _belongs_elsewhere)
        for required in ("name", "when", "mark"):
            if required not in lines:
                place = mapping.entries[0][0].place
                self.report.error(place, f'This rule has no "{required}".', f"Add: {_MISSING[required]}")
        name = self._name(*lines["name"]) if "name" in lines else None
        when = self.conditions.when(*lines["when"]) if "when" in lines else None
        mark = mark_of(lines["mark"], '"mark"', self.report) if "mark" in lines else None
        examples = self._examples(*lines["examples"]) if "examples" in lines else ()
        note = text_of(lines["note"][1], self.report, '"note"', lines["note"][0].place) if "note" in lines else None
        until = self._day(*lines["until"]) if "until" in lines else None
        trial, paused = (name in lines and self._is_yes(*lines[name]) for name in ("trial", "paused"))
        if not (name and when and mark):
            return None
        return Rule(name.text, name.place, when, mark, examples, note, until, trial, paused)

    def _name(self, key: Scalar, node: Node) -> Scalar | None:
        text = text_of(node, self.report, '"name"', key.place)
        if text is None:
            return None
        if not text.strip():
            self.report.error(node.place, '"name" is empty.', "Write a text after the colon.")
        if text in self._named:
            message = f'Two rules have the name "{text}"; the first is on line {self._named[text].line}.'
            self.report.error(node.place, message, "Give one of them another name.")
        self._named.setdefault(text, node.place)
        return Scalar(text, node.place)

    def _day(self, key: Scalar, node: Node) -> date | None:
        text = text_of(node, self.report, '"until"', key.place)
        if text is None:
            return None
        written = _DAY.fullmatch(text.strip())
        day = _day_of(written)
        if day is None:
            meant = _day_meant(text.strip())
            hint = f"did you mean {meant}?" if meant else "Write year, month and day, for example: until: 2026-12-31"
            message = f'There is no day "{text}".' if written else f'"{text}" is not how a day is written here.'
            self.report.error(node.place, message, hint)
        return day

    def _is_yes(self, key: Scalar, node: Node) -> bool:
        return yes_or_no(node, self.report, f'"{word(key)}"', key.place) or False

    def _examples(self, key: Scalar, node: Node) -> tuple[Example, ...]:
        mapping = mapping_of(node, self.report, '"examples"', key.place)
        lines = keyed(mapping, EXAMPLE_KEYS, self.report) if mapping else {}
        return tuple(
            example
            for kind, (name, texts) in lines.items()
            for item in self._told(kind, name, texts)
            if (example := self._example(item, matches=kind == "matches"))
        )

    def _told(self, kind: str, key: Scalar, node: Node) -> tuple[Node, ...]:
        """The examples of one kind; a single one counts as a list of one."""
        if isinstance(node, Mapping) and node.size:
            return (node,)
        return items_of(node, self.report, f'"{kind}"', key.place)

    def _example(self, node: Node, *, matches: bool) -> Example | None:
        if isinstance(node, Mapping):
            told = {}
            for name, (key, value) in keyed(node, FIELDS, self.report).items():
                text = text_of(value, self.report, f'"{name}"', key.place)
                if text is None:
                    continue
                told[name] = text
                if wrong := not_a_choice(FIELDS[name], text):
                    self.report.error(value.place, *wrong)
            return Example(", ".join(told.values()), node.place, facts_told(told), matches)
        text = text_of(node, self.report, "This example", node.place)
        return None if text is None else Example(text, node.place, facts_told({"reply": text}), matches)


def mark_of(entry: Entry, what: str, report: Report) -> Mark | None:
    """Read a mark; `what` begins the sentence of the problem."""
    key, value = entry
    if isinstance(value, Scalar) and value.text in MARKS:
        return Mark(value.text)
    if isinstance(value, Scalar) and not is_nothing(value):
        message = f'{what} cannot be "{value.text}": it is read, unread or leave.'
        report.error(value.place, message, nearest_mark(value.text))
    elif not isinstance(value, Refused):
        place = key.place if is_nothing(value) else value.place
        report.error(place, f"{what} must be read, unread or leave.")
    return None


def _day_of(written: re.Match[str] | None) -> date | None:
    """Give the day that a text names, None if there is no such day."""
    try:
        return date(*(int(written[part]) for part in ("year", "month", "day"))) if written else None
    except ValueError:
        return None


def _day_meant(text: str) -> date | None:
    """Give the day that was meant by a text written as in another country, if it can be only one."""
    days = {day for shape in _OTHER_DAYS if (day := _day_of(shape.fullmatch(text)))}
    return days.pop() if len(days) == 1 else None


def _belongs_elsewhere(key: str) -> str | None:
    if key.casefold() in _SWITCHED:
        return _SWITCHED[key.casefold()]
    return 'A condition stands under "when:", indented by two spaces more.' if is_condition(key) else None
