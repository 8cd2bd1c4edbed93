r"""Translation: a pattern as Python's `re` reads it, written anew for RE2.

RE2's own \b \w \d \s know ASCII only. So a pattern that has one is written for a *tagged* text: each character stands
between two tags, which say what it is: a letter, a digit, a blank. The tags of word characters are word characters of
ASCII, so RE2's \b is right between the tags of two neighbours, and \d is any character with the tags of a digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from rules.engine.matching.character_classes import (
    BLANK_TAG,
    BREAK_TAG,
    DIGIT_TAG,
    LETTER_TAG,
    OTHER_TAG,
    STAND_INS,
    between_tags,
    spell_character,
    spell_class,
)
from rules.engine.matching.characters import CharacterTable, is_word
from rules.engine.matching.demanded import demanded_literals
from rules.engine.matching.folding import smooth

# Python has no public parse tree of a pattern. These two modules are in 3.11 to 3.14.
_parser: Final = import_module("re._parser")
_codes: Final = import_module("re._constants")

TAGGED_WIDTH: Final = 3
MAX_REPEAT: Final = 100
MAX_UNROLLED: Final = 100  # RE2 needs a millisecond for 64 kB and each of them, at worst

EMPTY_MATCH: Final = (
    "The pattern can match without any character, so it would match every text: "
    "make a part of it compulsory, with + in place of * or without the ?."
)

_TOLD_BY_TAGS: Final = (r"\b", r"\w", r"\d", r"\s")

_CASE: Final = re.IGNORECASE.value
_LINES: Final = re.MULTILINE.value
_DOTALL: Final = re.DOTALL.value


class UnsupportedError(ValueError):
    """A construct that RE2 does not have. `tokens` are the spellings by which the pattern may have it."""

    def __init__(self, reason: str, *tokens: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tokens = tokens


@dataclass(frozen=True, slots=True)
class Translation:
    """A pattern for RE2, in any case, and whether it is written for a tagged text.

    Each of its groups holds a line break that a `$` looked at: what it caught is not part of the match.
    `literals`: see `demanded_literals`.
    """

    source: str
    tagged: bool
    literals: tuple[str, ...] | None


def translate(pattern: str) -> Translation:
    """Write the pattern for RE2.

    Raises `UnsupportedError`, and what Python's own parser raises for a wrong pattern: `re.error`,
    `OverflowError`, `RecursionError`.
    """
    tree = _parser.parse(pattern, re.IGNORECASE)
    flags = _taken(tree.state.flags)
    if tree.getwidth()[0] == 0:
        raise UnsupportedError(EMPTY_MATCH)
    tagged = any(sign in pattern.lower() for sign in _TOLD_BY_TAGS)
    return Translation(_Writer(tagged=tagged).write(tree, flags, 1), tagged, demanded_literals(tree))


def tag(text: str) -> str:
    """Put each character of a smoothed text between its tags: the result is `TAGGED_WIDTH` times as long."""
    return text.translate(_TAGGED)


def _tag_character(character: str) -> str:
    tag = _tag_of(character)
    return tag + STAND_INS.get(character, character) + tag


def _tag_of(character: str) -> str:
    if character == "\n":
        return BREAK_TAG
    if character.isspace():
        return BLANK_TAG
    if character.isdecimal():
        return DIGIT_TAG
    return LETTER_TAG if is_word(character) else OTHER_TAG


_TAGGED: Final = CharacterTable(_tag_character)

_LOOKING: Final = "write the other part as a condition of its own ('matches' or 'does not match')"
_UNSUPPORTED: Final[dict[Any, tuple[str, tuple[str, ...]]]] = {
    _codes.ASSERT: (f"A look-around, (?=…) or (?<=…), cannot be used: {_LOOKING}.", ("(?=", "(?<=")),
    _codes.ASSERT_NOT: (f"A negative look-around, (?!…) or (?<!…), cannot be used: {_LOOKING}.", ("(?!", "(?<!")),
    _codes.GROUPREF: (
        r"A back-reference, such as \1, cannot be used: write out what is to be repeated.",
        ("(?P=", *(rf"\{number}" for number in range(1, 10))),
    ),
    _codes.GROUPREF_EXISTS: (
        "A conditional group, (?(1)…), cannot be used: write both cases with | between them.",
        ("(?(",),
    ),
    _codes.ATOMIC_GROUP: (
        "An atomic group, (?>…), cannot be used: write (?:…); no pattern can run long here.",
        ("(?>",),
    ),
    _codes.POSSESSIVE_REPEAT: (
        "A possessive repeat, such as ++ or *+, cannot be used: leave out the second +; no pattern can run long here.",
        ("++", "*+", "?+", "}+"),
    ),
}
_BAD_FLAGS: Final = {
    re.VERBOSE.value: "The flag x (verbose) cannot be used: write the pattern in one piece, without (?x).",
    re.ASCII.value: r"The flag a (ASCII) cannot be used: write [A-Za-z0-9_] for \w, or [0-9] for \d.",
    re.LOCALE.value: "The flag L (locale) cannot be used: leave it out.",
}


def _taken(flags: int) -> int:
    for flag, reason in _BAD_FLAGS.items():
        if flags & flag:
            raise UnsupportedError(reason, "(?")
    return flags


class _Writer:
    """Writes a parse tree for RE2, and counts how far its counted repeats unroll."""

    def __init__(self, *, tagged: bool) -> None:
        self._tagged = tagged
        self._unrolled = 0

    def write(self, tree: Any, flags: int, times: int) -> str:
        """Write a sequence. `times` is how often the counted repeats around it unroll it."""
        pieces: list[str] = []
        literals = ""
        for code, value in tree:
            if code is _codes.LITERAL:
                literals += chr(value)
                continue
            pieces += [self._literals(literals, times), self._node(code, value, flags, times)]
            literals = ""
        return "".join([*pieces, self._literals(literals, times)])

    def _literals(self, text: str, times: int) -> str:
        return "".join(self._counted(self._character(character), times) for character in smooth(text))

    def _character(self, character: str) -> str:
        spelling = spell_character(character, tagged=self._tagged)
        return between_tags(spelling) if self._tagged else spelling

    def _counted(self, spelling: str, times: int) -> str:
        self._unrolled += times if times > 1 else 0
        if self._unrolled > MAX_UNROLLED:
            raise UnsupportedError(
                f"The counted repeats come to more than {MAX_UNROLLED} characters: use smaller counts, or * or +.", "{"
            )
        return spelling

    def _node(self, code: Any, value: Any, flags: int, times: int) -> str:
        if code in _UNSUPPORTED:
            reason, tokens = _UNSUPPORTED[code]
            raise UnsupportedError(reason, *tokens)
        if code is _codes.BRANCH:
            return "(?:" + "|".join(self.write(branch, flags, times) for branch in value[1]) + ")"
        if code is _codes.SUBPATTERN:
            return self._group(value, flags, times)
        if code in (_codes.MAX_REPEAT, _codes.MIN_REPEAT):
            return self._repeat(value, flags, times) + ("?" if code is _codes.MIN_REPEAT else "")
        if code is _codes.AT:
            return self._place(value, flags)
        return self._counted(self._class(code, value, flags), times)

    def _class(self, code: Any, value: Any, flags: int) -> str:
        if code is _codes.NOT_LITERAL:
            value = [(_codes.NEGATE, None), (_codes.LITERAL, value)]
        elif code is _codes.ANY:
            value = [(_codes.NEGATE, None)] + ([] if flags & _DOTALL else [(_codes.LITERAL, ord("\n"))])
        return spell_class(value, tagged=self._tagged)

    def _group(self, value: Any, flags: int, times: int) -> str:
        _, added, removed, tree = value
        inner = _taken((flags | added) & ~removed)
        case = "" if (inner ^ flags) & _CASE == 0 else "i" if inner & _CASE else "-i"
        return f"(?{case}:{self.write(tree, inner, times)})"

    def _repeat(self, value: Any, flags: int, times: int) -> str:
        least, most, tree = value
        endless = most is _codes.MAXREPEAT
        count = least if endless else most
        if count > MAX_REPEAT:
            raise UnsupportedError(f"A repeat may count to {MAX_REPEAT} at most: use a smaller count, or * or +.", "{")
        inner = self.write(tree, flags, times * max(count, 1))
        return f"(?:{inner})" + ("*+"[least] if endless and least < 2 else f"{{{least},{'' if endless else most}}}")

    def _place(self, place: Any, flags: int) -> str:
        if place is _codes.AT_BEGINNING:
            return "(?m:^)" if flags & _LINES else r"\A"
        if place is _codes.AT_END:
            if flags & _LINES:
                return "(?m:$)"
            return r"(?:(\n\x03\n))?\z" if self._tagged else r"(\n?)\z"
        return _PLACES[place]


_PLACES: Final = {
    _codes.AT_BEGINNING_STRING: r"\A",
    _codes.AT_END_STRING: r"\z",
    _codes.AT_BOUNDARY: r"\b",
    _codes.AT_NON_BOUNDARY: r"\B",
}
