"""What a worker does next, within the account's rate: a PATCH, then the names of the categories, then a lookup.

Each of these locks the account first, then the task's own row.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from ledger import accounts, budget, categories, deliveries, dialect, lookups, standing
from ledger.budget import Budget, Hold
from model import Answer, CategoriesWanted, Delivery, Done, GiveUp, Heard, Lookup, Retry, Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    import sqlalchemy as sa

    from config import Window
    from ledger.pace import Timing
    from ledger.standing import Standing
    from model import Told

LEASE_SECONDS = 60.0  # longer than connecting (3.05), reading (20) and a drip-fed answer (30) together
CALL_SECONDS = 10.0  # longer than a worker waits until it sends (4) and a packet is repeated; a longer call is kept
OTHER_CALL_SECONDS = 40.0  # of a call that nobody keeps
QUESTIONS = (categories, lookups)
KINDS = (deliveries, *QUESTIONS)  # what comes first goes first; unread marks before read ones; probes take turns
SHARES = {lookups: 0.5}  # of each window, at most: a thousand parked replies must not hold up one PATCH
SPARE = 0.5  # of each window, at most, for calls that can wait
SPARE_LOOK = 1.0  # seconds until it is worth asking again whether anything goes before them
LONGEST_HOLD = 3600.0
PROBE_LOOK = 0.25  # seconds until it is worth asking what came of another worker's probe


def claim(
    connection: sa.Connection, account: str, windows: Sequence[Window], *, marks: bool = True, ahead: float = 0.0
) -> Task | Hold:
    """The task that is due, leased and with the right to one call; or for how long there is nothing to do.

    Without `marks` no wish is carried out: a dry run asks SmartLead, and tells it nothing. `ahead`: seconds by which a
    call may be claimed before it may begin.
    """
    here = accounts.lock(connection, account)
    now = dialect.read_clock(connection)
    if here.held_until > now:
        return Hold(here.held_until - now, here.held_reason, limited=True)
    hold = LONGEST_HOLD
    for kind in _in_order(KINDS if marks and not here.is_paused else QUESTIONS, here):
        wait = kind.wait(connection, account, now)
        if wait == 0.0:
            begins_at = _begin(Budget(connection, here, windows, now), here, SHARES.get(kind, 1.0), now, ahead)
            if not isinstance(begins_at, Hold):
                return _take(connection, kind, here, begins_at, now)
            if begins_at.limited:
                return begins_at
            wait = begins_at.seconds
        hold = hold if wait is None else min(hold, wait)
    return Hold(hold)


def _take(connection: sa.Connection, kind: ModuleType, here: Standing, begins_at: float, now: float) -> Task | Hold:
    choose = deliveries.claim_probe if here.probing and kind is deliveries else kind.claim
    lease = uuid4().hex
    task: Task | None = choose(connection, here.name, lease, now, LEASE_SECONDS + begins_at - now)
    if task is None:  # its row is locked by whoever changes it now
        return Hold(0.01)
    budget.take(connection, here.name, lease, begins_at, CALL_SECONDS)
    return replace(task, claimed_at=now, begins_at=begins_at)


def _in_order(kinds: tuple[ModuleType, ...], here: Standing) -> tuple[ModuleType, ...]:
    """Probes take turns: a call that alone fails, again and again, must not keep all others from being tried."""
    first = here.turn % len(kinds) if here.probing else 0
    return kinds[first:] + kinds[:first]


def _begin(left: Budget, here: Standing, share: float, now: float, ahead: float) -> float | Hold:
    """When the next call may begin. A hold for a share of the rate is no limit: the rest may be free for others."""
    if here.probing and left.under_way:
        return Hold(PROBE_LOOK, here.held_reason, limited=True)
    begins_at = left.next_room(share * here.share_now(now))
    if begins_at is None:
        return Hold(left.look_again(), limited=share == 1.0)
    if begins_at > now + ahead:
        return Hold(begins_at - now - ahead, limited=share == 1.0)
    return begins_at


def settle(  # noqa: PLR0913, PLR0917 - the answer, and all that it may change
    connection: sa.Connection,
    task: Task,
    answer: Answer,
    windows: Sequence[Window],
    max_attempts: int,
    timing: Timing | None = None,
) -> None:
    """Write an answer down: what came of the task, the call's end, and what it says of the whole account."""
    before = accounts.lock(connection, task.account)
    now = dialect.read_clock(connection)
    ended_at = min(timing.answered_at, now) if timing else now
    budget.end(connection, task.account, windows, task.lease, ended_at)
    conversation = task.email_lead_map_id if isinstance(task, Delivery) else None
    after = _judge(before, answer, now, min(standing.BREAK_AFTER, max_attempts), conversation)
    if answer.told is not None:
        if timing is not None:
            after = standing.after_round_trip(after, timing.seconds)
        after = _notice_strangers(Budget(connection, before, windows, now), after, task, answer.told, ended_at)
    accounts.write(connection, before, after)
    match task, answer:
        case Delivery(), Done() | Retry() | GiveUp():
            spared = isinstance(answer, Retry) and (answer.whole_account or after.is_broken(now))
            deliveries.settle(connection, task, answer, None if spared else max_attempts, now)
        case Lookup(), _:
            lookups.settle(connection, task, answer, now)
        case CategoriesWanted(), _:
            categories.settle(connection, task, answer, now)
        case _:
            raise TypeError(f"{type(answer).__name__} is no answer to a {type(task).__name__}")


