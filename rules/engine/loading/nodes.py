"""The nodes of a rules file: texts, lists and maps, each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from rules.engine.loading.problem import Place


class Scalar(NamedTuple):
    """A text. `style` is its quote, "|" or ">" of a block, or "" where it stands plain."""

    text: str
    place: Place
    style: str = ""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    _children: tuple[Bare, ...]
    place: Place

    @property
    def size(self) -> int:
        """How many items it has."""
        return len(self._children)

    @property
    def items(self) -> tuple[Node, ...]:
        """What stands in it, made anew each time."""
        return tuple(map(node_of, self._children))


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map. A key that was written twice stands here twice."""

    _children: tuple[Bare, ...]  # keys and values in turn
    place: Place

    @property
    def size(self) -> int:
        """How many keys it has."""
        return len(self._children) // 2

    @property
    def entries(self) -> tuple[tuple[Scalar, Node], ...]:
        """Each key with its value, made anew each time."""
        nodes = map(node_of, self._children)
        return tuple((cast("Scalar", key), value) for key, value in zip(nodes, nodes, strict=True))


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that YAML knows and rules files do not; it is reported already."""

    place: Place


Node = Scalar | Sequence | Mapping | Refused

Bare = tuple[Any, int, int, int, str]
"""A node as it is kept: its text, its children or None; line, column and width; its style, "[", "{" or "!".

The garbage collector leaves tuples of nothing but texts, numbers and such tuples alone. To visit hundreds of thousands
of nodes again and again would be half the time that a big file takes.
"""


def node_of(bare: Bare) -> Node:
    """Give the node that a bare tuple stands for."""
    content, line, column, width, kind = bare
    place = Place(line, column, width)
    if isinstance(content, str):
        return Scalar(content, place, kind)
    if content is None:
        return Refused(place)
    return Sequence(content, place) if kind == "[" else Mapping(content, place)
