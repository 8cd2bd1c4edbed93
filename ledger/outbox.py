"""What goes out: the tasks of the workers, who they are, and which accounts have to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import budget, categories, deliveries, dialect, parking, standing_reads, tasks
from ledger.schema import accounts, workers
from ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config import Window
    from ledger.budget import Hold
    from ledger.deliveries import DeliveryRow, Redone
    from ledger.slot import State
    from ledger.standing_reads import Origin, StandingRead
    from model import Answer, Delivery, Task

SILENT_SECONDS = 60.0  # without a sign of life a worker counts as gone


class Outbox(Store):
    """The part of the ledger that workers live by. Each method is one transaction."""

    def claim(self, account: str, windows: Sequence[Window], *, marks: bool = True) -> Task | Hold:
        """What to do next, wishes first (without `marks`: none); or how long there is nothing to do."""
        with self._writing() as connection:
            return tasks.claim(connection, account, windows, marks=marks)

    def holds(self, delivery: Delivery) -> bool:
        """Whether this claim still stands."""
        with self._reading() as connection:
            return deliveries.holds(connection, delivery)

    def settle(self, task: Task, answer: Answer, windows: Sequence[Window], max_attempts: int) -> None:
        """Write an answer down. TypeError if it is none that the task can get."""
        with self._writing() as connection:
            tasks.settle(connection, task, answer, windows, max_attempts)

    def drop(self, task: Task) -> None:
        """Give a claim back for which nothing was sent."""
        with self._writing() as connection:
            tasks.drop(connection, task)

    def begin_call(self, account: str, windows: Sequence[Window]) -> str | Hold:
        """Take one call out of the workers' common rate, whatever it is for: the lease to end it by, or a wait."""
        with self._writing() as connection:
            return tasks.begin_call(connection, account, windows)

    def end_call(self, account: str, windows: Sequence[Window], lease: str) -> None:
        """The call has its answer."""
        with self._writing() as connection:
            budget.give_back(connection, account, windows, lease)

    def retry_parked(self, event_ids: Sequence[int] | None = None) -> int:
        """Look up the conversations of these parked replies (None: of all) once more, now.

        How many of the replies tell a lead that can be looked up.
        """
        with self._writing() as connection:
            return parking.retry(connection, event_ids)

    def category_names(self, account: str) -> dict[int, str]:
        """The account's categories by their numbers, as far as SmartLead told them."""
        with self._reading() as connection:
            return categories.names_of(connection, account)

    def recent_deliveries(self, state: State | None = None, limit: int = 100) -> list[DeliveryRow]:
        """The newest wishes and what became of them."""
        with self._reading() as connection:
            return deliveries.recent(connection, state, limit)

    def redo(self, map_ids: Sequence[int] | None, states: Sequence[State]) -> Redone:
        """Send these wishes once more, as far as they are still wanted."""
        with self._writing() as connection:
            return deliveries.redo(connection, map_ids, states)

    def standing_reads(self, origin: Origin) -> Iterator[StandingRead]:
        """The conversations that a mark of this origin hides, page by page, each a transaction of its own."""
        last: StandingRead | None = None
        while page := self._page_of_standing_reads(origin, last):
            yield from page
            last = page[-1]

    def _page_of_standing_reads(self, origin: Origin, after: StandingRead | None) -> list[StandingRead]:
        with self._reading() as connection:
            return standing_reads.page(connection, origin, after)

    def take_back(self, chosen: Sequence[StandingRead], why: str) -> int:
        """Want `unread` of these instead, as far as they still stand; how many do. `why` is kept beside each reply."""
        with self._writing() as connection:
            return standing_reads.take_back(connection, chosen, why)

    def alarm(self) -> dialect.Alarm:
        """What a worker waits on; its own connection, to be closed."""
        return dialect.Alarm(self._engine)

    def beat(self, worker: str) -> None:
        """A worker's sign of life."""
        with self._writing() as connection:
            row = dialect.insert(connection, workers).values(name=worker, seen_at=dialect.now())
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": dialect.now()}))
            connection.execute(workers.delete().where(workers.c.seen_at < dialect.now() - 86400.0))

    def worker_silence(self) -> float | None:
        """Seconds since any worker was last seen; None if there never was one."""
        with self._reading() as connection:
            age = sa.select(dialect.now() - sa.func.max(workers.c.seen_at))
            silence: float | None = connection.execute(age).scalar()
            return silence

    def held_accounts(self) -> dict[str, str]:
        """Accounts that SmartLead told to wait: name -> why."""
        with self._reading() as connection:
            held = accounts.c.held_until > dialect.now()
            rows = connection.execute(sa.select(accounts.c.name, accounts.c.held_reason).where(held))
            return {name: reason or "held" for name, reason in rows}
