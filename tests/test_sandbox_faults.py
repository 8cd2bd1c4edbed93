"""Trouble comes as it was ordered, so that what outlives it here outlives it there."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any

import pytest
from sandbox_client import KEY, KNOWN, call, change, control

from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        yield running


def test_faults_are_played_in_their_order_and_then_are_over(box: Sandbox) -> None:
    faults: list[dict[str, Any]] = [
        {"match": "change-read", "times": 2, "status": 500, "body": {"error": "down"}},
        {"match": "leads", "status": 404, "body": "<p>gone</p>"},
        {"status": 429, "body": "", "headers": {"Retry-After": "7"}},
    ]
    assert control(box, "faults", faults).json == {"added": 3}
    assert [change(box).status for _ in range(4)] == [500, 500, 429, 200]
    assert call(box, "GET", "/api/v1/leads/fetch-categories").headers["content-type"].startswith("text/html")
    assert control(box, "inbox").json[str(KNOWN)]["patches"] == 1


def test_a_reset_cuts_the_connection_before_any_effect(box: Sandbox) -> None:
    control(box, "faults", [{"reset": True}])
    with pytest.raises(ConnectionResetError):
        change(box)
    assert control(box, "inbox").json[str(KNOWN)]["patches"] == 0
    assert control(box, "requests").json[0]["status"] is None


def test_an_answer_that_breaks_off_midway_had_its_effect(box: Sandbox) -> None:
    control(box, "faults", [{"close_midway": True}])
    with pytest.raises(http.client.IncompleteRead):
        change(box)
    assert control(box, "inbox").json[str(KNOWN)]["patches"] == 1


@pytest.mark.parametrize("faults", [{}, ["x"], [{"statsu": 500}], [{"status": "500"}]])
def test_a_fault_that_cannot_be_played_is_refused(box: Sandbox, faults: Any) -> None:
    assert control(box, "faults", faults).status == 400
