"""POSTs that were not let in: how many for which reason, and the last of them, without their bodies."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import refused, refused_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEPT = 100


@dataclass(frozen=True, slots=True)
class Refusal:
    """One POST that was refused. `sender` is the network address it came from."""

    refused_at: float
    path: str
    reason: str
    sender: str | None = None


def record(connection: sa.Connection, made: Sequence[Refusal], counts: Mapping[str, int] | None) -> None:
    """Add these; `counts` by reason where there were more than are told. The oldest above `KEPT` go."""
    if made:
        connection.execute(refused.insert(), [asdict(one) for one in made[-KEPT:]])
    counted = dialect.insert(connection, refused_counts)
    more = refused_counts.c.count + counted.excluded.count
    rows = [
        {"reason": reason, "count": count}
        for reason, count in sorted((counts or Counter(one.reason for one in made)).items())
    ]
    if rows:
        connection.execute(counted.on_conflict_do_update(index_elements=["reason"], set_={"count": more}), rows)
    last = sa.select(refused.c.id).order_by(refused.c.id.desc()).limit(KEPT)
    oldest = sa.select(sa.func.min(last.subquery().c.id)).scalar_subquery()
    connection.execute(refused.delete().where(refused.c.id < oldest))


def recent(connection: sa.Connection, limit: int) -> list[Refusal]:
    """The last ones, the newest first."""
    columns = [refused.c[name] for name in Refusal.__dataclass_fields__]
    rows = connection.execute(sa.select(*columns).order_by(refused.c.id.desc()).limit(limit))
    return [Refusal(**row._asdict()) for row in rows]


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many there ever were, by reason."""
    rows = connection.execute(sa.select(refused_counts).order_by(refused_counts.c.reason))
    return {reason: count for reason, count in rows}  # noqa: C416 - a row is no pair to mypy
