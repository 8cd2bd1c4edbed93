"""The slots' rows: read under lock, moved by `slot`'s pure functions, written back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import bundles, dialect, slot
from ledger.schema import slots
from ledger.slot import Slot, State, Wish
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Conversation = tuple[str, int]  # account, email_lead_map_id
COLUMNS = tuple(slots.c[field.name] for field in fields(Slot))
NAMES = tuple(column.name for column in COLUMNS)
_row = attrgetter(*NAMES)
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

    @property
    def conversation(self) -> Conversation:
        """Whose slot takes it."""
        return self.account, self.email_lead_map_id


def place(connection: sa.Connection, wishes: Sequence[Placed]) -> dict[int, str]:
    """Let each slot take its wishes, in the order given: index -> why that wish is not what is wanted now."""
    new, notes = _taken({one.conversation: Slot(*one.conversation) for one in wishes}, wishes)
    found = open_all(connection, new.values())  # most are new, and so are written once
    before = {here: one for here, one in found.items() if one is not new[here]}
    again = [one for one in wishes if one.conversation in before]
    after, others = _taken(before, again)
    write(connection, [now for here, now in after.items() if now != before[here]])
    if any(now.state is State.PENDING for now in (new | after).values()):
        dialect.wake_workers(connection)
    return {index: note for index, note in notes.items() if index not in {one.index for one in again}} | others


def _taken(
    before: Mapping[Conversation, Slot], wishes: Sequence[Placed]
) -> tuple[dict[Conversation, Slot], dict[int, str]]:
    """These slots after these wishes, and the notes to those."""
    after, notes = dict(before), {}
    for one in wishes:
        after[one.conversation], note = slot.take_wish(after[one.conversation], one.wish)
        if note:
            notes[one.index] = note
    return after, notes


def open_all(connection: sa.Connection, new: Iterable[Slot]) -> dict[Conversation, Slot]:
    """As `lock`, of all these conversations: where no slot is there, this one is put there, and given back itself."""
    told = {(one.account, one.email_lead_map_id): one for one in new}
    if not told:
        return {}
    rows = {here: _row(told[here]) for here in sorted(told)}
    found = {(row[0], row[1]): row for row in _OPENED.execute(connection, list(rows.values()))}
    return {here: told[here] if tuple(found[here]) == row else read(found[here]) for here, row in rows.items()}


def _open(insert: dialect.MakeInsert, told: sa.TableClause) -> sa.Insert:
    same = {"account": slots.c.account}  # changes nothing, and locks the row as an update does
    opened = insert(slots).from_select(NAMES, sa.select(told).where(sa.true()))
    there = opened.on_conflict_do_update(index_elements=["account", "email_lead_map_id"], set_=same)
    return there.returning(*COLUMNS)


_OPENED = bundles.Rows(COLUMNS, _open)


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
