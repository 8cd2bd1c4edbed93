"""Visibility: which elements of an HTML mail nobody sees, by their own styles and by the mail's style sheets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST_STYLE: Final = 2_000
_LONGEST_SHEET: Final = 16 * 1024
_KEPT_STYLES: Final = 512

_NOTHING: Final = r"0(?:\.0+)?(?:px|pt|r?em|%)?(?=[;!]|$)"
_INVISIBLE: Final = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|opacity:0(?:\.0+)?(?![.\d])"
    rf"|font-size:(?:1px(?=[;!]|$)|{_NOTHING})|text-indent:-\d{{4,}})"
)
_FLAT: Final = re.compile(rf"(?:^|;)(?:max-)?(?:height|width):{_NOTHING}")
_OUTSIDE: Final = re.compile(r"(?:^|;)(?:left|top):-\d{4,}")
_PLACED: Final = re.compile(r"(?:^|;)position:(?:absolute|fixed)")
_CLIPPED: Final = re.compile(r"(?:^|;)overflow(?:-[xy])?:hidden")
_SHOWN: Final = re.compile(r"(?:^|;)(?:display:(?!none)|visibility:visible)")

_SHEET: Final = re.compile(r"<style\b[^<>]{0,300}>", re.IGNORECASE)
_COMMENT: Final = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_BRACE: Final = re.compile(r"[{}]")
_CLASS: Final = re.compile(r"[a-z0-9]*\.([\w-]+)", re.IGNORECASE)


def is_hidden(attributes: Mapping[str, str | None], classes: frozenset[str]) -> bool:
    """Tell whether a reader of the mail cannot see the element; `classes` are those that the style sheets hide."""
    if "hidden" in attributes or ((style := attributes.get("style")) and _hides(style[:_LONGEST_STYLE])):
        return True
    return bool(classes) and not classes.isdisjoint((attributes.get("class") or "").split())


def hidden_classes(html: str) -> frozenset[str]:
    """Tell which classes the mail's own style sheets hide; what is only for some screens, or for print, does not count.

    Beyond 16 kB of style sheets nothing is read.
    """
    classes: set[str] = set()
    if "none" not in html and "hidden" not in html:
        return frozenset()
    room = _LONGEST_SHEET
    for opening in _SHEET.finditer(html):
        sheet = html[opening.end() : opening.end() + room].partition("</")[0]
        room -= len(sheet)
        if "none" in sheet or "hidden" in sheet:
            for selectors, style in _blocks(_COMMENT.sub(" ", sheet)):
                _judge(selectors, style[:_LONGEST_STYLE], classes)
        if room <= 0:
            break
    return frozenset(classes)


def _judge(selectors: str, style: str, classes: set[str]) -> None:
    hides = _hides(style)
    if not hides and not _SHOWN.search(_compact(style)):
        return
    names = {found[1] for selector in selectors.split(",") if (found := _CLASS.fullmatch(selector.strip()))}
    if hides:
        classes |= names
    else:
        classes -= names


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Give the selectors and the style of each rule that does not stand in another block."""
    depth, start, selectors = 0, 0, ""
    for brace in _BRACE.finditer(sheet):
        depth += 1 if brace[0] == "{" else -min(depth, 1)
        between = sheet[start : brace.start()]
        if brace[0] == "{" and depth == 1:
            selectors = between
        elif brace[0] == "}" and depth == 0 and not selectors.lstrip().startswith("@"):
            yield selectors, between
        start = brace.end()


# A mail repeats a few styles on all its elements.
@lru_cache(maxsize=_KEPT_STYLES)
def _hides(style: str) -> bool:
    compact = _compact(style)
    if _INVISIBLE.search(compact):
        return True
    pairs = ((_CLIPPED, _FLAT), (_PLACED, _OUTSIDE))
    return any(first.search(compact) and second.search(compact) for first, second in pairs)


def _compact(style: str) -> str:
    return "".join(style.lower().split())
