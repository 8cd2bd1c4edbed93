"""The PostgreSQL behind the ledger: how it is reached, and how long anybody waits for it."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

# A backend writes with one thread and asks from some others; a worker has 12 threads.
CONNECTIONS, MORE = 8, 8
CONNECTION_PATIENCE = 8.0  # seconds until one of them is free
TRUSTED = 0.01  # seconds: a connection that was used so lately is asked nothing, unless the server has said something
USED = "used"  # in the `info` of a connection: when it was last given back
# In all below the 30 seconds after which Zapier gives up. A dead network is noticed by the last line.
WAITS: dict[str, Any] = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # milliseconds
}
PATIENCE = "SET lock_timeout = '8s'; SET statement_timeout = '20s'; SET idle_in_transaction_session_timeout = '10s'"
# Whatever the server's owner prefers: who has waited for a turn must see what was committed meanwhile, and times must
# come back as they were written.
SEEING = "SET default_transaction_isolation = 'read committed'; SET extra_float_digits = 1"


def open_engine(url: str) -> sa.Engine:
    """An engine for `postgresql://…`, whose own parameters (`?sslmode=require`) go before ours; connects when used."""
    address = sa.make_url("postgresql+psycopg://" + url.split("://", 1)[1])
    engine = sa.create_engine(
        address,
        connect_args={name: value for name, value in WAITS.items() if name not in address.query},
        pool_use_lifo=True,  # who writes one batch after another finds its own statements prepared
        pool_size=CONNECTIONS,
        max_overflow=MORE,
        pool_timeout=CONNECTION_PATIENCE,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def be_patient(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(f"{PATIENCE}; {SEEING}")
        cursor.close()
        connection.commit()

    _make_sure_of_connections(engine)
    return engine


def _make_sure_of_connections(engine: sa.Engine) -> None:
    """Nobody gets a connection that has ended. To ask each time, as the pool could, takes a way there and back."""

    @sa.event.listens_for(engine, "checkin")
    def remember(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[USED] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        try:
            if time.monotonic() - entry.info.get(USED, 0.0) > TRUSTED or _has_word(connection):
                engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise sa.exc.InvalidatePoolError from error


def _has_word(connection: DBAPIConnection) -> bool:
    """Whether the server has said anything since: that it ends, if it does."""
    ear = select.poll()
    ear.register(cast("Any", connection).fileno(), select.POLLIN)
    return bool(ear.poll(0))


def have_all_the_time(connection: sa.Connection) -> None:
    """A migration of a large ledger may take as long as it needs, and may wait for those who use it."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


def is_read_only(connection: sa.Connection) -> bool:
    """Whether this server takes no changes: a standby, or one that was told so."""
    return connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"
