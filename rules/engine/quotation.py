"""Quotation: what in the lines of a mail its sender did not write just now, told by the lines alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.folding import fold
from rules.engine.idioms import DATED_OPENING, DIVIDERS, FORWARDS, HEADERS, TAG_LINE, WROTE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LONGEST_LINE: Final = 300  # of what a mail program writes
_LONGEST_LABEL: Final = 25
_ATTRIBUTION_LINES: Final = 3
_HEADER_LINES: Final = 8
_LEAST_HEADERS: Final = 3
SIGNATURE_MARKS: Final = ("-- ", "--\xa0")  # without the blank it is a rule that a person drew
_SIGNATURE_LINES: Final = 15
_SHORT: Final = 20  # so few characters, such as "Best," and a first name, may be alike by chance
_RULE: Final = "-_=*~\u2013\u2014 "

_DATE: Final = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_ADDRESS: Final = re.compile(r"[<(\[]\S*@")
_ENDS_WITH_ADDRESS: Final = re.compile(r"[<(][^\s<>()]+@[^\s<>()]+[>)] ?:$")
_LINK: Final = re.compile(r"<?https?://[^\s<>]*>?")


class Line(NamedTuple):
    """A line of a mail, and whether its markup already told that it is history."""

    text: str
    history: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a mail, what was cut, and whether all from some line to the end was known as history."""

    lines: tuple[str, ...]
    cut: tuple[str, ...]
    ended: bool


class _Found(NamedTuple):
    """Something that was not written just now: its name, and its length in lines, None for all to the end."""

    name: str
    length: int | None


def cut_history(lines: Sequence[Line], *, marked_up: bool) -> Kept:
    """Cut quotations with what introduces them, signatures and tag lines. Answers between quotations stay.

    `marked_up`: the lines come from HTML, where the only line that begins with ">" may be the sender's own.
    """
    signs_quote = not marked_up or sum(is_quoted(line.text) for line in lines) > 1
    kept: list[str] = []
    cut: list[str] = []
    at = 0
    while at < len(lines):
        found = _find(lines, at, signs_quote=signs_quote)
        if found is None:
            kept.append(lines[at].text)
            at += 1
            continue
        cut.append(found.name)
        if found.length is None:
            return Kept(_tidy(_without_rule(kept)), tuple(filter(None, cut)), ended=True)
        at += found.length
    return Kept(_tidy(kept), tuple(filter(None, cut)), ended=False)


def subtract(lines: Sequence[str], sent: str) -> tuple[str, ...]:
    """Take away the lines that stand in the mail that we sent; short ones only beside others that do."""
    ours = frozenset(map(fold, sent.splitlines())) | {""}
    whole = fold(sent)
    kept: list[str] = []
    for is_ours, run in groupby(lines, lambda line: _stands_in(fold(line), ours, whole)):
        same = list(run)
        if not is_ours or sum(len(line.strip()) for line in same) < _SHORT:
            kept += same
    return _tidy(kept)


def is_attribution(text: str, *, above_quotation: bool = False) -> bool:
    """Tell whether a line, or a few joined by blanks, says who wrote the mail below it, and when."""
    if not _ends_as_attribution(text) or len(text) > _ATTRIBUTION_LINES * _LONGEST_LINE:
        return False
    folded = fold(text.strip(_RULE))
    if not _DATE.search(folded):
        return False
    if _ENDS_WITH_ADDRESS.search(folded):
        return True
    sure = above_quotation or _ADDRESS.search(folded) or DATED_OPENING.match(folded)
    return bool(sure and WROTE.search(folded))


def header_of(line: str) -> str | None:
    """Tell which header of a quoted mail the line is: "from", "sent", "to", "cc", "subject", or none."""
    label, colon, _ = line[: _LONGEST_LABEL + 2].replace("\uff1a", ":").partition(":")
    return HEADERS.get(fold(label.strip("* \t\xa0"))) if colon else None


def is_quoted(text: str) -> bool:
    """Tell whether the line carries the sign of a quotation in plain text."""
    return text.lstrip().startswith(">")


def _find(lines: Sequence[Line], at: int, *, signs_quote: bool) -> _Found | None:
    text = lines[at].text
    if lines[at].history:
        return _Found("", _run_length(lines, at, lambda line: line.history))
    if signs_quote and is_quoted(text):
        return _Found("quoted lines", _run_length(lines, at, lambda line: is_quoted(line.text)))
    if not text.strip() or len(text) > _LONGEST_LINE:
        return None
    return _find_introduction(lines, at) or _find_ending(lines, at)


