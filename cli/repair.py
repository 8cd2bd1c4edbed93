"""What rules that are rolled back marked read, and the restored ones would not."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cli.deliveries.undoing import take_back
from cli.manner import Manner
from ledger import Origin
from model import Mark
from parts import current_parts
from rules.engine import decide
from webhooks.known import Known
from webhooks.revision import read_stored

if TYPE_CHECKING:
    from ledger import Ledger, StandingRead
    from rules.engine import RuleSet


def repair(ledger: Ledger, version: int, restored: RuleSet, *, yes: bool) -> None:
    """Mark unread what later versions than this one marked read, as far as the restored rules would not.

    A reply whose text is not kept any more can not be decided again: it is marked unread, too.
    """
    known = Known(ledger, current_parts().settings.own_domains)
    later = list(ledger.standing_reads(Origin(after_version=version)))
    unseen = not sys.stderr.isatty()
    with click.progressbar(later, label="Replies decided again", file=sys.stderr, hidden=unseen) as bar:
        hidden = [one for one in bar if not _is_read_by(restored, one, ledger, known)]
    take_back(ledger, lambda: hidden, f"taken back with the rollback to version {version}", Manner(yes=yes))


def _is_read_by(ruleset: RuleSet, one: StandingRead, ledger: Ledger, known: Known) -> bool:
    stored = ledger.stored_reply(one.event_id)
    told = read_stored(stored, known.is_ours(one.account)) if stored else None
    if stored is None or told is None:
        return False
    (kept,) = known.kept([told])
    reply = known.completed(told, kept, stored.received_at)
    return decide(ruleset, reply, on=datetime.fromtimestamp(stored.received_at, UTC).date()).mark is Mark.READ
