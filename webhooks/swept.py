"""Replies that a sweep found, taken in by the way of the webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger import NotStoredError
from webhooks.intake import Intake
from webhooks.known import Known
from webhooks.revision import Revision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config import Settings
    from ledger import Ledger, Receipt
    from rulebook import Rulebook

SOURCE = "sweep"
NO_RULES = "there are no live rules: run `flask rules publish`"


class Taking:
    """Has replies parsed, decided by the live rules and recorded, as if their webhooks had come."""

    def __init__(self, settings: Settings, ledger: Ledger, rulebook: Rulebook) -> None:
        self._settings = settings
        self._ledger = ledger
        self._rulebook = rulebook
        self._known = Known(ledger, settings.own_domains)
        self._revision = Revision(ledger, self._known, settings.dry_run, settings.secrets)

    def __call__(self, account: str, events: Sequence[Mapping[str, Any]], *, seen: bool) -> list[Receipt]:
        """A receipt for each, after the commit; `seen`: SmartLead shows them as read. Raises NotStoredError."""
        live = self._rulebook.follow()
        if live is None:
            raise NotStoredError(NO_RULES)
        intake = Intake(
            self._ledger, self._settings, SOURCE, self._known, self._revision, account, seen, needs_words=True
        )
        return intake.take(events, live)
