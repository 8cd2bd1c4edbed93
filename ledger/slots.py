"""The slots' rows: read under lock, moved by `slot`'s pure functions, written back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect, slot
from ledger.schema import slots
from ledger.slot import Slot, State, Wish
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Conversation = tuple[str, int]  # account, email_lead_map_id
COLUMNS = tuple(slots.c[field.name] for field in fields(Slot))
CHANGING = tuple(column.name for column in COLUMNS if not column.primary_key)
_OF_ACCOUNT = slots.c.account == sa.bindparam("of_account")
_LOCKED = (
    sa.select(*COLUMNS)
    .where(_OF_ACCOUNT, slots.c.email_lead_map_id.in_(sa.bindparam("of_map_ids", expanding=True)))
    .order_by(slots.c.email_lead_map_id)
    .with_for_update()
)
_LOCKED_ONE = (
    sa.select(*COLUMNS).where(_OF_ACCOUNT, slots.c.email_lead_map_id == sa.bindparam("of_map_id")).with_for_update()
)
_WRITTEN = (
    slots.update()
    .where(_OF_ACCOUNT, slots.c.email_lead_map_id == sa.bindparam("of_map_id"))
    .values({name: sa.bindparam(name) for name in CHANGING})
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A wish and the conversation it is for; `index` is handed back with the answer."""

    index: int
    account: str
    email_lead_map_id: int
    wish: Wish


def place(connection: sa.Connection, wishes: Sequence[Placed]) -> dict[int, str]:
    """Let each slot take its wishes, in the order given: index -> why that wish is not what is wanted now."""
    conversations = {(one.account, one.email_lead_map_id) for one in wishes}
    before = open_all(connection, conversations)
    after = dict(before)
    notes = {}
    for one in wishes:
        here = (one.account, one.email_lead_map_id)
        after[here], note = slot.take_wish(after[here], one.wish)
        if note:
            notes[one.index] = note
    write(connection, [now for here, now in after.items() if now != before[here]])
    if any(now.state is State.PENDING for now in after.values()):
        dialect.wake_workers(connection)
    return notes


def open_all(connection: sa.Connection, conversations: Iterable[Conversation]) -> dict[Conversation, Slot]:
    """As `lock`, and make the slots that are missing."""
    rows = [{"account": account, "email_lead_map_id": map_id} for account, map_id in sorted(conversations)]
    if not rows:
        return {}
    return {(row.account, row.email_lead_map_id): read(row) for row in connection.execute(_opening(connection), rows)}


@dialect.built_once
def _opening(insert: dialect.MakeInsert) -> sa.Executable:
    same = {"account": slots.c.account}  # changes nothing, and locks the row as an update does
    return (
        insert(slots)
        .on_conflict_do_update(index_elements=["account", "email_lead_map_id"], set_=same)
        .returning(*COLUMNS)
    )


def lock(connection: sa.Connection, conversations: Iterable[Conversation]) -> dict[Conversation, Slot]:
    """The slots of these conversations, which nobody else changes until the transaction ends."""
    by_account: dict[str, list[int]] = {}
    for account, map_id in sorted(conversations):
        by_account.setdefault(account, []).append(map_id)
    found: dict[Conversation, Slot] = {}
    for account, map_ids in by_account.items():
        for piece in dialect.in_pieces(map_ids):
            for row in connection.execute(_LOCKED, {"of_account": account, "of_map_ids": piece}):
                found[account, row.email_lead_map_id] = read(row)
    return found


def lock_one(connection: sa.Connection, account: str, map_id: int) -> Slot:
    """As `lock`, of a slot that is there: without a list, which the database's library would write out each time."""
    return read(connection.execute(_LOCKED_ONE, {"of_account": account, "of_map_id": map_id}).one())


def read(row: sa.Row[Any]) -> Slot:
    """A row of `COLUMNS` as a Slot."""
    values = row._asdict()
    values["state"] = State(values["state"])
    for name in ("wanted", "reply_mark", "confirmed", "sending"):
        values[name] = Mark(values[name]) if values[name] else None
    return Slot(**values)


def write(connection: sa.Connection, changed: Sequence[Slot]) -> None:
    """Write these slots back; their rows are there and locked."""
    if not changed:
        return
    rows = [
        {"of_account": one.account, "of_map_id": one.email_lead_map_id}
        | {name: getattr(one, name) for name in CHANGING}  # asdict would copy each value deeply
        for one in changed
    ]
    connection.execute(_WRITTEN, rows)
