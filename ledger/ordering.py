"""Orders and observations upon the slots' rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import dialect, slots
from ledger.observation import observe as observed
from ledger.orders import take_order
from ledger.schema import slots as slot_rows
from ledger.slot import Slot, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import sqlalchemy as sa

    from ledger.observation import Finding, Shown
    from ledger.orders import Order


def order(connection: sa.Connection, orders: Sequence[Order]) -> list[bool]:
    """Let each conversation's slot take its order; False where a newer reply is here than the order could know."""
    before = slots.open_all(connection, [Slot(one.account, one.email_lead_map_id) for one in orders])
    now = dialect.read_clock(connection)
    after = dict(before)
    taken = []
    for one in orders:
        here = (one.account, one.email_lead_map_id)
        ordered = take_order(after[here], one, now)
        taken.append(ordered is not None)
        after[here] = ordered or after[here]
    _write(connection, before, after)
    return taken


def observe(connection: sa.Connection, shown: Sequence[Shown], *, dry_run: bool) -> list[Finding]:
    """What SmartLead's list tells of these conversations; written down unless this is a dry run."""
    conversations = {(one.account, one.email_lead_map_id) for one in shown}
    before = slots.lock(connection, conversations)
    after = {here: before.get(here, Slot(*here)) for here in conversations}
    findings = []
    for one in shown:
        here = (one.account, one.email_lead_map_id)
        after[here], finding = observed(after[here], one)
        if finding:
            findings.append(finding)
    if not dry_run:
        _write(connection, before, {here: after[here] for here in before})
    return findings


def note_looked_at(connection: sa.Connection, account: str, replies: Mapping[int, float]) -> None:
    """A sweep has looked into these conversations' last replies, of these times by SmartLead's list."""
    for map_id, at in sorted(replies.items()):
        here = (slot_rows.c.account == account) & (slot_rows.c.email_lead_map_id == map_id)
        connection.execute(slot_rows.update().where(here).values(looked_at=at))


def _write(
    connection: sa.Connection, before: Mapping[slots.Conversation, Slot], after: Mapping[slots.Conversation, Slot]
) -> None:
    changed = [now for here, now in after.items() if now != before[here]]
    slots.write(connection, changed)
    if any(now.state is State.PENDING for now in changed):
        dialect.wake_workers(connection)
