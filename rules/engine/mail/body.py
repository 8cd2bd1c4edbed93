"""Body: a mail as lines, from whichever of its forms can be read."""

from __future__ import annotations

import re
from html import unescape
from typing import Final, NamedTuple

from rules.engine.mail.collapsed import unfold
from rules.engine.mail.markup import MAX_LINES, MAX_TEXT, read_markup
from rules.engine.mail.markup_bounds import MAX_MARKUP
from rules.engine.mail.quotation import Line

_LONGEST_TAG: Final = 2_000

_MARKUP: Final = re.compile(r"<(?:[a-zA-Z][a-zA-Z0-9]*(?=[\s/>])|[!/])")
_MARKUP_ALONE: Final = re.compile(r"\s*<(?:!doctype html|html|head|body|div|p|span|table)(?:\s[^<>]*)?>", re.IGNORECASE)
_PICTURE: Final = re.compile(r"<(?:img|picture|svg|video|audio|object|embed)[\s/>]", re.IGNORECASE)


class Body(NamedTuple):
    """The lines of a mail, of HTML if `marked_up`.

    `hidden`: what nobody sees. `ended`: all below some line is known as history. `capped`: the mail went on beyond a
    limit. `whole`: its history is in the lines, too.
    """

    lines: tuple[Line, ...]
    hidden: tuple[str, ...] = ()
    ended: bool = False
    capped: bool = False
    marked_up: bool = False
    whole: bool = True


def from_html(html: str | None, *, history: int = MAX_TEXT) -> Body | None:
    """Read the HTML of a mail, None if it says nothing. `history`: so many characters of quotations are read."""
    if not html or not _MARKUP.search(html):
        return from_text(unescape(html[:MAX_MARKUP]), more=len(html) > MAX_MARKUP) if html else None
    page = read_markup(html, history=history)
    lines = page.lines
    if len(lines) == 1 and lines[0].mark is None:
        lines = tuple(map(Line, unfold([lines[0].text])))
    body = Body(lines, page.hidden, page.ended, page.capped, marked_up=True, whole=history >= MAX_TEXT)
    return body if _says_something(body) else None


def from_text(text: str | None, *, more: bool = False, history: int = MAX_TEXT) -> Body | None:
    """Read the text of a mail, None if it says nothing. `more`: it goes on, which is not read."""
    if not text:
        return None
    if _MARKUP_ALONE.match(text, 0, _LONGEST_TAG) and "</" in text[:MAX_MARKUP]:
        return from_html(text, history=history)
    plain = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n", MAX_LINES)
    capped = more or len(text) > MAX_TEXT or len(lines) > MAX_LINES
    body = Body(tuple(map(Line, unfold(lines[:MAX_LINES]))), capped=capped)
    return body if _says_something(body) else None


def shows_picture(html: str | None) -> bool:
    """Tell whether something else than words is in the mail, which a person may have written or drawn."""
    return _PICTURE.search((html or "")[:MAX_MARKUP]) is not None


def _says_something(body: Body) -> bool:
    return body.capped or any(mark is not None or text.strip() for text, mark in body.lines)
