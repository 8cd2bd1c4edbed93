"""From a file's text to a rule set, or to every problem that the file has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model import Mark
from rules.engine.index import Index
from rules.engine.language import FILE_KEYS, RULE_KEYS, is_condition
from rules.engine.loading.conditions import ConditionReader
from rules.engine.loading.document import Mapping, Refused, Scalar, Sequence, read
from rules.engine.loading.operands import NamedList, list_named, literal
from rules.engine.loading.problem import Place, Problem
from rules.engine.loading.rule_reader import RuleReader, mark_of
from rules.engine.loading.structure import distinct, is_nothing, items_of, keyed, mapping_of, phrase_of, word
from rules.engine.ruleset import Rule, RuleSet

if TYPE_CHECKING:
    from collections import abc

    from rules.engine.loading.document import Node
    from rules.engine.loading.operands import Lists
    from rules.engine.loading.problem import Report
    from rules.engine.loading.structure import Entry

VERSION = "1"
_START = Place(1, 1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file. `ruleset` is None if one of the problems is an error; warnings leave it in use."""

    ruleset: RuleSet | None
    problems: tuple[Problem, ...]
    lines: abc.Sequence[str] = ()  # of the file, as problems show them
    lists: tuple[NamedList, ...] = ()  # at the top of the file


def load(text: str | bytes) -> Loaded:
    """Load a rules file. All problems come at once, in the order of the file. Never raises, whatever the text is."""
    node, report = read(text)
    ruleset, lists = _FileReader(report).read(node) if node else (None, ())
    if node is None and not report.failed:
        report.error(_START, "The file is empty.", f'It begins with "version: {VERSION}"; README.md shows the rest.')
    return Loaded(None if report.failed else ruleset, report.problems(), report.lines, lists)


@dataclass(frozen=True, slots=True)
class _FileReader:
    report: Report

    def read(self, node: Node) -> tuple[RuleSet | None, tuple[NamedList, ...]]:
        mapping = mapping_of(node, self.report, "The file", _START)
        if mapping is None:
            return None, ()
        lines = keyed(mapping, FILE_KEYS, self.report, _belongs_into_a_rule)
        self._check_version(lines.get("version"))
        default = mark_of(lines["default"], '"default"', self.report) if "default" in lines else Mark.LEAVE
        lists = self._lists(*lines["lists"]) if "lists" in lines else {}
        rules = self._rules(lines.get("rules"), RuleReader(self.report, ConditionReader(self.report, lists)))
        self._warn_of_unused(lists)
        ruleset = RuleSet(tuple(rules), default, Index(rules)) if default and not self.report.failed else None
        return ruleset, tuple(lists.values())

    def _check_version(self, entry: Entry | None) -> None:
        if entry is None:
            self.report.error(_START, '"version" is missing.', f'Begin the file with "version: {VERSION}".')
            return
        key, value = entry
        if not isinstance(value, Refused) and not (isinstance(value, Scalar) and value.text == VERSION):
            place = key.place if is_nothing(value) else value.place
            self.report.error(place, "This version of the language is not known.", f'Write "version: {VERSION}".')

    def _lists(self, key: Scalar, node: Node) -> Lists:
        if is_nothing(node) or (isinstance(node, Mapping) and not node.entries):
            return {}
        mapping = mapping_of(node, self.report, '"lists"', key.place)
        return (
            {word(name): self._list(name, items) for name, items in distinct(mapping, self.report)} if mapping else {}
        )

    def _warn_of_unused(self, lists: Lists) -> None:
        for name, unused in lists.items():
            if not unused.tests and not self.report.failed:  # a rule that could not be read may need it
                hint = f'Write "${name}" where its texts are meant, or delete it.'
                self.report.warning(unused.name.place, f'No rule uses the list "{name}".', hint)

    def _list(self, name: Scalar, node: Node) -> NamedList:
        if not word(name)[:1].isalpha():
            self.report.error(name.place, "The name of a list begins with a letter.")
        items = items_of(node, self.report, f'The list "{word(name)}"', name.place)
        texts = [text for item in items if (text := phrase_of(item, self.report))]
        kept = [text for text in texts if not self._is_list(text)]
        return NamedList(name, tuple(map(literal, kept)))

    def _is_list(self, text: Scalar) -> bool:
        if list_named(text):
            self.report.error(text.place, "A list cannot hold another list.", "Write its texts out here.")
            return True
        return False

    def _rules(self, entry: Entry | None, reader: RuleReader) -> list[Rule]:
        if entry is None:
            self.report.error(_START, '"rules" is missing.', "README.md shows a first rule.")
            return []
        if isinstance(entry[1], Sequence) and not entry[1].items:
            return []  # written out as []: the default alone is to decide
        items = items_of(entry[1], self.report, '"rules"', entry[0].place)
        return [rule for item in items if not self.report.full and (rule := reader.rule(item))]


def _belongs_into_a_rule(key: str) -> str | None:
    return 'It belongs into a rule, under "rules:".' if key in RULE_KEYS or is_condition(key) else None
