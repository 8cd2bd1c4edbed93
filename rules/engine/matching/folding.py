"""Folding: the one form in which phrases, values and texts are compared, and where a word may begin or end.

`fold` is for phrases and values. `smooth` is its mild sister for patterns: typographic variants are made alike, but
case, accents and line breaks stay. Both remember, where asked, which character of the original gave which result.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from unicodedata import category, combining, decomposition, is_normalized, normalize

from rules.engine.matching.characters import LOOK_ALIKES, PLAIN_LETTERS, CharacterTable, is_mark, is_unspaced, is_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PATTERN_LETTERS: Final = {"İ": "I", "\u0131": "i"}  # as Python's re compares them in any case
_UNFOLDED: Final = frozenset(map(chr, range(0x80))) - {"`"}
_FEW: Final = 48  # so many replacements are faster than a look-up of every character

_MOST_MARKS: Final = 30  # in a row, as in Unicode's stream-safe text format
_LONG_RUN: Final = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")

_FRENCH_ELISIONS: Final = ("c", "d", "j", "l", "m", "n", "s", "t", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu")
_ITALIAN_ELISIONS: Final = ("un", "all", "dall", "dell", "nell", "sull", "quell")
_ELISIONS: Final = frozenset({*_FRENCH_ELISIONS, *_ITALIAN_ELISIONS})
# Footnote marks and the like would become letters and digits of the word before them: "pricing²", "call me™".
_APART: Final = ("<super>", "<sub>", "<circle>", "<fraction>")
_TRADE_MARKS: Final = "™℠"

_LONGEST_JOINT: Final = 4  # underscores
_LONGEST_ELISION: Final = max(map(len, _ELISIONS))


def fold(text: str) -> str:
    """Give the form in which texts are compared: two texts are alike when their folded forms are equal.

    Case, accents, zero-width characters and the kind of quotes, dashes and blanks are gone; every run of white space
    is one blank, none at the ends. Folding twice changes nothing. Never raises, whatever the text.
    """
    lower = text.lower()
    folded = _even_blanks(lower.replace("`", "'") if lower.isascii() else _fold_characters(lower))
    return folded if folded.isascii() else _normalize(folded)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Fold, and tell for each folded character the index of the character of `text` that gave it.

    One more offset than folded characters: the last is where the folded text ends in `text`. So the words behind
    `folded[start:end]` are `text[offsets[start]:offsets[end]]`.
    """
    pieces: list[tuple[str, int]] = []
    blank: int | None = None
    for at, character in enumerate(text):
        for folded in _FOLDED[ord(character)]:
            if folded.isspace():
                blank = at if blank is None else blank
                continue
            if blank is not None and pieces:
                pieces.append((" ", blank))
            blank = None
            pieces.append((folded, at))
    return _compose(pieces, len(text) if blank is None else blank)


def smooth(text: str) -> str:
    """Give the form in which patterns are searched: look-alikes are one, nothing is invisible, accents are composed.

    Case, accents and line breaks stay as they are. Never raises; a character that UTF-8 cannot hold becomes U+FFFD.
    """
    if text.isascii():
        return text.replace("`", "'")
    return _normalize(text.translate(_SMOOTHED))


def smooth_with_offsets(text: str) -> tuple[str, list[int]]:
    """Smooth, with offsets as `fold_with_offsets` gives them."""
    pieces = ((smoothed, at) for at, character in enumerate(text) for smoothed in _SMOOTHED[ord(character)])
    return _compose(pieces, len(text))


def is_boundary(text: str, at: int) -> bool:
    """Tell whether a word may begin or end between `text[at - 1]` and `text[at]` of a folded text.

    Both ends of the text are boundaries. Between two word characters (letters, digits, combining marks) there is none,
    unless one of them is of a script written without blanks, such as Chinese or Thai; a combining mark always belongs
    to the letter before it. An underscore joins two word characters ("first_name"), and is none beside a blank: people
    write _so_ to stress a word. An apostrophe between two word characters is part of the
    word: "don" is not in "don't". After an elided French or Italian word ("l'offre") a word may begin. A hyphen is a
    boundary.
    """
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if "_" in {before, after}:
        return not _is_joined(text, at)
    if after == "'":
        return not (is_word(before) and is_word(text[at + 1 : at + 2]))
    if before == "'":
        return not (is_word(text[at - 2 : at - 1]) and is_word(after)) or _is_elision(text, at - 1)
    if not (is_word(before) and is_word(after)):
        return True
    return (is_unspaced(before) or is_unspaced(after)) and not is_mark(after)


