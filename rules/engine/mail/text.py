"""Text: what a person wrote in a reply, apart from what the mail carries along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

from rules.engine.mail.markup import MAX_LINES, MAX_TEXT, read_markup
from rules.engine.mail.markup_bounds import MAX_MARKUP
from rules.engine.mail.quotation import Line, cut_history, subtract

if TYPE_CHECKING:
    from model import Reply

_MAX_SENT: Final = 16 * 1024
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
class Written:
    """What a reply says. Both texts are None where the event has no text at all.

    `new`: only the words that the person just wrote. `whole`: the mail as text, with its history. `doubt`: why `new`
    is not known whole, None if it is. `cut`: what was cut away to get `new`, in the order in which it was met.
    """

    new: str | None = None
    whole: str | None = None
    doubt: str | None = None
    cut: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail as lines, from whichever of its forms can be read."""

    lines: tuple[Line, ...]
    cut: tuple[str, ...] = ()
    ended: bool = False
    capped: bool = False
    marked_up: bool = False


def read(reply: Reply) -> Written:
    """Read a reply's HTML, or its text where there is none, or else its preview. Never raises.

    The time grows with the text and no faster; beyond 256 kB of HTML, 64 kB of text or 2,000 lines nothing is read,
    and `doubt` says so unless all from there on is history.
    """
    mail = _from_html(reply.html) or _from_text(reply.text)
    if mail is not None:
        return _written(mail, reply, None)
    preview = _from_text(reply.preview)
    if preview is not None:
        return _written(preview, reply, PREVIEW_CUT if _looks_cut(reply.preview or "") else None)
    if reply.html is None and reply.text is None:
        return Written() if reply.preview is None else Written("", "", PREVIEW_EMPTY)
    return Written("", "")


def _written(mail: _Mail, reply: Reply, doubt: str | None) -> Written:
    kept = cut_history(mail.lines, marked_up=mail.marked_up)
    own = subtract(kept.lines, sent) if (sent := _sent(reply)) else kept.lines
    cut = (*mail.cut, *kept.cut, *(("our own mail",) if own != kept.lines else ()))
    if kept.lines and not own:
        doubt = MIRROR
    elif mail.capped and not (mail.ended or kept.ended):
        doubt = CAPPED
    elif not own:
        doubt = NOTHING_LEFT
    elif kept.ended:
        doubt = None
    whole = "\n".join(line.text for line in mail.lines).strip()
    return Written("\n".join(own).strip(), whole, doubt, tuple(dict.fromkeys(cut)))


def _sent(reply: Reply) -> str:
    """Give what we wrote in the mail that was answered; what it quoted may be the person's own words."""
    mail = _from_text((reply.sent_text or "")[:_MAX_SENT]) or _from_html(reply.sent_html)
    return "\n".join(cut_history(mail.lines, marked_up=mail.marked_up).lines)[:_MAX_SENT] if mail else ""


def _from_html(html: str | None) -> _Mail | None:
    if not html or not _MARKUP.search(html):
        return _from_text(unescape(html[:MAX_MARKUP]), more=len(html) > MAX_MARKUP) if html else None
    page = read_markup(html)
    mail = _Mail(page.lines, page.cut, page.ended, page.capped, marked_up=True)
    return mail if _says_something(mail) else None


def _from_text(text: str | None, *, more: bool = False) -> _Mail | None:
    if not text:
        return None
    if _MARKUP_ALONE.match(text, 0, _LONGEST_TAG) and "</" in text[:MAX_MARKUP]:
        return _from_html(text)
    plain = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n", MAX_LINES)
    capped = more or len(text) > MAX_TEXT or len(lines) > MAX_LINES
    mail = _Mail(tuple(map(Line, lines[:MAX_LINES])), capped=capped)
    return mail if _says_something(mail) else None


def _says_something(mail: _Mail) -> bool:
    return mail.capped or any(line.text.strip() for line in mail.lines)


def _looks_cut(preview: str) -> bool:
    words = preview.rstrip()
    if words.endswith(("...", "\u2026")):
        return True
    return len(words) >= _LONG_PREVIEW and not preview.endswith(("\n", "\r", *_SENTENCE_ENDS))
