"""What may not be sent any more is not sent, though the connection is there."""

from __future__ import annotations

import time

import pytest
from sandbox_client import KEY, control

from handlers.smartlead import SmartLead
from model import Delivery, Done, Lookup, Mark, Retry, Told, Unsent
from sandbox import Sandbox

DELIVERY = Delivery("default", 2255108337, Mark.READ, generation=1, lease="a-lease", attempt=1)
LOOKUP = Lookup("default", "ana@lead.example", "77", None, "lead", "a-lease", 1)


def test_a_request_that_is_too_late_never_arrives() -> None:
    with Sandbox(api_keys=(KEY,), limits=()) as box:
        smartlead = SmartLead(box.url, KEY)
        past = time.monotonic() - 0.001
        assert smartlead.mark(DELIVERY, past) == Unsent()
        assert smartlead.find(LOOKUP, past) == Unsent()
        assert smartlead.categories(past) == Unsent()
        assert control(box, "requests").json == []
        assert smartlead.mark(DELIVERY, time.monotonic() + 60) == Done()
        assert smartlead.mark(DELIVERY) == Done()
        smartlead.close()


def test_a_connection_that_takes_too_long_is_told_as_trouble_for_it_may_take_as_long_each_time() -> None:
    outcomes = []
    with Sandbox(api_keys=(KEY,), limits=()) as box:
        for _ in range(50):
            smartlead = SmartLead(box.url, KEY)
            outcomes.append(smartlead.mark(DELIVERY, time.monotonic() + 0.0002))  # less than it takes to connect
            smartlead.close()
        assert control(box, "requests").json == []
    trouble = next(one for one in outcomes if isinstance(one, Retry))
    assert (trouble.landing, trouble.cause) == ("no", "outage")
    assert "seconds to connect to SmartLead" in trouble.reason


def test_an_answer_tells_when_it_began_and_how_much_is_left() -> None:
    with Sandbox(api_keys=(KEY,), limits=((3, 3600.0),)) as box:
        smartlead = SmartLead(box.url, KEY)
        control(box, "faults", [{"drip": 0.01}])
        began = time.monotonic()
        done = smartlead.mark(DELIVERY)
        ended = time.monotonic()
        smartlead.close()
    told = done.told if isinstance(done, Done) else None
    assert isinstance(told, Told)
    assert began < told.heard_at < ended - 0.1
    assert 0.0 < told.round_trip < told.heard_at - began
    assert (told.limit, told.remaining) == (3, 2)
    assert told.reset == pytest.approx(3600, abs=10)


@pytest.mark.parametrize(
    ("status", "cause"),
    [(429, "limit"), (401, "key"), (403, "key"), (502, "outage"), (503, "outage"), (522, "outage"), (500, None)],
)
def test_what_stops_every_call_is_told_from_what_may_be_one_conversations(status: int, cause: str | None) -> None:
    with Sandbox(api_keys=(KEY,), limits=()) as box:
        smartlead = SmartLead(box.url, KEY)
        control(box, "faults", [{"status": status, "body": "{}"}])
        outcome = smartlead.mark(DELIVERY)
        smartlead.close()
    assert isinstance(outcome, Retry)
    assert outcome.cause == cause


def test_no_answer_at_all_is_an_outage() -> None:
    with Sandbox(api_keys=(KEY,), limits=()) as box:
        smartlead = SmartLead(box.url, KEY)
        control(box, "faults", [{"reset": True}])
        outcome = smartlead.mark(DELIVERY)
        smartlead.close()
    assert isinstance(outcome, Retry)
    assert outcome.cause == "outage"
    assert outcome.told is None
