"""Which deliveries tell of one reply: the keys of an event, of a mail, of its words and of a body. Pure."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from addresses import fold_address
from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model import Reply

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))  # dumps would make one for each digest


def event_key(reply: Reply, received_at: float) -> str:
    """The same 64 hex digits for every delivery of one reply, other digits for every other reply.

    Without a message id, two replies of one conversation are one if their own time and their words are the same;
    without an own time, either, if they arrive on the same day (UTC). `received_at`: seconds since 1970 (UTC).
    """
    conversation = reply.email_lead_map_id or [fold_address(reply.lead) or None, reply.campaign_id]
    if reply.message_id:
        return _digest([reply.account, conversation, "message", reply.message_id.strip("<> ")])
    when = _day(received_at) if reply.written_at is None else reply.written_at
    words = " ".join((reply.text or reply.html or reply.preview or "").split())
    return _digest([reply.account, conversation, "words", when, words])


def message_key(reply: Reply) -> str | None:
    """64 hex digits of the account and the reply's message id alone, whatever the conversation; None without an id."""
    told = same_message(reply.message_id)
    return _digest([reply.account, "message", told]) if told else None


def words_key(words: str | None) -> str | None:
    """64 hex digits of the words that somebody just wrote, as phrases compare them; None without any."""
    folded = fold(words) if words else ""
    return _digest(["words", folded]) if folded else None


def body_key(event: Mapping[str, Any]) -> str:
    """64 hex digits over all that an event out of `unwrap` holds, whatever the order of its keys."""
    return _digest(dict(event))


def same_message(message_id: str | None) -> str | None:
    """The form in which message ids compare: no blanks, no brackets, the domain in lower case. None without one."""
    name, at, domain = "".join((message_id or "").split()).strip("<>").rpartition("@")
    return name + at + (domain.lower() if at else domain) or None


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()


def _digest(value: Any) -> str:
    return hashlib.sha256(_CANONICAL.encode(value).encode()).hexdigest()
