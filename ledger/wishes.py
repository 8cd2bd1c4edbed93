"""Wishes as people see and move them: listed, counted, sent once more, withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import dialect, slot, slots
from ledger.schema import slots as slot_rows
from ledger.slot import State
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = 500  # conversations that are locked at a time

c = slot_rows.c


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A conversation's newest wish and what became of it, as `flask deliveries list` shows it."""

    account: str
    email_lead_map_id: int
    mark: Mark
    state: State
    attempts: int
    reason: str | None
    rule: str | None
    event_id: int | None
    wanted_at: float
    due_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which wishes are meant: all that is given must hold. Times are seconds since 1970 by the database's clock."""

    map_ids: Sequence[int] | None = None
    states: Sequence[State] = ()  # none: whatever the state
    account: str | None = None
    mark: Mark | None = None
    rule: str | None = None
    before: float | None = None  # the wish was made before then


@dataclass(frozen=True, slots=True)
class Crowd:
    """Wishes that are alike in this, and the time of the oldest of them."""

    state: State
    mark: Mark
    count: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Redone:
    """How many wishes are sent once more, and how many are not, because they are no longer what is wanted."""

    again: int
    outdated: int


Place = tuple[str, int]  # account and id of a conversation: pages follow each other in this order


def recent(connection: sa.Connection, state: State | None, limit: int, account: str | None) -> list[DeliveryRow]:
    """The newest wishes, of one state or of all, of one account or of all."""
    names = ("account", "email_lead_map_id", "attempts", "reason", "rule", "event_id", "wanted_at", "due_at")
    shown = _shown().label("shown")
    wishes = sa.select(c.wanted, shown, *(c[name] for name in names)).where(c.wanted.is_not(None))
    if state is not None:
        wishes = wishes.where(_is_of([state]))
    if account is not None:
        wishes = wishes.where(c.account == account)
    rows = connection.execute(wishes.order_by(c.wanted_at.desc(), c.email_lead_map_id).limit(limit))
    return [_delivery(row._asdict()) for row in rows]


def _is_leased() -> sa.ColumnElement[bool]:
    return sa.and_(c.state == State.PENDING, sa.func.coalesce(c.lease_until, 0.0) > dialect.now())


def _shown() -> sa.ColumnElement[str]:
    return sa.case((_is_leased(), State.SENDING.value), else_=c.state)


def _is_of(states: Sequence[State]) -> sa.ColumnElement[bool]:
    """By the stored state first, which an index serves; a wish that is being sent is stored as pending."""
    stored = {State.PENDING if state is State.SENDING else state for state in states}
    of_these = c.state.in_([state.value for state in stored])
    if (State.PENDING in states) == (State.SENDING in states):
        return of_these
    return of_these & _shown().in_([state.value for state in states])


def _delivery(values: dict[str, Any]) -> DeliveryRow:
    mark, state = Mark(values.pop("wanted")), State(values.pop("shown"))
    if state not in {State.PENDING, State.SENDING}:
        values["due_at"] = None
    return DeliveryRow(mark=mark, state=state, **values)


def count(connection: sa.Connection, choice: Choice) -> list[Crowd]:
    """How many of these wishes there are, by state and mark."""
    shown = _shown().label("shown")
    counted = sa.select(shown, c.wanted, sa.func.count(), sa.func.min(c.wanted_at)).where(_chosen(choice))
    rows = connection.execute(counted.group_by(shown, c.wanted).order_by(shown, c.wanted))
    return [Crowd(State(state), Mark(mark), number, oldest) for state, mark, number, oldest in rows]


def _chosen(choice: Choice) -> sa.ColumnElement[bool]:
    before = sa.true() if choice.before is None else c.wanted_at < choice.before
    conditions = (
        (choice.map_ids is not None, c.email_lead_map_id.in_(choice.map_ids or ())),
        (choice.states, _is_of(choice.states)),
        (choice.account is not None, c.account == choice.account),
        (choice.mark is not None, c.wanted == choice.mark),
        (choice.rule is not None, c.rule == choice.rule),
    )
    return sa.and_(c.wanted.is_not(None), before, *(condition for told, condition in conditions if told))


def redo(connection: sa.Connection, choice: Choice, after: Place | None) -> tuple[Redone, Place | None]:
    """Send the next of these wishes once more; and where to go on, None after the last.

    Not if a newer reply, or a newer decision, is to leave it, nor what was decided in a dry run.
    """
    found = _lock_next(connection, choice, after)
    now = dialect.read_clock(connection)
    wanted = [one for one in found if _is_still_wanted(one)]
    slots.write(connection, [slot.again(one, now) for one in wanted])
    if wanted:
        dialect.wake_workers(connection)
    return Redone(len(wanted), len(found) - len(wanted)), _place_after(found)


def _is_still_wanted(one: slot.Slot) -> bool:
    left = one.wanted is Mark.READ and one.reply_mark is not Mark.READ
    return (one.ordered or one.event_id == one.reply_event) and not left and one.reason != slot.DRY_RUN


def cancel(connection: sa.Connection, choice: Choice, reason: str, after: Place | None) -> tuple[int, Place | None]:
    """Withdraw the next of these wishes as far as they are not sent yet; how many, and where to go on."""
    found = _lock_next(connection, choice, after)
    unsent = [one for one in found if one.state in {State.PENDING, State.FAILED}]
    slots.write(connection, [slot.withdraw(one, reason) for one in unsent])
    return len(unsent), _place_after(found)


def _lock_next(connection: sa.Connection, choice: Choice, after: Place | None) -> list[slot.Slot]:
    found = sa.select(*slots.COLUMNS).where(_chosen(choice))
    if after is not None:
        account, map_id = after
        here = sa.tuple_(c.account, c.email_lead_map_id)
        found = found.where(here > sa.tuple_(sa.literal(account), sa.literal(map_id)))
    page = found.order_by(c.account, c.email_lead_map_id).limit(PAGE).with_for_update()
    return [slots.read(row) for row in connection.execute(page)]


def _place_after(found: Sequence[slot.Slot]) -> Place | None:
    return (found[-1].account, found[-1].email_lead_map_id) if len(found) == PAGE else None
