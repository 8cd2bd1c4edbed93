"""Quotation: what in the lines of a mail its sender did not write just now, told by the lines alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.idioms import DATED_OPENING, DISCLAIMER, TAG_LINE, TAG_NEEDLES, WISH
from rules.engine.mail.introductions import (
    ATTRIBUTION_LINES,
    HEADER_LINES,
    LONGEST_LINE,
    RULE,
    ends_as_attribution,
    is_attribution,
    is_divider,
    is_group_wise,
    is_header_block,
    is_labelled,
    is_reply_line,
    is_snippet,
    may_be_attribution,
    may_introduce,
)
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SIGNATURE_MARKS: Final = ("-- ", "--\xa0")
_BARE_MARK: Final = "--"  # a signature's without its blank, or a rule that a person drew
QUOTED_LINES: Final = "quoted lines"
UNMARKED_MAIL: Final = "mail below an attribution line"
OWN_ENDINGS: Final = frozenset({"signature", "tag line"})  # of the person's own: no history
_TO_THE_END: Final = None
_SIGNATURE_LINES: Final = 15
_BARE_SIGNATURE_LINES: Final = 6
_LONGEST_CONTACT: Final = 60
_LEAST_WORDS: Final = 3  # of "please call me": a title or a name has capitals
_SENTENCE_ENDS: Final = (".", "!", "?", ":", ",", ";")

_CONTACT: Final = re.compile(r"@|\bwww\.|https?://|\||\d[\d ()./-]{5,20}\d")
_POSTSCRIPT: Final = re.compile(r"\s*p\.\s?s\b|\s*ps:", re.IGNORECASE)
_LINK: Final = re.compile(r"<?https?://[^\s<>]*>?")


class Line(NamedTuple):
    """A line of a mail. `mark`: what its markup said it is, if that is not what the person just wrote."""

    text: str
    mark: str | None = None


class Cut(NamedTuple):
    """Lines that the person did not write just now: from which on, up to which, and as what they were cut."""

    start: int
    end: int
    name: str


class Kept(NamedTuple):
    """Which lines of a mail are left, what was cut, and whether all from some line to the end was known as history.

    `unsure`: a line that is left looks much like an attribution, and what is below it may be history.
    """

    places: tuple[int, ...]
    cuts: tuple[Cut, ...]
    ended: bool
    unsure: bool = False


class _Found(NamedTuple):
    """Something that was not written just now: its name, and its length in lines, None for all to the end."""

    name: str
    length: int | None


def cut_history(lines: Sequence[Line], *, marked_up: bool) -> Kept:
    """Cut quotations with what introduces them, signatures and tag lines. Answers between quotations stay.

    `marked_up`: the lines come from HTML, where the only line that begins with ">" may be the sender's own.
    """
    signs_quote = not marked_up or [text[:1] for text, mark in lines if mark is None].count(">") > 1
    kept: list[int] = []
    cuts: list[Cut] = []
    at = 0
    while at < len(lines):
        found = _find(lines, at, signs_quote=signs_quote)
        if found is None:
            kept.append(at)
            at += 1
            continue
        if is_reply_line(lines[at].text) and not any(lines[place].text.strip() for place in kept):
            found = _Found("request of a help desk", 1)  # which stands above all, so the words are below it
        if found.length is _TO_THE_END:
            kept = _without_rule(kept, lines)
            start = max(kept[-1] + 1 if kept else 0, cuts[-1].end if cuts else 0)
            cuts.append(Cut(start, len(lines), found.name))
            return Kept(tuple(kept), tuple(cuts), ended=True, unsure=_is_unsure(kept, lines))
        cuts.append(Cut(at, at + found.length, found.name))
        at += found.length
    return Kept(tuple(kept), tuple(cuts), ended=False, unsure=_is_unsure(kept, lines))


def tidy(texts: Iterable[str]) -> list[str]:
    """Leave out blank lines at both ends, and all but one in a row."""
    lines: list[str] = []
    for text in map(str.rstrip, texts):
        if text or (lines and lines[-1]):
            lines.append(text)
    return lines[:-1] if lines and not lines[-1] else lines


def is_quoted(text: str) -> bool:
    """Tell whether the line carries the sign of a quotation in plain text."""
    return text.lstrip().startswith(">")


def _find(lines: Sequence[Line], at: int, *, signs_quote: bool) -> _Found | None:
    text = lines[at].text
    if (mark := lines[at].mark) is not None:
        return _Found(mark, _run_length(lines, at, lambda line: line.mark == mark))
    if is_group_wise(text):
        return _Found(UNMARKED_MAIL, _TO_THE_END)
    if signs_quote and is_quoted(text):
        return _Found(QUOTED_LINES, _run_length(lines, at, lambda line: is_quoted(line.text)))
    if not text.strip() or len(text) > LONGEST_LINE:
        return None
    return _find_introduction(lines, at) or _find_ending(lines, at)


def _is_unsure(kept: Sequence[int], lines: Sequence[Line]) -> bool:
    return any(may_be_attribution(lines[at].text) for at in kept)


def _find_introduction(lines: Sequence[Line], at: int) -> _Found | None:
    if may_introduce(lines[at].text):
        if is_divider(lines[at].text):
            return _Found("original or forwarded mail", _TO_THE_END)
        if is_snippet(lines[at].text):
            return _Found("attribution line", 1)
        if _is_header(lines, at):
            return _Found("mail below its header", _TO_THE_END)
    length = _attribution_length(lines, at)
    if not length:
        return None
    if _is_above_quotation(lines, at + length, at_end=True):
        length += _run_length(lines, at + length, lambda line: is_quoted(line.text) or not line.text.strip())
        return _Found("attribution line", length)
    return _Found(UNMARKED_MAIL, _TO_THE_END)


def _find_ending(lines: Sequence[Line], at: int) -> _Found | None:
    text = lines[at].text
    if text in SIGNATURE_MARKS:
        length = _signature_length(lines, at)
        return _Found("signature", length) if length <= _SIGNATURE_LINES else None
    if text == _BARE_MARK and (length := _contacts_length(lines, at)):
        return _Found("signature", length)
    return _Found("tag line", 1) if _is_tag_line(text) else None


def _is_tag_line(text: str) -> bool:
    if len(text) > LONGEST_LINE:
        return False
    words = _LINK.sub("", text) if "://" in text else text
    folded = fold(words)
    return TAG_NEEDLES.stand_in(folded) and TAG_LINE.match(folded) is not None and WISH.search(folded) is None


def _is_header(lines: Sequence[Line], at: int) -> bool:
    if not is_labelled(lines[at].text):
        return False
    return is_header_block([line.text for line in lines[at : at + HEADER_LINES] if line.mark is None])


def _attribution_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines of the attribution that begins here, 0 if none does."""
    parts: list[str] = []
    for line in lines[at : at + ATTRIBUTION_LINES]:
        if line.mark is not None or not line.text.strip() or is_quoted(line.text) or len(line.text) > LONGEST_LINE:
            break
        parts.append(line.text.strip())
        if not ends_as_attribution(line.text):
            continue
        quotation = _is_above_quotation(lines, at + len(parts), at_end=False)
        found = is_attribution(" ".join(parts), above_quotation=quotation)
        return len(parts) if found and _begins_here(parts, above_quotation=quotation) else 0
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
    next_lines = lines[at : at + ATTRIBUTION_LINES]
    below = next((line for line in next_lines if line.mark is not None or line.text.strip()), None)
    return at_end if below is None else below.mark is not None or is_quoted(below.text)


