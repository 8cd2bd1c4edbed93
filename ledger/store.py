"""The database behind the ledger: its transactions, its tables, its mode, and what is wrong with it."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeVar

import sqlalchemy as sa

from ledger import dialect, schema_version
from ledger.schema import meta
from ledger.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Mode = Literal["real", "sandbox"]
Made = TypeVar("Made")
YIELD_SECONDS = 0.1
MIGRATE = "run `flask ledger migrate`"


class UnusableError(Exception):
    """The ledger can not be used; the sentence says why and what to do."""


class OtherModeError(UnusableError):
    """It was made for the other mode."""


class Store:
    """Opens lazily: making one touches neither disk nor network."""

    def __init__(self, url: str, mode: Mode) -> None:
        self._engine = dialect.open_engine(url)
        self._mode = mode
        self._mode_is_sure = False
        # One writer at a time in this process: SQLite's own wait for its lock sleeps, a mutex wakes up in turn.
        self._turn = Lock() if dialect.is_sqlite(self._engine) else nullcontext()
        self._writer = Writer(self._written)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._turn, self._engine.begin() as connection:
            self._guard_mode(connection)
            yield connection

    def _written(self, work: Callable[[sa.Connection], Made]) -> Made:
        """What this work gives, once it is committed. A deadlock's victim is tried again after the other."""
        try:
            with self._writing() as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if not dialect.is_deadlock(error):
                raise
        time.sleep(YIELD_SECONDS)  # tried at once it would take the other's lock again before that one wakes up
        with self._writing() as connection:
            return work(connection)

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


def _out_of_reach(error: Exception) -> str:
    """Without the error's own text: it may quote the address with its password."""
    return f"The ledger can not be reached ({type(error).__name__}): check DATABASE_URL, the server or the disk."
