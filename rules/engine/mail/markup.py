"""Markup: an HTML mail as lines, each with what the mail program marked it as."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from rules.engine.mail.client_marks import (
    OUTLOOK_HEADER,
    QUOTATION,
    ClientMark,
    find_mark,
    is_below_rule,
    is_place,
    may_hold_answers,
)
from rules.engine.mail.introductions import header_of, is_attribution
from rules.engine.mail.markup_bounds import bound
from rules.engine.mail.quotation import SIGNATURE_MARKS, Line
from rules.engine.mail.visibility import hidden_classes, is_hidden

MAX_TEXT: Final = 64 * 1024
MAX_LINES: Final = 2_000

_MAX_NODES: Final = 30_000
_PEEKS: Final = 12
_LONGEST_PEEK: Final = 500

_BLANKS: Final = re.compile(r"[ \t\r\n\f]+")
_TABS: Final = re.compile(r"[\t\r\f]")
_UNSEEN: Final = frozenset(
    {"-comment", "head", "script", "style", "title", "template", "object", "svg", "select", "textarea"}
)
_BLOCKS: Final = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"  # noqa: SIM905 - words read best as words
    " header hr li main nav ol p pre section table tr ul".split()
)
_BREAK: Final = "\n"
_EDGE: Final = "\0"  # no parser of HTML lets it through
_DASHES: Final = "--"
_SPACING: Final = {"br": _BREAK, "td": " ", "th": " "} | dict.fromkeys(_BLOCKS, _EDGE)
_JUDGED: Final = frozenset({"blockquote", "sup"})  # also without attributes
_FOOTNOTE: Final = "0123456789*\u2020\u2021,[]() "


class Page(NamedTuple):
    """An HTML mail as text.

    `hidden`: texts above the history that no reader of the mail sees. `ended`: all below some line is known as history.
    `capped`: the mail went on beyond a limit and was not read there.
    """

    lines: tuple[Line, ...]
    hidden: tuple[str, ...]
    ended: bool
    capped: bool


def read_markup(html: str, *, history: int = MAX_TEXT) -> Page:
    """Read what a person sees of an HTML mail, with quotations marked. Never raises, whatever the markup.

    `history`: so many characters of quotations are read, from the top, and no element beyond them. Then a blank line
    with its mark stands for each quotation.
    """
    bounded = bound(html)
    parser = LexborHTMLParser(bounded.encode("utf-8", "replace"))
    reader = _Reader(history, hidden_classes(bounded))
    if parser.body is not None:
        reader.read(parser.body)
    return Page(
        tuple(reader.lines[:MAX_LINES]), tuple(reader.hidden), reader.ended, reader.full or len(bounded) < len(html)
    )


class _Reader:
    """Walks the tree in a loop, because a mail may nest deeper than Python's stack, and gathers lines."""

    def __init__(self, history: int, hidden: frozenset[str]) -> None:
        self._room = history  # for characters of quotations
        self._hidden_classes = hidden
        self.lines: list[Line] = []
        self.hidden: list[str] = []
        self.ended = False
        self.full = False
        self._parts: list[str] = []  # of the text that was not yet made into lines
        self._size = 0
        self._mark: str | None = None  # what the lines to come are marked as
        self._quotation: int | None = None  # depth of the element that is a quotation
        self._container: int | None = None  # depth of the element that holds quotations and answers

    def read(self, body: LexborNode) -> None:
        """Read the element and all in it."""
        node, path = body, [""]
        for _ in range(_MAX_NODES):
            tag, child = node.tag or "", None
            if tag == "-text":
                self._take(node.text_content or "", preformatted=path[-1] == "pre")
            elif tag not in _UNSEEN:
                if tag in _SPACING:
                    self._parts.append(_SPACING[tag])
                attributes = node.attributes
                if not (attributes or tag in _JUDGED) or self._enter(node, tag, attributes, len(path)):
                    child = node.first_child
            if child is not None:
                path.append(tag)
                node = child
                continue
            while (follower := None if self._is_past() else node.next) is None and len(path) > 1:
                node = node.parent or body
                if path.pop() in _BLOCKS:
                    self._parts.append(_EDGE)
                self._leave(len(path))
            if follower is None or self.full:
                break
            node = follower
        else:
            self.full = True
        self._end_lines()

    def _take(self, text: str, *, preformatted: bool) -> None:
        self._parts.append(text if text.isprintable() else _without_tabs(text, preformatted=preformatted))
        if self._mark is not None:
            self._room -= len(text.strip())

    def _is_past(self) -> bool:
        """Tell whether enough of the quotation was read, or of all that follows."""
        return self._room <= 0 and (self._mark is not None or self.ended)

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None], depth: int) -> bool:
        """Judge an element; False if nobody sees what is in it."""
        if is_hidden(attributes, self._hidden_classes):
            self._hide(node)
            return False
        if tag == "sup" and _is_footnote("".join(self._parts[-1:]), node):
            self._parts.append(" ")
        if self._mark is None and (mark := self._judge(node, tag, attributes)) is not None:
            return self._begin(mark, node, tag, depth)
        return True

    def _leave(self, depth: int) -> None:
        if depth == self._quotation:
            self._end_lines()
            self._quotation = self._mark = None
        if depth == self._container:
            self._container = None

    def _judge(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> ClientMark | None:
        if (mark := find_mark(tag, attributes)) is not None:
            return mark if not is_place(mark) or _is_above_rule(node) else None
        if is_below_rule(attributes) and _opens_with_header(node):
            return OUTLOOK_HEADER
        if tag == "blockquote" and (self._container is not None or self._is_introduced()):
            return QUOTATION
        return None

    def _begin(self, mark: ClientMark, node: LexborNode, tag: str, depth: int) -> bool:
        """Mark what is in the element, and maybe all that follows; False if nothing of it is to be read."""
        self._end_lines()
        if may_hold_answers(mark, tag) and (self._container is not None or _holds_quotation(node)):
            self._container = depth if self._container is None else self._container
            return True
        if not mark.rest and node.first_child is None:
            return True
        self.ended = mark.rest and not self.full
        if self._room <= 0:
            self.lines.append(Line("", mark.name))
            return False
        self._mark = mark.name
        self._quotation = None if mark.rest else depth
        return True

    def _hide(self, node: LexborNode) -> None:
        if self._mark is None and (text := node.text(deep=True, separator=" ").strip()):
            self.hidden.append(_BLANKS.sub(" ", text[:MAX_TEXT]))

    def _is_introduced(self) -> bool:
        self._end_lines()
        last = next((line for line in reversed(self.lines[-2:]) if line.text), None)
        return last is not None and last.mark is None and is_attribution(last.text, above_quotation=True)

    def _end_lines(self) -> None:
        """Make lines of the text so far. A break makes blank lines, the edge of a block does not."""
        text = "".join(self._parts)
        self._parts.clear()
        while "  " in text:
            text = text.replace("  ", " ")
        text = text.strip(_EDGE)
        room = max(0, MAX_TEXT - self._size)
        self._size += len(text)
        for block in text[:room].split(_EDGE):
            if block in {"", " "}:
                continue
            lines = block.split(_BREAK)
            self._add_lines(lines if lines[-1] not in {"", " "} else lines[:-1])
        self.full = self.full or len(text) > room or len(self.lines) > MAX_LINES

    def _add_lines(self, raw_lines: list[str]) -> None:
        for raw in raw_lines:
            text = raw.strip()
            if text == _DASHES and raw.lstrip() in SIGNATURE_MARKS:
                text = raw.lstrip()
            if text or (self.lines and self.lines[-1].text):
                self.lines.append(Line(text, self._mark))


def _without_tabs(text: str, *, preformatted: bool) -> str:
    """Make blanks of tabs, and of line breaks where these are not meant as such."""
    return (_TABS if preformatted else _BLANKS).sub(" ", text)


def _is_footnote(before: str, node: LexborNode) -> bool:
    """Tell whether a raised text is no part of the word before it, as in "pricing¹", but unlike "1st" or "10⁶"."""
    return before[-1:].isalpha() and not _first_words(node)[0].strip(_FOOTNOTE)


def _holds_quotation(node: LexborNode) -> bool:
    """Tell whether a quotation is directly in the element, as it is not where Gmail forwards a mail."""
    child = node.first_child
    while child is not None and child.tag != "blockquote":
        child = child.next
    return child is not None


def _is_above_rule(node: LexborNode) -> bool:
    """Tell whether the next element is a rule or marked as a quotation, and nothing stands between."""
    follower = node.next
    while follower is not None and (follower.tag == "br" or follower.is_text_node):
        if follower.is_text_node and (follower.text_content or "").strip():
            return False
        follower = follower.next
    return follower is not None and (
        follower.tag == "hr" or find_mark(follower.tag or "", follower.attributes) is not None
    )


def _opens_with_header(node: LexborNode) -> bool:
    """Tell whether the first words in the element are a label such as "From:", in bold if it is an unknown one."""
    text, bold = _first_words(node)
    return header_of(text) is not None or (bold and text.endswith((":", "\uff1a")))


def _first_words(node: LexborNode) -> tuple[str, bool]:
    """Give the first words in the element, if they are near its beginning, and whether they are in bold."""
    inner, bold = node.first_child, False
    for _ in range(_PEEKS):
        if inner is None:
            break
        text = (inner.text_content or "")[:_LONGEST_PEEK].strip() if inner.is_text_node else ""
        if text:
            return text, bold
        bold = bold or inner.tag in {"b", "strong"}
        inner = inner.first_child or inner.next
    return "", bold
