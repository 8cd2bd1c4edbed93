r"""Character classes: what stands between square brackets in a pattern, spelt out for RE2.

RE2 knows \w \d \s for ASCII only. So they are told by the tags of a tagged text (see `translation`). Some characters
are tags there, and cannot stand for themselves: they have stand-ins, and ranges step round them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rules.engine.matching.characters import LOOK_ALIKES
from rules.engine.matching.folding import smooth

if TYPE_CHECKING:
    from collections.abc import Iterator

_codes: Final = import_module("re._constants")

Ranges = tuple[tuple[int, int], ...]

LETTER_TAG: Final = "_"  # of a letter, a combining mark, the underscore
DIGIT_TAG: Final = "0"
BLANK_TAG: Final = " "
BREAK_TAG: Final = "\n"  # of the line break alone, so that ^ and $ of the m flag stay right
OTHER_TAG: Final = "\x01"
STAND_INS: Final = {
    LETTER_TAG: "\x02",
    BREAK_TAG: "\x03",
    DIGIT_TAG: "\x04",
    BLANK_TAG: "\x05",
    **dict.fromkeys("\x01\x02\x03\x04\x05", "\ufffd"),
}

_RESERVED: Final = tuple(sorted((ord(character), ord(character)) for character in STAND_INS))
_LAST: Final = 0x10FFFF
_WIDEST_OF_LOOK_ALIKES: Final = 32
_ALL_TAGS: Final = LETTER_TAG + DIGIT_TAG + BLANK_TAG + BREAK_TAG + OTHER_TAG
_TAGS_OF: Final = {
    _codes.CATEGORY_WORD: LETTER_TAG + DIGIT_TAG,
    _codes.CATEGORY_NOT_WORD: BLANK_TAG + BREAK_TAG + OTHER_TAG,
    _codes.CATEGORY_DIGIT: DIGIT_TAG,
    _codes.CATEGORY_NOT_DIGIT: LETTER_TAG + BLANK_TAG + BREAK_TAG + OTHER_TAG,
    _codes.CATEGORY_SPACE: BLANK_TAG + BREAK_TAG,
    _codes.CATEGORY_NOT_SPACE: LETTER_TAG + DIGIT_TAG + OTHER_TAG,
}
_NOTHING: Final = r"[^\x{0}-\x{10ffff}]"


def _outside(ranges: Ranges, first: int = 0, last: int = _LAST) -> Iterator[tuple[int, int]]:
    """Give what of `first` to `last` is in none of the sorted ranges."""
    for low, high in ranges:
        if first < low and first <= last:
            yield first, min(low - 1, last)
        first = max(first, high + 1)
    if first <= last:
        yield first, last


def spell_class(items: list[tuple[Any, Any]], *, tagged: bool) -> str:
    r"""Spell a class of Python's parse tree for RE2, with its tags; "" if nothing that can be seen is in it.

    A class with \w \d or \s can be spelled for a tagged text only.
    """
    negated = items[0][0] is _codes.NEGATE
    items = items[1:] if negated else items
    if tagged:
        return _spell_outside(items) if negated else _spell_inside(items)
    body = _spell_items(items, tagged=False)
    if negated:
        return f"[^{body}]" if body else "(?s:.)"
    return f"[{body}]" if body else ""


def _spell_inside(items: list[tuple[Any, Any]]) -> str:
    tags, body = _tags_and_body(items)
    choices = [f"[{tags}][^{_ALL_TAGS}][{tags}]"] if tags else []
    choices += [between_tags(f"[{body}]")] if body else []
    return f"(?:{'|'.join(choices)})" if len(choices) > 1 else "".join(choices)


def _spell_outside(items: list[tuple[Any, Any]]) -> str:
    tags, body = _tags_and_body(items)
    allowed = "".join(tag for tag in _ALL_TAGS if tag not in tags)
    return f"[{allowed}][^{body}{_ALL_TAGS}][{allowed}]" if allowed else _NOTHING


def _tags_and_body(items: list[tuple[Any, Any]]) -> tuple[str, str]:
    """Part a class into the tags of its categories and the spelling of the rest."""
    tags = "".join(_TAGS_OF[value] for code, value in items if code is _codes.CATEGORY)
    return tags, _spell_items([item for item in items if item[0] is not _codes.CATEGORY], tagged=True)


def between_tags(spelling: str) -> str:
    """Put what stands for one character between any two tags: they are bytes, and no character can be one."""
    return rf"\C{spelling}\C"


def spell_character(character: str, *, tagged: bool) -> str:
    """Spell a character so that it means itself, within a class and outside."""
    stand_in = STAND_INS.get(character, character) if tagged else character
    return stand_in if stand_in.isascii() and stand_in.isalnum() else rf"\x{{{ord(stand_in):x}}}"


def _spell_items(items: list[tuple[Any, Any]], *, tagged: bool) -> str:
    return "".join(_spell_item(code, value, tagged=tagged) for code, value in items)


def _spell_item(code: Any, value: Any, *, tagged: bool) -> str:
    if code is _codes.LITERAL:
        return "".join(spell_character(character, tagged=tagged) for character in smooth(chr(value)))
    return _spell_ranges((value, *_smoothed_range(*value)), tagged=tagged)


def _smoothed_range(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Give what a range of nothing but look-alikes, such as all dashes, is in a smoothed text."""
    if last - first >= _WIDEST_OF_LOOK_ALIKES:
        return
    characters = [chr(code) for code in range(first, last + 1)]
    if all(character in LOOK_ALIKES for character in characters):
        yield from ((ord(c), ord(c)) for c in set(smooth("".join(characters))))


def _spell_ranges(ranges: Ranges, *, tagged: bool) -> str:
    if not tagged:
        return "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in ranges)
    free = (part for first, last in ranges for part in _outside(_RESERVED, first, last))
    taken = (c for c in STAND_INS for first, last in ranges if first <= ord(c) <= last)
    return _spell_ranges(tuple(free), tagged=False) + "".join(spell_character(c, tagged=True) for c in taken)