def _judge(before: Standing, answer: Heard, now: float, break_after: int, conversation: int | None = None) -> Standing:
    return standing.after_answer(
        before, answer, now, conversation=conversation, break_after=break_after, chance=budget.chance()
    )


def _notice_strangers(left: Budget, here: Standing, task: Task, told: Told, at: float) -> Standing:
    """Leave room for calls of other tools with this key; and wait where SmartLead says that no call is left."""
    strangers = left.strangers(told, task.begins_at)
    if strangers:
        left.count_strangers(told, strangers, at)
    if told.remaining == 0 and told.reset and (strangers or (strangers is None and left.has_room)):
        return standing.hold(here, at + min(told.reset, standing.LONGEST_HOLD), standing.USED_UP)
    return here


def begin_call(
    connection: sa.Connection, account: str, windows: Sequence[Window], *, spare: bool = False
) -> str | Hold:
    """The right to one call that is no worker's, as the lease to end it by; or for how long there is none.

    Also while the account waits: this may be the call that finds out whether it must. `spare`: only what is left over,
    never while the account waits or anything is due, and of each window a share.
    """
    here = accounts.lock(connection, account)
    now = dialect.read_clock(connection)
    if spare and (hold := _in_the_way(connection, here, now)):
        return hold
    share = SPARE if spare else 1.0
    begins_at = _begin(Budget(connection, here, windows, now), replace(here, probing=False), share, now, ahead=0.0)
    if isinstance(begins_at, Hold):
        return begins_at
    lease = uuid4().hex
    budget.take(connection, account, lease, begins_at, OTHER_CALL_SECONDS)
    return lease


def _in_the_way(connection: sa.Connection, here: Standing, now: float) -> Hold | None:
    """What goes before a call that can wait."""
    if here.held_until > now:
        return Hold(here.held_until - now, here.held_reason, limited=True)
    if here.probing:
        return Hold(SPARE_LOOK, here.held_reason, limited=True)
    kinds = QUESTIONS if here.is_paused else KINDS
    is_busy = any(kind.wait(connection, here.name, now) == 0.0 for kind in kinds)
    return Hold(SPARE_LOOK, "marks and lookups that are due go first") if is_busy else None


def end_call(
    connection: sa.Connection, account: str, windows: Sequence[Window], lease: str, answer: Heard | None = None
) -> None:
    """That call has its answer; where it is told, workers heed what it says of the whole account."""
    before = accounts.lock(connection, account)
    now = dialect.read_clock(connection)
    budget.end(connection, account, windows, lease, now)
    if answer is not None:
        accounts.write(connection, before, _judge(before, answer, now, standing.BREAK_AFTER))


def drop(connection: sa.Connection, task: Task) -> None:
    """Give a claim back for which nothing was sent."""
    accounts.lock(connection, task.account)
    budget.forget(connection, task.lease)
    match task:
        case Delivery():
            deliveries.drop(connection, task)
        case Lookup():
            lookups.drop(connection, task)
        case CategoriesWanted():
            categories.drop(connection, task)
