"""How the values of settings are written: each reader gives what a text says, or raises with what would be right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
PERIODS = {"m": 60.0, "h": 3600.0, "d": 86400.0}
SHORTEST_PERIOD = 300.0  # seconds
SQLITE_FILE = re.compile(r"sqlite:///(?!:memory:|file:)[^?]+")
# What SQLAlchemy's own parser can not read it quotes in its error, be it a part of a password.
POSTGRESQL = re.compile(
    r"postgresql://(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?@]+\]|[^/:?@\[]+)?(?::\d*)?(?:/[^?@]*)?(?:\?.*)?"
)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `limit` requests in any `seconds`."""

    limit: int
    seconds: float


class UnreadableError(ValueError):
    """A value that can not be used; its text says what would be right, and never quotes a secret."""


def read_text(value: str) -> str:
    """A text as it is."""
    return value


def read_texts(value: str) -> tuple[str, ...]:
    """Several texts, with commas between them."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """A reader of whole numbers from `lowest` to `highest`."""

    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not lowest <= int(value) <= highest:
            raise UnreadableError(f"must be a whole number from {lowest} to {highest}")
        return int(value)

    return read


def read_share(value: str) -> float:
    """A share from 0 to below 1."""
    if not re.fullmatch(r"0?\.\d+|0", value):
        raise UnreadableError("must be a share of the rate from 0 to below 1, such as 0.2")
    return float(value)


def read_period(value: str) -> float:
    """How often, in seconds: 30m, 6h, 1d, never more than every five minutes; 0 is never."""
    match = re.fullmatch(r"([1-9]\d{0,3})([mhd])", value)
    if value == "0":
        return 0.0
    if not match or (seconds := int(match[1]) * PERIODS[match[2]]) < SHORTEST_PERIOD:
        raise UnreadableError("must be a time such as 30m, 6h or 1d, 5m at least, or 0 for never")
    return seconds


def read_yes_or_no(value: str) -> bool:
    """1 or 0."""
    if value not in {"0", "1"}:
        raise UnreadableError("must be 1 (yes) or 0 (no)")
    return value == "1"


def read_windows(value: str) -> tuple[Window, ...]:
    """Windows of requests: 10/1s 60/1m."""
    windows = []
    for part in value.replace(",", " ").split():
        match = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,3})([smh])", part)
        if not match:
            raise UnreadableError("must be windows such as 10/1s 60/1m 1000/1h: requests, a slash, a time in s, m or h")
        windows.append(Window(int(match[1]), int(match[2]) * UNITS[match[3]]))
    if not windows:
        raise UnreadableError("must name one window at least, such as 60/1m")
    return tuple(windows)


def read_address_forms(value: str) -> tuple[str, ...]:
    """Address forms as the rules have them; a domain alone is meant with its "@"."""
    found = []
    for part in read_texts(value.lower()):
        if not re.fullmatch(r"(?:[^\s@*/:]*@|\*\.)?(?:[^\s@*/:.]+\.)+[^\s@*/:.]+", part):
            raise UnreadableError("must be domains or addresses, with commas: acme.com, *.acme.com, jo@acme.com")
        found.append(part if part[:2] == "*." or "@" in part else f"@{part}")
    return tuple(found)


def read_base_url(value: str) -> str:
    """The address of a server, without a slash at its end."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
        raise UnreadableError("must be an address such as https://server.smartlead.ai")
    return value.rstrip("/")


def read_database_url(value: str) -> str:
    """The address of a database; `postgres://` as PostgreSQL itself takes it."""
    url = re.sub(r"^postgres://", "postgresql://", value)
    if not re.match(r"sqlite:///.|postgresql://.", url):
        raise UnreadableError("must begin with sqlite:/// or postgresql://")
    if url.startswith("sqlite") and not SQLITE_FILE.fullmatch(url):
        raise UnreadableError("must name a file and nothing else, such as sqlite:///var/replymark.db")
    if url.startswith("postgresql") and not POSTGRESQL.fullmatch(url):
        raise UnreadableError(
            "must be as postgresql://user:password@host:5432/name; in a password %40 stands for @, %3A for a colon"
        )
    return url


def passwords_in(url: str) -> tuple[str, ...]:
    """Every text in a database's address that may be its password, as it stands there and decoded.

    An "@" or a "/" in a password should be encoded, and often is not: then it ends at the first or at the last "@".
    """
    found = re.findall(r"://[^:/@]*:([^@]+)@", url) + re.findall(r"://[^:/@]*:(.+)@", url)
    found += re.findall(r"[?&](?:ssl)?password=([^&#]+)", url, re.IGNORECASE)
    return tuple(dict.fromkeys(text for one in found for text in (one, unquote(one), unquote_plus(one))))


def one_of(*words: str) -> Callable[[str], Any]:
    """A reader that takes one of these words."""

    def read(value: str) -> str:
        if value not in words:
            raise UnreadableError(f"must be {', '.join(words[:-1])} or {words[-1]}")
        return value

    return read
