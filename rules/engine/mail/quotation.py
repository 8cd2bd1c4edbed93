"""Quotation: what in the lines of a mail its sender did not write just now, told by the lines alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.idioms import DATED_OPENING, TAG_LINE
from rules.engine.mail.introductions import (
    ATTRIBUTION_LINES,
    HEADER_LINES,
    LONGEST_LINE,
    RULE,
    ends_as_attribution,
    is_attribution,
    is_divider,
    is_header_block,
    is_labelled,
    is_snippet,
)
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIGNATURE_MARKS: Final = ("-- ", "--\xa0")
_BARE_MARK: Final = "--"  # a signature's without its blank, or a rule that a person drew
_SIGNATURE_LINES: Final = 15
_BARE_SIGNATURE_LINES: Final = 6
_LONGEST_CONTACT: Final = 60
_SENTENCE_ENDS: Final = (".", "!", "?", ":", ",", ";")
_SHORT: Final = 20  # so few characters, such as "Best," and a first name, may be alike by chance

_CONTACT: Final = re.compile(r"@|\bwww\.|https?://|\||\d[\d ()./-]{5,20}\d")
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


def is_quoted(text: str) -> bool:
    """Tell whether the line carries the sign of a quotation in plain text."""
    return text.lstrip().startswith(">")


def _find(lines: Sequence[Line], at: int, *, signs_quote: bool) -> _Found | None:
    text = lines[at].text
    if lines[at].history:
        return _Found("", _run_length(lines, at, lambda line: line.history))
    if signs_quote and is_quoted(text):
        return _Found("quoted lines", _run_length(lines, at, lambda line: is_quoted(line.text)))
    if not text.strip() or len(text) > LONGEST_LINE:
        return None
    return _find_introduction(lines, at) or _find_ending(lines, at)


def _find_introduction(lines: Sequence[Line], at: int) -> _Found | None:
    if is_divider(lines[at].text):
        return _Found("original or forwarded mail", None)
    if is_snippet(lines[at].text):
        return _Found("attribution line", 1)
    if _is_header(lines, at):
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
    if text == _BARE_MARK and (length := _contacts_length(lines, at)):
        return _Found("signature", length)
    return _Found("tag line", 1) if _is_tag_line(text) else None


def _is_tag_line(text: str) -> bool:
    return len(text) <= LONGEST_LINE and TAG_LINE.match(fold(_LINK.sub("", text))) is not None


def _is_header(lines: Sequence[Line], at: int) -> bool:
    if not is_labelled(lines[at].text):
        return False
    return is_header_block([line.text for line in lines[at : at + HEADER_LINES] if not line.history])


def _attribution_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines of the attribution that begins here, 0 if none does."""
    parts: list[str] = []
    for line in lines[at : at + ATTRIBUTION_LINES]:
        if line.history or not line.text.strip() or is_quoted(line.text) or len(line.text) > LONGEST_LINE:
            break
        parts.append(line.text.strip())
        if not ends_as_attribution(line.text):
            continue
        quotation = _is_above_quotation(lines, at + len(parts), at_end=False)
        if is_attribution(" ".join(parts), above_quotation=quotation):
            return len(parts) if _begins_here(parts, above_quotation=quotation) else 0
    return 0


def _begins_here(parts: list[str], *, above_quotation: bool) -> bool:
    """Tell whether the first line belongs to the attribution, or is the last that was written above it."""
    later = [" ".join(parts[start:]) for start in range(1, len(parts))]
    alone = next((text for text in later if is_attribution(text, above_quotation=above_quotation)), None)
    if alone is None:
        return True
    # "On Tue, Mar 3," may be broken before the year; "10 am is fine" above a whole attribution is an answer.
    return parts[0][0].isalpha() and alone[0].isdigit() and DATED_OPENING.match(fold(parts[0])) is not None


def _is_above_quotation(lines: Sequence[Line], at: int, *, at_end: bool) -> bool:
    """Tell whether the next text from here on is quoted; `at_end` is the answer where there is none."""
    below = next((line for line in lines[at : at + ATTRIBUTION_LINES] if line.history or line.text.strip()), None)
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


def _contacts_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines of a signature whose mark lost its blank; 0 where it may be a rule with words below it.

    It stands apart from what is above it, says how to reach somebody, and nothing in it looks like a sentence.
    """
    length = _signature_length(lines, at)
    texts = _tidy([line.text.strip() for line in lines[at + 1 : at + length]])
    apart = at > 0 and not lines[at - 1].text.strip()
    if not apart or not texts or not lines[at + 1].text.strip() or len(texts) > _BARE_SIGNATURE_LINES:
        return 0
    if all(map(_is_tag_line, texts)):
        return length
    sure = len(texts) > 1 and any(map(_CONTACT.search, texts)) and not any(map(_is_sentence, texts))
    return length if sure else 0


def _is_sentence(text: str) -> bool:
    return len(text) > _LONGEST_CONTACT or text.endswith(_SENTENCE_ENDS)


def _stands_in(folded: str, ours: frozenset[str], whole: str) -> bool:
    return folded in ours or (len(folded) >= _SHORT and folded in whole)


def _run_length(lines: Sequence[Line], at: int, belongs: Callable[[Line], bool]) -> int:
    end = at
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end - at


def _without_rule(lines: list[str]) -> list[str]:
    """Leave out the rules and blank lines at the end, which belong to the mail below."""
    while lines and not lines[-1].strip(RULE + "\t\xa0"):
        lines.pop()
    return lines


def _tidy(lines: Sequence[str]) -> tuple[str, ...]:
    """Leave out blank lines at both ends, and all but one in a row."""
    tidy: list[str] = []
    for line in map(str.rstrip, lines):
        if line or (tidy and tidy[-1]):
            tidy.append(line)
    return tuple(tidy[:-1] if tidy and not tidy[-1] else tidy)
