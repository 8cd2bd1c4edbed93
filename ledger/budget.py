"""The rate limit of an account's key, kept over all workers and machines. How it is reckoned stands in `pace`.

Whoever calls these functions has locked the account.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache, cached_property
from math import floor
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect, pace
from ledger.schema import calls, rate_uses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Window
    from ledger.standing import Standing
    from model import Told

LONGEST_LOOK = 1.0  # seconds until it is worth looking again, when only calls under way fill a window

# Built once: each call asks for most of these, and to build one costs more than to execute it.
_AT: sa.BindParameter[float] = sa.bindparam("at", type_=sa.Double())
_OF_ACCOUNT = calls.c.account == sa.bindparam("of_account")
_OF_LEASE = calls.c.lease == sa.bindparam("of_lease")
_UNDER_WAY = sa.select(calls.c.until).where(_OF_ACCOUNT)
_TAKING = calls.insert()
_LOSING = calls.delete().where(_OF_ACCOUNT, calls.c.until <= _AT).returning(calls.c.until)
_ENDING = calls.delete().where(_OF_LEASE).returning(calls.c.begins_at)
_FORGETTING = calls.delete().where(_OF_LEASE)
_COUNTED_FOR = rate_uses.c.account == sa.bindparam("of_account")


def _is_of(window: int) -> sa.ColumnElement[bool]:
    """Of the counts, those of this window of several, from its oldest slice on."""
    c = rate_uses.c
    return (c.seconds == sa.bindparam(f"seconds_{window}")) & (c.slice >= sa.bindparam(f"oldest_{window}"))


_SUM = sa.select(sa.func.coalesce(sa.func.sum(rate_uses.c.uses), 0)).where(_COUNTED_FOR, _is_of(0))


@cache
def _uses_of(windows: int) -> sa.Select[Any]:
    """The counts of so many windows."""
    c = rate_uses.c
    counting = sa.or_(sa.false(), *(_is_of(number) for number in range(windows)))
    return sa.select(c.seconds, c.slice, c.uses).where(_COUNTED_FOR, counting)


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing to send for so many seconds: nothing is due, or (`limited`) no call may be made before.

    `reason` is set when SmartLead asked to wait, or is out of order.
    """

    seconds: float
    reason: str | None = None
    limited: bool = False


class Budget:
    """What is left of an account's windows at `now`, by the ledger's clock. Good for one transaction."""

    def __init__(self, connection: sa.Connection, here: Standing, windows: Sequence[Window], now: float) -> None:
        self._connection = connection
        self._account = here.name
        self._windows = windows
        self._now = now
        self._allowance = here.allowance
        untils = connection.execute(_UNDER_WAY, {"of_account": here.name}).scalars().all()
        lost = len([until for until in untils if until <= now])
        if lost:
            _end_lost_calls(connection, here.name, windows, now)
        self.under_way = len(untils) - lost  # what has begun, or has the right to

    @cached_property
    def _uses(self) -> dict[float, dict[int, int]]:
        """Finished calls by the window's length and slice."""
        return _read_uses(self._connection, self._account, self._windows, self._now + self._allowance)

    def next_room(self, share: float) -> float | None:
        """When a call may begin while no more than this share of each window is used; None: not known yet."""
        soonest = self._now + self._allowance
        times = [
            pace.room_at(
                max(1, floor(window.limit * share)), window, self._uses[window.seconds], self.under_way, soonest
            )
            for window in self._windows
        ]
        known = [time - self._allowance for time in times if time is not None]
        return None if len(known) < len(times) else max(known, default=self._now)

    @property
    def has_room(self) -> bool:
        """Whether a call could be made at once."""
        return self.next_room(1.0) == self._now

    def look_again(self) -> float:
        """Seconds after which it may be known when there is room."""
        return min([LONGEST_LOOK, *(window.seconds / 4 for window in self._windows)])

    def strangers(self, told: Told, since: float) -> int | None:
        """How many calls SmartLead has counted that nobody made here; None where it does not tell of a window of ours.

        `since`: when the call began whose answer told it.
        """
        window = self._told_of(told)
        if window is None or told.limit is None or told.remaining is None:
            return None
        ours = _count_since(self._connection, self._account, window, since) + self.under_way
        return max(0, told.limit - told.remaining - ours)

    def count_strangers(self, told: Told, number: int, at: float) -> None:
        """Count them: they leave the window when it is reset."""
        window = self._told_of(told)
        if window is not None:
            age = window.seconds - min(told.reset or window.seconds, window.seconds)
            count(self._connection, self._account, [window], at - age, number)

    def _told_of(self, told: Told) -> Window | None:
        return next((window for window in self._windows if window.limit == told.limit), None)


