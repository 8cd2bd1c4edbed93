"""What may be stored of an event: everything but secrets. Pure, and never raises."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, quote_plus

from webhooks.paths import fold
from webhooks.storable import storable
from webhooks.unwrap import decode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

REDACTED: Final = "[redacted]"
MAX_BYTES: Final = 64 * 1024  # of a redacted text in UTF-8
_MAX_SEARCHED: Final = 256 * 1024  # characters of a text that could not be parsed: what stands behind is not kept
_MAX_DEPTH: Final = 64
_NESTED: Final = (dict, list)  # of a value out of JSON
_LONGEST_KEY: Final = 64  # characters of a key that is remembered
_MOST_KEYS: Final = 4096  # that are remembered
_ODD_LETTERS: Final = ("\u0130", "\u0131")  # a pattern of any case takes these for an i; folded they are none
_LIKE_ASCII: Final = (*_ODD_LETTERS, "\u017f", "\u212a")  # all that it takes for a letter of ASCII: two i, s and k
_Kind = Literal["secret", "callback", "told"]  # what stands under a key

_SECRET_KEY: Final = re.compile(
    r"(?:secret|secretkey|privatekey|apikey|token|jwt|password|passwd|passphrase|credentials?|authorization|auth|cookie)$",
)
_CALLBACK_KEYS: Final = {"webhookurl", "callbackurl", "targeturl"}
_SITE: Final = re.compile(r"([a-z][a-z0-9+.\-]{0,20}://)(?:[^/?#@\s]*@)?([^/?#@\s]+)", re.IGNORECASE)

_WORD: Final = (
    r"(?:secret(?:[_-]?key)?|private[_-]?key|api[_-]?key|token|passw(?:or)?d|authorization|cookie|webhook[_-]?url)"
)
# One of these is in every _WORD: a text without them needs no search, which for a long mail is the cost of redaction.
_HINTS: Final = ("secret", "private", "api", "token", "passw", "authorization", "cookie", "webhook")
# A secret's name, then one of: "secret_key": "…"; \"secret_key\": \"…\" of JSON in a JSON string; token=… of a form or
# a link, also where it is itself URL-encoded. One pattern for all: each of its own would read a long mail again. First
# letters are looked at before all else, for speed.
_NAMED: Final = re.compile(
    rf"""((?=[spatcw]){_WORD}(?:
        ["']?\s{{0,20}}[:=]\s{{0,20}}(?P<quote>["'])
        |(?P<escaped>\\{{1,4}}["'])\s{{0,20}}:\s{{0,20}}(?P=escaped)
        |(?:=|%3D|%22(?:%3A|:)(?:%20|\+)?%22)
    ))
    (?(quote)(?:(?!(?P=quote))[^\\]|\\[\s\S])*
        |(?(escaped)(?:(?!(?P=escaped))[\s\S])*
            |(?:(?!%22|%26)[^\s&"'<>\\])+))""",
    re.IGNORECASE | re.VERBOSE,
)
# Authorization: Basic …; only in a text that could not be parsed: in a mail the words after "token:" are words.
_HEADER: Final = re.compile(
    rf"""({_WORD}["']?\s{{0,20}}:\s{{0,20}})(?:(?:Basic|Bearer)\s{{1,20}})?[^\s,;"'\\}}]+""",
    re.IGNORECASE,
)


def redact(event: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    """The event without `secrets` and the values of secret keys; of a callback link only its host remains.

    Objects in which nothing is to be hidden are not copied.
    """
    whole, known, texts = dict(event), _known(frozenset(secrets)), list[str]()
    shown = _object_without(whole, known, _MAX_DEPTH, texts)
    # Hardly an event has a secret in one of its texts: all of them are searched at once before each is by itself.
    return _redact_object(whole, known, _MAX_DEPTH) if _may_hold("\n".join(texts), known) else shown


def redact_text(text: str | bytes, secrets: Collection[str]) -> str:
    """A body that could not be parsed, without `secrets` and without what stands beside a secret's name.

    It is text that any database takes, at most 64 KiB of UTF-8.
    """
    whole = decode(text) if isinstance(text, bytes) else text
    told = storable(whole[:_MAX_SEARCHED])
    shown = _HEADER.sub(rf"\g<1>{REDACTED}", _scrub(told, _known(frozenset(secrets))))
    if len(whole) > _MAX_SEARCHED:  # half a secret at the cut would not be found
        shown = shown[: -max(map(len, _spellings(frozenset(secrets))), default=1)]
    return shown.encode()[:MAX_BYTES].decode("utf-8", "ignore")


def scrub(text: str, secrets: Collection[str]) -> str:
    """A text beside the body (the first words, a reason) without `secrets` and what stands beside a secret's name."""
    return _scrub(text, _known(frozenset(secrets)))


def scrub_name(name: str, secrets: Collection[str]) -> str:
    """An address or a campaign without `secrets`, and no more: two that differ must not become one."""
    return _hide(name, name.casefold(), _known(frozenset(secrets)))


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """All secrets: one pattern, the longest first, and the folded texts without which it finds nothing.

    `plain`: keys that hold no secret and tell of none, as far as they were met.
    """

    pattern: re.Pattern[str] | None
    folded: tuple[str, ...]
    plain: set[str] = field(default_factory=set)


@lru_cache(maxsize=8)  # a process has one set of secrets, and each webhook asks several times
def _known(secrets: frozenset[str]) -> _Known:
    spellings = sorted(_spellings(secrets), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, spellings)), re.IGNORECASE) if spellings else None
    # An empty text is in every text: to fold all letters as a pattern does is no method of a text's.
    folded = tuple(one.casefold() if one.isascii() else "" for one in spellings)
    return _Known(pattern, folded)


def _may_hold(text: str, secrets: _Known) -> bool:
    """False where `_scrub` would find nothing in this text, nor in any part of it.

    Only letters of ASCII are lowered: to fold all of a text that has other ones takes ten times as long.
    """
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("latin-1")
    return _has_any(lowered, _HINTS) or _has_any(lowered, secrets.folded) or _has_any(text, _LIKE_ASCII)


def _hide(text: str, folded: str, secrets: _Known) -> str:
    if secrets.pattern is None or not (_has_any(folded, secrets.folded) or _has_any(text, _ODD_LETTERS)):
        return text
    return secrets.pattern.sub(REDACTED, text)


def _has_any(text: str, words: tuple[str, ...]) -> bool:
    for word in words:  # noqa: SIM110 - any() takes twice the time, which for a mail is that of redaction
        if word in text:
            return True
    return False


def _spellings(secrets: frozenset[str]) -> set[str]:
    """All secrets plain, URL-encoded and as JSON writes them."""
    return {
        spelling
        for secret in secrets
        if secret.strip()
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1])
    }


def _object_without(event: dict[str, Any], secrets: _Known, depth: int, texts: list[str]) -> dict[str, Any]:
    """The object without what stands under secrets' keys, itself where that is nothing.

    `texts` gets the texts that remain, and the keys that are not to be kept as they are.
    """
    odd, hidden = _odd_keys(event, secrets), {}
    for key, value in event.items():
        if key in odd:
            name, kind = odd[key]
            hidden[key] = _redact_value(kind, value, secrets, depth)
            if name != key:
                texts.append(key)
        elif isinstance(value, str):
            texts.append(value)
        elif isinstance(value, _NESTED) and (shown := _without(value, secrets, depth - 1, texts)) is not value:
            hidden[key] = shown
    return {**event, **hidden} if hidden else event


def _without(value: dict[str, Any] | list[Any], secrets: _Known, depth: int, texts: list[str]) -> Any:
    if depth <= 0:
        return REDACTED
    if isinstance(value, dict):
        return _object_without(value, secrets, depth, texts)
    texts.extend([item for item in value if isinstance(item, str)])
    if not any(isinstance(item, _NESTED) for item in value):
        return value
    return [_without(item, secrets, depth - 1, texts) if isinstance(item, _NESTED) else item for item in value]


def _redact_object(event: Mapping[str, Any], secrets: _Known, depth: int) -> dict[str, Any]:
    odd, shown = _odd_keys(event, secrets), {}
    for key, value in event.items():
        name, kind = odd.get(key) or (key, "told")
        shown[name] = _redact_value(kind, value, secrets, depth)
    return shown


def _odd_keys(event: Mapping[str, Any], secrets: _Known) -> dict[str, tuple[str, _Kind]]:
    """The keys that are not kept as they are, or under which no plain value stands, and how each is to be taken.

    Events have the same keys again and again: most are compared with those that were found plain, all at once.
    """
    if event.keys() <= secrets.plain:
        return {}
    odd = {}
    for key in [key for key in event if key not in secrets.plain]:
        if look := _look_at(key, secrets) if len(key) <= _LONGEST_KEY else _look_at.__wrapped__(key, secrets):
            odd[key] = look
        elif len(key) <= _LONGEST_KEY:
            _remember(key, secrets.plain)
    return odd


def _remember(key: str, plain: set[str]) -> None:
    if len(plain) >= _MOST_KEYS:  # somebody makes up new ones all the time
        plain.clear()
    plain.add(key)


@lru_cache(maxsize=256)  # a webhook's own address and secret come with each event
def _look_at(key: str, secrets: _Known) -> tuple[str, _Kind] | None:
    """The key as it may be kept, and what stands under it; None if both are as they came."""
    folded, name = fold(key), _scrub(key, secrets)
    if _SECRET_KEY.search(folded):
        return name, "secret"
    if folded in _CALLBACK_KEYS:
        return name, "callback"
    return None if name == key else (name, "told")


def _redact_value(kind: _Kind, value: Any, secrets: _Known, depth: int) -> Any:
    if value is None or value == "":
        return value
    if kind == "secret":
        return REDACTED
    if kind == "callback":
        site = _SITE.match(value) if isinstance(value, str) else None
        return _scrub(f"{site[1]}{site[2]}/{REDACTED}", secrets) if site else REDACTED
    return _redact_nested(value, secrets, depth - 1)


def _redact_nested(value: Any, secrets: _Known, depth: int) -> Any:
    if isinstance(value, str):
        return _scrub(value, secrets)
    if not isinstance(value, _NESTED):
        return value
    if depth <= 0:
        return REDACTED
    if isinstance(value, list):
        return [_redact_nested(item, secrets, depth - 1) for item in value]
    return _redact_object(value, secrets, depth)


def _scrub(text: str, secrets: _Known) -> str:
    folded = text.casefold()
    shown = _hide(text, folded, secrets)
    return _NAMED.sub(rf"\g<1>{REDACTED}", shown) if _has_any(folded, _HINTS) else shown
