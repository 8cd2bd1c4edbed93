"""Markup bounds: how much of an HTML mail a parser can read in little time, whoever wrote it.

A parser that mends broken HTML as browsers do needs time that grows with the square of the depth of the tree, of the
attributes of one tag, and of the formatting that is left open. So a mail is cut where it goes beyond any person's need.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

MAX_MARKUP: Final = 256 * 1024
_MAX_TAGS: Final = 12_000
_MAX_DEPTH: Final = 200
_MAX_FORMATTING: Final = 12
_MAX_ATTRIBUTES: Final = 1_000
_ALL_ATTRIBUTES: Final = 20_000

# Below these sizes nothing can take long.
_FEW_TAGS: Final = 1_000
_LITTLE_MARKUP: Final = 16 * 1024

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ATTRIBUTE: Final = re.compile(r"""[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:"[^"]*"?|'[^']*'?|[^\s>"'][^\s>]*)?)?""")

# Tags that cannot hold themselves, or nothing at all: they add no depth of their own.
_FLAT: Final = frozenset(
    "area base br col dd dt embed hr img input li link meta option p source tbody td tfoot th thead tr wbr".split()  # noqa: SIM905 - words read best as words
)
_FORMATTING: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905 - as above
_INLINE: Final = _FORMATTING | frozenset("span label abbr cite q sub sup del ins mark o:p".split())  # noqa: SIM905 - as above
_BARRIERS: Final = frozenset({"table", "object", "marquee", "applet", "template", "svg", "math", "button", "select"})


def bound(html: str) -> str:
    """Give as much of the mail, from its beginning, as can be parsed in time that grows with its length only."""
    html = html[:MAX_MARKUP]
    if html.count("<") > _FEW_TAGS:
        html = html[: _tangle(html)]
    return html[: _crowded_tag(html)] if len(html) > _LITTLE_MARKUP else html


def _crowded_tag(html: str) -> int | None:
    """Find the first tag with too many attributes. Whatever may be a tag is looked at, also within quotes."""
    left = _ALL_ATTRIBUTES
    for tag in _TAG.finditer(html):
        at = tag.end()
        for _ in range(_MAX_ATTRIBUTES):
            attribute = _ATTRIBUTE.match(html, at)
            if attribute is None:
                break
            at = attribute.end()
            left -= 1
        else:
            return tag.start()
        if left < 0:
            return tag.start()
    return None


def _tangle(html: str) -> int | None:
    """Find where too many elements are open, or where there have been too many."""
    nest = _Nest()
    for count, tag in enumerate(_TAG.finditer(html)):
        name = tag[2].lower()
        if tag[1]:
            nest.close(name)
        elif name not in _FLAT:
            nest.open(name)
        if count >= _MAX_TAGS or nest.depth > _MAX_DEPTH or nest.formatting > _MAX_FORMATTING:
            return tag.start()
    return None


class _Nest:
    """The elements that a parser has open, or more, never fewer.

    A barrier, such as a table, keeps what is outside it open whatever is closed inside. Formatting that was not
    closed goes on behind the element that it was opened in.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.formatting = 0
        self._formatting: Counter[str] = Counter()
        self._levels: list[list[str]] = [[]]

    def open(self, name: str) -> None:
        self.depth += 1
        if name in _FORMATTING:
            self.formatting += 1
            self._formatting[name] += 1
        if name in _BARRIERS:
            self._levels.append([])
        self._levels[-1].append(name)

    def close(self, name: str) -> None:
        if self._formatting[name] > 0:
            self.formatting -= 1
            self._formatting[name] -= 1
        level = self._levels[-1]
        if name not in level:
            return
        at = len(level) - 1 - level[::-1].index(name)
        closed = slice(at, at + 1 if name in _INLINE else None)
        self.depth -= len(level[closed])
        del level[closed]
        if not level and len(self._levels) > 1:
            self._levels.pop()
