"""A PostgreSQL in trouble: senders are told to come back in time, people are told why, and all goes on by itself."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from ledgers import WINDOWS, arrival, publish
from postgres import NoPostgresError, Postgres
from test_ledger_trouble import assert_all_well, assert_refused, assert_taken, event
from website import Website, environment, running

from ledger import Hold, Ledger, dialect
from rulebook import Live
from rules.engine import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The tests' client, as Zapier, waits no longer than 30 seconds for an answer.
IN_ONES_OWN_NAME = "?application_name=ledger-of-this-test&sslmode=prefer"
END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def url(postgres: Postgres) -> str:
    return postgres.new_database()


@pytest.fixture
def site(url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(url + IN_ONES_OWN_NAME, tmp_path)) as made:
        assert_taken(made, 1)
        yield made


@contextmanager
def administering(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def order(url: str, *statements: str) -> None:
    """What an administrator does, and then everybody has to come back."""
    with administering(url) as connection:
        for statement in (*statements, END_OTHERS):
            connection.execute(statement.encode())


def test_connections_that_are_ended_are_made_anew_and_no_sender_notices(site: Website, url: str) -> None:
    for conversation in (2, 3, 4):
        order(url)
        assert_taken(site, conversation)
    assert_all_well(site, 1, 2, 3, 4)


def test_a_server_that_takes_no_changes(site: Website, url: str) -> None:
    name = url.rpartition("/")[2]
    order(url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert_refused(site, 2, "takes no changes")
    order(f"{url}?options=-c%20default_transaction_read_only%3Doff", f"ALTER DATABASE {name} RESET ALL")
    assert_all_well(site, 1, 2)


def test_a_server_with_too_many_connections(url: str, tmp_path: Path) -> None:
    role = f"crowded_{url.rpartition('_')[2]}"
    order(url, f"CREATE ROLE {role} LOGIN", f"ALTER DATABASE {url.rpartition('/')[2]} OWNER TO {role}")
    with running(environment(url.replace("postgres@", f"{role}@"), tmp_path)) as site:
        order(url, f"ALTER ROLE {role} CONNECTION LIMIT 0")
        assert_refused(site, 1, "too many connections")
        order(url, f"ALTER ROLE {role} NOLOGIN CONNECTION LIMIT -1")
        assert_refused(site, 1, "does not let the user in DATABASE_URL in")
        order(url, f"ALTER ROLE {role} LOGIN")
        assert_all_well(site, 1)


def test_a_database_that_does_not_exist_yet(url: str, tmp_path: Path) -> None:
    name = f"{url.rpartition('/')[2]}_later"
    with running(environment(f"{url}_later", tmp_path), migrate=False, live=False) as site:
        assert "has no database of the name" in site.ask("GET", "/readyz").json["problems"][0]
        order(url, f"CREATE DATABASE {name}")
        site.parts.ledger.migrate()
        site.parts.rulebook.refresh()
        assert_all_well(site, 1)


def test_rows_that_somebody_keeps_locked_keep_none_of_many_senders_for_long(site: Website, url: str) -> None:
    with ThreadPoolExecutor(24) as senders, administering(url) as other, other.transaction():
        other.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        answers = [senders.submit(site.post, event(conversation)) for conversation in range(2, 26)]
        assert {answer.result().status for answer in answers} == {503}
        assert "pg_stat_activity" in (site.parts.ledger._watch.trouble or "")
    until_ready(site)
    assert_all_well(site, *range(1, 26))


def until_ready(site: Website) -> None:
    while site.ask("GET", "/readyz").status != 200:
        time.sleep(0.05)


def test_a_server_behind_a_network_that_swallows_everything(tmp_path: Path) -> None:
    nowhere = socket.create_server(("127.0.0.1", 0), backlog=0)
    with nowhere, socket.create_connection(nowhere.getsockname()), ThreadPoolExecutor(24) as senders:
        url = f"postgresql://u@127.0.0.1:{nowhere.getsockname()[1]}/d"
        with running(environment(url, tmp_path), migrate=False, live=False) as site:
            ruleset = load("version: 1\nrules: []\ndefault: read\n").ruleset
            assert ruleset
            site.parts.rulebook._live = Live(1, "digest", ruleset)
            answers = [senders.submit(site.post, event(conversation)) for conversation in range(24)]
            assert {answer.result().status for answer in answers} == {503}
            assert "does not answer" in site.ask("GET", "/readyz").json["problems"][0]


def test_many_senders_at_once_share_a_few_connections(site: Website, url: str) -> None:
    with ThreadPoolExecutor(32) as senders, administering(url) as observer:
        answers = [senders.submit(site.post, event(conversation)) for conversation in range(2, 200)]
        named = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ledger-of-this-test'"
        seen: list[int] = []
        while not all(answer.done() for answer in answers):
            seen += observer.execute(named).fetchone() or ()
    assert {answer.result().status for answer in answers} == {200}
    assert 0 < max(seen) <= 16


def test_a_migration_may_take_its_time(site: Website) -> None:
    with site.parts.ledger._engine.begin() as connection:
        dialect.lock_for_migration(connection)
        for patience in ("statement_timeout", "lock_timeout"):
            assert connection.exec_driver_sql(f"SHOW {patience}").scalar() == "0"


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """One that may be stopped, beside the one that all tests share."""
    try:
        server = Postgres()
        server.start()
    except NoPostgresError as error:
        pytest.skip(f"no PostgreSQL: {error}")  # the shared one fails in CI
    yield server
    server.stop()


def test_a_server_that_dies_and_is_started_again(own_server: Postgres, tmp_path: Path) -> None:
    url = own_server.new_database()
    with running(environment(url, tmp_path)) as site:
        assert_taken(site, 1)
        own_server.kill()
        assert_refused(site, 2, "Nothing answers at PostgreSQL (127.0.0.1:")
        own_server.start()
        assert_all_well(site, 1, 2)


def test_a_password_that_is_not_the_servers(own_server: Postgres, tmp_path: Path) -> None:
    url = own_server.new_database()
    order(
        url,
        "CREATE ROLE owner LOGIN PASSWORD 'right-password'",
        f"ALTER DATABASE {url.rpartition('/')[2]} OWNER TO owner",
    )
    access = own_server.folder / "data" / "pg_hba.conf"
    access.write_text("host all owner 127.0.0.1/32 scram-sha-256\n" + access.read_text("utf-8"), "utf-8")
    order(url, "SELECT pg_reload_conf()")
    with running(environment(url.replace("postgres@", "owner:right-password@"), tmp_path)) as site:
        assert_taken(site, 1)
        order(url, "ALTER ROLE owner PASSWORD 'another-password'")
        assert_refused(site, 2, "refuses the user or the password")
        assert "right-password" not in site.ask("GET", "/readyz").body.decode()
        order(url, "ALTER ROLE owner PASSWORD 'right-password'")
        assert_all_well(site, 1, 2)


def test_who_waits_for_work_hears_of_it_after_the_connection_was_lost(url: str) -> None:
    ledger = Ledger(url, "real")
    ledger.migrate()
    publish(ledger)
    alarm = ledger.alarm()
    order(url)
    with pytest.raises(psycopg.OperationalError):
        alarm.wait(10.0)
    alarm.close()
    again = ledger.alarm()
    ledger.record([arrival("read")])
    again.wait(10.0)
    assert not isinstance(ledger.claim("default", WINDOWS), Hold)
    again.close()
    ledger.close()
