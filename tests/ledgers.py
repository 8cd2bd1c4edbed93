"""Makers of what a ledger takes: short, so that a test shows only what matters to it."""

from __future__ import annotations

from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from config import Window
from ledger import Arrival, Draft, dialect, pack, schema_version
from model import CategoriesWanted, CategoryNames, Decision, Lookup, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger import Ledger, RuleVersion
    from model import Answer

WINDOWS = (Window(1000, 1.0),)
CONVERSATION = 2255108337
LEAD = "ana@lead.example"
numbers = count(1)


def make_tables(url: str) -> None:
    """Migrate an empty database, which is then for either mode."""
    engine = dialect.open_engine(url)
    with engine.begin() as connection:
        schema_version.upgrade(connection)
    engine.dispose()


@cache
def file_with_tables() -> bytes:
    """What a file of SQLite holds after the migrations: to copy it costs a tenth of making it."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "ledger.db")
        make_tables(f"sqlite:///{file}")
        return file.read_bytes()


def publish(ledger: Ledger, content: str = "version: 1\nrules: []\n") -> RuleVersion:
    """Make some rules live."""
    return ledger.publish_rules(Draft(content=content, source="command", author="tests"))


def arrival(mark: str | None = "read", *, at: float | None = 1000.0, **values: Any) -> Arrival:
    """A reply of its own, decided as told and written at that time; `values` override any field."""
    decision = Decision(Mark(mark), rule=f"wants {mark}", version=1) if mark else None
    defaults: dict[str, Any] = {
        "account": "default",
        "source": "smartlead",
        "key": f"key-{next(numbers)}",
        "bucket": "accepted",
        "email_lead_map_id": CONVERSATION,
        "written_at": at,
        "body": pack("{}"),
        "decision": decision,
    }
    return Arrival(**(defaults | values))


def parked(mark: str = "read", *, at: float | None = 1000.0, **values: Any) -> Arrival:
    """A reply of Ana's in campaign 77, that came without its conversation's id."""
    told = {"lead": LEAD, "campaign_id": "77", "bucket": "parked", "email_lead_map_id": None, "reason": "No id came."}
    return arrival(mark, at=at, **(told | values))


def name_categories(ledger: Ledger, names: Mapping[int, str] | None = None, account: str = "default") -> None:
    """Answer the worker's question for the categories' names, which else comes before a Hold."""
    wanted = ledger.claim(account, WINDOWS)
    assert isinstance(wanted, CategoriesWanted), wanted
    ledger.settle(wanted, CategoryNames(names or {}), WINDOWS, 3)


def look_up(ledger: Ledger, answer: Answer) -> Lookup:
    """Answer the lookup that is due."""
    lookup = ledger.claim("default", WINDOWS)
    assert isinstance(lookup, Lookup), lookup
    ledger.settle(lookup, answer, WINDOWS, 3)
    return lookup