def _signature_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines from here to the next quotation, as far as a signature may reach and one more."""
    for length in range(1, _SIGNATURE_LINES + 1):
        if at + length >= len(lines):
            return length
        line = lines[at + length]
        if line.text in SIGNATURE_MARKS:
            break
        if line.mark is not None or is_quoted(line.text) or _POSTSCRIPT.match(line.text):
            return length
        if _find_introduction(lines, at + length) or _goes_on(lines, at, at + length):
            return length
    return _SIGNATURE_LINES + 1


def _goes_on(lines: Sequence[Line], start: int, at: int) -> bool:
    """Tell whether a sentence stands here, apart from the signature that began above: the person went on writing."""
    text = lines[at].text.strip()
    apart = at > start + 1 and not lines[at - 1].text.strip()
    return apart and _is_sentence(text) and not (_CONTACT.search(text) or DISCLAIMER.search(fold(text)))


def _contacts_length(lines: Sequence[Line], at: int) -> int:
    """Count the lines of a signature whose mark lost its blank; 0 where it may be a rule with words below it.

    It stands apart from what is above it, says how to reach somebody, and nothing in it looks like a sentence.
    """
    apart = at > 0 and not lines[at - 1].text.strip()
    if not apart or at + 1 >= len(lines) or not lines[at + 1].text.strip():
        return 0
    length = _signature_length(lines, at)
    texts = tidy([line.text.strip() for line in lines[at + 1 : at + length]])
    if not texts or len(texts) > _BARE_SIGNATURE_LINES:
        return 0
    if all(map(_is_tag_line, texts)):
        return length
    sure = len(texts) > 1 and any(map(_CONTACT.search, texts)) and not any(map(_is_sentence, texts))
    return length if sure else 0


def _is_sentence(text: str) -> bool:
    if len(text) > _LONGEST_CONTACT or text.endswith(_SENTENCE_ENDS):
        return True
    words = text.split()
    return len(words) >= _LEAST_WORDS and all(map(str.islower, words[1:]))


def _run_length(lines: Sequence[Line], at: int, belongs: Callable[[Line], bool]) -> int:
    end = at
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end - at


def _without_rule(places: list[int], lines: Sequence[Line]) -> list[int]:
    """Leave out the rules and blank lines at the end, which belong to the mail below."""
    while places and not lines[places[-1]].text.strip(RULE + "\t\xa0"):
        places.pop()
    return places
