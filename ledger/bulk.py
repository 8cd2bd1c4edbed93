"""Orders for the conversations that a walk chose, some at a time, and what came of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import ordering, walks
from ledger.orders import Order
from ledger.schema import slots, walk_rows
from ledger.slot import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.walks import Walk

# What becomes of a conversation that is `chosen`: it is `ordered`, or `overtaken` at once; then one of the last four.
CHOSEN = "chosen"
ORDERED = "ordered"
MARKED = "marked"
OVERTAKEN = "overtaken"  # by a newer reply, or another order
FAILED = "failed"
WITHDRAWN = "withdrawn"
ENDS = {State.SETTLED: MARKED, State.FAILED: FAILED, State.WITHDRAWN: WITHDRAWN}

r, s = walk_rows.c, slots.c


def order_next(connection: sa.Connection, walk: Walk, limit: int) -> Counter[str]:
    """Order the walk's mark for the next chosen conversations: how many are ordered, how many overtaken by a reply.

    Each is ordered once, whoever else goes on with the walk. TakenOverError if somebody does.
    """
    if walk.mark is None:
        raise TypeError("a walk that marks nothing has nothing to order")
    walks.hold(connection, walk)
    chosen = walks.page(connection, walk.id, CHOSEN, 0, limit)
    if not chosen:
        return Counter()
    orders = [
        Order(
            account=walk.account,
            email_lead_map_id=one.email_lead_map_id,
            mark=walk.mark,
            by=walk.by,
            knows_until=one.last_reply_at,
            asked_at=one.seen_at,
        )
        for one in chosen
    ]
    taken = dict(zip((one.email_lead_map_id for one in chosen), ordering.order(connection, orders), strict=True))
    wanted_at = sa.select(s.wanted_at).where(s.account == walk.account, s.email_lead_map_id == r.email_lead_map_id)
    ordered = [map_id for map_id, is_taken in taken.items() if is_taken]
    _become(connection, walk, (CHOSEN, ORDERED), ordered, ordered_at=wanted_at.scalar_subquery())
    overtaken = [map_id for map_id, is_taken in taken.items() if not is_taken]
    _become(connection, walk, (CHOSEN, OVERTAKEN), overtaken)
    return +Counter({ORDERED: len(ordered), OVERTAKEN: len(overtaken)})


def outcomes(connection: sa.Connection, walk: Walk) -> dict[int, str | None]:
    """What came of the conversations that are ordered; None: it is still under way."""
    same = (s.account == walk.account) & (s.email_lead_map_id == r.email_lead_map_id)
    is_ours = s.ordered & (s.wanted_at == r.ordered_at) & (s.wanted == walk.mark)
    found = (
        sa.select(r.email_lead_map_id, s.state, is_ours)
        .select_from(walk_rows.outerjoin(slots, same))
        .where(r.walk_id == walk.id, r.finding == ORDERED)
    )
    return {map_id: ENDS.get(state) if ours else OVERTAKEN for map_id, state, ours in connection.execute(found)}


def settle(connection: sa.Connection, walk: Walk, found: dict[int, str | None]) -> Counter[str]:
    """Note these outcomes; how many there are of each, those under way left out."""
    walks.hold(connection, walk)
    for end in (*ENDS.values(), OVERTAKEN):
        _become(connection, walk, (ORDERED, end), [map_id for map_id, came in found.items() if came == end])
    return Counter(came for came in found.values() if came is not None)


def _become(
    connection: sa.Connection, walk: Walk, change: tuple[str, str], map_ids: Iterable[int], **values: Any
) -> None:
    before, after = change
    if listed := list(map_ids):
        here = (r.walk_id == walk.id) & (r.finding == before) & r.email_lead_map_id.in_(listed)
        connection.execute(walk_rows.update().where(here).values(finding=after, **values))
