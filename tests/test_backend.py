"""The lines between a web process and its backend: each call gets its own answer, or a 503, and none another's."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from secrets_of_tests import TOKEN
from website import Website, environment, running

from backend import Lines, Loop, Switchboard, make_switchboard
from model import OrderCall, ReadinessCall, Response, WebhookCall, respond
from webhooks import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from backend.line import Line
    from ledger import Ledger

READY = ReadinessCall()


def webhook(conversation: int, text: str = "Stop", token: str = TOKEN) -> WebhookCall:
    """A call as the edge makes it of a POST."""
    event = {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": conversation,
        "sl_lead_email": "ana@lead.example",
        "reply_message": {"text": text, "message_id": f"<{conversation}@lead.example>"},
    }
    return WebhookCall(
        source="smartlead",
        account="default",
        path="/webhooks/smartlead",
        sender="127.0.0.1",
        tokens=(token,),
        content_type="application/json",
        signature=None,
        body=json.dumps(event).encode(),
    )


def said(response: Response) -> Any:
    """The JSON that is told."""
    return json.loads(response.body)


def nothing() -> None:
    """What is done about a backend that is mute, where nobody asks."""


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


@pytest.fixture
def ends() -> Iterator[tuple[Switchboard, Switchboard]]:
    """A switchboard's ends: that of a web process, and one at which the test stands for the backend."""
    ours, theirs = make_switchboard()
    yield ours, theirs
    ours.close()
    theirs.close()


def accepted(theirs: Switchboard) -> Line:
    """The next line that is opened."""
    line = theirs.accept()
    assert line
    return line


def test_an_answer_that_comes_too_late_is_nobodys(ends: tuple[Switchboard, Switchboard]) -> None:
    lines = Lines(ends[0], nothing, patience=0.2)
    assert lines.answer(webhook(1)).status == 503
    late = accepted(ends[1])
    assert late.receive(1) == webhook(1)
    with pytest.raises(OSError):  # noqa: PT011 - of whichever kind: there is nobody
        late.send(respond(200, {"told": "to the first"}), 1)
    patient = Lines(ends[0], nothing)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(patient.answer, webhook(2))
        line = accepted(ends[1])
        assert line.receive(1) == webhook(2)
        line.send(respond(200, {"told": "to the second"}), 1)
        assert said(answer.result()) == {"told": "to the second"}
    for one in (late, line, patient):
        one.close()


@pytest.mark.parametrize("size", [3_000, 300_000, 2_000_000])
def test_while_the_backend_hangs_every_call_hears_503_in_time_and_when_to_come_back(
    ends: tuple[Switchboard, Switchboard], size: int
) -> None:
    """Whatever the size: a large one does not even find room on its line."""
    lines = Lines(ends[0], nothing, patience=0.5)
    began = time.monotonic()
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda one: lines.answer(webhook(one, "x" * size)), range(40)))
    assert time.monotonic() - began < 20
    assert {answer.status for answer in answers} == {503}
    assert all(
        int(answer.headers["Retry-After"]) > 0 and "Send it again" in said(answer)["error"] for answer in answers
    )


def test_a_backend_that_answers_nobody_for_long_is_told_of_and_one_that_answers_somebody_is_not(
    ends: tuple[Switchboard, Switchboard],
) -> None:
    told: list[str] = []
    lines = Lines(ends[0], lambda: told.append("mute"), patience=0.2, enough=0.5)
    lines.answer(webhook(1))
    lines.answer(webhook(2))
    assert not told
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(Lines.answer, lines, webhook(3))
        for _ in range(2):
            accepted(ends[1]).close()
        third = accepted(ends[1])
        third.receive(1)
        third.send(respond(200, {}), 1)
        assert answer.result().status == 200
    third.close()
    for number in range(4, 7):
        lines.answer(webhook(number))
    assert not told
    lines.answer(webhook(7))
    assert told == ["mute"]


def test_without_a_backend_every_call_hears_503_at_once_and_readiness_says_why(
    ends: tuple[Switchboard, Switchboard],
) -> None:
    lines = Lines(ends[0], nothing)
    ends[1].close()
    began = time.monotonic()
    assert lines.answer(webhook(1)).status == 503
    order = OrderCall("mark-unread", "/", None, (TOKEN,), "application/json", b"{}")
    assert lines.answer(order).status == 503
    ready = lines.answer(READY)
    assert (ready.status, said(ready)["ready"], len(said(ready)["problems"])) == (503, False, 1)
    assert time.monotonic() - began < 5


def test_many_calls_at_once_get_each_its_own_answer(site: Website) -> None:
    """Of several kinds, more than there are lines, some of them refused, from many threads."""
    with ThreadPoolExecutor(64) as pool:
        taken = pool.map(lambda one: said(site.parts.answer(webhook(one))), range(1, 201))
        refused = pool.map(lambda one: site.parts.answer(webhook(one, token="nobody's")).status, range(40))
        ready = pool.map(lambda _: site.parts.answer(READY).status, range(20))
        told = list(taken)
        assert [one["email_lead_map_id"] for one in told] == list(range(1, 201))
        assert {one["status"] for one in told} == {"accepted"}
        assert len({one["event_id"] for one in told}) == 200
        assert set(refused) == {401}
        assert set(ready) == {200}
    assert site.parts.ledger.buckets()["accepted"] == 200


