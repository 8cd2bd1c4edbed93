"""Which conversations a batch has told of so far. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from addresses import fold_address

if TYPE_CHECKING:
    from model import CategoryChange, Reply


class Conversations:
    """The conversations of one account whose replies were told, by their ids and by lead and campaign."""

    def __init__(self) -> None:
        self._ids: set[int | None] = set()
        self._names: set[tuple[str, str | None]] = set()

    def add(self, reply: Reply) -> None:
        """From now on its conversation is told."""
        self._ids.add(reply.email_lead_map_id)
        self._names.add((fold_address(reply.lead), reply.campaign_id))

    def tell(self, change: CategoryChange) -> bool:
        """Whether they tell a reply of the conversation that got this category."""
        if change.email_lead_map_id is not None:
            return change.email_lead_map_id in self._ids
        return (fold_address(change.lead), change.campaign_id) in self._names
