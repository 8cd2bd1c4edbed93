"""Two transactions that wait for each other: PostgreSQL ends one of them, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import sqlalchemy as sa
from ledgers import arrival, publish

from ledger import Ledger, dialect
from model import Decision, Mark

if TYPE_CHECKING:
    from postgres import Postgres

WAITS = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")


def test_the_victim_of_a_deadlock_is_tried_once_more(postgres: Postgres) -> None:
    url = postgres.new_database()
    ledger = Ledger(url, "real")
    ledger.migrate()
    publish(ledger)
    (receipt,) = ledger.record([arrival("read")])
    unread = Decision(Mark.UNREAD, rule="anew", version=1)
    engine = dialect.open_engine(url)
    with ThreadPoolExecutor(1) as pool, engine.begin() as other:
        # The one whose patience ends first gives in: the ledger's ends after PostgreSQL's usual second.
        other.execute(sa.text("SET LOCAL deadlock_timeout = '20s'"))
        other.execute(sa.text("SELECT 1 FROM slots FOR UPDATE"))
        revised = pool.submit(ledger.revise, receipt.event_id, unread, "a test", dry_run=False)
        while not other.execute(WAITS).scalar_one():
            assert not revised.done()
        assert other.execute(sa.text("SELECT id FROM events FOR UPDATE")).scalar_one() == receipt.event_id
        other.commit()
        assert revised.result(30).status == "accepted"
    assert ledger.recent_deliveries()[0].mark is Mark.UNREAD
    engine.dispose()
    ledger.close()