def _read_uses(
    connection: sa.Connection, account: str, windows: Sequence[Window], now: float
) -> dict[float, dict[int, int]]:
    uses = {window.seconds: dict[int, int]() for window in windows}
    for seconds, number, ended in connection.execute(_uses_of(len(windows)), _asked(account, windows, now)):
        uses[seconds][number] = ended
    return uses


def _count_since(connection: sa.Connection, account: str, window: Window, since: float) -> int:
    total: int = connection.execute(_SUM, _asked(account, [window], since)).scalar_one()
    return total


def _asked(account: str, windows: Sequence[Window], since: float) -> dict[str, object]:
    asked: dict[str, object] = {"of_account": account}
    for number, window in enumerate(windows):
        asked |= {f"seconds_{number}": window.seconds, f"oldest_{number}": pace.oldest_slice(window, since)}
    return asked


def take(connection: sa.Connection, account: str, lease: str, begins_at: float, seconds: float) -> None:
    """Take the right to one call that begins then at the earliest; it is lost so many seconds later."""
    row = {"lease": lease, "account": account, "begins_at": begins_at, "until": begins_at + seconds}
    connection.execute(_TAKING, row)


def _end_lost_calls(connection: sa.Connection, account: str, windows: Sequence[Window], now: float) -> None:
    """A call whose worker died may have reached SmartLead at any time up to the end of its right."""
    for (until,) in connection.execute(_LOSING, {"of_account": account, "at": now}).all():
        count(connection, account, windows, until)


def end(connection: sa.Connection, account: str, windows: Sequence[Window], lease: str, at: float) -> bool:
    """The call arrived at this time at the latest: from then on it ages out of the windows. False: it was lost."""
    ended = connection.execute(_ENDING, {"of_lease": lease}).first()
    if ended is not None:
        count(connection, account, windows, max(at, ended.begins_at))
    return ended is not None


def forget(connection: sa.Connection, lease: str) -> None:
    """Undo `take`: nothing was asked of SmartLead."""
    connection.execute(_FORGETTING, {"of_lease": lease})


def keep(connection: sa.Connection, leases: Sequence[str], seconds: float) -> None:
    """These calls are still under way: they are lost so many seconds from now."""
    mine = calls.c.lease.in_(list(leases))
    connection.execute(calls.update().where(mine).values(until=dialect.now() + seconds))


def count(connection: sa.Connection, account: str, windows: Sequence[Window], at: float, uses: int = 1) -> None:
    """Count calls that ended at this time."""
    lengths = {window.seconds: window for window in windows}
    rows = [
        {"account": account, "seconds": seconds, "slice": pace.slice_of(window, at), "uses": uses}
        for seconds, window in lengths.items()
    ]
    if rows:
        connection.execute(_counting(connection), rows)


@dialect.built_once
def _counting(insert: dialect.MakeInsert) -> sa.Executable:
    add = insert(rate_uses)
    same_slice = [rate_uses.c.account, rate_uses.c.seconds, rate_uses.c.slice]
    more = {"uses": rate_uses.c.uses + add.excluded.uses}
    return add.on_conflict_do_update(index_elements=same_slice, set_=more)


def prune(connection: sa.Connection) -> None:
    """Forget the calls that left their window long ago, and those to come that a clock set back by more left behind.

    The latter would hold the account up until that clock has caught up.
    """
    c = rate_uses.c
    ended_at = c.slice * (c.seconds / pace.SLICES)
    out_of_sight = (ended_at < dialect.now() - 3 * c.seconds) | (ended_at > dialect.now() + 3 * c.seconds)
    connection.execute(rate_uses.delete().where(out_of_sight))


def backoff(tries: int, longest: float) -> float:
    """A wait that doubles from one second on, half of it by chance, so that a crowd does not come back as one."""
    wait: float = min(longest, 2.0 ** min(tries - 1, 20))
    return wait * chance()


def chance() -> float:
    """A number from 0.5 to 1."""
    return random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing
