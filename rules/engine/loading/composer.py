"""From the events of PyYAML's parser to the nodes of a rules file."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from rules.engine.language import FIELDS
from rules.engine.loading.nodes import node_of
from rules.engine.loading.problem import Cause, Place
from rules.engine.loading.slips import unlike
from rules.engine.loading.source import BLOCKS, in_quotes, item_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rules.engine.loading.nodes import Bare, Node
    from rules.engine.loading.problem import Report

DEEPEST = 20
MOST_EVENTS = 300_000  # ten thousand rules with two examples each are 270,000
LONGEST_TEXT = 100_000  # characters; the longest honest text is a mail in an example

_RUNS_ON = {"name", "note", *FIELDS}  # keys of texts in which a line may begin with a dash
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")


class Composer:
    """Puts the parser's events together, without recursion: how deep a file is nested is its author's choice."""

    def __init__(self, report: Report, left_out: frozenset[int] = frozenset()) -> None:
        """`left_out`: the lines, from 1, on which something stands in for what could not be read."""
        self._report = report
        self._left_out = left_out
        self._root: Bare | None = None
        self._open: list[list[Bare]] = []  # what stands in each list or map whose end has not come yet
        self._places: list[Place] = []  # where each of them began
        self._add: Callable[[Bare], None] = self._set_root
        self._documents = 0

    @property
    def node(self) -> Node | None:
        """The document, None if there is none."""
        return node_of(self._root) if self._root else None

    def take(self, events: Iterable[yaml.Event]) -> None:
        """Compose until the end, or until going on would help nobody."""
        takers: dict[type[yaml.Event], Callable[[Any], bool]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceEndEvent: self._sequence,
            yaml.MappingEndEvent: self._mapping,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._only_document,
        }
        for event in islice(events, MOST_EVENTS):
            taker = takers.get(type(event))
            if taker and not taker(event):
                return
        if self._open:
            message = f"The file holds more than {MOST_EVENTS:,} keys, texts and lists up to here."
            hint = "Take domains in place of single addresses, and delete rules that nobody needs."
            self._report.error(Place(len(self._report.lines), 1), message, hint)

    def _set_root(self, bare: Bare) -> None:
        self._root = bare

    def _scalar(self, event: Any) -> bool:
        text, style = event.value, event.style or ""
        line, column, width = place = self._span(event)
        if event.end_mark.line >= line and style not in BLOCKS and self._refuse_dashes(event, Place(*place)):
            self._add((None, *place, "!"))
            return not self._report.full
        if text and len(text) <= LONGEST_TEXT and style != '"' and not event.anchor and not event.tag:
            self._add((text, line, column, width, style))
            return True
        return self._rare_scalar(event, text, style, Place(*place))

    def _rare_scalar(self, event: yaml.ScalarEvent, text: str, style: str, place: Place) -> bool:
        if event.anchor or event.tag:
            self._refuse_special(event)
        elif len(text) > LONGEST_TEXT:
            self._report.error(place, f"This text is longer than {LONGEST_TEXT:,} characters.", "Shorten it.")
        elif style == '"' and _INVISIBLE.search(text):
            self._refuse_escape(place)
        elif text or place.line not in self._left_out:
            self._add((text, *place, style))
            return True
        self._add((None, *place, "!"))
        return not self._report.full

    def _refuse_dashes(self, event: Any, place: Place) -> bool:
        """Refuse a text that goes on in lines with a dash: YAML melts the items of a list whose indentation slips."""
        lines = self._report.lines
        below = range(place.line + 1, event.end_mark.line + 2)
        slipped = [number for number in below if lines[number - 1].lstrip().startswith("- ")]
        if event.style and len(slipped) < len(below):  # a mail in quotes may hold such lines among others
            return False
        if not slipped or _may_run_on(lines[place.line - 1][: place.column - 1]):
            return False
        for number in slipped:
            is_item = lines[place.line - 1].lstrip().startswith("- ")
            cause = (unlike(lines, number, place.line) if is_item else None) or _goes_on(number, place, lines)
            self._report.error(cause.place, cause.message, cause.hint)
        return True

    def _refuse_escape(self, place: Place) -> None:
        line = self._report.lines[place.line - 1]
        hint = f"Use single quotes: {in_quotes(line[place.column : place.column + place.width - 2])}"
        self._report.error(place, "In double quotes a backslash makes another character of what follows.", hint)

    def _start(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> bool:
        self._refuse_special(event)
        self._places.append(self._place(event))
        self._open.append([])
        self._add = self._open[-1].append
        return self._not_too_deep()

    def _close(self) -> tuple[tuple[Bare, ...], Place]:
        children = tuple(self._open.pop())
        self._add = self._open[-1].append if self._open else self._set_root
        return children, self._places.pop()

    def _sequence(self, _event: yaml.SequenceEndEvent) -> bool:
        children, place = self._close()
        self._add((children, *place, "["))
        return not self._report.full

    def _mapping(self, _event: yaml.MappingEndEvent) -> bool:
        children, place = self._close()
        begins = self._report.lines[place.line - 1][place.column - 1 : place.column + 1]
        keys = children[::2]
        if all(isinstance(key[0], str) for key in keys) and begins not in {"?", "? "}:
            self._add((children, *place, "{"))
            return not self._report.full
        if all(key[0] is not None for key in keys):
            hint = f"Put it in quotes: {self._quoted(place)}"
            self._report.error(place, f'A text that begins with "{begins[0]}" needs quotes.', hint)
        self._add((None, *place, "!"))
        return not self._report.full

    def _alias(self, event: yaml.AliasEvent) -> bool:
        place = self._place(event)
        self._refuse(place, "*", "an alias")
        self._add((None, *place, "!"))
        return not self._report.full

    def _only_document(self, event: yaml.Event) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._root = None  # what seems to be missing in the first may stand in the second
            self._report.error(self._place(event), 'A second document begins here ("---").', "Delete this line.")
        return self._documents == 1

    def _not_too_deep(self) -> bool:
        if len(self._open) > DEEPEST:
            self._report.error(self._places[-1], f"This is nested more than {DEEPEST} levels deep.")
        return len(self._open) <= DEEPEST

    def _refuse_special(self, event: yaml.NodeEvent) -> None:
        if event.anchor:
            self._refuse(self._place(event), "&", "an anchor")
        elif getattr(event, "tag", None):
            self._refuse(self._place(event), "!", "a tag")

    def _refuse(self, place: Place, sign: str, kind: str) -> None:
        hint = f"If it is text, put it in quotes: {self._quoted(place)}"
        self._report.error(place, f'"{sign}" begins {kind} of YAML; rules files have none.', hint)

    def _quoted(self, place: Place) -> str:
        return in_quotes(item_at(self._report.lines[place.line - 1], place.column))

    def _place(self, event: Any) -> Place:
        return Place(*self._span(event))

    def _span(self, event: Any) -> tuple[int, int, int]:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        until = end.column if end.line == line else len(self._report.lines[line])
        return line + 1, column + 1, until - column if until > column else 1


def _goes_on(number: int, place: Place, lines: Sequence[str]) -> Cause:
    line = lines[number - 1]
    message = f"This line goes on with the text that begins on line {place.line}."
    hint = 'A list begins on the line below its key, each item with "- " in the same column.'
    return Cause(Place(number, len(line) - len(line.lstrip()) + 1), message, hint)


def _may_run_on(before: str) -> bool:
    """Whether the text behind `before` on its line is the value of a key that takes any text."""
    key = re.split(r"[-,{]\s", before.strip())[-1].strip()
    return key.endswith(":") and key[:-1].rstrip() in _RUNS_ON
