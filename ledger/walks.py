"""Ways through SmartLead's lists and what was found on them: who is killed on the way goes on where they were."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import walk_rows, walks
from model import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

Purpose = Literal["mark", "sweep"]

LEASE_SECONDS = 120.0  # without a sign of life a walk is anybody's
KEPT_SECONDS = 90 * 86400.0  # that rows stay after their walk's last sign of life

w, r = walks.c, walk_rows.c


class TakenOverError(Exception):
    """Another process goes on with this walk; what it has done is kept."""

    def __init__(self) -> None:
        super().__init__("Another process goes on with this job.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a walk is for. The same plan again is the same walk, until that has ended; whoever gives it.

    `selection` is JSON in one spelling: it tells one job from another.
    """

    account: str
    purpose: Purpose
    selection: str
    mark: Mark | None
    by: str
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk(Plan):
    """A walk as it stands. Times are seconds since 1970 by the ledger's clock; `place` is the walker's own text."""

    id: int
    began_at: float
    walked_at: float | None = None  # when its last page was read
    ended_at: float | None = None
    place: str | None = None  # None: it has not begun
    pages: int = 0
    rows: int = 0  # conversations that were looked at
    lease: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRow:
    """What was found about one conversation: its id and times alone, never who it is with."""

    email_lead_map_id: int
    finding: str  # chosen, missed, healed …: the walker's own word
    mark: Mark | None = None
    note: str | None = None
    last_reply_at: float | None = None  # own time of its last reply, as the list told it
    seen_at: float | None = None  # before the list was asked for
    ordered_at: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many conversations have a finding, and the times of the oldest and the newest of their last replies."""

    finding: str
    count: int
    oldest: float | None
    newest: float | None


COLUMNS = tuple(w[field.name] for field in fields(Walk))
ROW = tuple(r[field.name] for field in fields(WalkRow))
ALIKE = ("account", "purpose", "selection", "mark", "dry_run")


def begin(connection: sa.Connection, plan: Plan, *, afresh: bool, take_over: bool) -> Walk | None:
    """The walk of this plan: the unfinished one, or (`afresh`, or none) a new one.

    None while another process walks for this account and purpose, unless it is to be taken over.
    """
    now = dialect.begin_turn(connection, [f"walk {plan.account} {plan.purpose}"])
    _forget_old_rows(connection, now)
    of_account = (w.account == plan.account) & (w.purpose == plan.purpose)
    open_ones = connection.execute(sa.select(*COLUMNS, w.lease_until).where(of_account, w.ended_at.is_(None))).all()
    if not take_over and any((one.lease_until or 0.0) > now for one in open_ones):
        return None
    same = [one.id for one in open_ones if all(getattr(one, name) == getattr(plan, name) for name in ALIKE)]
    if same and afresh:
        connection.execute(walks.update().where(w.id.in_(same)).values(ended_at=now, lease=None))
    lease = {"lease": uuid4().hex, "lease_until": now + LEASE_SECONDS}
    if same and not afresh:
        return _walk(connection.execute(walks.update().where(w.id == same[-1]).values(lease).returning(*COLUMNS)).one())
    new = asdict(plan) | {"began_at": now} | lease
    return _walk(connection.execute(walks.insert().values(new).returning(*COLUMNS)).one())


def _forget_old_rows(connection: sa.Connection, now: float) -> None:
    is_old = w.lease_until < now - KEPT_SECONDS
    connection.execute(walk_rows.delete().where(r.walk_id.in_(sa.select(w.id).where(is_old))))
    connection.execute(walks.update().where(is_old, w.ended_at.is_(None)).values(ended_at=now))


def hold(connection: sa.Connection, walk: Walk, **values: Any) -> Walk:
    """The walk with these values, and some time more for its walker. TakenOverError if it is another's by now."""
    mine = (w.id == walk.id) & (w.lease == walk.lease)
    kept = walks.update().where(mine).values(lease_until=dialect.now() + LEASE_SECONDS, **values)
    row = connection.execute(kept.returning(*COLUMNS)).first()
    if row is None:
        raise TakenOverError
    return _walk(row)


def advance(  # noqa: PLR0913 - the page, and what it changes
    connection: sa.Connection,
    walk: Walk,
    place: str,
    found: Sequence[WalkRow],
    *,
    looked_at: int,
    instead_of: Sequence[int],
) -> Walk:
    """Keep what a page showed and the place behind it; of the conversations `instead_of` nothing older counts."""
    after = hold(connection, walk, place=place, pages=w.pages + 1, rows=w.rows + looked_at)
    if instead_of:
        connection.execute(walk_rows.delete().where(r.walk_id == walk.id, r.email_lead_map_id.in_(instead_of)))
    if found:
        connection.execute(_found(connection), [asdict(one) | {"walk_id": walk.id} for one in found])
    return after


@dialect.built_once
def _found(insert: dialect.MakeInsert) -> sa.Executable:
    made = insert(walk_rows)
    told = ("mark", "note", "last_reply_at", "seen_at")
    return made.on_conflict_do_update(
        index_elements=["walk_id", "finding", "email_lead_map_id"], set_={name: made.excluded[name] for name in told}
    )


def last_ended(
    connection: sa.Connection, account: str, purpose: Purpose, *, dry_run: bool, selection: str | None
) -> Walk | None:
    """The walk of this kind that came to its end last; one that was given up before is none."""
    alike = (w.account == account) & (w.purpose == purpose) & (w.dry_run == dry_run)
    alike &= w.walked_at.is_not(None) & w.ended_at.is_not(None)
    if selection is not None:
        alike &= w.selection == selection
    row = connection.execute(sa.select(*COLUMNS).where(alike).order_by(w.ended_at.desc(), w.id.desc()).limit(1)).first()
    return _walk(row) if row else None


def tallies(connection: sa.Connection, walk_id: int) -> dict[str, Tally]:
    """How many conversations have which finding."""
    times = (sa.func.min(r.last_reply_at), sa.func.max(r.last_reply_at))
    counted = sa.select(r.finding, sa.func.count(), *times).where(r.walk_id == walk_id).group_by(r.finding)
    return {row[0]: Tally(*row) for row in connection.execute(counted)}


def notes(connection: sa.Connection, walk_id: int, findings: Sequence[str], limit: int) -> list[tuple[str | None, int]]:
    """How many conversations with one of these findings have which note, the most frequent first."""
    count = sa.func.count()
    here = (r.walk_id == walk_id) & r.finding.in_(findings)
    counted = sa.select(r.note, count).where(here).group_by(r.note).order_by(count.desc(), r.note).limit(limit)
    return [(row[0], row[1]) for row in connection.execute(counted)]


def page(connection: sa.Connection, walk_id: int, finding: str, after: int, limit: int) -> list[WalkRow]:
    """The next conversations with this finding, by their ids above `after`."""
    here = (r.walk_id == walk_id) & (r.finding == finding) & (r.email_lead_map_id > after)
    rows = connection.execute(sa.select(*ROW).where(here).order_by(r.email_lead_map_id).limit(limit))
    return [_row(row) for row in rows]


def _walk(row: sa.Row[Any]) -> Walk:
    values = {column.name: getattr(row, column.name) for column in COLUMNS}
    return Walk(**values | {"mark": _mark(values["mark"])})


def _row(row: sa.Row[Any]) -> WalkRow:
    values = row._asdict()
    return WalkRow(**values | {"mark": _mark(values["mark"])})


def _mark(told: str | None) -> Mark | None:
    return Mark(told) if told else None
