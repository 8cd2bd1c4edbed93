"""Our own mailboxes, as replies tell them: who writes from one is no lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import mailboxes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from ledger.arrivals import Arrival

Mailbox = tuple[str, str]  # account, address in lower case


def unseen(arrivals: Iterable[Arrival], seen: AbstractSet[Mailbox]) -> set[Mailbox]:
    """The mailboxes that these replies tell and nobody told before."""
    told = {(one.account, one.mailbox.lower()) for one in arrivals if one.mailbox and one.decision}
    return told - seen


def add(connection: sa.Connection, told: Iterable[Mailbox]) -> None:
    """Keep them, with the time they were first seen."""
    rows = [{"account": account, "address": address} for account, address in sorted(told)]
    if rows:
        seen = dialect.insert(connection, mailboxes).values(seen_at=dialect.now())
        connection.execute(seen.on_conflict_do_nothing(), rows)


def of_account(connection: sa.Connection, account: str) -> set[str]:
    """All that were seen, in lower case."""
    addresses = sa.select(mailboxes.c.address).where(mailboxes.c.account == account)
    return set(connection.execute(addresses).scalars())
