"""Several accounts in one process: each with its key and its SmartLead, and the trouble of one is no other's."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from connected import closed_port
from deliverers import PATIENCE, SETTINGS, ask, at_work, marks, play
from ledgers import arrival
from secrets_of_tests import ACME_KEY, ACME_TOKEN, API_KEY
from website import environment, running

from handlers.smartlead import SmartLead
from ledger import State
from model import Mark
from sandbox import Sandbox
from serving import Delivering
from worker import Worker, Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ledger import Ledger

MANY = 20
ACME = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": ACME_TOKEN}


@dataclass
class Place:
    """A ledger, and the SmartLead of each account, which takes that account's key alone."""

    ledger: Ledger
    default: Sandbox
    acme: Sandbox

    def workers(self, ending: ExitStack, acme_url: str | None = None, acme_key: str = ACME_KEY) -> Workers:
        """One for each account."""
        handlers = {
            "default": SmartLead(self.default.url, API_KEY, user_agent="Replymark/tests"),
            "acme": SmartLead(acme_url or self.acme.url, acme_key, user_agent="Replymark/tests"),
        }
        for handler in handlers.values():
            ending.enter_context(closing(handler))
        return Workers([Worker(self.ledger, handler, SETTINGS, account=name) for name, handler in handlers.items()])

    def states(self, account: str) -> list[State]:
        """Of all its wishes."""
        return [row.state for row in self.ledger.recent_deliveries() if row.account == account]

    def record(self, account: str, count: int = MANY, mark: str = "read") -> None:
        """So many replies, in conversations of the same ids in either account."""
        numbers = range(1, count + 1)
        self.ledger.record([arrival(mark, account=account, email_lead_map_id=number) for number in numbers])


@pytest.fixture
def place(ledger: Ledger) -> Iterator[Place]:
    limits = ((1000, 1.0),)
    with Sandbox(api_keys=(API_KEY,), limits=limits) as default, Sandbox(api_keys=(ACME_KEY,), limits=limits) as acme:
        yield Place(ledger, default, acme)


def until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_each_mark_goes_to_its_own_account_with_its_own_key(place: Place) -> None:
    place.record("default", mark="read")
    place.record("acme", mark="unread")
    with ExitStack() as ending, at_work(place.workers(ending)):
        until(lambda: {*place.states("default"), *place.states("acme")} == {State.SETTLED})
    for smartlead, is_read in ((place.default, True), (place.acme, False)):
        inbox = ask(smartlead, "inbox")
        assert [inbox[str(number)] for number in range(1, MANY + 1)] == [{"is_read": is_read, "patches": 1}] * MANY
        assert {request["status"] for request in ask(smartlead, "requests")} == {200}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"delay": 3600}, id="hangs"),
        pytest.param({"status": 500, "body": "{}"}, id="an outage"),
        pytest.param({"status": 429, "headers": {"Retry-After": "3600"}, "body": "{}"}, id="its limit is reached"),
        pytest.param({"reset": True}, id="resets"),
    ],
)
def test_the_trouble_of_one_account_delays_no_other(place: Place, fault: dict[str, Any]) -> None:
    play(place.acme, fault | {"match": "/", "times": 1000})
    place.record("acme")
    with ExitStack() as ending, at_work(place.workers(ending)):
        until(lambda: ask(place.acme, "requests"))
        place.record("default")
        until(lambda: place.states("default") == [State.SETTLED] * MANY)
        assert State.SETTLED not in place.states("acme")
        place.acme.stop()  # ends what hangs
    assert len(marks(place.default)) == MANY


@pytest.mark.parametrize("trouble", ["down", "a bad key"])
def test_an_account_that_can_not_be_reached_waits_by_its_name_and_loses_nothing(place: Place, trouble: str) -> None:
    place.record("acme")
    url, key = (f"http://127.0.0.1:{closed_port()}", ACME_KEY) if trouble == "down" else (place.acme.url, "a-bad-key")
    with ExitStack() as ending, at_work(place.workers(ending, url, key)):
        until(lambda: place.ledger.held_accounts().keys() == {"acme"})
        place.record("default")
        until(lambda: place.states("default") == [State.SETTLED] * MANY)
        assert place.ledger.held_accounts().keys() == {"acme"}
    assert set(place.states("acme")) <= {State.PENDING, State.SENDING}
    assert len(marks(place.default)) == MANY


def test_a_pause_by_hand_holds_one_account_alone(place: Place) -> None:
    place.ledger.pause("acme", "jo", "review")
    place.record("acme", 2)
    place.record("default", 2)
    with ExitStack() as ending, at_work(place.workers(ending)):
        until(lambda: place.states("default") == [State.SETTLED] * 2)
        assert place.states("acme") == [State.PENDING] * 2
        place.ledger.resume(["acme"])
        until(lambda: place.states("acme") == [State.SETTLED] * 2)


@pytest.mark.parametrize(("known", "other"), [("default", "acme"), ("acme", "default")])
def test_serving_gives_each_account_its_key_of_the_settings(
    database_url: str, tmp_path: Path, known: str, other: str
) -> None:
    key = {"default": API_KEY, "acme": ACME_KEY}[known]
    with Sandbox(api_keys=(key,), limits=((1000, 1.0),)) as smartlead:
        told = environment(database_url, tmp_path) | ACME | {"SMARTLEAD_BASE_URL": smartlead.url}
        with running(told) as site:
            ledger = site.parts.ledger
            ledger.record([arrival("read", account=name, email_lead_map_id=7) for name in ("default", "acme")])
            with at_work(Delivering(site.parts)):
                until(lambda: other in ledger.held_accounts())
                until(lambda: [row for row in ledger.recent_deliveries(State.SETTLED) if row.account == known])
            warnings = site.ask("GET", "/readyz").json["warnings"]
    assert [one for one in warnings if one.startswith(f"Account {other} is paused: SmartLead refuses the API key")]
    assert not [one for one in warnings if f"Account {known}" in one]


def test_marks_of_an_account_that_has_lost_its_key_are_a_warning(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        ledger = site.parts.ledger
        ledger.beat("a worker")
        assert site.ask("GET", "/readyz").json["warnings"] == []
        ledger.record([arrival("read", account="acme", email_lead_map_id=number) for number in (1, 2)])
        ledger.record([arrival("read", account="default")])
        (warning,) = site.ask("GET", "/readyz").json["warnings"]
    assert warning == (
        "2 marks wait of account acme, which has no key: set SMARTLEAD_API_KEY_ACME again,"
        " or: flask deliveries cancel --account acme"
    )


def test_stopping_finishes_what_every_account_has_in_hand(place: Place) -> None:
    for smartlead in (place.default, place.acme):
        play(smartlead, {"delay": 0.5, "times": 1})
    for account in ("default", "acme"):
        place.record(account, 1, "unread")
    with ExitStack() as ending, at_work(place.workers(ending)):
        until(lambda: marks(place.default) and marks(place.acme))
    rows = place.ledger.recent_deliveries()
    assert {(row.account, row.mark, row.state) for row in rows} == {
        ("default", Mark.UNREAD, State.SETTLED),
        ("acme", Mark.UNREAD, State.SETTLED),
    }
