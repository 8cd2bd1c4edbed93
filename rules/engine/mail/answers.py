"""Answers: whether a person may have written within what was cut away as history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from rules.engine.mail.idioms import ANSWERS_BELOW, ANSWERS_NEEDLES, BANNER, DISCLAIMER, HEADERS
from rules.engine.mail.introductions import begins_mail, is_divider, is_labelled
from rules.engine.mail.quotation import OWN_ENDINGS, QUOTED_LINES, UNMARKED_MAIL, is_quoted
from rules.engine.mail.repetition import is_footer, words_of
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.engine.mail.quotation import Cut, Line
    from rules.engine.mail.repetition import OurMail

INTERLEAVED: Final = "words that are not ours stand in what was cut away as our mail"
ANNOUNCED: Final = "the person tells of answers further down, in what was cut away"
UNINTRODUCED: Final = "the cut lines begin with the sign of a quotation, but nothing tells whom they quote"
OTHER_MAIL: Final = "what was cut away below an attribution line is not our mail"

_LEAST_TEXT: Final = 60  # characters of ours, that the quotation is known as that of our mail
_FEW_QUOTED: Final = 3  # lines: a person may mark so many of the person's own
_SHORT: Final = 400  # characters: longer words say more than where the answers are

_SIGNS: Final = "> |\t\xa0"
_DEEPER: Final = re.compile(r"\s*[>|]\s?[>|]")
_CONTACT: Final = re.compile(r"@|\bwww\.|https?:|[|\u00a9]|\d[\d ()./-]{5,20}\d")
_PREFACE: Final = re.compile(r"\d|@|[:\uff1a][\s\u200e\u200f\u202a-\u202e]*$")


class _Match(NamedTuple):
    """How the lines of a quotation compare with our mail."""

    size: int  # words of ours that were found
    strange: bool  # somebody else's stand there, too


class Quoted(NamedTuple):
    """What was cut from the lines of a mail, and what is left of them.

    `ended`: all from some line to the end was taken for history, so no program marked where that ends. `reach`: so many
    characters of it are looked at, from the top.
    """

    lines: Sequence[Line]
    cuts: Sequence[Cut]
    places: Sequence[int]
    new: str
    ended: bool
    reach: int


def find_doubt(quoted: Quoted, ours: OurMail | None) -> str | None:
    """Tell why the person may have written in what was cut away, None if nothing speaks for it."""
    history = [cut for cut in quoted.cuts if cut.name not in OWN_ENDINGS]
    if not history or (not quoted.ended and _has_words_below(quoted, history[0].end)):
        return None
    texts = list(_texts(quoted, history)) if ours is not None else []
    match = _Match(0, strange=False)
    if ours is not None:
        if _is_ours_alone(texts, ours):
            return None
        match = _compare(texts, ours)
        if ours.is_known_by(match.size):
            return INTERLEAVED if match.strange else None
    if quoted.ended and len(quoted.new) <= _SHORT and _tells_of_answers(fold(quoted.new)):
        return ANNOUNCED
    if ours is not None and not match.size and history[-1].name == UNMARKED_MAIL:
        return OTHER_MAIL
    return UNINTRODUCED if _is_unintroduced(quoted.lines, history, told=ours is not None) else None


def _has_words_below(quoted: Quoted, at: int) -> bool:
    """Tell whether the person answered below a quotation or between two, where no answer is lost."""
    return any(place >= at and quoted.lines[place].text.strip() for place in quoted.places)


def _tells_of_answers(folded: str) -> bool:
    return ANSWERS_NEEDLES.stand_in(folded) and ANSWERS_BELOW.search(folded) is not None


def _texts(quoted: Quoted, history: Sequence[Cut]) -> Iterator[str]:
    reach = quoted.reach
    for cut in history:
        for line in quoted.lines[cut.start : cut.end]:
            reach -= len(line.text)
            if reach < 0:
                return
            yield line.text


def _is_ours_alone(texts: Sequence[str], ours: OurMail) -> bool:
    """Tell quickly that nothing but our mail stands there, line by line, below what introduces it."""
    found = 0
    for text in texts:
        bare = text.strip(_SIGNS)
        if bare in ours.lines:
            found += len(bare)
        elif bare and found and begins_mail(bare):
            break
        elif bare and (found or not _is_preface(text)):
            return False
    return found >= _LEAST_TEXT


def _compare(texts: Sequence[str], ours: OurMail) -> _Match:
    """Follow our mail through its quotation, up to where the history below our mail begins."""
    size, at, loosely, strange = 0, -1, False, False
    below: list[str] = []
    for text in texts:
        words = words_of(text)
        if not words:
            continue
        end = ours.follow(words, at)
        if end is None and not ours.continues(words, loosely=loosely):
            if size and (_DEEPER.match(text) or begins_mail(text.strip(_SIGNS))):
                break
            if not is_quoted(text) and (size or not _is_preface(text)):
                below.append(text)
            continue
        strange = strange or bool(below)
        below.clear()
        size += len(words)
        at, loosely = (at, True) if end is None else (end, False)
    return _Match(size, strange or any(not _is_foot(text.strip(_SIGNS)) for text in below))


def _is_preface(text: str) -> bool:
    """Tell whether the line belongs to what mail programs and gateways put above a quoted mail."""
    bare = text.strip(_SIGNS)
    if _PREFACE.search(text) or is_labelled(bare) or is_divider(bare):
        return True
    folded = fold(bare)
    return folded.partition(" ")[0] in HEADERS or BANNER.search(folded) is not None


def _is_foot(text: str) -> bool:
    """Tell whether the line is of a signature, an address or a footer, which are put below what we wrote."""
    if _CONTACT.search(text) or is_footer(text) or DISCLAIMER.search(fold(text)):
        return True
    words = [word for word in text.split() if word[0].isalnum()]
    named = len(words) > 1 and all(word[0].isupper() or word[0].isdigit() for word in words)
    return named and not text.endswith((".", "!", "?"))


def _is_unintroduced(lines: Sequence[Line], history: Sequence[Cut], *, told: bool) -> bool:
    """Tell whether lines with a sign, few or surely not ours, are all that was cut, and no attribution is near."""
    if any(cut.name != QUOTED_LINES for cut in history):
        return False
    texts = [text for cut in history for line in lines[cut.start : cut.end] if (text := line.text.strip(_SIGNS))]
    few = told or len(texts) <= _FEW_QUOTED
    return few and not any(map(begins_mail, texts))
