"""From a file's text to a rule set, or to every problem that the file has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from model import Mark
from rules.engine.conditions import ConditionReader
from rules.engine.document import Mapping, Refused, Scalar, Sequence, read
from rules.engine.facts import facts_told
from rules.engine.language import (
    EXAMPLE_KEYS,
    FIELDS,
    FILE_KEYS,
    MARKS,
    RULE_KEYS,
    is_condition,
    nearest_mark,
)
from rules.engine.operands import list_named, literal
from rules.engine.problem import Place, Problem
from rules.engine.ruleset import Example, Rule, RuleSet, compiled
from rules.engine.structure import (
    distinct,
    is_nothing,
    items_of,
    keyed,
    mapping_of,
    phrase_of,
    text_of,
    word,
)

if TYPE_CHECKING:
    from rules.engine.document import Node
    from rules.engine.operands import Lists
    from rules.engine.problem import Report
    from rules.engine.structure import Entry

VERSION = "1"
_START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file. `ruleset` is None if one of the problems is an error; warnings leave it in use."""

    ruleset: RuleSet | None
    problems: tuple[Problem, ...]


def load(text: str | bytes) -> Loaded:
    """Load a rules file. All problems come at once, in the order of the file. Never raises, whatever the text is."""
    node, report = read(text)
    ruleset = _FileReader(report).ruleset(node) if node else None
    if node is None and not report.failed:
        report.error(_START, "The file is empty.", f'It begins with "version: {VERSION}"; README.md shows the rest.')
    return Loaded(None if report.failed else ruleset, report.problems())


@dataclass(slots=True)
class _FileReader:
    """Reads one file; `_named` remembers where each rule's name stands."""

    report: Report
    _named: dict[str, Place] = field(default_factory=dict)

    def ruleset(self, node: Node) -> RuleSet | None:
        mapping = mapping_of(node, self.report, "The file", _START)
        if mapping is None:
            return None
        lines = keyed(mapping, FILE_KEYS, self.report, _belongs_into_a_rule)
        self._check_version(lines.get("version"))
        default = self._mark(lines["default"], '"default"') if "default" in lines else Mark.LEAVE
        lists = self._lists(*lines["lists"]) if "lists" in lines else {}
        rules = self._rules(lines.get("rules"), ConditionReader(self.report, lists))
        return compiled(rules, default) if default and not self.report.failed else None

    def _check_version(self, entry: Entry | None) -> None:
        if entry is None:
            self.report.error(_START, '"version" is missing.', f'Begin the file with "version: {VERSION}".')
            return
        key, value = entry
        if not isinstance(value, Refused) and not (isinstance(value, Scalar) and value.text == VERSION):
            place = key.place if is_nothing(value) else value.place
            self.report.error(place, "This version of the language is not known.", f'Write "version: {VERSION}".')

    def _mark(self, entry: Entry, what: str) -> Mark | None:
        key, value = entry
        if isinstance(value, Scalar) and value.text in MARKS:
            return Mark(value.text)
        if isinstance(value, Scalar) and not is_nothing(value):
            message = f'{what} cannot be "{value.text}": it is read, unread or leave.'
            self.report.error(value.place, message, nearest_mark(value.text))
        elif not isinstance(value, Refused):
            place = key.place if is_nothing(value) else value.place
            self.report.error(place, f"{what} must be read, unread or leave.")
        return None

    def _lists(self, key: Scalar, node: Node) -> Lists:
        if is_nothing(node) or (isinstance(node, Mapping) and not node.entries):
            return {}
        mapping = mapping_of(node, self.report, '"lists"', key.place)
        return (
            {word(name): self._list(name, items) for name, items in distinct(mapping, self.report)} if mapping else {}
        )

    def _list(self, name: Scalar, node: Node) -> tuple[Scalar, ...]:
        if not word(name)[:1].isalpha():
            self.report.error(name.place, "The name of a list begins with a letter.")
        items = items_of(node, self.report, f'The list "{word(name)}"', name.place)
        texts = [text for item in items if (text := phrase_of(item, self.report))]
        lists = [text for text in texts if list_named(text)]
        for text in lists:
            self.report.error(text.place, "A list cannot hold another list.", "Write its texts out here.")
        return tuple(literal(text) for text in texts if text not in lists)

    def _rules(self, entry: Entry | None, conditions: ConditionReader) -> list[Rule]:
        if entry is None:
            self.report.error(_START, '"rules" is missing.', "README.md shows a first rule.")
            return []
        if isinstance(entry[1], Sequence) and not entry[1].items:
            return []  # written out as []: the default alone is to decide
        items = items_of(entry[1], self.report, '"rules"', entry[0].place)
        return [rule for item in items if not self.report.full and (rule := self._rule(item, conditions))]

    def _rule(self, node: Node, conditions: ConditionReader) -> Rule | None:
        mapping = mapping_of(node, self.report, "This rule", node.place)
        if mapping is None:
            return None
        lines = keyed(mapping, RULE_KEYS, self.report, _belongs_under_when)
        for required in ("name", "when", "mark"):
            if required not in lines:
                place = mapping.entries[0][0].place
                self.report.error(place, f'This rule has no "{required}".', f"Add: {_MISSING[required]}")
        name = self._name(*lines["name"]) if "name" in lines else None
        when = conditions.when(*lines["when"]) if "when" in lines else None
        mark = self._mark(lines["mark"], '"mark"') if "mark" in lines else None
        examples = self._examples(*lines["examples"]) if "examples" in lines else ()
        note = text_of(lines["note"][1], self.report, '"note"', lines["note"][0].place) if "note" in lines else None
        if not (name and when and mark):
            return None
        return Rule(name.text, name.place, when, mark, examples, note)

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

    def _examples(self, key: Scalar, node: Node) -> tuple[Example, ...]:
        mapping = mapping_of(node, self.report, '"examples"', key.place)
        lines = keyed(mapping, EXAMPLE_KEYS, self.report) if mapping else {}
        return tuple(
            example
            for kind, (name, texts) in lines.items()
            for item in items_of(texts, self.report, f'"{kind}"', name.place)
            if (example := self._example(item, matches=kind == "matches"))
        )

    def _example(self, node: Node, *, matches: bool) -> Example | None:
        if isinstance(node, Mapping):
            told = {}
            for name, (key, value) in keyed(node, FIELDS, self.report).items():
                text = text_of(value, self.report, f'"{name}"', key.place)
                if text is not None:
                    told[name] = text
            return Example(", ".join(told.values()), node.place, facts_told(told), matches)
        text = text_of(node, self.report, "This example", node.place)
        return None if text is None else Example(text, node.place, facts_told({"reply": text}), matches)


_MISSING = {
    "name": 'a "name:" that tells people what the rule is for.',
    "when": '"when:", and below it the conditions.',
    "mark": '"mark: read", "mark: unread" or "mark: leave".',
}


def _belongs_into_a_rule(key: str) -> str | None:
    return 'It belongs into a rule, under "rules:".' if key in RULE_KEYS or is_condition(key) else None


def _belongs_under_when(key: str) -> str | None:
    return 'A condition stands under "when:", indented by two spaces more.' if is_condition(key) else None
