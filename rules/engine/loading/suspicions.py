"""Warnings about texts that YAML reads otherwise than their author probably meant them."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from rules.engine.language import Nature, Operand
from rules.engine.loading.slips import as_list, pasted
from rules.engine.loading.source import BLOCKS, in_quotes

if TYPE_CHECKING:
    from rules.engine.language import Field, Test
    from rules.engine.loading.nodes import Scalar
    from rules.engine.loading.problem import Place, Report

_COMMENT = re.compile(r"(?P<spaces>[ ]+)(?P<comment>#(?P<text>.*))")
_COMMENT_ALONE = re.compile(r"[:\s]*(?P<text>#[^\s#].*?)\s*")
_CURLY_PAIRS = {"“": "”", "‘": "’", "„": "“”", "‚": "‘’", "«": "»", "»": "«"}  # noqa: RUF001 - as pasted from mails
_IN_BRACKETS = re.compile(r"\[(?P<inside>[^\[\]]*,[^\[\]]*)\]")
_BARS = re.compile(r"[^\s|]+(?: [^\s|]+)*(?:\|[^\s|]+(?: [^\s|]+)*)+")  # "Invitation | Weekly" is one text
_THOUSANDS = re.compile(r"\D*\d{1,3}(,\d{3})+\D*")
_LONGEST_BLOCK = 1_000  # lines that are looked at
_MOST_WORDS = 4  # a part of a sentence is longer


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


def comment_alone(place: Place, report: Report) -> str | None:
    """Tell how to write the text that stands as a comment where a value should, behind `place` on its line."""
    found = _COMMENT_ALONE.fullmatch(report.lines[place.line - 1], place.column - 1 + place.width)
    return f'"#" begins a comment. If it is text, put it in quotes: {in_quotes(found["text"])}' if found else None


def warn_of_cut_number(scalar: Scalar, report: Report) -> None:
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


def warn_of_block(scalar: Scalar, report: Report) -> None:
    """Warn where a "|" or ">" makes one text of several lines."""
    if scalar.style in BLOCKS and (count := _lines_of_block(scalar.place, report)) > 1:
        hint = f'A list? Leave out the "{scalar.style}" and begin each line with "- ".'
        report.warning(scalar.place, f"These {count} lines are one text.", hint)


def _lines_of_block(place: Place, report: Report) -> int:
    written = [line for line in report.lines[place.line : place.line + _LONGEST_BLOCK] if line.strip()]
    depth = _indent(written[0]) if written else 0
    return sum(1 for _ in takewhile(lambda line: _indent(line) >= depth, written))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def warn_of_joined(scalar: Scalar, field: Field, test: Test, report: Report) -> None:
    """Warn where several texts were probably meant and one was written, for a condition that looks for texts."""
    if "," not in scalar.text and "|" not in scalar.text:
        return
    if test.operand is Operand.PATTERNS or scalar.style in BLOCKS:
        return
    bars = test.operand is Operand.PHRASES or field.nature is Nature.TEXT  # campaigns are named "US|SaaS"
    parts = _parts(scalar.text.strip(), bars=bars)
    if len(parts) > 1:
        message = f"This is one text, not a list of {len(parts)}."
        report.warning(scalar.place, message, f"If each is a text of its own: {_apart(scalar.place, parts, report)}")


def _parts(text: str, *, bars: bool) -> tuple[str, ...]:
    """The texts that were probably meant by one; none if it looks like one."""
    if found := _IN_BRACKETS.fullmatch(text):
        return _split(found["inside"], ",")
    if bars and _BARS.fullmatch(text):
        return _split(text, "|")
    parts = _split(text, ",") if text.count(",") > 1 and not _THOUSANDS.fullmatch(text) else ()
    return parts if all(len(part.split()) <= _MOST_WORDS for part in parts) else ()


def _split(text: str, sign: str) -> tuple[str, ...]:
    parts = (part.strip().strip("\"'").strip() for part in text.split(sign))
    return tuple(part for part in parts if part)


def _apart(place: Place, parts: tuple[str, ...], report: Report) -> str:
    """How the parts of a text are written, as a list or, where it is an item of one, as several items."""
    before = report.lines[place.line - 1][: place.column - 1].rstrip()
    texts = [pasted(part) for part in parts]
    if before.endswith("-"):
        return ", ".join(f'"- {text}"' for text in texts) + ", each on a line of its own."
    written = as_list(texts)
    return written if before.endswith(":") else written[1:-1]


def without_curly_quotes(scalar: Scalar, report: Report) -> Scalar:
    """Give a text without the curly quotes around it that came with pasting, and say so."""
    text = scalar.text.strip()
    if len(text) < 2 or text[-1] not in _CURLY_PAIRS.get(text[0], ""):
        return scalar
    report.warning(
        scalar.place,
        f"The quotes {text[0]} {text[-1]} are not part of the phrase; they are left out.",
        f"Write: {in_quotes(text[1:-1])}",
    )
    return scalar._replace(text=text[1:-1])
