"""What the author of a file did that YAML could not read, told from the line itself.

YAML's own messages speak of tokens and blocks. The signs below are tried in order; the first that fits explains.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from rules.engine.language import GROUPS, is_condition
from rules.engine.loading.problem import Cause, Place
from rules.engine.loading.slips import depth, missing_colon, missing_space, quoted_texts, unlike
from rules.engine.loading.source import in_quotes, item_at, item_start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rules.engine.loading.problem import Report

_LONGEST_LINE = 2_000  # longer ones were not typed, and some of the patterns below grow with the square of it
_ESCAPES = set('0abtnvfre "/\\N_LPxuU\t')  # what YAML 1.1 knows after a backslash in double quotes
_OPEN_VALUE = re.compile(r"""(?:[:,-] +|\[)"[^"]*$""")
_OPEN_BRACKET = re.compile(r"[\[{]\s*$")
_KEY_AND_VALUE = re.compile(r"(?P<indent>[ ]*(?:- +)*)(?P<key>[^:#\[\]{}\"']+?) *: +(?P<value>\S.*)")


@dataclass(frozen=True, slots=True)
class _Scene:
    """A line that YAML stumbled over: where it noticed (`at`), and where what it was reading began (`since`)."""

    lines: Sequence[str]
    said: str
    number: int  # of the line, from 1
    at: int  # column, from 1
    since_number: int
    since: int

    @property
    def line(self) -> str:
        """The source line."""
        return self.lines[self.number - 1]

    @property
    def since_line(self) -> str:
        """The source line on which the unfinished thing began."""
        return self.lines[self.since_number - 1]


def explain(error: Exception, report: Report, above: int = 0) -> None:
    """Note in the report what stopped the parser, in words that help the file's author.

    `above` is the number of lines above the piece of the file that was parsed.
    """
    scene = _scene(error, report, above)
    signs = _SIGNS if max(len(scene.line), len(scene.since_line)) <= _LONGEST_LINE else (_anything,)
    cause = next(cause for sign in signs if (cause := sign(scene)))
    report.error(cause.place, cause.message, cause.hint)


def _scene(error: Exception, report: Report, above: int) -> _Scene:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return _Scene(report.lines, str(error), above + 1, 1, above + 1, 1)
    problem, context = error.problem_mark, error.context_mark or error.problem_mark
    said = error.problem or error.context or ""
    number = min(problem.line + above + 1, len(report.lines))
    since_number = min(context.line + above + 1, len(report.lines))
    return _Scene(report.lines, said, number, problem.column + 1, since_number, context.column + 1)


def _tab(scene: _Scene) -> Cause | None:
    indent = scene.line[: len(scene.line) - len(scene.line.lstrip())]
    if "\t" not in indent:
        return None
    place = Place(scene.number, indent.index("\t") + 1)
    return Cause(place, "This line is indented with a tab.", "Use spaces: two for each level.")


def _open_quote(scene: _Scene) -> Cause | None:
    opening = scene.since_line[scene.since - 1 : scene.since]
    if opening and opening in "\"'" and "end of stream" in scene.said:
        return Cause(
            Place(scene.since_number, scene.since), f"The quote {opening} that opens here is never closed.", _CLOSE
        )
    above = scene.number - 1
    while above > 0 and not scene.lines[above - 1].strip():
        above -= 1
    text = scene.lines[above - 1] if above else ""
    if _OPEN_VALUE.search(text) and '"' in scene.line and "expected" in scene.said:
        return Cause(
            Place(above, text.rindex('"') + 1), 'The quote " that opens here is not closed on its line.', _CLOSE
        )
    return None


def _unknown_escape(scene: _Scene) -> Cause | None:
    if "escape" not in scene.said:
        return None
    start = scene.since
    escape = next(
        (found for found in re.finditer(r"\\(.)", scene.since_line[start:]) if found[1] not in _ESCAPES), None
    )
    at = start + escape.start() if escape else start - 1
    inner = re.match(r'(?:[^"\\]|\\.)*', scene.since_line[start:])
    hint = f"Use single quotes: {in_quotes(inner.group())}" if inner else None
    place = Place(scene.since_number, at + 1, 2)
    return Cause(place, "In double quotes a backslash has a meaning of its own.", hint)


def _special_start(scene: _Scene) -> Cause | None:
    spots = ((scene.number, scene.line, scene.at), (scene.since_number, scene.since_line, scene.since))
    for number, line, column in spots:
        sign = line[column - 1 : column]
        begins_a_value = not line[: column - 1].strip() or line[: column - 1].rstrip()[-1] in ":-,[{"
        if sign and sign in "@`%*&!|>?" and begins_a_value:
            text = item_at(line, column)
            hint = f"Put it in quotes: {in_quotes(text)}"
            return Cause(Place(number, column, len(text)), f'A text that begins with "{sign}" needs quotes.', hint)
    return None


def _after_quote(scene: _Scene) -> Cause | None:
    start = item_start(scene.line, scene.at)
    opening = scene.line[start - 1 : start]
    goes_on = scene.at > start and scene.line[scene.at - 1 :].strip()
    if "expected" not in scene.said or not goes_on or opening not in "\"'[{":
        return None
    text = item_at(scene.line, start)
    place = Place(scene.number, start, len(text))
    if scene.line[scene.at - 1 : scene.at] == opening and scene.line[: scene.at - 1].endswith(f"{opening} "):
        return Cause(Place(scene.number, scene.at), "A comma is missing before this text.")
    if several := quoted_texts(text):
        return Cause(place, "Several texts stand here without the brackets of a list.", f"Write a list: {several}")
    if opening == "'" and text.count("'") > 2 and text.endswith("'"):
        hint = f"Use double quotes: {in_quotes(text[1:-1])}"
        return Cause(place, "The apostrophe inside these single quotes ends the text.", hint)
    message = f"The text goes on after the closing {_CLOSING[opening]}."
    return Cause(place, message, f"Put all of it in quotes: {in_quotes(text)}")


def _two_colons(scene: _Scene) -> Cause | None:
    parts = _KEY_AND_VALUE.fullmatch(scene.line)
    if "mapping values" not in scene.said or not parts or scene.at <= parts.start("value"):
        return None
    value = item_at(scene.line, parts.start("value") + 1)
    if parts["key"] in {"when", *GROUPS} and is_condition(value.partition(":")[0].strip()):
        return _condition_beside(parts["key"], scene)
    if "- " in parts["indent"] and not is_condition(parts["key"].strip()):
        pasted = "- " + in_quotes(f"{parts['key']}: {value}")
    else:
        pasted = f"{parts['key']}: {in_quotes(value)}"
    place = Place(scene.number, scene.at)
    return Cause(place, "Two colons on one line.", f"Put the text in quotes: {pasted}")


def _condition_beside(key: str, scene: _Scene) -> Cause:
    """A condition on the line of the key that it belongs below."""
    dash = ', with a "- " before it' if key in GROUPS else ""
    hint = f'Write it on a new line below "{key}:", indented by two spaces more{dash}.'
    return Cause(Place(scene.number, scene.at), f'A condition cannot stand on the line of "{key}:".', hint)


def _space_forgotten(scene: _Scene) -> Cause | None:
    for number in (scene.number, scene.since_number, scene.number - 1):
        cause = missing_space(scene.lines[number - 1], Place(number, 1)) if number else None
        if cause:
            return cause
    return None


def _list_on_key_line(scene: _Scene) -> Cause | None:
    if "sequence entries" not in scene.said:
        return None
    hint = 'Begin a new line for each item, or write them in brackets: ["one", "two"].'
    return Cause(Place(scene.number, scene.at), "A list cannot begin on the line of its key.", hint)


def _open_bracket(scene: _Scene) -> Cause | None:
    number, column = scene.since_number, scene.since
    if "node content" in scene.said and _OPEN_BRACKET.search(scene.lines[number - 2]):
        number, column = number - 1, len(scene.lines[number - 2].rstrip())
    line = scene.lines[number - 1]
    opening = line[column - 1 : column]
    if not opening or opening not in "[{" or "expected" not in scene.said:
        return None
    message = f'The "{opening}" that opens here is not closed, or a comma is missing.'
    swallowed = re.search(r"\s#", line[column:])
    hint = 'What stands after " #" is a comment: put texts with # in quotes.' if swallowed else None
    return Cause(Place(number, column), message, hint)


def _indentation(scene: _Scene) -> Cause | None:
    above = next((number for number in range(scene.number - 1, 0, -1) if _is_content(scene.lines[number - 1])), None)
    if above is None:
        return None
    return unlike(scene.lines, scene.number, above)


def _no_colon(scene: _Scene) -> Cause | None:
    runs_on = "mapping values" in scene.said  # for YAML, a line without a colon goes on in the next one
    number = max(scene.number - 1, 1) if runs_on else scene.since_number
    line = scene.lines[number - 1]
    text = line.strip()
    if not text or not (runs_on or "':'" in scene.said):
        return None
    if cause := missing_colon(line, Place(number, 1)):
        return cause
    if ":" in text:
        return None
    if runs_on and (text.startswith("-") or depth(line) != depth(scene.line)):
        return None
    place = Place(number, line.index(text) + 1, len(text))
    return Cause(place, "This line has no colon.", 'A line is "key: value"; an item of a list begins with "- ".')


def _anything(scene: _Scene) -> Cause:
    message = "The file cannot be read from here on."
    hint = "Compare this line and the one above with README.md: colons, spaces, quotes, brackets."
    return Cause(Place(scene.number, min(scene.at, len(scene.line) + 1)), message, hint)


_CLOSE = "Close it where the text ends, on the same line."
_CLOSING = {'"': "quote", "'": "quote", "[": "bracket", "{": "brace"}
_SIGNS: tuple[Callable[[_Scene], Cause | None], ...] = (
    _tab,
    _unknown_escape,
    _special_start,
    _open_quote,
    _after_quote,
    _two_colons,
    _space_forgotten,
    _list_on_key_line,
    _open_bracket,
    _no_colon,
    _indentation,
    _anything,
)


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
