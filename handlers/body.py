"""What can be read out of an answer's body: its JSON, whether it is a web page, the words to quote from it."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

UNREADABLE = object()
LONGEST_QUOTE = 200
LONGEST_MESSAGE = 4000  # of which the quotation is made
DEEPEST_MESSAGE = 5  # objects around it
KEY = re.compile(r"""(api[_-]?key[\s"'\\]*(?:=|:|%3D)[\s"'\\]*)[^\s"'\\&<>,;)}]+""", re.IGNORECASE)
ADDRESS = re.compile(r"""[^\s@<>"',;:=?&()\[\]{}]{1,64}@[^\s@<>"',;:=?&()\[\]{}]*""")


def read_json(body: bytes) -> Any:
    """The JSON value, or UNREADABLE."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return UNREADABLE


def read_text(body: bytes) -> str:
    """The body as text, without blanks around it; what is not UTF-8 is replaced."""
    return body.decode("utf-8-sig", "replace").strip()


def is_web_page(body: bytes) -> bool:
    """Whether it is HTML. The content type does not tell: Express sends plain text as text/html too."""
    return read_text(body).startswith("<")


def quote(body: bytes) -> str:
    """The message in it: one line of at most 200 characters without keys and addresses; "" for a web page or none."""
    value = read_json(body)
    if value is UNREADABLE:
        value = "" if is_web_page(body) else read_text(body)
    line = ADDRESS.sub("…@…", redact(" ".join("".join(map(_printable, _message_in(value)[:LONGEST_MESSAGE])).split())))
    return line if len(line) <= LONGEST_QUOTE else f"{line[: LONGEST_QUOTE - 1]}…"


def redact(text: str) -> str:
    """The text with dots in the place of every API key that is named as one."""
    return KEY.sub(r"\1…", text)


def _message_in(value: Any, deepest: int = DEEPEST_MESSAGE) -> str:
    # `message` comes first: in the validator's errors `error` holds only the status's name.
    if isinstance(value, str):
        return value.strip()
    if not isinstance(value, dict) or not deepest:
        return ""
    found = (_message_in(value.get(name), deepest - 1) for name in ("message", "error", "code", "data"))
    return next(filter(None, found), "")


def _printable(character: str) -> str:
    return " " if unicodedata.category(character).startswith("C") else character
