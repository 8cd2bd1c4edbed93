"""Sign lists: the files of `signs/`, with what programs and people write.

They belong to the program: ops staff may read them, and the trace names the entry that decided. A change of one comes
with a mail in `tests/kinds`.

A file is a map of names to lists, or of names to maps of lists. A list is a text block: one entry a line, as typed.
Each file is read once, when it is first needed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from rules.engine.loading.document import Mapping, Scalar, read
from rules.engine.loading.problem import render
from rules.engine.matching.phrases import Phrase, PhraseIndex, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.engine.loading.document import Node

Lists = dict[str, dict[str, tuple[str, ...]]]
"""Entries as typed, by the outer and the inner name; the inner name is "" where there is none."""

FILES: Final = ("subjects", "senders", "openings", "bounces", "companions", "persons", "notes", "signatures")


@cache
def lists_of(name: str) -> Lists:
    """Give the lists of one of `FILES`. Raises ValueError as `parse_lists` does."""
    file = f"{name}.yaml"
    return parse_lists(files("rules.engine.mail").joinpath("signs", file).read_bytes(), file)


def parse_lists(raw: bytes, file: str) -> Lists:
    """Read lists. Raises ValueError for whatever is wrong: without a list people may look like programs."""
    node, report = read(raw)
    if report.problems():
        raise ValueError(render(report.problems()[0], file))
    return {outer: dict(_lists(inner)) for outer, inner in _entries(node)}


@cache
def index_of(name: str, outer: str, inner: str) -> PhraseIndex:
    """Give one list as an index of its phrases; an empty one where there is no such list."""
    return PhraseIndex(phrases_in(lists_of(name).get(outer, {}).get(inner, ())))


def phrases_in(entries: Iterable[str]) -> Iterator[Phrase]:
    """Give the entries that are phrases."""
    return (phrase for phrase in map(parse_phrase, entries) if isinstance(phrase, Phrase))


def _lists(node: Node) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(node, Scalar):
        yield "", _lines(node)
        return
    for name, inner in _entries(node):
        yield name, _lines(inner)


def _lines(node: Node) -> tuple[str, ...]:
    if not isinstance(node, Scalar) or node.style != "|":
        raise ValueError(f'Line {node.place.line} of a signs file: a list is a block that begins with "|".')
    return tuple(node.text.split("\n")[:-1])


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if not isinstance(node, Mapping):
        raise ValueError("A signs file holds names, each with a list or with named lists.")  # noqa: TRY004 - of a value
    yield from ((key.text, value) for key, value in node.entries)
