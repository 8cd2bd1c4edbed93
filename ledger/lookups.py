"""Asking SmartLead for the id of a conversation whose replies are parked: when, how often, and what its answer does.

Each round asks by the lead first, then searches the inbox, which needs the campaign. The rounds grow apart and end
after a week: until then the inbox may come to show the reply.
"""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from ledger import budget, dialect, parking, twins
from ledger.conversations import Key, end_waiting, is_here, is_of
from ledger.schema import conversations, events
from model import Answer, Found, GiveUp, Lookup, NotFound, Retry

DAY = 86400.0
PAUSES = (60.0, 300.0, 1800.0, 7200.0, 21600.0, *[DAY] * 7)  # seconds from each round that found nothing to the next
LONGEST_WAIT = 600.0  # between two tries that got no answer

c = conversations.c


def wait(connection: sa.Connection, account: str, now: float) -> float | None:
    """Seconds until a conversation is to be looked up; None: none is."""
    due = dialect.later_of(c.lookup_due_at, sa.func.coalesce(c.lookup_lease_until, 0.0))
    waiting = (c.account == account) & c.lookup_due_at.is_not(None)
    at: float | None = connection.execute(sa.select(sa.func.min(due)).where(waiting)).scalar()
    return None if at is None else max(0.0, at - now)


def claim(connection: sa.Connection, account: str, lease: str, now: float, seconds: float) -> Lookup | None:
    """The lookup that is longest due, leased; None if another worker was quicker."""
    free = c.lookup_lease_until.is_(None) | (c.lookup_lease_until <= now)
    due = sa.select(conversations).where(c.account == account, c.lookup_due_at <= now, free)
    row = connection.execute(due.order_by(c.lookup_due_at).limit(1).with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    leased = conversations.update().where(is_here(_key(row)))
    connection.execute(leased.values(lookup_lease=lease, lookup_lease_until=now + seconds))
    return Lookup(
        account=account,
        lead=row.lead,
        campaign_id=row.campaign_id or None,
        campaign=row.campaign or None,
        by=_ways(_key(row))[row.lookup_attempts % len(_ways(_key(row)))],
        lease=lease,
        attempt=row.lookup_attempts + 1,
    )


def settle(connection: sa.Connection, lookup: Lookup, answer: Answer, now: float) -> None:
    """Let the parked replies go on, or ask again: otherwise, later, or no more.

    Nothing counts that comes after the lease: another worker asks by then, or an event has told the id.
    """
    own = _own(lookup)
    row = connection.execute(sa.select(conversations).where(own).with_for_update()).first()
    if row is None:
        return
    if isinstance(answer, Found):
        _learn(connection, lookup, row.email_lead_map_id or answer.email_lead_map_id)
    else:
        connection.execute(conversations.update().where(own).values(_after(connection, row, answer, now)))


def _after(connection: sa.Connection, row: sa.Row[Any], answer: Answer, now: float) -> dict[str, Any]:
    free = {"lookup_lease": None, "lookup_lease_until": None}
    match answer:
        case Retry(_, whole_account=True):
            return free | {"lookup_due_at": now}
        case Retry(_, after=after):
            troubles = row.lookup_troubles + 1
            pause = max(after or 0.0, budget.backoff(troubles, LONGEST_WAIT))
            return free | {"lookup_troubles": troubles, "lookup_due_at": now + pause}
        case NotFound(reason) | GiveUp(reason):
            attempts, key = row.lookup_attempts + 1, _key(row)
            rounds, rest = divmod(attempts, len(_ways(key)))
            due_at = now if rest else _next_round(rounds, now)
            _tell(connection, key, reason, rounds, final=due_at is None)
            return free | {"lookup_troubles": 0, "lookup_attempts": attempts, "lookup_due_at": due_at}
    raise TypeError(f"{type(answer).__name__} is no answer to a lookup")


def _ways(key: Key) -> tuple[Literal["lead", "inbox"], ...]:
    return ("lead", "inbox") if key.campaign_id or key.campaign else ("lead",)


def _next_round(rounds: int, now: float) -> float | None:
    """When to ask again after so many rounds that did not have it; None: no more."""
    return now + PAUSES[rounds - 1] if rounds <= len(PAUSES) else None


def _tell(connection: sa.Connection, key: Key, reason: str, rounds: int, *, final: bool) -> None:
    if not rounds:
        return
    times = "once" if rounds == 1 else f"{rounds} times"
    where = "in this campaign" if len(_ways(key)) > 1 else "that must be meant, and the event tells no campaign"
    told = f"SmartLead shows no conversation of this lead {where} (looked up {times}): {reason}"
    sentence = told if final else f"{told.rstrip('. ')}. It is looked up again."
    parked = is_of(key) & (events.c.bucket == "parked")
    connection.execute(events.update().where(parked).values(reason=sentence))


def _learn(connection: sa.Connection, lookup: Lookup, map_id: int) -> None:
    """Without a campaign's id it holds for these replies alone: the lead may be in another campaign tomorrow."""
    key = _key_of(lookup)
    if key.campaign_id:
        learned = {"email_lead_map_id": map_id, "taught_at": dialect.now()}
        connection.execute(conversations.update().where(is_here(key)).values(learned))
    now = dialect.begin_turn(connection, twins.turns(key.account, map_id, key.lead))
    parking.unpark(connection, is_of(key), map_id, parking.BY_LOOKUP, now)
    end_waiting(connection, [key])


def drop(connection: sa.Connection, lookup: Lookup) -> None:
    """Give a claim back for which nothing was asked."""
    free = {"lookup_lease": None, "lookup_lease_until": None}
    connection.execute(conversations.update().where(_own(lookup)).values(free))


def _own(lookup: Lookup) -> sa.ColumnElement[bool]:
    return is_here(_key_of(lookup)) & (c.lookup_lease == lookup.lease)


def _key_of(lookup: Lookup) -> Key:
    return Key(lookup.account, lookup.lead, lookup.campaign_id or "", lookup.campaign or "")


def _key(row: sa.Row[Any]) -> Key:
    return Key(row.account, row.lead, row.campaign_id, row.campaign)
