"""The backend of a web process: what a sender hears while it does not answer, and that neither outlives the other."""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING

import pytest
from acceptance.processes import until
from acceptance.replies import READ, reply

if TYPE_CHECKING:
    from acceptance.installation import Installation
    from acceptance.stand_in import StandIn

pytestmark = pytest.mark.acceptance


def runs(process: int) -> bool:
    """Whether there still is a process of this id."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def backend_of(replymark: Installation) -> int:
    """The process id of the one behind the only web process."""
    (web,) = replymark.lines("web")
    return web.innermost()


def test_while_the_backend_hangs_senders_are_told_to_come_back_and_then_it_goes_on(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    os.kill(backend := backend_of(on_sqlite), signal.SIGSTOP)
    answer = on_sqlite.post(reply(1, READ))
    assert answer.status == 503
    assert "Send it again" in answer.json["error"]
    os.kill(backend, signal.SIGCONT)
    assert on_sqlite.post(reply(1, READ)).json["email_lead_map_id"] == 1
    assert on_sqlite.post(reply(2, READ)).json["email_lead_map_id"] == 2
    until(lambda: smartlead.has_all({1: READ, 2: READ}), "both are marked")


def test_the_backend_ends_with_its_web_process_however_that_ends(on_sqlite: Installation) -> None:
    (web,) = on_sqlite.lines("web")
    first = web.innermost()
    os.kill(web.parent_of(first), signal.SIGKILL)  # the web process alone, not who started it
    until(lambda: not runs(first), "the end of the first backend")
    until(lambda: on_sqlite.is_ready() and web.innermost() != web.pid, "another web process, and its backend")
    assert on_sqlite.post(reply(1, READ)).status == 200
    second = web.innermost()
    web.terminate()
    assert web.exit_code() == 0
    assert not runs(second)


def test_a_backend_that_dies_before_it_is_ready_is_started_again(on_sqlite: Installation) -> None:
    (web,) = on_sqlite.lines("web")
    killed = {web.innermost()}
    os.kill(web.innermost(), signal.SIGKILL)
    for _ in range(2):
        until(lambda: web.innermost() not in {web.pid, *killed}, "a process to kill", 10)
        killed.add(innermost := web.innermost())  # as young as it is: the web process or its backend
        os.kill(innermost, signal.SIGKILL)
    until(on_sqlite.is_ready, "/readyz says ready")
    assert on_sqlite.post(reply(1, READ)).status == 200
    assert web.runs


def test_a_half_sent_request_does_not_keep_a_web_process_without_backend(on_sqlite: Installation) -> None:
    (web,) = on_sqlite.lines("web")
    with socket.create_connection(("127.0.0.1", on_sqlite.port)) as stranger:
        stranger.sendall(b"POST /webhooks/smartl")
        os.kill(web.innermost(), signal.SIGKILL)
        until(on_sqlite.is_ready, "/readyz says ready", 10)
        assert on_sqlite.post(reply(1, READ)).status == 200


def test_a_terminals_interrupt_reaches_all_and_what_is_in_hand_is_finished(
    on_sqlite: Installation, smartlead: StandIn
) -> None:
    """Ctrl-C goes to every process of the group at once."""
    smartlead.suffer({"delay": 1.0, "times": 10})
    (web,) = on_sqlite.lines("web")
    assert on_sqlite.post(reply(5, READ)).status == 200
    until(smartlead.requests, "the PATCH is on its way")
    os.killpg(web.pid, signal.SIGINT)
    assert web.exit_code() == 0
    assert [row["state"] for row in on_sqlite.deliveries()] == ["settled"]