def _fold_character(character: str) -> str:
    if _is_folded(character):
        return character
    apart = " " if decomposition(character).startswith(_APART) or character in _TRADE_MARKS else ""
    folded = _fold_once(character)
    while folded != character:
        character, folded = folded, _fold_once(folded)
    return apart + folded


def _is_folded(character: str) -> bool:
    """Tell at once of nearly every character that has neither case nor parts: Chinese mails have thousands."""
    return category(character) == "Lo" and character not in LOOK_ALIKES and is_normalized("NFKD", character)


def _smooth_character(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "\ufffd"
    if _is_folded(character):
        return character
    composed = normalize("NFC", character)
    smoothed = LOOK_ALIKES.get(composed, composed)
    return _PATTERN_LETTERS.get(smoothed, smoothed)


_FOLDED: Final = CharacterTable(_fold_character)
_SMOOTHED: Final = CharacterTable(_smooth_character)


def _fold_characters(text: str) -> str:
    """Fold each character of a text in lower case."""
    unlike = set(text) - _UNFOLDED
    if len(unlike) > _FEW:
        return text.translate(_FOLDED)
    for character in unlike:
        text = text.replace(character, _FOLDED[ord(character)])
    return text


def _even_blanks(text: str) -> str:
    """Make one blank of every run of white space, none at the ends. Most lines of a mail have no other already."""
    text = text.strip()
    return text if text.isprintable() and "  " not in text else " ".join(text.split())


def _fold_once(text: str) -> str:
    plain = "".join(LOOK_ALIKES.get(character, character) for character in text).casefold()
    letters = (PLAIN_LETTERS.get(letter, letter) for letter in normalize("NFKD", plain))
    return normalize("NFC", "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f"))


def _normalize(text: str) -> str:
    return normalize("NFC", _LONG_RUN.sub(_shorten, text))


def _shorten(run: re.Match[str]) -> str:
    return "".join(character for character, _ in _limit_marks((character, 0) for character in run[0]))


def _limit_marks(pieces: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Leave out combining marks that nobody can read, because sorting a run takes the square of its length."""
    marks = 0
    for character, at in pieces:
        marks = marks + 1 if combining(character) else 0
        if marks <= _MOST_MARKS:
            yield character, at


def _compose(pieces: Iterable[tuple[str, int]], end: int) -> tuple[str, list[int]]:
    """Compose (NFC) the characters of `pieces`; a composed character keeps the offset of its first part."""
    pairs = list(_limit_marks(pieces))
    text = "".join(character for character, _ in pairs)
    if is_normalized("NFC", text):
        return text, [*(at for _, at in pairs), end]
    composed: list[str] = []
    offsets: list[int] = []
    for segment, at in _segments(pairs):
        composed.append(segment)
        offsets.extend([at] * len(segment))
    return "".join(composed), [*offsets, end]


def _segments(pairs: list[tuple[str, int]]) -> Iterable[tuple[str, int]]:
    """Cut where composing cannot reach across, and give each composed segment with its first offset."""
    segment, start = "", 0
    for character, at in pairs:
        if combining(character) == 0:
            done = normalize("NFC", segment)
            if normalize("NFC", segment + character) == done + character:
                if done:
                    yield done, start
                segment, start = "", at
        segment += character
    yield normalize("NFC", segment), start


def _is_joined(text: str, at: int) -> bool:
    """Tell whether the underscores around a place join two words; more than a few in a row are a line."""
    start, end = at, at
    while start > 0 and text[start - 1] == "_" and at - start < _LONGEST_JOINT:
        start -= 1
    while end < len(text) and text[end] == "_" and end - at < _LONGEST_JOINT:
        end += 1
    sides = text[start - 1 : start], text[end : end + 1]
    return all(side not in {"", "_"} and is_word(side) for side in sides)


def _is_elision(text: str, apostrophe: int) -> bool:
    """Tell whether the word before the apostrophe is one that French or Italian shortens there."""
    start = apostrophe
    while start > 0 and apostrophe - start <= _LONGEST_ELISION and is_word(text[start - 1]):
        start -= 1
    return text[start:apostrophe] in _ELISIONS
