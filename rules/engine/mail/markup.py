"""Markup: an HTML mail as lines, each with what the mail program marked it as."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rules.engine.mail.client_marks import (
    OUTLOOK_HEADER,
    QUOTATION,
    ClientMark,
    find_mark,
    is_below_rule,
    is_hidden,
    may_hold_answers,
)
from rules.engine.mail.introductions import header_of, is_attribution
from rules.engine.mail.markup_bounds import bound
from rules.engine.mail.quotation import SIGNATURE_MARKS, Line

MAX_TEXT: Final = 64 * 1024
MAX_LINES: Final = 2_000

_MAX_NODES: Final = 30_000
_PEEKS: Final = 12

_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_UNSEEN: Final = frozenset({"head", "script", "style", "title", "template", "object", "svg", "select", "textarea"})
_BREAKS: Final = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"  # noqa: SIM905 - words read best as words
    " header hr li main nav ol p pre section table tr ul".split()
)
_CELLS: Final = frozenset({"td", "th"})


@dataclass(frozen=True, slots=True)
class Page:
    """An HTML mail as text.

    `hidden`: texts above the history that no reader of the mail sees. `ended`: all below some line is known as history.
    `capped`: the mail went on beyond a limit and was not read there.
    """

    lines: tuple[Line, ...]
    hidden: tuple[str, ...]
    ended: bool
    capped: bool


def read_markup(html: str) -> Page:
    """Read what a person sees of an HTML mail, with quotations marked. Never raises, whatever the markup."""
    bounded = bound(html)
    parser = LexborHTMLParser(bounded.encode("utf-8", "replace"))
    reader = _Reader()
    if parser.body is not None:
        reader.read(parser.body)
    return Page(
        tuple(reader.lines[:MAX_LINES]), tuple(reader.hidden), reader.ended, reader.full or len(bounded) < len(html)
    )


class _Reader:
    """Walks the tree in a loop, because a mail may nest deeper than Python's stack, and gathers lines."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.hidden: list[str] = []
        self.ended = False
        self.full = False
        self._parts: list[str] = []
        self._size = 0
        self._mark: str | None = None  # what the lines to come are marked as
        self._quotation: int | None = None  # depth of the element that is a quotation
        self._container: int | None = None  # depth of the element that holds quotations and answers

    def read(self, body: LexborNode) -> None:
        """Read the element and all in it."""
        node = body
        path: list[str] = []
        for _ in range(_MAX_NODES):
            tag = node.tag or ""
            if tag == "-text":
                self._add(node.text_content or "", preformatted=path[-1:] == ["pre"])
            elif tag == "br":
                self._end_line(always=True)
            elif self._enter(node, tag, len(path)):
                if (child := node.first_child) is not None:
                    path.append(tag)
                    node = child
                    continue
                self._leave(tag, len(path))
            while (follower := node.next) is None and path:
                node = node.parent or body
                self._leave(path.pop(), len(path))
            if follower is None or not path or self.full:
                break
            node = follower
        else:
            self.full = True
        self._end_line()

    def _enter(self, node: LexborNode, tag: str, depth: int) -> bool:
        """Take what the element says; False if what is in it does not count."""
        if tag in _UNSEEN or not tag[:1].isalpha():
            return False
        attributes = node.attributes
        if attributes and is_hidden(attributes):
            self._hide(node)
            return False
        if tag in _BREAKS:
            self._end_line()
        elif tag in _CELLS:
            self._parts.append(" ")
        if self._mark is None and (attributes or tag == "blockquote"):
            mark = self._judge(node, tag, attributes)
            if mark is not None:
                self._end_line()
                self._begin(mark, node, tag, depth)
        return True

    def _leave(self, tag: str, depth: int) -> None:
        if tag in _BREAKS or depth == self._quotation:
            self._end_line()
        if depth == self._quotation:
            self._quotation = self._mark = None
        if depth == self._container:
            self._container = None

    def _judge(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> ClientMark | None:
        if (mark := find_mark(tag, attributes)) is not None:
            return mark
        if is_below_rule(attributes) and _opens_with_header(node):
            return OUTLOOK_HEADER
        if tag == "blockquote" and (self._container is not None or self._is_introduced()):
            return QUOTATION
        return None

    def _begin(self, mark: ClientMark, node: LexborNode, tag: str, depth: int) -> None:
        if may_hold_answers(mark, tag) and (self._container is not None or _holds_quotation(node)):
            self._container = depth if self._container is None else self._container
            return
        self._mark = mark.name
        self.ended = mark.rest
        self._quotation = None if mark.rest else depth

    def _hide(self, node: LexborNode) -> None:
        if self._mark is None and (text := node.text(deep=True, separator=" ").strip()):
            self.hidden.append(_BLANKS.sub(" ", text[:MAX_TEXT]))

    def _is_introduced(self) -> bool:
        last = next((line for line in reversed(self.lines[-2:]) if line.text), None)
        return last is not None and last.mark is None and is_attribution(last.text, above_quotation=True)

    def _add(self, text: str, *, preformatted: bool) -> None:
        room = MAX_TEXT - self._size
        self.full = self.full or len(text) > room
        text = text[:room]
        self._size += len(text)
        if preformatted:
            *lines, text = text.split("\n", MAX_LINES)
            for line in lines:
                self._parts.append(line)
                self._end_line(always=True)
        self._parts.append(text)

    def _end_line(self, *, always: bool = False) -> None:
        if not (self._parts or always):
            return
        joined = "".join(self._parts)
        if "  " in joined or not joined.isprintable():  # tabs and line breaks are not
            joined = _BLANKS.sub(" ", joined)
        raw = joined.lstrip()
        text = raw if raw in SIGNATURE_MARKS else raw.rstrip()
        self._parts.clear()
        blank = always or joined not in {"", " "}
        if text or (blank and self.lines and self.lines[-1].text):
            self.full = self.full or len(self.lines) >= MAX_LINES
            self.lines.append(Line(text, self._mark))


def _holds_quotation(node: LexborNode) -> bool:
    """Tell whether a quotation is directly in the element, as it is not where Gmail forwards a mail."""
    child = node.first_child
    while child is not None and child.tag != "blockquote":
        child = child.next
    return child is not None


def _opens_with_header(node: LexborNode) -> bool:
    """Tell whether the first words in the element are a label such as "From:", in bold if it is an unknown one."""
    inner, bold = node.first_child, False
    for _ in range(_PEEKS):
        if inner is None:
            return False
        text = (inner.text_content or "").strip() if inner.is_text_node else ""
        if text:
            return header_of(text) is not None or (bold and text.endswith((":", "\uff1a")))
        bold = bold or inner.tag in {"b", "strong"}
        inner = inner.first_child or inner.next
    return False
