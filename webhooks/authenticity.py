"""Whether a delivery comes from somebody who may post: a token in the request, or a secret in the body. Pure.

SmartLead's pages speak of a signature, but its deliveries of today carry none: it is checked where it is, and never
demanded. A token in the webhook's address works everywhere; `secret_key` in the body is what SmartLead itself sends.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from config import Account

SECRET_KEY: Final = b"secret_key"
SIGNATURE: Final = "X-Smartlead-Signature"
_RUN: Final = re.compile(r"[A-Za-z0-9]+")
_SCHEME: Final = "sha256="  # one page of SmartLead's shows the digits behind it, another without


def shown_tokens(in_query: Iterable[str], in_header: str, authorization: str) -> list[str]:
    """The tokens among `?token=`, X-Webhook-Token and Authorization (Bearer, or the password of Basic)."""
    scheme, _, value = authorization.partition(" ")
    shown = [*in_query, in_header]
    if scheme.lower() == "bearer":
        shown.append(value.strip())
    elif scheme.lower() == "basic":
        shown.append(_password(value.strip()))
    return [token for token in shown if token]


def any_known(shown: Iterable[str], known: Collection[str]) -> bool:
    """Whether one of the shown texts is a known one, in a time that does not tell which or how nearly."""
    found = False
    for one in shown:
        for other in known:
            found |= hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
    return found


def accounts_of(shown: Iterable[str], accounts: Iterable[Account]) -> list[str]:
    """The names of the accounts to which one of the shown texts is a token; all are compared, whichever it is."""
    texts = list(shown)
    return [one.name for one in accounts if any_known(texts, one.webhook_tokens)]


def all_carry_secret(events: Iterable[Mapping[str, Any]], known: Collection[str]) -> bool:
    """Whether each of these events carries a `secret_key` that is known."""
    secrets = [event.get("secret_key") for event in events]
    return bool(secrets) and all(isinstance(one, str) and any_known([one], known) for one in secrets)


def carries_secret(events: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of these events carries a `secret_key`, right or wrong."""
    return any(isinstance(event.get("secret_key"), str) and event["secret_key"].strip() for event in events)


def may_carry(body: bytes, known: Collection[str]) -> bool:
    """Whether one of these secrets may stand in the body: False is sure, and costs next to nothing.

    JSON, forms and other encodings all leave the letters and digits of a secret as they are: these are looked for.
    """
    plain = body.translate(None, b"\0") if b"\0" in body else body  # UTF-16 and UTF-32
    return any(all(run.encode() in plain for run in _RUN.findall(secret)) for secret in known)


def is_signed(body: bytes, shown: str, secret: str) -> bool:
    """Whether `shown` is the HMAC-SHA256 of this very body in hex digits, in a time that tells nothing of them."""
    digits = shown.strip().lower().removeprefix(_SCHEME).strip()
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(digits.encode("utf-8", "replace"), wanted.encode())


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
