"""Whether a delivery comes from somebody who may post: a token in the request, or a secret in the body. Pure.

SmartLead's pages speak of a signature, but its deliveries are not signed; a token in the webhook's address works
everywhere, and `secret_key` in the body is what SmartLead itself sends.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


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


def all_carry_secret(events: Iterable[Mapping[str, Any]], known: Collection[str]) -> bool:
    """Whether each of these events carries a `secret_key` that is known."""
    secrets = [event.get("secret_key") for event in events]
    return bool(secrets) and all(isinstance(one, str) and any_known([one], known) for one in secrets)


def _password(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
