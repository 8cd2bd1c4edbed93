"""Places: where a stretch of a folded text stands in the text as it was written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rules.engine.matching.folding import fold, fold_with_offsets

if TYPE_CHECKING:
    from rules.engine.matching.phrases import Span

_WORD = re.compile(r"\S+")
_PIECE = re.compile(r"(?:\S{1,100}\s*){1,5}")  # a few words


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text with the blanks after it, and where it and its folded form begin."""

    text: str
    folded: str
    start: int
    folded_start: int

    def original(self, at: int) -> int:
        return self.start + _original(self.text, self.folded, at - self.folded_start)


def original_span(text: str, folded: str, span: Span) -> Span:
    """Give the span of `text` behind a span of `folded`, which is `fold(text)`, in characters.

    Only the few words where the span begins and ends are looked at character by character, for that is slow.
    """
    if text.isascii():
        if len(text) == len(folded):
            return span  # every blank stood alone, so nothing was moved
        return _original(text, folded, span[0]), _original(text, folded, span[1])
    pieces = _pieces(text)
    if _joined(pieces) == folded:
        return _place(pieces, span[0]), _place(pieces, span[1])
    offsets = fold_with_offsets(text)[1]  # folding reached across a cut
    return offsets[span[0]], offsets[span[1]]


def _original(text: str, folded: str, at: int) -> int:
    if not text.isascii():
        return fold_with_offsets(text)[1][at]
    # Folding ASCII changes nothing but the number of blanks between words.
    words_before = folded.count(" ", 0, at)
    word = next(islice(_WORD.finditer(text), words_before, None))
    return word.start() + at - (folded.rfind(" ", 0, at) + 1)


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    end, is_apart = 0, False
    for found in _PIECE.finditer(text):
        part = found[0]
        if folded := fold(part):
            end += is_apart and bool(pieces)
            pieces.append(_Piece(part, folded, found.start(), end))
            end += len(folded)
            is_apart = False
        is_apart = is_apart or part[-1].isspace()
    return pieces


def _joined(pieces: list[_Piece]) -> str:
    """The folded text that the pieces make, with a blank where one was left between two."""
    joined: list[str] = []
    end = 0
    for piece in pieces:
        joined += (" " * (piece.folded_start - end), piece.folded)
        end = piece.folded_start + len(piece.folded)
    return "".join(joined)


def _place(pieces: list[_Piece], at: int) -> int:
    return next(piece for piece in pieces if at <= piece.folded_start + len(piece.folded)).original(at)
