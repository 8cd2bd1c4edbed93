"""Reading YAML into nodes that know their place: texts, lists and maps, and nothing else of YAML.

Every value is the text that was typed: `no`, `12:30` and `2026-11-22` stay what they look like. Anchors, aliases,
tags, merge keys and several documents are refused.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from rules.engine.loading.composer import Composer
from rules.engine.loading.diagnosis import explain
from rules.engine.loading.nodes import Mapping, Node, Refused, Scalar, Sequence
from rules.engine.loading.problem import Report
from rules.engine.loading.recovery import pieces, without
from rules.engine.loading.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.engine.loading.recovery import Piece
    from rules.engine.loading.source import Source

__all__ = ["LOADER", "Mapping", "Node", "Refused", "Scalar", "Sequence", "read"]

LOADER = getattr(yaml, "CLoader", yaml.Loader)  # a wheel without libyaml reads the same, nine times slower
LONGEST_RECOVERED = 1_000_000  # characters; of a longer file only the first syntax error is told
MOST_PIECES = 10_000

_SYNTAX_ERRORS = (yaml.YAMLError, ValueError, OverflowError)  # PyYAML's own loader lets wrong escapes through as these


def read(raw: str | bytes, loader: Any = LOADER) -> tuple[Node | None, Report]:
    """The file's one document and the problems met on the way; None where there is nothing to go on with.

    Never raises, whatever the text is. What YAML cannot read is `Refused`, if the rest can be read without it.
    `loader` is one of PyYAML's; all give the same nodes.
    """
    source = open_source(raw)
    if source.report.failed:
        return None, source.report
    report = Report(source.report.lines)  # what is noted before a syntax error may be its consequence
    composer = Composer(report)
    try:
        composer.take(_events(source.text, loader))
    except _SYNTAX_ERRORS as error:
        return _read_without_errors(source, error, loader), source.report
    return composer.node, report


def _read_without_errors(source: Source, error: Exception, loader: Any) -> Node | None:
    """Report what cannot be read, and read the rest."""
    report = source.report
    bad = _unreadable(source, loader)
    if not bad:
        explain(error, report)
        return None
    composer = Composer(report, frozenset(piece.first + 1 for piece in bad))
    try:
        composer.take(_events(without(report.lines, bad), loader))
    except _SYNTAX_ERRORS as another:
        explain(another, report)
        return None
    return composer.node if all(piece.stand_in for piece in bad) else None


def _unreadable(source: Source, loader: Any) -> list[Piece]:
    """Find the pieces of a file that YAML cannot read, and report why."""
    lines = source.report.lines
    found = list(islice(pieces(lines), MOST_PIECES + 1))
    if len(source.text) > LONGEST_RECOVERED or len(found) > MOST_PIECES:
        return []
    bad = []
    for piece in found:
        if source.report.full:
            break
        try:
            deque(_events("\n".join(lines[piece.first : piece.end]), loader), maxlen=0)
        except _SYNTAX_ERRORS as error:
            explain(error, source.report, piece.first)
            bad.append(piece)
    return bad


def _events(text: str, loader: Any) -> Iterator[yaml.Event]:
    return iter(loader(text).get_event, None)  # as yaml.parse, in half its time
