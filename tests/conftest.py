"""What the tests share: real ledgers on both databases, and secrets that must never be seen again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from ledgers import file_with_tables, make_tables, publish
from postgres import NoPostgresError, Postgres

from ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def start_postgres() -> Postgres:
    """A PostgreSQL of our own; a machine without one skips the test that asks for it, CI fails it."""
    try:
        server = Postgres()
        server.start()
    except NoPostgresError as error:
        if os.environ.get("CI"):
            pytest.fail(f"CI must run the tests on PostgreSQL: {error}")
        pytest.skip(f"no PostgreSQL: {error}")
    return server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of all these tests."""
    server = start_postgres()
    yield server
    server.stop()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server for one test, which may do with it as it likes."""
    server = start_postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def with_tables(postgres: Postgres) -> str:
    """The name of a database that others are copied from."""
    url = postgres.new_database()
    make_tables(url)
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Each test that asks for a database runs on both."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the tables of the migrations, and nothing in them."""
    if database == "sqlite":
        file = tmp_path / "ledger.db"
        file.write_bytes(file_with_tables())
        return f"sqlite:///{file}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database(like=request.getfixturevalue("with_tables"))


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """A migrated ledger with a live rules version."""
    made = Ledger(database_url, "real")
    made.migrate()
    publish(made)
    yield made
    made.close()
