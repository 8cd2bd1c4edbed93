"""Slips of typing that a line shows by itself: a space, a colon or a list that its author forgot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rules.engine.language import CONDITIONS, FILE_KEYS, GROUPS, RULE_KEYS
from rules.engine.loading.problem import Cause, Place
from rules.engine.loading.source import in_quotes

if TYPE_CHECKING:
    from collections.abc import Sequence

_NO_SPACE = (
    re.compile(r"[ ]*(?:- +)?(?P<before>[A-Za-z][A-Za-z ]*)(?P<sign>:)(?P<after>[^\s:/].*|[^\S ].*)"),
    re.compile(r"[ ]*(?P<before>)(?P<sign>-)(?P<after>[^\s-].*|[^\S ].*)"),
)
_KEYS = "|".join(sorted({*CONDITIONS, *GROUPS, *RULE_KEYS, *FILE_KEYS}, key=len, reverse=True))
_NO_COLON = re.compile(rf"[ ]*(?:- +)*(?P<key>{_KEYS})(?:\s*(?P<wide>：)\s*|(?=[\s\"'\[{{])\s*)(?P<value>\S.*?)\s*")  # noqa: RUF001 - the colon of East Asian keyboards
_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_OR = r"\s*(?:,|\||/|;|\bor\b)\s*"
_QUOTED_TEXTS = re.compile(rf"{_QUOTED}(?:{_OR}{_QUOTED})+")
_PLAIN = re.compile(r"[^\W_](?:[\w .!?+*'’-]*[\w.!?+*'’-])?")


def missing_space(text: str, place: Place) -> Cause | None:
    """Find the space that was forgotten after a colon or dash in a text that begins at `place`."""
    if ":" not in text and "-" not in text:
        return None
    for shape in _NO_SPACE:
        found = shape.fullmatch(text)
        if found:
            sign, after = found["sign"], found["after"]
            instead = " (there is a no-break space)" if after[0].isspace() else ""
            where = Place(place.line, place.column + found.start("sign"))
            written = f"Write: {found['before']}{sign} {after.strip()}"
            return Cause(where, f'A space is missing after "{sign}"{instead}.', written)
    return None


def missing_colon(text: str, place: Place) -> Cause | None:
    """Find the colon that was forgotten, or typed as another character, after a known key that begins at `place`."""
    found = _NO_COLON.fullmatch(text)
    if not found:
        return None
    start = found.start("key")
    where = Place(place.line, place.column + start, len(text.rstrip()) - start)
    hint = f"Write: {found['key']}: {found['value']}"
    if found["wide"]:
        where = Place(place.line, place.column + found.start("wide"))
        return Cause(where, f'"{found["wide"]}" is not the colon that separates a key from its value.', hint)
    return Cause(where, "This line has no colon.", hint)


def depth(line: str) -> int:
    """Count the characters before the first word of a line, the dashes of a list included."""
    lead = re.match(r"[ ]*(?:- +)*", line)
    return lead.end() if lead else 0


def unlike(lines: Sequence[str], number: int, other: int) -> Cause | None:
    """Tell that a line (from 1) does not begin in the column of another one above it; None if it does."""
    line, above = lines[number - 1], lines[other - 1]
    here, there = depth(line), depth(above)
    if line.lstrip().startswith("- ") and above.lstrip().startswith("- "):
        here, there = _indentation(line), _indentation(above)
    if here == there:
        return None
    spaces = "1 space" if here == 1 else f"{here} spaces"
    named = "the line above" if not any(lines[other : number - 1]) else f"line {other}"
    message = f"This line is indented by {spaces}, {named} by {there}."
    return Cause(Place(number, _indentation(line) + 1), message, "Lines that belong together begin in the same column.")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def pattern_meant(text: str) -> str:
    """Give the pattern that a text with asterisks was probably meant for, to be pasted."""
    is_pattern = re.search(r"[.\])]\*", text)
    words = re.sub(r"[.?+()\[\]{}|^$\\]", r"\\\g<0>", text.strip()).replace("*", r"\w*")
    return "'" + (text if is_pattern else rf"\b{words}\b").replace("'", "''") + "'"


def quoted_texts(text: str) -> str | None:
    """Give several quoted texts, typed one after the other, as a list to be pasted; None if it is something else."""
    return as_list(re.findall(_QUOTED, text)) if _QUOTED_TEXTS.fullmatch(text) else None


def as_list(texts: list[str]) -> str:
    """Give texts as a list to be pasted into a rules file; those that need quotes have them already."""
    return f"[{', '.join(texts)}]"


def pasted(text: str) -> str:
    """Give a text as an item of a list to be pasted, in quotes where YAML needs them."""
    return text if _PLAIN.fullmatch(text) else in_quotes(text)
