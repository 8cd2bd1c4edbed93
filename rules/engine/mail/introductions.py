"""Introductions: what mail programs write above a mail that they quote. Attribution lines, headers, dividers."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from rules.engine.mail.idioms import (
    DATED_OPENING,
    DIVIDERS,
    FORWARDS,
    HEADERS,
    OWN_WRITING,
    REPLY_ABOVE,
    WROTE,
)
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LINE: Final = 300  # of what a mail program writes
ATTRIBUTION_LINES: Final = 3
HEADER_LINES: Final = 8
RULE: Final = "-_=*~\u2013\u2014 "

_DRAWN: Final = RULE + "#["  # what help desks draw, too

_INVISIBLE: Final = " \t\xa0\u202f\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
_LONGEST_LABEL: Final = 25
_LONGEST_REQUEST: Final = 120
_LEAST_HEADERS: Final = 3
_LEAST_UNKNOWN_HEADERS: Final = 4  # From, Sent, To, Subject in a language that is not listed

_DATE: Final = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}")
_YEAR: Final = re.compile(r"\d{4}")
_TIME: Final = re.compile(r"(?<![\d.])\d{1,2}[:.]\d{2}(?![.\d])")
_ADDRESS: Final = re.compile(r"[<(\[]\S*@")
_ENDS_WITH_ADDRESS: Final = re.compile(r"[<(][^\s<>()]+@[^\s<>()]+[>)] ?[:\uff1a]$")
_DIGIT: Final = re.compile(r"\d")
_NAMED: Final = re.compile(
    r"(?:[^\W\d_][\w.'-]* ){1,4}(?:[<(][^\s<>()]+@[^\s<>()]+[>)] )?(?P<verb>[^<>@:\uff1a]+)[:\uff1a]$"
)
# Between a date and a name: no more than a preposition or a unit of time, and parts of names.
_SMALL_WORDS: Final = frozenset(
    "am pm uhr h kl klo v o ob u a alle ore às om fra from da do dos de di du der den von van af av by le la el al bin"  # noqa: SIM905 - words read best as words
    " ben \u043e\u0442 \u0432 \u043d\u0430 \u0433 \u0440 od".split()
)
_LATER_LABEL: Final = re.compile(r"(?<=\s)\*?(?:[^\W\d_]+ )?(?P<last>[^\W\d_]+)(?=[:\uff1a])")
_LABELLED: Final = re.compile(rf"\*?[^\W\d_][^:\uff1a]{{0,{_LONGEST_LABEL - 1}}}[:\uff1a]\*?\s*\S")
_SENDER: Final = re.compile(r"[<\[][^\s<>\[\]@]+@[^\s<>\[\]@]+[>\]]+\s*$")
# Notes writes a name, a date between dashes, and the first words of the mail.
_SNIPPET: Final = re.compile(r"---\d{1,4}[./-]\d{1,2}[./-]\d{2,4} \d{1,2}[:.]\d{2}[^-]{0,12}---")


def is_attribution(text: str, *, above_quotation: bool = False) -> bool:
    """Tell whether a line, or a few joined by blanks, says who wrote the mail below it, and when.

    Above a quotation a date and an address are enough, in whatever language.
    """
    if not ends_as_attribution(text) or len(text) > ATTRIBUTION_LINES * LONGEST_LINE:
        return False
    folded = fold(text.strip(RULE))
    if not _DATE.search(folded):
        return _is_named(text, folded, above_quotation=above_quotation)
    addressed = _ADDRESS.search(folded)
    if above_quotation and addressed:
        return True
    if addressed and _TIME.search(folded) and _ends_with_name(text):
        return True
    sure = above_quotation or addressed or (DATED_OPENING.match(folded) and not OWN_WRITING.search(folded))
    return bool(sure and WROTE.search(folded))


def may_be_attribution(text: str) -> bool:
    """Tell whether the line has the date and the sender of an attribution, and words that only a person writes, too."""
    if "@" not in text or len(text) > LONGEST_LINE or not _ends_with_colon(text):
        return False
    if not _ENDS_WITH_ADDRESS.search(text.strip(_INVISIBLE)):
        return False
    folded = fold(text)
    return bool(_TIME.search(folded) and _YEAR.search(folded))


def may_introduce(text: str) -> bool:
    """Tell quickly whether the line may be a divider, a snippet or a header: one has a colon or begins with a rule."""
    return ":" in text or "---" in text or "\uff1a" in text or text.lstrip()[:1] in _DRAWN


def begins_mail(text: str) -> bool:
    """Tell whether a line within the history begins another mail: an attribution, a header or a divider."""
    return (
        is_divider(text) or is_snippet(text) or header_of(text) == "from" or is_attribution(text, above_quotation=True)
    )


def ends_as_attribution(text: str) -> bool:
    """Tell whether the line ends as an attribution does. Zoho writes "---- On … wrote ---"."""
    return _ends_with_colon(text) or (text.rstrip().endswith("---") and text.lstrip().startswith("----"))


def is_group_wise(text: str) -> bool:
    """Tell whether the line is what GroupWise writes above a mail: a name, and when it wrote, between three arrows."""
    bare = text.strip()
    arrows = len(bare) <= LONGEST_LINE and bare.startswith(">>> ") and bare.endswith(" >>>")
    return arrows and _DATE.search(bare) is not None


def is_snippet(text: str) -> bool:
    """Tell whether the line is Notes' summary of the mail below it."""
    return "---" in text and _SNIPPET.search(text) is not None


