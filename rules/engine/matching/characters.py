"""Characters: which look alike, which cannot be seen, and which belong to scripts written without blanks."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Callable

_APOSTROPHES: Final = "`´ʹʻʼʽˈ‘’‚‛′‵‹›׳＇"  # noqa: RUF001 - look-alikes are the point
_QUOTES: Final = "ʺ“”„‟«»″‶〝〞〟״＂"  # noqa: RUF001 - look-alikes are the point
_DASHES: Final = "֊־᐀᠆‐‑‒–—―⁃−⸗⸚⸺⸻⹀⹝〜〰゠︱︲﹘﹣－\U00010ead"  # noqa: RUF001 - look-alikes are the point
_BLANKS: Final = "\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u2800\u3000"
_ZERO_WIDTH: Final = tuple(
    chain(
        (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
        range(0x180B, 0x180E),  # Mongolian variation selectors
        (0x488, 0x489, *range(0x20DD, 0x20E1), *range(0x20E2, 0x20E5)),  # circles and keys around a character
        range(0x200B, 0x2010),  # zero-width space, joiners, direction marks
        range(0x202A, 0x202F),  # direction embeddings and overrides
        range(0x2060, 0x2070),  # word joiner, invisible operators, direction isolates
        range(0xFE00, 0xFE10),  # variation selectors
        range(0xFFF9, 0xFFFC),  # interlinear annotation
        range(0xE0000, 0xE0080),  # tags
        range(0xE0100, 0xE01F0),  # more variation selectors
    )
)

LOOK_ALIKES: Final[dict[str, str]] = {
    **dict.fromkeys(_APOSTROPHES, "'"),
    **dict.fromkeys(_QUOTES, '"'),
    **dict.fromkeys(_DASHES, "-"),
    **dict.fromkeys(_BLANKS, " "),
    **{chr(code): "" for code in _ZERO_WIDTH},
}
"""What looks like another character, or like nothing, and what it stands for."""

PLAIN_LETTERS: Final = dict(zip("ıłøđðħŧ", "iloddht", strict=True)) | {"æ": "ae", "œ": "oe"}
"""Letters whose stroke, or missing dot, Unicode does not take apart, but which people type without it."""

_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x312F),  # Chinese radicals, kana, bopomofo
    (0x31A0, 0x31FF),  # more bopomofo, strokes, kana
    (0x3400, 0x9FFF),  # Chinese
    (0xA9E0, 0xA9FF),  # Burmese
    (0xAA60, 0xAA7F),  # Burmese
    (0xF900, 0xFAFF),  # Chinese
    (0x20000, 0x3FFFF),  # rare Chinese
)

_KEPT_CHARACTERS: Final = 32_768  # more than a script has; some megabytes


class CharacterTable(dict[int, str]):
    """A table for `str.translate` that works out a character when it is first met.

    It stops keeping characters at a limit, because strangers choose what is in a mail.
    """

    __slots__ = ("_work_out",)

    def __init__(self, work_out: Callable[[str], str]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, code: int) -> str:
        result = self._work_out(chr(code))
        if len(self) < _KEPT_CHARACTERS:
            self[code] = result
        return result


def is_unspaced(character: str) -> bool:
    """Tell whether the character is of a script that writes its words without blanks between them."""
    code = ord(character)
    return code >= _UNSPACED[0][0] and any(first <= code <= last for first, last in _UNSPACED)


def is_mark(character: str) -> bool:
    """Tell whether the character is a combining mark."""
    return character > "\u02ff" and category(character)[0] == "M"


def is_word(character: str) -> bool:
    """Tell whether the character is a letter, a digit, a combining mark or the underscore."""
    return character.isalnum() or character == "_" or is_mark(character)
