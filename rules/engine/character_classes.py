r"""Character classes: what stands between square brackets in a pattern, spelt out for RE2.

RE2 knows \w \d \s for ASCII only, so they are given here by code points and Unicode properties. In a tagged
text (see `translation`) some characters are tags, and cannot stand for themselves: they have stand-ins, and
ranges step round them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rules.engine.characters import LOOK_ALIKES
from rules.engine.folding import smooth

if TYPE_CHECKING:
    from collections.abc import Iterator

_codes: Final = import_module("re._constants")

Ranges = tuple[tuple[int, int], ...]

TAGS: Final = r"_\x01\n"
STAND_INS: Final = {"_": "\x02", "\n": "\x03", "\x01": "\ufffd", "\x02": "\ufffd", "\x03": "\ufffd"}

_RESERVED: Final = tuple(sorted((ord(character), ord(character)) for character in STAND_INS))
_LAST: Final = 0x10FFFF
_WIDEST_OF_LOOK_ALIKES: Final = 32
_BLANKS: Final[Ranges] = (
    *((0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
_CONTROLS: Final[Ranges] = ((0x00, 0x1F), (0x7F, 0x9F))
_CONNECTORS: Final[Ranges] = (
    *((0x203F, 0x2040), (0x2054, 0x2054), (0xFE33, 0xFE34), (0xFE4D, 0xFE4F), (0xFF3F, 0xFF3F)),
)
_UNDERSCORE: Final[Ranges] = ((0x5F, 0x5F),)
_SIGNS: Final = r"\p{Cf}\p{Co}\pS\pZ\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}"


def _outside(ranges: Ranges, first: int = 0, last: int = _LAST) -> Iterator[tuple[int, int]]:
    """Give what of `first` to `last` is in none of the sorted ranges."""
    for low, high in ranges:
        if first < low and first <= last:
            yield first, min(low - 1, last)
        first = max(first, high + 1)
    if first <= last:
        yield first, last


_CATEGORIES: Final[dict[Any, tuple[Ranges, str]]] = {
    _codes.CATEGORY_WORD: (_UNDERSCORE, r"\pL\pM\pN"),
    _codes.CATEGORY_NOT_WORD: (_CONTROLS + _CONNECTORS, _SIGNS),
    _codes.CATEGORY_DIGIT: ((), r"\p{Nd}"),
    _codes.CATEGORY_NOT_DIGIT: (_CONTROLS + _CONNECTORS + _UNDERSCORE, r"\pL\pM\p{Nl}\p{No}" + _SIGNS),
    _codes.CATEGORY_SPACE: (_BLANKS, ""),
    _codes.CATEGORY_NOT_SPACE: (tuple(_outside(_BLANKS)), ""),
}
_OPPOSITES: Final = {
    _codes.CATEGORY_NOT_WORD: _codes.CATEGORY_WORD,
    _codes.CATEGORY_NOT_DIGIT: _codes.CATEGORY_DIGIT,
    _codes.CATEGORY_NOT_SPACE: _codes.CATEGORY_SPACE,
}


def spell_class(items: list[tuple[Any, Any]], *, tagged: bool) -> str:
    """Spell a class of Python's parse tree for RE2; "" if nothing that can be seen is in it."""
    negated = items[0][0] is _codes.NEGATE
    items = items[1:] if negated else items
    if len(items) == 1 and items[0][1] in _OPPOSITES:
        # RE2 has no class for what Unicode has not assigned; turned round, it need not have one.
        negated, items = not negated, [(_codes.CATEGORY, _OPPOSITES[items[0][1]])]
    body = "".join(_spell_item(code, value, tagged=tagged) for code, value in items)
    if negated:
        return f"[^{body}{TAGS if tagged else ''}]" if body or tagged else "(?s:.)"
    return f"[{body}]" if body else ""


def spell_character(character: str, *, tagged: bool) -> str:
    """Spell a character so that it means itself, within a class and outside."""
    stand_in = STAND_INS.get(character, character) if tagged else character
    return rf"\x{{{ord(stand_in):x}}}"


def _spell_item(code: Any, value: Any, *, tagged: bool) -> str:
    if code is _codes.CATEGORY:
        ranges, properties = _CATEGORIES[value]
        return _spell_ranges(ranges, tagged=tagged) + properties
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
