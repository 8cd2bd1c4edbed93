"""The lines between a web process and its backend: each call gets its own answer, or a 503, and none another's."""

from __future__ import annotations

import json
import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import Pipe
from typing import TYPE_CHECKING, Any, cast

import pytest
from secrets_of_tests import TOKEN
from website import Website, environment, running

from backend import Lines, Loop
from model import OrderCall, ReadinessCall, Response, WebhookCall, respond
from webhooks import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from ledger import Ledger
    from webhooks import Desk

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


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path)) as made:
        yield made


def hear(line: Connection) -> int:
    """The number of the next call."""
    number, _call = pickle.loads(line.recv_bytes())  # noqa: S301 - we wrote it
    return int(number)


def tell(line: Connection, number: int, told: str) -> None:
    """Answer the call of this number."""
    line.send_bytes(pickle.dumps((number, respond(200, {"told": told}))))


def test_an_answer_that_comes_too_late_is_not_taken_for_that_of_the_next_call() -> None:
    ours, theirs = Pipe()
    lines = Lines([ours], patience=0.2)
    assert lines.answer(webhook(1)).status == 503
    late = hear(theirs)
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(lines.answer, webhook(2))
        second = hear(theirs)
        tell(theirs, late, "to the first")
        tell(theirs, second, "to the second")
        assert said(answer.result()) == {"told": "to the second"}
    lines.close()
    theirs.close()


def test_who_finds_all_lines_busy_for_too_long_hears_503_and_when_to_come_back() -> None:
    ours, theirs = Pipe()
    lines = Lines([ours], patience=0.3)
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(lines.answer, webhook(one)).result() for one in (1, 2)]
    assert [answer.status for answer in answers] == [503, 503]
    assert all(
        int(answer.headers["Retry-After"]) > 0 and "Send it again" in said(answer)["error"] for answer in answers
    )
    lines.close()
    theirs.close()


def test_without_a_backend_every_call_hears_503_at_once_and_readiness_says_why() -> None:
    ours, theirs = Pipe()
    theirs.close()
    lines = Lines([ours])
    began = time.monotonic()
    assert lines.answer(webhook(1)).status == 503
    order = OrderCall("mark-unread", "/", None, (TOKEN,), "application/json", b"{}")
    assert lines.answer(order).status == 503
    ready = lines.answer(READY)
    assert (ready.status, said(ready)["ready"], len(said(ready)["problems"])) == (503, False, 1)
    assert time.monotonic() - began < 5
    lines.close()


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
def looping(desk: Any, ledger: Any, count: int) -> Iterator[Lines]:
    """A loop of its own for this desk and ledger, until the block ends."""
    ours, theirs = zip(*(Pipe() for _ in range(count)), strict=True)
    loop = threading.Thread(target=Loop(cast("Desk", desk), cast("Any", ledger)).run, args=(theirs,))
    loop.start()
    lines = Lines(ours)
    try:
        yield lines
    finally:
        lines.close()
        loop.join(10)
        assert not loop.is_alive()


def test_webhooks_that_wait_at_the_same_moment_are_recorded_together(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        ledger = Counting(site.parts.ledger)
        with looping(site.desk, ledger, 32) as lines, ThreadPoolExecutor(32) as pool:
            first = pool.submit(lines.answer, webhook(1))
            time.sleep(0.3)  # it is being recorded; the others come meanwhile
            others = [pool.submit(lines.answer, webhook(one)) for one in range(2, 32)]
            time.sleep(0.5)
            ledger.may.set()
            assert {answer.result().status for answer in (first, *others)} == {200}
        assert ledger.sizes == [1, 30]


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
        with looping(Broken(site.desk), site.parts.ledger, 8) as lines, ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: lines.answer(webhook(one)), (11, 12, 13, 14, 15)))
        assert [answer.status for answer in answers] == [200, 200, 500, 200, 200]
        assert said(answers[2]) == {"error": FAILED}
        assert "not_answered" in caplog.text


def test_the_loop_ends_when_all_have_hung_up_and_not_before(site: Website) -> None:
    ours, theirs = zip(*(Pipe() for _ in range(3)), strict=True)
    loop = threading.Thread(target=Loop(site.desk, site.parts.ledger).run, args=(theirs,))
    loop.start()
    for one in ours[:2]:
        one.close()
    last = Lines(ours[2:])
    assert last.answer(READY).status == 200
    assert loop.is_alive()
    last.close()
    loop.join(10)
    assert not loop.is_alive()