def is_labelled(text: str) -> bool:
    """Tell whether the line may be a header: a short label, a colon, and maybe more."""
    return ":" in (label := text[: _LONGEST_LABEL + 2]) or "\uff1a" in label


def header_of(line: str) -> str | None:
    """Tell which header of a quoted mail the line is: "from", "sent", "to", "cc", "subject", or none."""
    label, colon, _ = line[: _LONGEST_LABEL + 2].replace("\uff1a", ":").partition(":")
    return HEADERS.get(fold(label.strip("* \t\xa0"))) if colon else None


def is_header_line(text: str) -> bool:
    """Tell whether the whole header of a quoted mail stands on the line."""
    if text.count(":") < _LEAST_HEADERS or len(text) > 2 * LONGEST_LINE or header_of(text) != "from":
        return False
    labels = _LATER_LABEL.finditer(text)
    headers = {header_of(f"{label[0]}:") or header_of(f"{label['last']}:") for label in labels} - {None}
    return len(headers) >= _LEAST_HEADERS - 1 and ("@" in text or _TIME.search(text) is not None)


def is_header_block(block: Sequence[str]) -> bool:
    """Tell whether the lines, as many as a header may have, begin with the header of a quoted mail."""
    if header_of(block[0]) is not None:
        if is_header_line(block[0]):
            return True
        headers = [(header, text) for text in block if (header := header_of(text)) is not None]
        if len(dict(headers)) >= _LEAST_HEADERS and _is_of_a_mail(headers):
            return True
    return _has_shape_of_header(block)


def _is_of_a_mail(headers: Sequence[tuple[str, str]]) -> bool:
    """Tell by a sender's address or a date, because "From: you, To: info@acme.example" is a complaint."""
    names = [name for name, _ in headers]
    if any("@" in text and (name == "from" or "sent" in names) for name, text in headers):
        return True
    dated = [name for name, _ in headers[:2]] == ["from", "sent"] or any(_TIME.search(text) for _, text in headers)
    return dated and "subject" in dict(headers)


def is_divider(text: str) -> bool:
    """Tell whether the line says that an original or forwarded mail stands below it."""
    if is_reply_line(text):
        return True
    if not text.lstrip()[:2].strip(RULE):
        bare = text.strip(RULE + ":\t\xa0")
        # iNotes writes "-----Name <address> wrote: -----".
        return bool(bare) and (fold(bare) in DIVIDERS or (text.rstrip().endswith("---") and _is_from_somebody(bare)))
    return _ends_with_colon(text) and fold(text) in FORWARDS


def is_reply_line(text: str) -> bool:
    """Tell whether the line asks to write the reply above it, as help desks do."""
    bare = text.strip()
    drawn = not bare[:2].strip(_DRAWN)
    return len(bare) <= _LONGEST_REQUEST and drawn and REPLY_ABOVE.search(fold(bare)) is not None


def _ends_with_name(text: str) -> bool:
    """Tell whether the line ends with an address, and only a name before it, not such as "on please use Jane"."""
    bare = text.strip(_INVISIBLE)
    address = _ENDS_WITH_ADDRESS.search(bare)
    if address is None:
        return False
    between = _DIGIT.split(bare[: address.start()])[-1].split()
    words = (word.strip(".,;:()\"'" + _INVISIBLE) for word in between)
    return all(not word.islower() or word in _SMALL_WORDS for word in words)


def _is_named(text: str, folded: str, *, above_quotation: bool) -> bool:
    """Tell whether the line is but a name, maybe with an address, and the verb of an attribution."""
    found = _NAMED.match(text.strip(_INVISIBLE)) if WROTE.search(folded) else None
    if found is None or not WROTE.fullmatch(fold(found["verb"]).strip()):
        return False
    names = found[0][: found.start("verb")].split()
    titled = all(not word.islower() for word in names if "@" not in word)
    return titled and (above_quotation or any("@" in word for word in names))


def _is_from_somebody(bare: str) -> bool:
    return bool(_ADDRESS.search(bare) and WROTE.search(fold(bare)))


def _has_shape_of_header(block: Sequence[str]) -> bool:
    """Tell a header in an unlisted language by its labels, the sender's address behind the first, and a date."""
    if not (_SENDER.search(block[0]) and _LABELLED.match(block[0])):
        return False
    labelled = list(takewhile(_LABELLED.match, block))
    dated = any(_YEAR.search(line) and _TIME.search(line) for line in labelled[1:])
    return dated and len(labelled) >= _LEAST_UNKNOWN_HEADERS


def _ends_with_colon(text: str) -> bool:
    return text.rstrip(_INVISIBLE).endswith((":", "\uff1a"))
