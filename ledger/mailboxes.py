"""Our own mailboxes, as replies tell them: who writes from one is no lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import dialect
from ledger.addresses import LONGEST, fold
from ledger.schema import mailboxes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from ledger.arrivals import Arrival

Mailbox = tuple[str, str]  # account, folded address
MOST = 5000  # of an account; those that were seen first go


def unseen(arrivals: Iterable[Arrival], seen: AbstractSet[Mailbox]) -> set[Mailbox]:
    """The mailboxes that these replies tell and nobody told before."""
    told = {(one.account, fold(one.mailbox)) for one in arrivals if one.mailbox and one.decision}
    return {one for one in told - seen if len(one[1]) <= LONGEST}


def add(connection: sa.Connection, told: Iterable[Mailbox]) -> None:
    """Keep them, with the time they were first seen."""
    rows = [{"account": account, "address": address} for account, address in sorted(told)]
    if rows:
        seen = dialect.insert(connection, mailboxes).values(seen_at=dialect.now())
        connection.execute(seen.on_conflict_do_nothing(), rows)
        for account in sorted({row["account"] for row in rows}):
            _forget_the_oldest(connection, account)


def _forget_the_oldest(connection: sa.Connection, account: str) -> None:
    c = mailboxes.c
    newest = sa.select(c.address).where(c.account == account).order_by(c.seen_at.desc(), c.address)
    connection.execute(mailboxes.delete().where(c.account == account, c.address.in_(newest.offset(MOST))))


def of_account(connection: sa.Connection, account: str) -> set[str]:
    """All that are kept, folded."""
    addresses = sa.select(mailboxes.c.address).where(mailboxes.c.account == account)
    return set(connection.execute(addresses).scalars())
