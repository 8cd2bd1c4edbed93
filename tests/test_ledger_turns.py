"""A category and the reply that it counts for, recorded at the same moment by two transactions: none misses the other.

One of them is held open. Whoever comes second waits for its end, and then sees what it brought: a reply is answered
with the category; who brings a category looks for its reply after the commit, and finds it.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from ledgers import CONVERSATION, LEAD, arrival, parked

from ledger import Ledger, OvertakenError, batches, dialect, recording
from model import CategoryChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    import sqlalchemy as sa
    from postgres import Postgres

    from ledger import Arrival

ALIAS = "ana.alias@lead.example"
KEPT = ("Interested", None, 3000.0)
BY_NAME: dict[str, Any] = {"lead": LEAD, "campaign_id": "77"}
BY_ID: dict[str, Any] = {"email_lead_map_id": CONVERSATION}
WAITING = 0.3  # seconds after which one that does not wait has long been done


@pytest.fixture
def other(database_url: str) -> Iterator[sa.Engine]:
    """Another process's way to the ledger."""
    engine = dialect.open_engine(database_url)
    yield engine
    engine.dispose()


def change(**told: Any) -> CategoryChange:
    untold: dict[str, Any] = {"lead": None, "campaign_id": None}
    return CategoryChange(**(untold | told), category="Interested", changed_at=3000.0)


def reply(**told: Any) -> Arrival:
    """It asks for a category, and tells nothing by which a twin could be found."""
    wait = "email_lead_map_id" not in told
    told |= {"at": 2500.0, "kept_since": 2000.0}
    return parked("read", **told) if wait else arrival("read", **told)


WAYS = pytest.mark.parametrize(
    ("of_category", "of_reply", "known"),
    [
        pytest.param(BY_NAME, BY_NAME | BY_ID, [], id="both tell the lead"),
        pytest.param(BY_ID, BY_ID, [], id="both tell the id"),
        pytest.param(BY_ID, BY_NAME, [BY_NAME | BY_ID], id="the reply's id is known of its lead"),
        pytest.param(BY_NAME, BY_ID, [BY_NAME | BY_ID], id="the category's id is known of its lead"),
        pytest.param(
            BY_NAME | {"lead": ALIAS},
            BY_NAME | BY_ID,
            [BY_NAME | BY_ID | {"lead": ALIAS}],
            id="they tell two leads, known by one id",
        ),
    ],
)


@contextmanager
def waiting(pool: ThreadPoolExecutor, engine: sa.Engine, first: Any, second: Any) -> Iterator[Any]:
    """`first` is done in a transaction that ends when `second` surely waits; then what that one comes to."""
    with engine.connect() as connection:
        with connection.begin():
            first(connection)
            begun = pool.submit(second)
            time.sleep(WAITING)
            assert not begun.done(), "it does not wait for the other"
        yield begun


@WAYS
def test_a_reply_waits_for_a_category_that_is_being_recorded(
    ledger: Ledger,
    other: sa.Engine,
    of_category: dict[str, Any],
    of_reply: dict[str, Any],
    known: list[dict[str, Any]],
) -> None:
    ledger.record([arrival("read", **one) for one in known])

    def keep(connection: sa.Connection) -> None:
        told = arrival(None, bucket="ignored", email_lead_map_id=None, category_change=change(**of_category))
        batches.record(connection, [[told]])

    with (
        ThreadPoolExecutor(1) as pool,
        waiting(pool, other, keep, lambda: ledger.record([reply(**of_reply)])) as recorded,
        pytest.raises(OvertakenError) as overtaken,
    ):
        recorded.result(10)
    assert list(overtaken.value.kept) == [KEPT]


@WAYS
def test_a_category_waits_for_its_reply_that_is_being_recorded(
    ledger: Ledger,
    other: sa.Engine,
    of_category: dict[str, Any],
    of_reply: dict[str, Any],
    known: list[dict[str, Any]],
) -> None:
    ledger.record([arrival("read", **one) for one in known])
    one, told = reply(**of_reply), change(**of_category)
    category = arrival(None, bucket="ignored", email_lead_map_id=None, category_change=told)
    with (
        ThreadPoolExecutor(1) as pool,
        waiting(
            pool, other, lambda connection: batches.record(connection, [[one]]), lambda: ledger.record([category])
        ) as recorded,
    ):
        recorded.result(10)
    found = ledger.newest_reply(told.account, told.email_lead_map_id, told.lead, told.campaign_id)
    assert found is not None
    assert found.event_id == max(row.event_id for row in ledger.recent_events() if row.mark)


def test_a_category_that_is_kept_without_an_event_takes_turns_too(ledger: Ledger, other: sa.Engine) -> None:
    told = change(**BY_ID)
    with (
        ThreadPoolExecutor(1) as pool,
        waiting(
            pool,
            other,
            lambda connection: recording.keep_category(connection, told),
            lambda: ledger.record([reply(**BY_ID)]),
        ) as recorded,
        pytest.raises(OvertakenError),
    ):
        recorded.result(10)


def test_others_are_not_waited_for(ledger: Ledger, other: sa.Engine, database: str) -> None:
    """On SQLite one transaction writes at a time, whatever it is about."""
    if database == "sqlite":
        return
    with other.begin() as connection:
        recording.keep_category(connection, change(**BY_NAME))
        (receipt,) = ledger.record([reply(email_lead_map_id=8, lead=ALIAS, campaign_id="78")])
    assert (receipt.status, receipt.kept) == ("accepted", None)


def test_turns_show_what_was_committed_meanwhile_and_times_to_the_last_digit_whatever_the_server_prefers(
    postgres: Postgres,
) -> None:
    url = postgres.new_database()
    name, moment = url.rpartition("/")[2], 1770818607.1234567
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'".encode())
        owner.execute(f'ALTER DATABASE "{name}" SET extra_float_digits = 0'.encode())
    engine = dialect.open_engine(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "read committed"
        assert connection.exec_driver_sql(f"SELECT CAST({moment!r} AS double precision)").scalar_one() == moment
    engine.dispose()


def test_an_overtaken_request_teaches_nothing_and_holds_up_no_other(ledger: Ledger, other: sa.Engine) -> None:
    ledger.keep_category(change(**BY_NAME))
    overtaken, current = reply(**BY_NAME, **BY_ID), reply(email_lead_map_id=8, lead=ALIAS, campaign_id="78")

    def recorded(requests: Any) -> Any:
        with other.begin() as connection:
            return batches.record(connection, requests)

    first, second = batches.answer([[overtaken], [current]], recorded)
    assert isinstance(first, OvertakenError)
    assert isinstance(second, list)
    assert second[0].status == "accepted"
    (waits,) = ledger.record([parked("read")])
    assert waits.status == "parked", "the id of a request that was not recorded is known"