class Counting:
    """A ledger that counts how often it is asked to record, and waits until it may."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.sizes: list[int] = []
        self.may = threading.Event()

    def record_each(self, requests: Any) -> Any:
        """As the ledger's."""
        self.may.wait()
        self.sizes.append(len(requests))
        return self._ledger.record_each(requests)


@contextmanager
def looping(desk: Any, ledger: Any) -> Iterator[Lines]:
    """A loop of its own for this desk and ledger, until the block ends."""
    ours, theirs = make_switchboard()
    loop = threading.Thread(target=Loop(desk, ledger).run, args=(theirs,))
    loop.start()
    lines = Lines(ours, nothing)
    try:
        yield lines
    finally:
        lines.close()
        loop.join(10)
        theirs.close()
        assert not loop.is_alive()


def test_webhooks_that_wait_at_the_same_moment_are_recorded_together(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        ledger = Counting(site.parts.ledger)
        ledger.may.set()
        with looping(site.desk, ledger) as lines, ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda one: lines.answer(webhook(one)), range(1, 201)))
        assert {answer.status for answer in answers} == {200}
        assert sum(ledger.sizes) == 200
        assert len(ledger.sizes) < 100


def test_while_the_ledger_is_slow_others_are_answered_at_once(database_url: str, tmp_path: Path) -> None:
    """Who shows no good token, and who asks whether all is well, wait for no transaction."""
    with running(environment(database_url, tmp_path)) as site:
        ledger = Counting(site.parts.ledger)
        with looping(site.desk, ledger) as lines, ThreadPoolExecutor(8) as pool:
            waiting = [pool.submit(lines.answer, webhook(one)) for one in range(1, 4)]
            began = time.monotonic()
            assert lines.answer(webhook(9, token="nobody's")).status == 401
            assert lines.answer(READY).status == 200
            assert time.monotonic() - began < 3
            assert not any(one.done() for one in waiting)
            ledger.may.set()
            assert {one.result().status for one in waiting} == {200}


def test_a_large_answer_to_one_who_has_given_up_holds_up_nobody(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        ledger = Counting(site.parts.ledger)
        with looping(site.desk, ledger) as lines, ThreadPoolExecutor(8) as pool:
            impatient = Lines(lines._switchboard, nothing, patience=0.5)
            events = [json.loads(webhook(one).body or b"") for one in range(1000, 2000)]
            batch = webhook(1)._replace(body=json.dumps(events).encode())
            assert impatient.answer(batch).status == 503
            after = pool.submit(lines.answer, webhook(1, "x" * 400_000))
            ledger.may.set()
            assert after.result().status == 200
        assert site.parts.ledger.buckets()["accepted"] == 1001


class Refusing:
    """A ledger with a mistake of ours in it."""

    def record_each(self, _requests: Any) -> Any:
        """Never does."""
        raise RuntimeError("of the test")


def test_a_mistake_of_ours_while_recording_keeps_nobody_waiting(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site, looping(site.desk, Refusing()) as lines:
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: lines.answer(webhook(one)), range(1, 9)))
        assert {answer.status for answer in answers} == {500}
        assert time.monotonic() - began < 5
        assert lines.answer(READY).status == 200


class Broken:
    """A desk with a mistake of ours, which meets one conversation."""

    def __init__(self, desk: Any) -> None:
        self._reception = desk.reception

    @property
    def reception(self) -> Any:
        """Stands for itself."""
        return self

    def draft(self, call: WebhookCall) -> Any:
        """As the desk's, but for one."""
        if b'"sl_email_lead_map_id": 13' in (call.body or b""):
            raise RuntimeError("of the test")
        return self._reception.draft(call)

    def finish(self, *answer: Any) -> Any:
        """As the desk's."""
        return self._reception.finish(*answer)


def test_a_mistake_of_ours_is_the_answer_to_one_call_and_no_other(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(environment(database_url, tmp_path)) as site:
        with looping(Broken(site.desk), site.parts.ledger) as lines, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: lines.answer(webhook(one)), (11, 12, 13, 14, 15)))
        assert [answer.status for answer in answers] == [200, 200, 500, 200, 200]
        assert said(answers[2]) == {"error": FAILED}
        assert "not_answered" in caplog.text


def test_the_loop_ends_when_the_web_process_has_hung_up_and_not_before(site: Website) -> None:
    ours, theirs = make_switchboard()
    loop = threading.Thread(target=Loop(site.desk, site.parts.ledger).run, args=(theirs,))
    loop.start()
    lines = Lines(ours, nothing)
    assert lines.answer(READY).status == 200
    assert loop.is_alive()
    lines.close()
    loop.join(10)
    assert not loop.is_alive()
    theirs.close()
