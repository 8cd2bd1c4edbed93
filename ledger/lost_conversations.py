"""Conversations that SmartLead does not know any more by the id that was learned for their replies."""

from __future__ import annotations

import sqlalchemy as sa

from ledger import parking
from ledger.conversations import KEY, key_of
from ledger.schema import conversations, events

LOST = "SmartLead does not know conversation {}, by which this lead in this campaign was known: it is looked up again."

c, e = conversations.c, events.c


def forget(connection: sa.Connection, account: str, map_id: int, now: float) -> None:
    """Know no conversation by this id, and park the replies again that did not tell it themselves."""
    known = (c.account == account) & (c.email_lead_map_id == map_id)
    # In the order in which arrivals lock them.
    connection.execute(sa.select(c.lead).where(known).order_by(*(c[name] for name in KEY)).with_for_update())
    connection.execute(conversations.update().where(known).values(email_lead_map_id=None, taught_at=now))
    learned = (e.account == account) & (e.email_lead_map_id == map_id) & (e.bucket == "accepted") & e.id_learned
    parked = events.update().where(learned)
    again = parked.values(bucket="parked", email_lead_map_id=None, lost_id=map_id, reason=LOST.format(map_id))
    rows = connection.execute(again.returning(e.account, e.lead, e.campaign_id, e.campaign))
    for key in sorted({key for row in rows if (key := key_of(*row))}):
        parking.look_up(connection, key, now)
