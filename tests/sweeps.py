"""An installation that sweeps the sandbox's inbox, and time that goes by because what is stored grows older."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from deliverers import ask, order
from ledgers import WINDOWS, name_categories
from sandbox_client import control
from secrets_of_tests import API_KEY
from website import environment

from app import create_app
from config import read_settings
from handlers.smartlead import SmartLead
from inbox.calls import Calls
from inbox.sweep import Sweep, plan_sweep
from ledger import State, dialect
from ledger.schema import slots, walks
from model import Delivery, Mark, Unsent
from parts import parts_of
from webhooks.intake import Intake
from webhooks.known import Known
from webhooks.revision import Revision
from webhooks.swept import Taking

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from inbox.sweep import Since
    from ledger import EventRow, Receipt, Walk
    from sandbox import Sandbox

AGEING = {slots: ("wanted_at", "arrived_at", "settled_at"), walks: ("began_at", "ended_at")}
AWAY, ASKS = "I am out of the office until Monday.", "Sounds useful, can you send two slots?"


class Installation:
    """A ledger, live rules, and the way to one SmartLead."""

    def __init__(self, settings: Mapping[str, str], smartlead: Sandbox) -> None:
        self.settings = read_settings(settings)
        self.parts = parts_of(create_app(self.settings))
        self.ledger = self.parts.ledger
        self.ledger.migrate()
        self.parts.rulebook.refresh()
        self.smartlead = smartlead
        self.handler = SmartLead(smartlead.url, API_KEY, user_agent="Replymark/tests")
        self.taking = Taking(self.settings, self.ledger, self.parts.rulebook)
        name_categories(self.ledger)

    def close(self) -> None:
        """Let go of every connection."""
        self.handler.close()
        self.parts.close()

    def calls(self, **values: Any) -> Calls:
        """Calls that wait for no mark: nobody delivers any but `deliver`."""
        return Calls(self.ledger, self.handler, "default", WINDOWS, **values)

    def sweep(self, since: Since | None = None, *, dry_run: bool = False, calls: Calls | None = None) -> Walk:
        """One sweep, to its end."""
        walk = self.ledger.begin_walk(plan_sweep("default", "tests", dry_run=dry_run, since=since))
        assert walk, "another process sweeps"
        sweep = Sweep(ledger=self.ledger, calls=calls or self.calls(), account="default", take=self.taking)
        return sweep.run(walk, since)

    def receive(self, map_id: int, text: str, at: float, message_id: str | None = None) -> Receipt:
        """A reply's webhook comes."""
        event = {
            "event_type": "EMAIL_REPLY",
            "sl_email_lead_map_id": map_id,
            "sl_lead_email": f"lead-{map_id}@lead.example",
            "reply_message": {"text": text, "time": at, "message_id": message_id or f"<{map_id}-{at}@lead.example>"},
        }
        return self.take(event)

    def take(self, event: Mapping[str, Any]) -> Receipt:
        """A webhook comes."""
        live = self.parts.rulebook.live
        assert live
        known = Known(self.ledger, ())
        revision = Revision(self.ledger, known, self.settings.dry_run, self.settings.secrets)
        intake = Intake(self.ledger, self.settings, "smartlead", known, revision, "default")
        (receipt,) = intake.take([event], live)
        return receipt

    def findings(self, walk: Walk) -> dict[int, tuple[str, Mark | None]]:
        """What was found of each conversation, and the mark beside it."""
        kinds = ("missed", "healed", "changed")
        rows = [row for kind in kinds for row in self.ledger.rows_of(walk, kind)]
        return {row.email_lead_map_id: (row.finding, row.mark) for row in rows}

    def deliver(self) -> dict[int, Mark]:
        """Have all that is due delivered: conversation -> mark."""
        sent = {}
        while isinstance(task := self.ledger.claim("default", WINDOWS), Delivery):
            answer = self.handler.mark(task)
            assert not isinstance(answer, Unsent)
            self.ledger.settle(task, answer, WINDOWS, 1)
            sent[task.email_lead_map_id] = task.mark
        return sent

    def mark_as_person(self, map_id: int, mark: Mark) -> None:
        """Somebody clicks in SmartLead."""
        said = Delivery(account="default", email_lead_map_id=map_id, mark=mark, generation=1, lease="", attempt=1)
        self.handler.mark(said)

    def is_read(self, map_id: int) -> bool:
        """What SmartLead shows."""
        shown: bool = ask(self.smartlead, "inbox")[str(map_id)]["is_read"]
        return shown

    def state(self, map_id: int) -> State:
        """What became of the wish."""
        return next(one.state for one in self.ledger.recent_deliveries() if one.email_lead_map_id == map_id)

    def events(self, source: str = "sweep") -> list[EventRow]:
        """What came that way."""
        return [row for row in self.ledger.recent_events(limit=1000) if row.source == source]

    def let_leases_end(self) -> None:
        """Whoever swept is taken for dead."""
        engine = dialect.open_engine(self.settings.database_url)
        with engine.begin() as connection:
            connection.execute(walks.update().values(lease_until=dialect.now() - 1.0))
        engine.dispose()

    def wait(self, seconds: float) -> None:
        """Time goes by since what was done here; when replies were written stands."""
        engine = dialect.open_engine(self.settings.database_url)
        with engine.begin() as connection:
            for table, names in AGEING.items():
                connection.execute(table.update().values({name: table.c[name] - seconds for name in names}))
        engine.dispose()


@contextmanager
def installed(
    database_url: str, folder: Path, smartlead: Sandbox, more: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """An installation with `more` settings until the block ends."""
    made = Installation(environment(database_url, folder) | dict(more or {}), smartlead)
    try:
        yield made
    finally:
        made.close()


def show(smartlead: Sandbox, map_id: int, at: float | None = None, **values: Any) -> None:
    """Have SmartLead's inbox show an unread conversation whose last reply came then."""
    told = {"map_id": map_id, "email": f"lead-{map_id}@lead.example", "last_reply_time": at or time.time()}
    order(smartlead, "conversations", [told | values])


def write(smartlead: Sandbox, map_id: int, text: str, at: float | None = None) -> dict[str, Any]:
    """The lead writes; the webhook that SmartLead would send."""
    (event,) = control(smartlead, "replies", [{"map_id": map_id, "text": text, "time": at or time.time()}]).json
    return dict(event)
