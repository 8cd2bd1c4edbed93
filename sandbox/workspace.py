"""What an account holds: conversations, categories, webhooks."""

from __future__ import annotations

from sandbox.categories import Categories
from sandbox.inbox import Inbox
from sandbox.webhooks import Webhooks


class Workspace:
    """All of it, as the API shows it and the controls change it.

    `is_documented`: lists and histories are answered as SmartLead's reference shows them, not as it was seen to answer.
    """

    def __init__(self, *, strict: bool) -> None:
        self.inbox = Inbox(strict=strict)
        self.categories = Categories()
        self.webhooks = Webhooks()
        self.is_documented = False

    def campaigns(self) -> dict[int, str]:
        """The names of the campaigns by their ids, as far as a conversation or a webhook is in one."""
        named = {each.campaign_id: each.campaign_name for each in self.inbox.find(lambda _: True)}
        others = {each.campaign_id for each in self.webhooks.all() if each.campaign_id is not None}
        return {number: f"Campaign {number}" for number in others} | named

    def reset(self) -> None:
        """Back to the first minute."""
        self.is_documented = False
        for part in (self.inbox, self.categories, self.webhooks):
            part.reset()
