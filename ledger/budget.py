"""The rate limit of an account's key, kept over all workers and machines, whatever the number of requests allowed.

A request counts from the moment it may be sent until a whole window after its answer was settled. So at any moment no
more than `limit` requests are under way or younger than the window as SmartLead sees them, however slow the network
is. Finished requests are counted in slices of a window; the cost does not grow with the limit.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import accounts, calls, rate_uses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Window

SLICES = 64  # of a window: the oldest is counted whole, so at most a 64th of the rate is given away
LONGEST_HOLD = 60.0  # seconds: SmartLead's guide says that its windows reset within a minute
CROWDED = 0.05  # seconds until it is worth looking again, when only requests under way fill a window


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing to send for so many seconds: nothing is due, or (`limited`) no call may be made before.

    `reason` is set when SmartLead asked to wait.
    """

    seconds: float
    reason: str | None = None
    limited: bool = False


def take(  # noqa: PLR0913 - whose call, within what, and under which lease
    connection: sa.Connection,
    account: str,
    windows: Sequence[Window],
    lease: str,
    seconds: float,
    *,
    though_held: bool = False,
    share: float = 1.0,
) -> Hold | None:
    """Take the right to make one call, or say how long there is none. Give it back with `give_back`.

    `though_held`: also while the account waits, for the call that finds out whether it must. `share`: only while less
    than that of each window is used up, one call at least; the rest may be free for others, so that is no limit.
    """
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    held = _lock_account(connection, account)
    if held.held_until > now and not though_held:
        return Hold(held.held_until - now, held.held_reason, limited=True)
    _end_lost_calls(connection, account, windows, now)
    under_way = connection.execute(
        sa.select(sa.func.count()).select_from(calls).where(calls.c.account == account)
    ).scalar_one()
    waits = [
        _wait(connection, account, window, max(1, floor(window.limit * share)) - under_way, now) for window in windows
    ]
    if (wait := max(waits, default=0.0)) > 0:
        return Hold(wait, limited=share == 1.0)
    connection.execute(calls.insert().values(lease=lease, account=account, until=now + seconds))
    return None


def _lock_account(connection: sa.Connection, account: str) -> sa.Row[Any, Any]:
    connection.execute(dialect.insert(connection, accounts).values(name=account).on_conflict_do_nothing())
    columns = sa.select(accounts.c.held_until, accounts.c.held_reason)
    return connection.execute(columns.where(accounts.c.name == account).with_for_update()).one()


def _end_lost_calls(connection: sa.Connection, account: str, windows: Sequence[Window], now: float) -> None:
    """A call whose worker died may have reached SmartLead at any time up to the end of its lease."""
    lost = (calls.c.account == account) & (calls.c.until <= now)
    for (until,) in connection.execute(calls.delete().where(lost).returning(calls.c.until)).all():
        _count(connection, account, windows, until)


def _wait(connection: sa.Connection, account: str, window: Window, room: int, now: float) -> float:
    """Seconds until fewer than `room` finished requests are in this window; 0 if they are."""
    width = window.seconds / SLICES
    counted = (
        (rate_uses.c.account == account)
        & (rate_uses.c.seconds == window.seconds)
        & (rate_uses.c.slice >= floor((now - window.seconds) / width))
    )
    total, oldest = connection.execute(
        sa.select(sa.func.coalesce(sa.func.sum(rate_uses.c.uses), 0), sa.func.min(rate_uses.c.slice)).where(counted)
    ).one()
    if total < room:
        return 0.0
    return CROWDED if oldest is None else max((oldest + 1) * width + window.seconds - now, 0.001)


def give_back(connection: sa.Connection, account: str, windows: Sequence[Window], lease: str) -> None:
    """The call has its answer: from now on it ages out of the windows. Once is enough; twice does no harm."""
    now = connection.execute(sa.select(dialect.now())).scalar_one()
    _lock_account(connection, account)
    ended = connection.execute(calls.delete().where(calls.c.lease == lease))
    if ended.rowcount:
        _count(connection, account, windows, now)


def forget(connection: sa.Connection, lease: str) -> None:
    """Undo `take`: nothing was asked of SmartLead."""
    connection.execute(calls.delete().where(calls.c.lease == lease))


def _count(connection: sa.Connection, account: str, windows: Sequence[Window], at: float) -> None:
    for window in windows:
        width = window.seconds / SLICES
        add = dialect.insert(connection, rate_uses).values(
            account=account, seconds=window.seconds, slice=floor(at / width), uses=1
        )
        same_slice = [rate_uses.c.account, rate_uses.c.seconds, rate_uses.c.slice]
        connection.execute(add.on_conflict_do_update(index_elements=same_slice, set_={"uses": rate_uses.c.uses + 1}))
        past = (rate_uses.c.seconds == window.seconds) & (rate_uses.c.slice < floor(at / width) - 2 * SLICES)
        connection.execute(rate_uses.delete().where((rate_uses.c.account == account) & past))


def hold(connection: sa.Connection, account: str, seconds: float | None, reason: str) -> None:
    """Make no call for so many seconds; None: for longer from refusal to refusal. A longer hold that is there stays."""
    _lock_account(connection, account)
    here = accounts.c.name == account
    strikes = connection.execute(sa.select(accounts.c.strikes).where(here)).scalar_one() + 1
    until = dialect.now() + (backoff(strikes, LONGEST_HOLD) if seconds is None else seconds)
    connection.execute(accounts.update().where(here).values(strikes=strikes))
    shorter = accounts.c.held_until < until
    connection.execute(accounts.update().where(here & shorter).values(held_until=until, held_reason=reason))


def forgive(connection: sa.Connection, account: str) -> None:
    """A call got through: refusals count from one again. A hold stays: that call was made before it."""
    struck = (accounts.c.name == account) & (accounts.c.strikes > 0) & (accounts.c.held_until <= dialect.now())
    connection.execute(accounts.update().where(struck).values(strikes=0))


def backoff(tries: int, longest: float) -> float:
    """A wait that doubles from one second on, half of it by chance, so that a crowd does not come back as one."""
    wait: float = min(longest, 2.0 ** min(tries - 1, 20))
    return wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
