"""Names that other people gave: short, and without secrets, before any sentence is made of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from webhooks.redaction import scrub

if TYPE_CHECKING:
    from collections.abc import Collection

LONGEST = 80  # characters
DEEPEST = 8  # objects and lists around a text; nothing that lies deeper is ever read
ADDRESSES = {"webhook_url"}  # is compared as a whole, and shown by its host alone


def shortened(name: str) -> str:
    """At most 80 characters of it."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def clean_texts(value: Any, secrets: Collection[str], depth: int = DEEPEST) -> Any:
    """JSON whose texts are short and hold no secret; addresses of webhooks stay as they are.

    They are cut last: half a secret would not be found.
    """
    if isinstance(value, str):
        return shortened(scrub(value, secrets))
    if not isinstance(value, Mapping | list):
        return value
    if not depth:
        return None
    if isinstance(value, list):
        return [clean_texts(each, secrets, depth - 1) for each in value]
    return {
        shortened(scrub(key, secrets)): each
        if key in ADDRESSES and isinstance(each, str)
        else clean_texts(each, secrets, depth - 1)
        for key, each in value.items()
    }
