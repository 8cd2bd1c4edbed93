"""The ledger: the one memory of all processes. Each method is one transaction."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Literal

import sqlalchemy as sa

from ledger import deliveries, dialect, events, lists, schema_version, versions
from ledger.schema import accounts, meta, workers
from ledger.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from config import Window
    from ledger.budget import Hold
    from ledger.deliveries import DeliveryRow, Redone
    from ledger.events import Arrival, EventRow, Receipt, StoredReply
    from ledger.slot import State
    from ledger.versions import Draft, RuleVersion
    from model import Delivery, Outcome

Mode = Literal["real", "sandbox"]
SILENT_SECONDS = 60.0  # without a sign of life a worker counts as gone
MIGRATE = "run `flask ledger migrate`"


class UnusableError(Exception):
    """The ledger can not be used; the sentence says why and what to do."""


class OtherModeError(UnusableError):
    """It was made for the other mode."""


class Ledger:
    """Opens lazily: making one touches neither disk nor network."""

    def __init__(self, url: str, mode: Mode) -> None:
        self._engine = dialect.open_engine(url)
        self._mode = mode
        self._mode_is_sure = False
        # One writer at a time in this process: SQLite's own wait for its lock sleeps, a mutex wakes up in turn.
        self._turn = Lock() if dialect.is_sqlite(self._engine) else nullcontext()
        self._writer = Writer(self._writing)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._turn, self._engine.begin() as connection:
            self._guard_mode(connection)
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._engine.connect().execution_options(reading=True) as connection, connection.begin():
            self._guard_mode(connection)
            yield connection

    def _guard_mode(self, connection: sa.Connection) -> None:
        """Whoever asks, and whenever: a sandbox's wishes never reach the real SmartLead, nor real ones the sandbox."""
        if self._mode_is_sure or not sa.inspect(connection).has_table(meta.name):
            return
        mode = connection.execute(sa.select(meta.c.value).where(meta.c.name == "mode")).scalar()
        if mode not in {None, self._mode}:
            raise OtherModeError(
                f"This is a {mode} ledger, and this process runs in {self._mode} mode: check DATABASE_URL."
            )
        self._mode_is_sure = mode is not None

    def close(self) -> None:
        """Commit what waits and let go of every connection."""
        self._writer.close()
        self._engine.dispose()

    # the ledger itself

    def migrate(self) -> None:
        """Bring the tables up to date, and note what this ledger is for: real or sandbox, for ever.

        UnusableError with a sentence if that is not possible.
        """
        try:
            with self._writing() as connection:
                schema_version.upgrade(connection)
                mode = dialect.insert(connection, meta).values(name="mode", value=self._mode)
                connection.execute(mode.on_conflict_do_nothing())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise UnusableError(_out_of_reach(error)) from None

    def other_mode(self) -> str | None:
        """A sentence if this ledger is of the other mode; None if not, or if it can not be told now."""
        try:
            with self._reading():
                return None
        except OtherModeError as error:
            return str(error)
        except (sa.exc.SQLAlchemyError, OSError):
            return None

    def problems(self) -> list[str]:
        """Why nothing can be recorded, in sentences; empty when all is well."""
        try:
            with self._reading() as connection:
                if schema_version.current(connection) != schema_version.newest():
                    return [f"The ledger's tables are not those of this version: {MIGRATE}."]
            if self._writer.failing:
                self._try_to_write()
        except OtherModeError as error:
            return [str(error)]
        except (sa.exc.SQLAlchemyError, OSError) as error:
            return [_out_of_reach(error)]
        return []

    def _try_to_write(self) -> None:
        with self._writing() as connection:
            tried = dialect.insert(connection, meta).values(name="tried", value="")
            connection.execute(tried.on_conflict_do_update(index_elements=["name"], set_={"value": ""}))
        self._writer.failing = False

    # what arrives

    def record(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Record all of these or none. Returns after the commit; raises NotStoredError if there was none."""
        return self._writer.record(arrivals)

    def recent_events(self, bucket: str | None = None, limit: int = 100) -> list[EventRow]:
        """The newest events, of one bucket or of all."""
        with self._reading() as connection:
            return lists.recent_events(connection, bucket, limit)

    def body_of(self, event_id: int) -> str | None:
        """The redacted body of an event, None if it is not there (any more)."""
        with self._reading() as connection:
            body = lists.body_of(connection, event_id)
        return events.unpack(body) if body else None

    def stored_replies(self, since: float) -> Iterator[StoredReply]:
        """Every reply since then (seconds since 1970), the oldest first, for reading them anew.

        Each page is a transaction of its own, so a long walk holds up nobody and keeps no page in memory.
        """
        last = 0
        while page := self._page_of_replies(since, last):
            yield from page
            last = page[-1].event_id

    def _page_of_replies(self, since: float, after: int) -> list[StoredReply]:
        with self._reading() as connection:
            return events.page_of_replies(connection, since, after)

    def count_stored_replies(self, since: float) -> int:
        """How many `stored_replies` gives, if none arrives meanwhile."""
        with self._reading() as connection:
            return events.count_replies(connection, since)

    def buckets(self) -> dict[str, int]:
        """How many POSTs ended where: they add up to all that passed authentication."""
        with self._reading() as connection:
            return lists.buckets(connection)

    # what goes out

    def claim(self, account: str, windows: Sequence[Window]) -> Delivery | Hold:
        """The next wish to send, or how long there is nothing to send."""
        with self._writing() as connection:
            return deliveries.claim(connection, account, windows)

    def holds(self, delivery: Delivery) -> bool:
        """Whether this claim still stands."""
        with self._reading() as connection:
            return deliveries.holds(connection, delivery)

    def settle(self, delivery: Delivery, outcome: Outcome, windows: Sequence[Window], max_attempts: int) -> None:
        """Write an answer down."""
        with self._writing() as connection:
            deliveries.settle(connection, delivery, outcome, windows, max_attempts)

    def drop(self, delivery: Delivery) -> None:
        """Give a claim back unsent."""
        with self._writing() as connection:
            deliveries.drop(connection, delivery)

    def recent_deliveries(self, state: State | None = None, limit: int = 100) -> list[DeliveryRow]:
        """The newest wishes and what became of them."""
        with self._reading() as connection:
            return deliveries.recent(connection, state, limit)

    def redo(self, map_ids: Sequence[int] | None, states: Sequence[State]) -> Redone:
        """Send these wishes once more, as far as they are still wanted."""
        with self._writing() as connection:
            return deliveries.redo(connection, map_ids, states)

    def alarm(self) -> dialect.Alarm:
        """What a worker waits on; its own connection, to be closed."""
        return dialect.Alarm(self._engine)

    # the rules

    def live_rules(self) -> RuleVersion | None:
        """The version that decides now."""
        with self._reading() as connection:
            return versions.live(connection)

    def live_rules_id(self) -> int | None:
        """Its number alone."""
        with self._reading() as connection:
            return versions.live_id(connection)

    def rules_version(self, number: int) -> RuleVersion | None:
        """One version, published or refused; None if there is none of this number."""
        with self._reading() as connection:
            return versions.numbered(connection, number)

    def last_rules_from_file(self) -> RuleVersion | None:
        """The newest version that came out of a rules file."""
        with self._reading() as connection:
            return versions.last_from_file(connection)

    def were_rules_published(self, digest: str) -> bool:
        """Whether this content was ever live."""
        with self._reading() as connection:
            return versions.was_published(connection, digest)

    def publish_rules(self, draft: Draft) -> RuleVersion:
        """Make rules live; the caller has checked them."""
        with self._writing() as connection:
            return versions.publish(connection, draft)

    def refuse_rules(self, draft: Draft, problems: str) -> RuleVersion:
        """Keep refused rules for people to see."""
        with self._writing() as connection:
            return versions.refuse(connection, draft, problems)

    def rule_history(self, limit: int = 100) -> list[RuleVersion]:
        """All versions, refused ones too, newest first."""
        with self._reading() as connection:
            return versions.history(connection, limit)

    # who is there

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


def _out_of_reach(error: Exception) -> str:
    """Without the error's own text: it may quote the address with its password."""
    return f"The ledger can not be reached ({type(error).__name__}): check DATABASE_URL, the server or the disk."
