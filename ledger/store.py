"""The database behind the ledger: its transactions, its tables, its mode, and what is wrong with it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, TypeVar

import sqlalchemy as sa

from ledger import dialect, schema_version, sqlite_file, trouble
from ledger.checkpoints import Checkpoints
from ledger.schema import meta
from ledger.trouble import Watch
from ledger.turns import Turns
from ledger.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Mode = Literal["real", "sandbox"]
Made = TypeVar("Made")
YIELD_SECONDS = 0.1
MUCH = 64 * 1024  # characters: as a large reply, to see whether the disk has room for one
HURRY = 0.5  # seconds that who only asks whether all is well waits for its turn to write


class UnusableError(Exception):
    """The ledger can not be used; the sentence says why and what to do."""


class OtherModeError(UnusableError):
    """It was made for the other mode."""


class Store:
    """Opens lazily: making one touches neither disk nor network."""

    def __init__(self, url: str, mode: Mode) -> None:
        self._engine = dialect.open_engine(url)
        self._mode = mode
        self._mode_is_sure_of: object = None  # of this file; on a server of itself
        self._turns = Turns(one_at_a_time=dialect.is_sqlite(self._engine))
        self._watch = Watch(self._engine.url)
        self._checkpoints: Checkpoints | None = None
        self._writer = Writer(self._written)

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._watched(), self._turns.taken(), self._engine.connect() as connection:
            with connection.begin():
                self._guard_mode(connection)
                yield connection
            dialect.committed(connection)
        self._watch.wrote()

    def _written(self, work: Callable[[sa.Connection], Made]) -> Made:
        """What this work gives, once it is committed. A deadlock's victim is tried again after the other."""
        try:
            return self._written_once(work)
        except sa.exc.DBAPIError as error:
            if not dialect.is_worth_another_try(error):
                raise
        time.sleep(YIELD_SECONDS)  # tried at once it would take the other's lock again before that one wakes up
        return self._written_once(work)

    def _written_once(self, work: Callable[[sa.Connection], Made]) -> Made:
        with self._writing() as connection:
            made = work(connection)
        self._watch.wrote(much=True)
        return made

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._watched(), self._connected(reading=True) as connection, connection.begin():
            self._guard_mode(connection)
            yield connection

    def _asked(self, work: Callable[[sa.Connection], Made]) -> Made:
        """What this work finds."""
        with self._reading() as connection:
            return work(connection)

    def _connected(self, **options: bool) -> sa.Connection:
        return self._engine.connect().execution_options(**options)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        if trouble_of_others := self._watch.in_vain:
            raise UnusableError(trouble_of_others)
        began = time.monotonic()
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            self._watch.met(error, time.monotonic() - began)
            raise

    def _guard_mode(self, connection: sa.Connection) -> None:
        """Whoever asks, and whenever: a sandbox's wishes never reach the real SmartLead, nor real ones the sandbox."""
        database = dialect.identity(connection)
        if self._mode_is_sure_of == database or not sa.inspect(connection).has_table(meta.name):
            return
        mode = connection.execute(sa.select(meta.c.value).where(meta.c.name == "mode")).scalar()
        if mode not in {None, self._mode}:
            raise OtherModeError(
                f"This is a {mode} ledger, and this process runs in {self._mode} mode: check DATABASE_URL."
            )
        self._mode_is_sure_of = database if mode is not None else None

    def tend(self) -> None:
        """For the one process that takes webhooks: have SQLite's log written back by a thread, until `close`."""
        if dialect.is_sqlite(self._engine) and self._checkpoints is None:
            sqlite_file.bell_of(self._engine).near = True
            self._checkpoints = Checkpoints(self._engine, self._turns)
            self._checkpoints.start()

    def close(self) -> None:
        """Commit what waits and let go of every connection."""
        self._writer.close()
        if self._checkpoints:
            self._checkpoints.close()
        self._engine.dispose()

    def migrate(self) -> None:
        """Bring the tables up to date, and note what this ledger is for: real or sandbox, for ever.

        UnusableError with a sentence if that is not possible.
        """
        try:
            with self._writing() as connection:
                if schema_version.problem(connection) == schema_version.NEWER:
                    raise UnusableError(schema_version.NEWER)
                schema_version.upgrade(connection)
                mode = dialect.insert(connection, meta).values(name="mode", value=self._mode)
                connection.execute(mode.on_conflict_do_nothing())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise UnusableError(self._why_not(error)) from None

    def other_mode(self) -> str | None:
        """A sentence if this ledger is of the other mode; None if not, or if it can not be told now."""
        try:
            with self._reading():
                return None
        except OtherModeError as error:
            return str(error)
        except (sa.exc.SQLAlchemyError, OSError, UnusableError):
            return None

    def problems(self) -> list[str]:
        """Why nothing can be recorded, in sentences; empty when all is well."""
        try:
            with self._reading() as connection:
                if problem := schema_version.problem(connection):
                    return [problem]
                if dialect.is_read_only(connection):
                    return [trouble.read_only(self._engine.url)]
            if self._watch.trouble:
                self._try_to_write()
        except UnusableError as error:
            return [str(error)]
        except (sa.exc.SQLAlchemyError, OSError) as error:
            return [self._why_not(error)]
        return []

    def warnings(self) -> list[str]:
        """What people should look at although everything is recorded, in sentences."""
        warning = self._checkpoints.warning() if self._checkpoints else None
        return [warning] if warning else []

    def _try_to_write(self) -> None:
        for value in ("x" * MUCH, ""):
            with self._turns.taken(HURRY), self._connected(hurried=True) as connection, connection.begin():
                tried = dialect.insert(connection, meta).values(name="tried", value=value)
                connection.execute(tried.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
        self._watch.wrote(much=True)

    def _why_not(self, error: Exception) -> str:
        return trouble.sentence(error, self._engine.url) or trouble.OTHER.format(kind=type(error).__name__)
