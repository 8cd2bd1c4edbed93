"""Maps, lists and texts taken from nodes, with a problem for each thing that is not what it should be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeGuard

from rules.engine.document import Mapping, Refused, Scalar, Sequence
from rules.engine.language import is_condition, nearest
from rules.engine.source import in_quotes, missing_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rules.engine.document import Node
    from rules.engine.problem import Place, Report

Entry = tuple[Scalar, "Node"]

_NOTHING = {"", "~", "null", "Null", "NULL"}
_COMMENT = re.compile(r"(?P<spaces>[ ]+)(?P<comment>#(?P<text>.*))")
_CURLY_PAIRS = {"“": "”", "‘": "’", "„": "“”", "‚": "‘’", "«": "»", "»": "«"}  # noqa: RUF001 - as pasted from mails


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
        close = None if report.full else nearest(name, allowed)
        if close:
            found.setdefault(close, (key, value))
        hint = f'did you mean "{close}"?' if close else elsewhere(name)
        report.error(key.place, f'"{name}" is not known here.', hint or f"Here may stand: {', '.join(allowed)}.")
    return found


def mapping_of(node: Node, report: Report, what: str, place: Place) -> Mapping | None:
    """A map with at least one line. `what` begins the sentence of the problem; `place` is where nothing stands."""
    if isinstance(node, Mapping) and node.size:
        return node
    if isinstance(node, Mapping) or is_nothing(node):
        report.error(place, f"{what} is empty.", "Write its lines below it, indented by two spaces.")
    elif isinstance(node, Scalar):
        cause = missing_space(node.text, node.place)
        message = f'{what} needs lines of the form "key: value", but here is a text.'
        report.error(*((cause.place, cause.message, cause.hint) if cause else (node.place, message)))
    elif isinstance(node, Sequence):
        message = f'{what} needs lines of the form "key: value", but here is a list.'
        report.error(node.place, message, 'Leave out the "- ".')
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
        report.error(place, f"{what} is empty.", "Write a text after the colon.")
    elif isinstance(node, Scalar):
        warn_of_comment(node, report)
        return node.text
    elif not isinstance(node, Refused):
        report.error(node.place, f"{what} must be one text.", _as_text(node))
    return None


def phrase_of(node: Node, report: Report) -> Scalar | None:
    """One item of a list of phrases, without the curly quotes around it that came with pasting."""
    if isinstance(node, Scalar) and not is_nothing(node):
        warn_of_comment(node, report)
        _warn_of_comma(node, report)
        return node if node.text.isascii() else _without_curly_quotes(node, report)
    if isinstance(node, Scalar):
        message = "This item is empty." if not node.text else f'"{node.text}" is YAML for nothing.'
        report.error(node.place, message, "Give a phrase, in quotes if it is one; or delete the item.")
    elif isinstance(node, Mapping):
        report.error(node.place, "The colon makes a key and a value of this text.", _as_text(node))
    elif isinstance(node, Sequence):
        report.error(node.place, "A list cannot stand inside a list of texts.", "Write its texts into the outer list.")
    return None


def warn_of_comment(scalar: Scalar, report: Report) -> None:
    """Warn where a "#" probably belonged to the text: YAML drops it and all that follows."""
    place = scalar.place
    line = report.lines[place.line - 1]
    end = place.column - 1 + place.width
    found = None if scalar.style or line[end : end + 1] != " " else _COMMENT.fullmatch(line, end)
    if not found or (len(found["spaces"]) > 1 and found["text"][:1] in {"", " "}):
        return
    report.warning(
        place._replace(column=end + 1 + len(found["spaces"]), width=len(found["comment"])),
        f'"{found["comment"]}" is read as a comment and is not part of the text.',
        f"If it belongs to the text: {in_quotes(line[place.column - 1 :].rstrip())}."
        ' If it is a comment, put two spaces before and one after the "#".',
    )


def _warn_of_comma(scalar: Scalar, report: Report) -> None:
    """Warn where the comma of a number makes two texts of it."""
    place = scalar.place
    line = report.lines[place.line - 1]
    comma = place.column - 1 + place.width
    if line[comma : comma + 1] == "," and not scalar.style and line[comma + 1 : comma + 2].isdigit():
        whole = f"{scalar.text},{re.split('[],}]', line[comma + 1 : comma + 100])[0]}"
        if scalar.text[-1:].isdigit():
            report.warning(
                place._replace(column=comma + 1, width=1),
                "The comma makes two texts of this number.",
                f"If it is one text: {in_quotes(whole)}. If it is two, put a space after the comma.",
            )


def _as_text(node: Node) -> str | None:
    """How a text is written that became a map because of its colon."""
    if isinstance(node, Mapping) and node.size == 1:
        ((key, value),) = node.entries
        if isinstance(value, Scalar):
            return f"Put it in quotes: {in_quotes(f'{key.text}: {value.text}'.strip())}"
    return "If it is one text, put it in quotes."


def _without_curly_quotes(scalar: Scalar, report: Report) -> Scalar:
    text = scalar.text.strip()
    if len(text) < 2 or text[-1] not in _CURLY_PAIRS.get(text[0], ""):
        return scalar
    report.warning(
        scalar.place,
        f"The quotes {text[0]} {text[-1]} are not part of the phrase; they are left out.",
        f"Write: {in_quotes(text[1:-1])}",
    )
    return scalar._replace(text=text[1:-1])
