"""Text: what a person wrote in a reply, apart from what the mail carries along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from rules.engine.mail.markup import MAX_LINES, MAX_TEXT, read_markup
from rules.engine.mail.markup_bounds import MAX_MARKUP
from rules.engine.mail.quotation import Cut, Line, cut_history, tidy
from rules.engine.mail.repetition import may_repeat, subtract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from model import Reply

Form = Literal["HTML", "text", "preview"]

_MAX_SENT: Final = 16 * 1024
_MAX_SENT_MARKUP: Final = 64 * 1024
_LONGEST_TAG: Final = 2_000
_LONG_PREVIEW: Final = 40  # previews that were cut here are seen in production payloads

_MARKUP: Final = re.compile(r"<(?:[a-zA-Z][a-zA-Z0-9]*(?=[\s/>])|[!/])")
_MARKUP_ALONE: Final = re.compile(r"\s*<(?:!doctype html|html|head|body|div|p|span|table)(?:\s[^<>]*)?>", re.IGNORECASE)
_SENTENCE_ENDS: Final = (".", "!", "?", "\u3002", "\uff01", "\uff1f")

MIRROR: Final = "the reply repeats our own sent mail, so what the person wrote is not in it"
CAPPED: Final = "the mail is longer than is read, and what was written may go on below"
NOTHING_LEFT: Final = "nothing is left of the mail after its quotations were cut away"
PREVIEW_CUT: Final = "the event carries a preview only, and it looks cut off"
PREVIEW_EMPTY: Final = "the event carries a preview only, and it is empty"


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a mail that stand together. `why` they were cut away, None of what the person just wrote."""

    text: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a reply says. Both texts are None where the event has no text at all.

    `new`: only the words that the person just wrote. `whole`: the mail as text, with its history; None also where that
    was not read. `doubt`: why `new` is not known whole, None if it is. `form`: which of the mail's forms was read.
    `hidden`: what stands in the HTML and nobody sees.
    """

    new: str | None = None
    whole: str | None = None
    doubt: str | None = None
    form: Form | None = None
    hidden: tuple[str, ...] = ()
    _lines: tuple[Line, ...] = field(default=(), repr=False)
    _cuts: tuple[Cut, ...] = field(default=(), repr=False)

    @property
    def parts(self) -> list[Part]:
        """The whole mail from top to bottom: what was kept, and what was cut away and why. No part is blank."""
        why: list[str | None] = [None] * len(self._lines)
        for start, end, name in self._cuts:
            why[start:end] = [name] * (end - start)
        pairs = zip(why, (line.text for line in self._lines), strict=True)
        parts = (
            Part("\n".join(tidy(text for _, text in run)), name) for name, run in groupby(pairs, lambda pair: pair[0])
        )
        return [part for part in parts if part.text]


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail as lines, from whichever of its forms can be read."""

    lines: tuple[Line, ...]
    hidden: tuple[str, ...] = ()
    ended: bool = False
    capped: bool = False
    marked_up: bool = False
    whole: bool = True  # its history is in the lines, too


def read(reply: Reply, *, history: bool = True) -> Written:
    """Read a reply's HTML, or its text where there is none, or else its preview. Never raises.

    Without `history` what a mail program marked as such is passed over: `whole` is None, and the parts lack it.

    The time grows with the text and no faster; beyond 256 kB of HTML, 64 kB of text or 2,000 lines nothing is read,
    and `doubt` says so unless all from there on is history.
    """
    mail = _from_html(reply.html, history=history) or _from_text(reply.text, history=history)
    if mail is not None:
        return _written(mail, reply, "HTML" if mail.marked_up else "text", None)
    preview = _from_text(reply.preview, history=history)
    if preview is not None:
        return _written(preview, reply, "preview", PREVIEW_CUT if _looks_cut(reply.preview or "") else None)
    if reply.html is None and reply.text is None:
        return Written() if reply.preview is None else Written("", "", PREVIEW_EMPTY, "preview")
    return Written("", "")


def _written(mail: _Mail, reply: Reply, form: Form, doubt: str | None) -> Written:
    kept = cut_history(mail.lines, marked_up=mail.marked_up)
    own = _without_ours(mail, kept.places, reply)
    new = "\n".join(tidy(mail.lines[at].text for at in own)).strip()
    if not new and any(mail.lines[at].text.strip() for at in kept.places):
        doubt = MIRROR
    elif mail.capped and not (mail.ended or kept.ended):
        doubt = CAPPED
    elif not new:
        doubt = NOTHING_LEFT
    elif kept.ended:
        doubt = None
    cuts = kept.cuts if len(own) == len(kept.places) else (*kept.cuts, *_ours(kept.places, own))
    whole = "\n".join(line.text for line in mail.lines).strip() if mail.whole else None
    return Written(new, whole, doubt, form, mail.hidden, mail.lines, cuts)


def _ours(places: Iterable[int], own: Iterable[int]) -> Iterator[Cut]:
    for at in sorted(set(places).difference(own)):
        yield Cut(at, at + 1, "our own mail")


def _without_ours(mail: _Mail, places: tuple[int, ...], reply: Reply) -> Sequence[int]:
    """Give the places without what we wrote in the mail that was answered; what it quoted may be the person's words."""
    sent = _from_text((reply.sent_text or "")[:_MAX_SENT]) or _from_html((reply.sent_html or "")[:_MAX_SENT_MARKUP])
    if sent is None or not may_repeat(mail.lines, places, "\n".join(line.text for line in sent.lines)):
        return places
    kept = cut_history(sent.lines, marked_up=sent.marked_up)
    return subtract(mail.lines, places, "\n".join(sent.lines[at].text for at in kept.places)[:_MAX_SENT])


def _from_html(html: str | None, *, history: bool = True) -> _Mail | None:
    if not html or not _MARKUP.search(html):
        return _from_text(unescape(html[:MAX_MARKUP]), more=len(html) > MAX_MARKUP) if html else None
    page = read_markup(html, history=history)
    mail = _Mail(page.lines, page.hidden, page.ended, page.capped, marked_up=True, whole=history)
    return mail if _says_something(mail) else None


def _from_text(text: str | None, *, more: bool = False, history: bool = True) -> _Mail | None:
    if not text:
        return None
    if _MARKUP_ALONE.match(text, 0, _LONGEST_TAG) and "</" in text[:MAX_MARKUP]:
        return _from_html(text, history=history)
    plain = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n", MAX_LINES)
    capped = more or len(text) > MAX_TEXT or len(lines) > MAX_LINES
    mail = _Mail(tuple(map(Line, lines[:MAX_LINES])), capped=capped)
    return mail if _says_something(mail) else None


def _says_something(mail: _Mail) -> bool:
    return mail.capped or any(line.mark is not None or line.text.strip() for line in mail.lines)


def _looks_cut(preview: str) -> bool:
    words = preview.rstrip()
    if words.endswith(("...", "\u2026")):
        return True
    return len(words) >= _LONG_PREVIEW and not preview.endswith(("\n", "\r", *_SENTENCE_ENDS))
