"""What goes out: the tasks of the workers, who they are, and which accounts have to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import accounts, budget, categories, deliveries, dialect, parking, tasks
from ledger.schema import workers
from ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from config import Window
    from ledger.budget import Hold
    from ledger.pace import Timing
    from ledger.standing import Standing
    from model import Answer, Delivery, Heard, Task

SILENT_SECONDS = 60.0  # without a sign of life a worker counts as gone


class Outbox(Store):
    """The part of the ledger that workers live by. Each method is one transaction."""

    def claim(self, account: str, windows: Sequence[Window], *, marks: bool = True, ahead: float = 0.0) -> Task | Hold:
        """What to do next, wishes first (without `marks`: none); or how long there is nothing to do.

        `ahead`: seconds by which a task may be claimed before its call may begin, at its `begins_at`.
        """
        with self._writing() as connection:
            return tasks.claim(connection, account, windows, marks=marks, ahead=ahead)

    def holds(self, delivery: Delivery) -> bool:
        """Whether this claim still stands, and for 35 seconds at least."""
        with self._reading() as connection:
            return deliveries.holds(connection, delivery)

    def settle(
        self,
        task: Task,
        answer: Answer,
        windows: Sequence[Window],
        max_attempts: int,
        timing: Timing | None = None,
    ) -> None:
        """Write an answer down; without `timing` it came now. TypeError if it is none that the task can get."""
        with self._writing() as connection:
            tasks.settle(connection, task, answer, windows, max_attempts, timing)

    def drop(self, task: Task) -> None:
        """Give a claim back for which nothing was sent."""
        with self._writing() as connection:
            tasks.drop(connection, task)

    def keep_calls(self, leases: Sequence[str]) -> None:
        """Calls that take long are still under way. One that nobody keeps counts as lost some seconds later."""
        with self._writing() as connection:
            budget.keep(connection, leases, tasks.CALL_SECONDS)

    def begin_call(self, account: str, windows: Sequence[Window], *, spare: bool = False) -> str | Hold:
        """Take one call out of the workers' common rate, whatever it is for: the lease to end it by, or a wait.

        `spare`: only of what is left over by marks, names and lookups.
        """
        with self._writing() as connection:
            return tasks.begin_call(connection, account, windows, spare=spare)

    def end_call(self, account: str, windows: Sequence[Window], lease: str, answer: Heard | None = None) -> None:
        """The call has its answer; where it is told, workers heed what it says of the whole account."""
        with self._writing() as connection:
            tasks.end_call(connection, account, windows, lease, answer)

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

    def alarm(self) -> dialect.Alarm:
        """What a worker waits on; its own connection, to be closed."""
        return dialect.Alarm(self._engine)

    def beat(self, worker: str) -> None:
        """A worker's sign of life."""
        with self._writing() as connection:
            row = dialect.insert(connection, workers).values(name=worker, seen_at=dialect.now())
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"seen_at": dialect.now()}))
            connection.execute(workers.delete().where(workers.c.seen_at < dialect.now() - 86400.0))
            budget.prune(connection)
            accounts.end_impossible_holds(connection)

    def worker_silence(self) -> float | None:
        """Seconds since any worker was last seen; None if there never was one."""
        with self._reading() as connection:
            age = sa.select(dialect.now() - sa.func.max(workers.c.seen_at))
            silence: float | None = connection.execute(age).scalar()
            return silence

    def waiting_of_others(self, accounts: Collection[str]) -> dict[str, int]:
        """How many marks wait of accounts that are not among these: name -> count."""
        with self._reading() as connection:
            return deliveries.waiting_of_others(connection, accounts)

    def standings(self) -> list[Standing]:
        """How the accounts stand with SmartLead: held, tried one call at a time, paused, slowed down."""
        with self._reading() as connection:
            return accounts.every(connection)

    def held_accounts(self) -> dict[str, str]:
        """Accounts that wait: name -> why, of SmartLead or of the person who paused it."""
        with self._reading() as connection:
            now = dialect.read_clock(connection)
            held = {one.name: one.why_held(now) for one in accounts.every(connection)}
            return {name: why for name, why in held.items() if why is not None}
