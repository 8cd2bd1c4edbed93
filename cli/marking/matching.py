"""`--match`: what a rules file makes of the newest reply of a conversation, as the ledger keeps it."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ledger.slot import SAME_TIME
from rules.engine import decide
from webhooks.known import Known
from webhooks.revision import read_stored

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger import Ledger, StoredReply
    from model import InboxRow, Mark
    from rules.engine import RuleSet


def matching(
    ledger: Ledger, account: str, own_domains: tuple[str, ...], ruleset: RuleSet, mark: Mark
) -> Callable[[InboxRow], bool | None]:
    """Whether the rules give this mark to the reply that a row shows last; None if that is not known here."""
    known = Known(ledger, own_domains)
    gc.enable()  # loading a file switches that off, for commands that end soon

    def matches(row: InboxRow) -> bool | None:
        stored = ledger.newest_reply(account, row.email_lead_map_id)
        told = read_stored(stored, known.is_ours(account)) if stored and _is_shown(stored, row) else None
        if stored is None or told is None:
            return None
        (kept,) = known.kept_for([told], stored.received_at)
        reply = known.completed(told, kept, stored.received_at)
        day = datetime.fromtimestamp(stored.received_at, UTC).date()
        return decide(ruleset, reply, on=day).mark is mark

    return matches


def _is_shown(stored: StoredReply, row: InboxRow) -> bool:
    """Whether no reply came after the stored one: a webhook may have been missed."""
    at = stored.received_at if stored.written_at is None else stored.written_at
    return row.last_reply_at is not None and row.last_reply_at <= at + SAME_TIME
