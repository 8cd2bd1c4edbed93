"""Events that were here before: found by their keys, counted, and answered as the first time."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect
from ledger.arrivals import Arrival, Receipt, Status
from ledger.schema import decisions, events
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence


def identity(arrival: Arrival) -> tuple[str, str]:
    """What is the same for every delivery of one event."""
    return arrival.account, arrival.key


def find(connection: sa.Connection, told_before: Sequence[Arrival]) -> dict[tuple[str, str], Receipt]:
    """The receipts of events that were here before, or tell a reply that was."""
    known: dict[tuple[str, str], Receipt] = {}
    for account, group in groupby(sorted(told_before, key=identity), key=lambda one: one.account):
        for keys in dialect.in_pieces({one.key for one in group}):
            for row in connection.execute(_KNOWN, {"of_account": account, "of_keys": keys}):
                known[account, row.key] = _receipt_of_known(row)
    return known


def count(connection: sa.Connection, repeats: Sequence[Arrival]) -> None:
    """Note that these came once more."""
    for account, group in groupby(sorted(repeats, key=identity), key=lambda one: one.account):
        keys = [one.key for one in group]
        counted = [{"of_key": key, "times": keys.count(key)} for key in sorted(set(keys))]
        one_event = (events.c.account == account) & (events.c.key == sa.bindparam("of_key"))
        add = events.update().where(one_event).values(repeats=events.c.repeats + sa.bindparam("times"))
        connection.execute(add, counted)


def _receipt_of_known(row: sa.Row[Any]) -> Receipt:
    """A duplicate repeats the first delivery's decision; what could not be read still can not."""
    status: Status = "quarantined" if row.bucket == "quarantined" else "duplicate"
    mark = Mark(row.mark) if row.mark else None
    return Receipt(status, row.id, mark, row.rule, row.reason, row.email_lead_map_id)


def _with_first_decision() -> sa.Select[Any]:
    """Each event's key and reason, with the event that told the reply first and what was decided about that one."""
    e, first, d = events.c, events.alias("first"), decisions.c
    told_first = first.c.id == sa.func.coalesce(e.twin_of, e.id)
    decided = (d.event_id == first.c.id) & (d.revision == 1)
    columns = (first.c.id, e.key, first.c.bucket, e.reason, first.c.email_lead_map_id, d.mark, d.rule)
    return sa.select(*columns).select_from(events.join(first, told_first).outerjoin(decisions, decided))


_KNOWN = _with_first_decision().where(
    events.c.account == sa.bindparam("of_account"), events.c.key.in_(sa.bindparam("of_keys", expanding=True))
)
