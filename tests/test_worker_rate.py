"""Two workers against a server that counts strictly: not one call is refused, and little of the rate is left unused."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from deliverers import ask, delivering, marks, play, wait_for
from ledgers import arrival, name_categories
from secrets_of_tests import API_KEY, TOKEN

from config import read_settings
from ledger import State
from sandbox import Sandbox
from sandbox.limits import read_limits

if TYPE_CHECKING:
    from ledger import Ledger

MARKS = 60
SETTINGS = {"SMARTLEAD_API_KEY": API_KEY, "WEBHOOK_TOKENS": TOKEN}
SLOW_ANSWERS = {"answers at once": (0.0, 0.0), "within 0.1 s": (0.0, 0.1), "all after 0.3 s": (0.3, 0.3)}


@pytest.mark.parametrize("limits", ["10/1s", "10/1s 25/3s 60/8s"])
@pytest.mark.parametrize("latency", SLOW_ANSWERS.values(), ids=SLOW_ANSWERS)
def test_nothing_is_refused_by_any_window(ledger: Ledger, limits: str, latency: tuple[float, float]) -> None:
    settings = read_settings(SETTINGS | {"SMARTLEAD_RATE_LIMITS": limits})
    chance = Random(1)
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, MARKS + 1)])
    with Sandbox(api_keys=(API_KEY,), limits=read_limits(limits)) as strict:
        play(strict, *({"delay": chance.uniform(*latency)} for _ in range(MARKS)))
        with delivering(ledger, strict, settings), delivering(ledger, strict, settings):
            wait_for(ledger, State.SETTLED)
        assert {request["status"] for request in ask(strict, "requests")} == {200}
        assert len(marks(strict)) == MARKS


def test_a_reserve_is_left_to_other_tools(ledger: Ledger) -> None:
    settings = read_settings(SETTINGS | {"SMARTLEAD_RATE_LIMITS": "10/1s", "RATE_RESERVE": "0.5"})
    name_categories(ledger)
    ledger.record([arrival("read", email_lead_map_id=number) for number in range(1, 21)])
    with Sandbox(api_keys=(API_KEY,), limits=((5, 1.0),)) as strict:
        with delivering(ledger, strict, settings):
            wait_for(ledger, State.SETTLED)
        assert {request["status"] for request in ask(strict, "requests")} == {200}
