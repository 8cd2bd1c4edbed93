"""Rows that one statement takes at once: both databases read the same out of them, and report trouble as ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import inf, nextafter
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from ledgers import LEAD, arrival, publish

from ledger import Ledger, bundles, conversations, dialect
from ledger.schema import events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from postgres import Postgres

NAMES = ("id", "key", "body", "written_at", "id_learned", "lead")
WAITS = sa.text("SELECT pid FROM pg_locks WHERE NOT granted")
END = sa.text("SELECT pg_terminate_backend(:pid)")


def give_back(_insert: dialect.MakeInsert, told: sa.TableClause) -> sa.Select[Any]:
    return sa.select(told)


GIVEN_BACK = bundles.Rows([events.c[name] for name in NAMES], give_back)


@pytest.fixture
def engine(database_url: str) -> Iterator[sa.Engine]:
    engine = dialect.open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("count", [0, 1, bundles.MOST, bundles.MOST + 1, 1000])
def test_any_number_of_rows_comes_back_as_it_was_told_and_in_its_order(engine: sa.Engine, count: int) -> None:
    row = ("k'\"\\%s%%:x\n\u00e9\U0001f600", bytes(range(256)), None, True, LEAD)
    told = [(number, *row) for number in range(count)]
    with engine.begin() as connection:
        assert [tuple(one) for one in _read(connection, told)] == told


def _read(connection: sa.Connection, told: Sequence[tuple[object, ...]]) -> list[Any]:
    return [one._replace(id_learned=bool(one.id_learned)) for one in GIVEN_BACK.execute(connection, told)]


def test_a_time_comes_back_to_the_last_bit(engine: sa.Engine) -> None:
    """By it replies are put in order: two that differ by the least there is are two."""
    times = [1770818607.123, 0.1 + 0.2, 1e12, 5e-324]
    times += [nextafter(one, inf) for one in times]
    with engine.begin() as connection:
        told = [(number, "k", None, at, False, None) for number, at in enumerate(times)]
        assert [one.written_at for one in _read(connection, told)] == times


def test_a_row_that_the_database_refuses_is_told_from_a_database_in_trouble(engine: sa.Engine) -> None:
    with engine.connect() as connection, connection.begin(), pytest.raises(Exception) as refused:  # noqa: PT011
        GIVEN_BACK.execute(connection, [(2**64, "k", None, None, False, None)])
    assert dialect.is_of_the_row(refused.value)


def test_the_library_says_what_an_error_of_the_driver_means(engine: sa.Engine) -> None:
    orders = sa.Table("orders", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    twice = bundles.Rows([events.c.id], lambda insert, told: insert(orders).from_select(["id"], sa.select(told)))
    with engine.connect() as connection, connection.begin():
        orders.create(connection)
        with pytest.raises(sa.exc.IntegrityError) as refused:
            twice.execute(connection, [(1,), (1,)])
    assert "INSERT INTO orders" in str(refused.value)
    assert "[SQL parameters hidden" in str(refused.value)


def test_a_connection_that_is_ended_in_the_middle_of_a_batch_costs_its_sender_nothing(postgres: Postgres) -> None:
    url = postgres.new_database()
    ledger = Ledger(url, "real")
    ledger.migrate()
    publish(ledger)
    engine = dialect.open_engine(url)
    told: dict[str, Any] = {"lead": LEAD, "campaign_id": "77"}
    telling = conversations.telling_of(arrival("read", **told))
    assert telling is not None
    with ThreadPoolExecutor(1) as pool, engine.begin() as other, engine.connect() as watch:
        conversations.meet(other, [telling])
        recorded = pool.submit(ledger.record, [arrival("read", **told)])
        while not (waiting := watch.execute(WAITS).scalars().all()):
            assert not recorded.done()
        watch.execute(END, {"pid": waiting[0]})
        other.commit()
        assert recorded.result(10)[0].status == "accepted"
    engine.dispose()
    ledger.close()
