"""Maps, lists and texts taken from nodes, with a problem for each thing that is not what it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from rules.engine.language import is_condition
from rules.engine.loading.document import Mapping, Refused, Scalar, Sequence
from rules.engine.loading.meant import nearest
from rules.engine.loading.problem import Cause
from rules.engine.loading.slips import missing_colon, missing_space
from rules.engine.loading.source import in_quotes
from rules.engine.loading.suspicions import (
    comment_alone,
    warn_of_block,
    warn_of_comment,
    warn_of_cut_number,
    without_curly_quotes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rules.engine.loading.document import Node
    from rules.engine.loading.problem import Place, Report

Entry = tuple[Scalar, "Node"]

_NOTHING = {"", "~", "null", "Null", "NULL"}
_ABOVE_A_LIST = {
    "The file": 'Put "version: 1" and "rules:" above the list, each on a line of its own.',
    '"examples"': 'Put "matches:" above the list, and indent the list by two spaces more.',
}
_OTHER_KEYS = {
    **dict.fromkeys(["then", "action", "mark as", "set"], "mark"),
    **dict.fromkeys(["if", "conditions"], "when"),
    **dict.fromkeys(["title", "rule"], "name"),
    **dict.fromkeys(["description", "comment"], "note"),
}
_YES_OR_NO = {
    **dict.fromkeys(["yes", "true", "on", "y", "1"], "yes"),
    **dict.fromkeys(["no", "false", "off", "n", "0"], "no"),
}


def is_nothing(node: Node) -> TypeGuard[Scalar]:
    """Whether nothing stands where a value should: YAML's null is no text."""
    return isinstance(node, Scalar) and not node.style and node.text in _NOTHING


def word(scalar: Scalar) -> str:
    """A key or a name, however many spaces it was typed with."""
    return " ".join(scalar.text.split())


def distinct(mapping: Mapping, report: Report) -> Iterator[Entry]:
    """The lines of a map; one that repeats an earlier key is a problem and left out."""
    seen: dict[str, Place] = {}
    for key, value in mapping.entries:
        if report.full:
            return
        name = word(key)
        if key.text == "<<" and not key.style:
            report.error(key.place, '"<<" merges maps in YAML; rules files have none.', "Write the lines out.")
        elif not key.style and (cause := missing_space(key.text, key.place)):
            report.error(cause.place, cause.message, cause.hint)
        elif name in seen:
            hint = 'Put both under "all of:", each with a "- " before it.' if is_condition(name) else None
            message = f'"{name}" stands here twice, first on line {seen[name].line}.'
            report.error(key.place, message, hint or "Delete one of the two, or give it another name.")
        else:
            seen[name] = key.place
            yield key, value


def keyed(
    mapping: Mapping, allowed: Iterable[str], report: Report, elsewhere: Callable[[str], str | None] = lambda _: None
) -> dict[str, Entry]:
    """The lines of a map whose keys are fixed, a key of almost the right spelling taken for the one it means.

    `elsewhere` may say where an unknown key belongs.
    """
    allowed = list(allowed)
    found: dict[str, Entry] = {}
    for key, value in distinct(mapping, report):
        name = word(key)
        if name in allowed:
            found[name] = (key, value)
            continue
        close = None if report.full else _key_meant(name, allowed)
        if close:
            found.setdefault(close, (key, value))
        hint = f'did you mean "{close}"?' if close else elsewhere(name)
        report.error(key.place, f'"{name}" is not known here.', hint or f"Here may stand: {', '.join(allowed)}.")
    return found


def mapping_of(
    node: Node, report: Report, what: str, place: Place, instead_of_text: str | None = None
) -> Mapping | None:
    """A map with at least one line. `what` begins the sentence of the problem; `place` is where nothing stands.

    `instead_of_text` is the hint where a text stands.
    """
    if isinstance(node, Mapping) and node.size:
        return node
    if isinstance(node, Mapping) or is_nothing(node):
        report.error(place, f"{what} is empty.", "Write its lines below it, indented by two spaces.")
    elif isinstance(node, Scalar):
        cause = None if node.style else missing_space(node.text, node.place) or missing_colon(node.text, node.place)
        message = f'{what} needs lines of the form "key: value", but here is a text.'
        cause = cause or Cause(node.place, message, instead_of_text)
        report.error(cause.place, cause.message, cause.hint)
    elif isinstance(node, Sequence):
        message = f'{what} needs lines of the form "key: value", but here is a list.'
        report.error(node.place, message, _ABOVE_A_LIST.get(what, 'Leave out the "- ".'))
    return None


def items_of(node: Node, report: Report, what: str, place: Place) -> tuple[Node, ...]:
    """The items of a list; a single text counts as a list of one."""
    if isinstance(node, Sequence):
        if not node.size:
            report.error(node.place, f"{what} is empty.", "Give at least one item.")
        return node.items
    if isinstance(node, Scalar) and not is_nothing(node):
        return (node,)
    if isinstance(node, Scalar):
        report.error(place, f"{what} is empty.", "Give at least one item.")
    elif isinstance(node, Mapping):
        report.error(node.place, f'{what} needs a list: each item begins with "- ".')
    return ()


def text_of(node: Node, report: Report, what: str, place: Place) -> str | None:
    """One text, as it was typed."""
    if is_nothing(node):
        report.error(place, f"{what} is empty.", comment_alone(place, report) or "Write a text after the colon.")
    elif isinstance(node, Scalar):
        warn_of_comment(node, report)
        return node.text
    elif not isinstance(node, Refused):
        report.error(node.place, f"{what} must be one text.", _as_text(node))
    return None


def yes_or_no(node: Node, report: Report, what: str, place: Place) -> bool | None:
    """A switch. `what` begins the sentence of the problem; `place` is where nothing stands."""
    if isinstance(node, Scalar) and node.text in {"yes", "no"}:
        return node.text == "yes"
    if not isinstance(node, Refused):
        meant = _YES_OR_NO.get(node.text.strip().casefold()) if isinstance(node, Scalar) else None
        place = place if is_nothing(node) else node.place
        report.error(place, f"{what} takes yes or no.", f"did you mean {meant or 'yes or no'}?")
    return None


def phrase_of(node: Node, report: Report) -> Scalar | None:
    """One item of a list of phrases, without the curly quotes around it that came with pasting."""
    if isinstance(node, Scalar) and not is_nothing(node):
        warn_of_comment(node, report)
        warn_of_cut_number(node, report)
        warn_of_block(node, report)
        return node if node.text.isascii() else without_curly_quotes(node, report)
    if isinstance(node, Scalar):
        message = "This item is empty." if not node.text else f'"{node.text}" is YAML for nothing.'
        hint = "Give a phrase, in quotes if it is one; or delete the item."
        report.error(node.place, message, comment_alone(node.place._replace(width=0), report) or hint)
    elif isinstance(node, Mapping):
        report.error(node.place, "The colon makes a key and a value of this text.", _as_text(node))
    elif isinstance(node, Sequence):
        report.error(node.place, "A list cannot stand inside a list of texts.", "Write its texts into the outer list.")
    return None


def _key_meant(name: str, allowed: list[str]) -> str | None:
    other = _OTHER_KEYS.get(name.casefold())
    return other if other in allowed else nearest(name, allowed)


def _as_text(node: Node) -> str | None:
    """How a text is written that became a map because of its colon."""
    if isinstance(node, Mapping) and node.size == 1:
        ((key, value),) = node.entries
        if isinstance(value, Scalar):
            return f"Put it in quotes: {in_quotes(f'{key.text}: {value.text}'.strip())}"
    return "If it is one text, put it in quotes."
