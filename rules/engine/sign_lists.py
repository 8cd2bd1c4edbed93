"""Sign lists: the files of `signs/`, in which ops staff keep what programs and people write.

A file is a map of names to lists, or of names to maps of lists. A list is a text block: one entry a line, as typed.
Each file is read once, when it is first needed.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from rules.engine.document import Mapping, Scalar, read
from rules.engine.phrases import Phrase, PhraseIndex, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.engine.document import Node

Lists = dict[str, dict[str, tuple[str, ...]]]
"""Entries as typed, by the outer and the inner name; the inner name is "" where there is none."""

FILES: Final = ("subjects", "senders", "openings", "bounces", "companions", "persons")


@cache
def lists_of(name: str) -> Lists:
    """Give the lists of one of `FILES`. Never raises for what its author wrote: what is no list is left out."""
    node, _ = read(files("rules.engine").joinpath("signs", f"{name}.yaml").read_bytes())
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
        yield "", tuple(node.text.split("\n")[:-1])
    for name, inner in _entries(node):
        if isinstance(inner, Scalar):
            yield name, tuple(inner.text.split("\n")[:-1])


def _entries(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Mapping):
        yield from ((key.text, value) for key, value in node.entries)
