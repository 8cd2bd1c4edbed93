"""One reply that two events told: what the first is silent about, the other may tell. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from addresses import fold_address

if TYPE_CHECKING:
    from model import Reply

# What stands for itself; never the conversation's id, which the ledger keeps.
_ALONE: Final = ("lead", "subject", "sent_text", "sent_html", "campaign_id", "campaign", "client", "sequence_step")
_TIMES: Final = ("message_id", "written_at")


def join(first: Reply, other: Reply, sure_mailbox: str | None) -> Reply:
    """`first`, with what only `other` tells. `sure_mailbox`: ours in the other event, where that guesses nothing.

    Nothing that `first` tells is replaced: it was decided by that.
    """
    told: dict[str, Any] = {name: getattr(other, name) for name in (*_ALONE, *_TIMES) if getattr(first, name) is None}
    if first.mailbox is None:
        told["mailbox"] = sure_mailbox
    if first.text is None and first.html is None:
        told |= {"text": other.text, "html": other.html, "preview": first.preview or other.preview}
    if first.category is None and first.category_id is None:
        told |= {"category": other.category, "category_id": other.category_id}
    return replace(first, **told, **_writer(first, other))


def _writer(first: Reply, other: Reply) -> dict[str, Any]:
    """A name belongs to its address."""
    if first.ours:
        return {}
    if first.sender is None:
        return {"sender": other.sender, "sender_name": other.sender_name, "ours": other.ours}
    same = fold_address(first.sender) == fold_address(other.sender)
    return {"sender_name": first.sender_name or (other.sender_name if same else None)}
