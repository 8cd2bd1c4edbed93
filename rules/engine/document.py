"""Reading YAML into nodes that know their place: texts, lists and maps, and nothing else of YAML.

Every value is the text that was typed: `no`, `12:30` and `2026-11-22` stay what they look like. Anchors, aliases,
tags, merge keys and several documents are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from rules.engine.diagnosis import explain
from rules.engine.problem import Place
from rules.engine.source import in_quotes, item_at, open_source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.engine.problem import Report

LOADER = getattr(yaml, "CLoader", yaml.Loader)  # a wheel without libyaml reads the same, nine times slower
DEEPEST = 20
MOST_EVENTS = 500_000  # ten thousand rules with examples are half of it


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. `style` is its quote, "|" or ">" of a block, or "" where it stands plain."""

    text: str
    place: Place
    style: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map. A key that was written twice stands here twice."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that YAML knows and rules files do not; it is reported already."""

    place: Place


Node = Scalar | Sequence | Mapping | Refused


def read(raw: str | bytes, loader: Any = LOADER) -> tuple[Node | None, Report]:
    """The file's one document and the problems met on the way; None where there is nothing to go on with.

    Never raises, whatever the text is. `loader` is one of PyYAML's; all give the same nodes.
    """
    source = open_source(raw)
    report = source.report
    if report.failed:
        return None, report
    composer = _Composer(report)
    try:
        composer.take(yaml.parse(source.text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        explain(error, report)
        return None, report
    except (yaml.YAMLError, ValueError, OverflowError):  # PyYAML's own loader lets wrong escapes through as these
        report.error(Place(1, 1), "The file cannot be read as YAML.", "Look for a backslash in double quotes.")
        return None, report
    return composer.root, report


@dataclass(slots=True)
class _Open:
    """A list or map whose end has not come yet."""

    place: Place
    is_map: bool
    children: list[Node] = field(default_factory=list)


class _Composer:
    """Puts the parser's events together, without recursion: how deep a file is nested is its author's choice."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.root: Node | None = None
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, events: Iterable[yaml.Event]) -> None:
        """Compose until the end, or until going on would help nobody."""
        for number, event in enumerate(events):
            if number > MOST_EVENTS:
                self.report.error(self._place(event), "The file goes on for too long: too many keys and texts.")
            if self.report.full or number > MOST_EVENTS or not self._take(event):
                return

    def _take(self, event: yaml.Event) -> bool:
        match event:
            case yaml.ScalarEvent():
                self._add(self._refused_special(event) or self._scalar(event))
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refused_special(event)
                self._open.append(_Open(self._place(event), isinstance(event, yaml.MappingStartEvent)))
                return self._not_too_deep()
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._add(self._closed(self._open.pop()))
            case yaml.AliasEvent():
                self._add(self._refused(event, "*", "an alias"))
            case yaml.DocumentStartEvent():
                return self._only_document(event)
        return True

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        place, style = self._place(event), event.style or ""
        if style == '"' and not _is_visible(event.value):
            line = self.report.lines[place.line - 1]
            raw = line[place.column : place.column + place.width - 2]
            hint = f"Use single quotes: {in_quotes(raw)}"
            self.report.error(place, "In double quotes a backslash makes another character of what follows.", hint)
            return Refused(place)
        return Scalar(event.value, place, style)

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node

    def _closed(self, opened: _Open) -> Node:
        if not opened.is_map:
            return Sequence(tuple(opened.children), opened.place)
        pairs = list(zip(opened.children[::2], opened.children[1::2], strict=True))
        entries = tuple((key, value) for key, value in pairs if isinstance(key, Scalar))
        if len(entries) == len(pairs):
            return Mapping(entries, opened.place)
        if not any(isinstance(key, Refused) for key, _ in pairs):
            hint = f"If all of it is text, put it in quotes: {self._quoted(opened.place)}"
            self.report.error(opened.place, "What stands before a colon must be a text.", hint)
        return Refused(opened.place)

    def _only_document(self, event: yaml.Event) -> bool:
        self._documents += 1
        if self._documents > 1:
            self.report.error(self._place(event), 'A second document begins here ("---").', "Delete this line.")
        return self._documents == 1

    def _not_too_deep(self) -> bool:
        if len(self._open) > DEEPEST:
            self.report.error(self._open[-1].place, f"This is nested more than {DEEPEST} levels deep.")
        return len(self._open) <= DEEPEST

    def _refused_special(self, event: yaml.NodeEvent) -> Refused | None:
        if event.anchor:
            return self._refused(event, "&", "an anchor")
        return self._refused(event, "!", "a tag") if getattr(event, "tag", None) else None

    def _refused(self, event: yaml.Event, sign: str, kind: str) -> Refused:
        place = self._place(event)
        hint = f"If it is text, put it in quotes: {self._quoted(place)}"
        self.report.error(place, f'"{sign}" begins {kind} of YAML; rules files have none.', hint)
        return Refused(place)

    def _quoted(self, place: Place) -> str:
        return in_quotes(item_at(self.report.lines[place.line - 1], place.column))

    def _place(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return Place(1, 1)
        until = end.column if end.line == start.line else len(self.report.lines[start.line])
        return Place(start.line + 1, start.column + 1, max(1, until - start.column))


def _is_visible(text: str) -> bool:
    return not any(
        (character < " " and character not in "\n\t") or "\ud800" <= character <= "\udfff" for character in text
    )