def _find_introduction(lines: Sequence[Line], at: int) -> _Found | None:
    if _is_divider(lines[at].text):
        return _Found("original or forwarded mail", None)
    if _is_header_block(lines, at):
        return _Found("mail below its header", None)
    length = _attribution_length(lines, at)
    if not length:
        return None
    if _is_above_quotation(lines, at + length, at_end=True):
        length += _run_length(lines, at + length, lambda line: is_quoted(line.text) or not line.text.strip())
        return _Found("attribution line", length)
    return _Found("mail below an attribution line", None)


def _find_ending(lines: Sequence[Line], at: int) -> _Found | None:
    text = lines[at].text
    if text in SIGNATURE_MARKS:
        length = _signature_length(lines, at)
        return _Found("signature", length) if length <= _SIGNATURE_LINES else None
    return _Found("tag line", 1) if TAG_LINE.match(fold(_LINK.sub("", text))) else None


def _is_divider(text: str) -> bool:
    bare = text.strip(_RULE + ":\t\xa0")
    if not text.lstrip()[:2].strip(_RULE):
        return bool(bare) and fold(bare) in DIVIDERS
    return _ends_with_colon(text) and fold(text) in FORWARDS


def _is_header_block(lines: Sequence[Line], at: int) -> bool:
    if header_of(lines[at].text) is None:
        return False
    block = [line.text for line in lines[at : at + _HEADER_LINES] if not line.history]
    headers = {header_of(text) for text in block} - {None}
    # "From: Berlin, To: Munich, Date: Friday" is an answer, so three labels alone are no proof.
    return len(headers) >= _LEAST_HEADERS and ("subject" in headers or any("@" in text for text in block))


def _attribution_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines of the attribution that begins here, 0 if none does."""
    parts: list[str] = []
    for line in lines[at : at + _ATTRIBUTION_LINES]:
        if line.history or not line.text.strip() or is_quoted(line.text) or len(line.text) > _LONGEST_LINE:
            break
        parts.append(line.text.strip())
        if not _ends_as_attribution(line.text):
            continue
        quotation = _is_above_quotation(lines, at + len(parts), at_end=False)
        if is_attribution(" ".join(parts), above_quotation=quotation):
            return len(parts) if _begins_here(parts, above_quotation=quotation) else 0
    return 0


def _begins_here(parts: list[str], *, above_quotation: bool) -> bool:
    """Tell whether the first line belongs to the attribution, or is the last that was written above it."""
    if len(parts) == 1 or DATED_OPENING.match(fold(parts[0])):
        return True
    later = (" ".join(parts[start:]) for start in range(1, len(parts)))
    return not any(is_attribution(text, above_quotation=above_quotation) for text in later)


def _is_above_quotation(lines: Sequence[Line], at: int, *, at_end: bool) -> bool:
    """Tell whether the next text from here on is quoted; `at_end` is the answer where there is none."""
    below = next((line for line in lines[at : at + _ATTRIBUTION_LINES] if line.history or line.text.strip()), None)
    return at_end if below is None else below.history or is_quoted(below.text)


def _signature_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines from here to the next quotation, as far as a signature may reach and one more."""
    for length in range(1, _SIGNATURE_LINES + 1):
        if at + length >= len(lines):
            return length
        line = lines[at + length]
        if line.text in SIGNATURE_MARKS:
            break
        if line.history or is_quoted(line.text) or _find_introduction(lines, at + length):
            return length
    return _SIGNATURE_LINES + 1


def _stands_in(folded: str, ours: frozenset[str], whole: str) -> bool:
    return folded in ours or (len(folded) >= _SHORT and folded in whole)


def _ends_as_attribution(text: str) -> bool:
    # Zoho writes "---- On … wrote ----".
    return _ends_with_colon(text) or text.rstrip().endswith("----")


def _ends_with_colon(text: str) -> bool:
    return text.rstrip().endswith((":", "\uff1a"))


def _run_length(lines: Sequence[Line], at: int, belongs: Callable[[Line], bool]) -> int:
    end = at
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end - at


def _without_rule(lines: list[str]) -> list[str]:
    """Leave out the rules and blank lines at the end, which belong to the mail below."""
    while lines and not lines[-1].strip(_RULE + "\t\xa0"):
        lines.pop()
    return lines


def _tidy(lines: Sequence[str]) -> tuple[str, ...]:
    """Leave out blank lines at both ends, and all but one in a row."""
    tidy: list[str] = []
    for line in map(str.rstrip, lines):
        if line or (tidy and tidy[-1]):
            tidy.append(line)
    return tuple(tidy[:-1] if tidy and not tidy[-1] else tidy)
