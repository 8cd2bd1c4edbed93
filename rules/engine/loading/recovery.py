"""Going on after a syntax error: a file is cut into its rules and lists, and those that YAML cannot read are left out.

So one forgotten quote hides no problem of the other rules. Each piece is tried alone: a piece that can be read alone
is never blamed for its neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from rules.engine.language import FILE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_TOP = re.compile(r"[^\s#\-%.]")
_TOP_KEY = re.compile(rf"(?P<start>(?P<key>{'|'.join(FILE_KEYS)}) *:)(?P<value> +[^\s#].*)?")
_ITEM = re.compile(r"(?P<indent> *)(?P<start>-)(?: |$)")
_ENTRY = re.compile(r"(?P<indent> +)(?P<start>[^\s#\-:\"'\[\]{}&*!|>%@`][^:#\"'\[\]{}]*:)(?: |$)")
_STARTS = {"rules": _ITEM, "lists": _ENTRY}


@dataclass(frozen=True, slots=True)
class Piece:
    """A rule, a list, or a line at the top of the file: from line `first` up to `end`, counted from 0.

    `stand_in` is what keeps its place when it is left out; None where nothing can, because it has no readable key.
    """

    first: int
    end: int
    stand_in: str | None


def pieces(lines: Sequence[str]) -> Iterator[Piece]:
    """Cut a file into the pieces that can be read alone."""
    for (first, stand_in), (end, _) in pairwise(chain(_starts(lines), [(len(lines), None)])):
        if stand_in != "":
            yield Piece(first, end, stand_in)


def without(lines: Sequence[str], left_out: Iterable[Piece]) -> str:
    """Give the file's text without some pieces; each of its lines keeps its number."""
    kept = list(lines)
    for piece in left_out:
        kept[piece.first : piece.end] = [piece.stand_in or "", *[""] * (piece.end - piece.first - 1)]
    return "\n".join(kept)


def _starts(lines: Sequence[str]) -> Iterator[tuple[int, str | None]]:
    """Find where pieces begin, each with its stand-in; "" for the key above rules or lists, which is no piece."""
    shape: re.Pattern[str] | None = None
    indent: str | None = None
    for number, line in enumerate(lines):
        if _TOP.match(line):
            top = _TOP_KEY.fullmatch(line)
            shape, indent = (_STARTS.get(top["key"]) if top and not top["value"] else None), None
            yield number, "" if shape else top["start"] if top else None
        elif shape and (found := shape.match(line)) and indent in {None, found["indent"]}:
            indent = found["indent"]
            yield number, indent + found["start"]
