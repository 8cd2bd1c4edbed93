"""The call to SmartLead: every trouble on the way has its outcome, and the key is never seen."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from raw_answers import answering

from handlers.smartlead import SmartLead
from model import Delivery, Done, GiveUp, Mark, Outcome, Retry, Unsent
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "made-up-key-4711"
CONVERSATION = 2255108337
AGENT = "Replymark/0 (+https://example.com)"
DONE = Done()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=()) as running:
        yield running


@pytest.fixture
def smartlead(box: Sandbox) -> Iterator[SmartLead]:
    made = SmartLead(box.url, KEY, user_agent=AGENT)
    yield made
    made.close()


def delivery(mark: Mark = Mark.READ) -> Delivery:
    return Delivery("default", CONVERSATION, mark, generation=1, lease="a-lease", attempt=1)


def control(box: Sandbox, name: str, value: Any = None) -> Any:
    connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=10)
    try:
        sent = None if value is None else json.dumps(value)
        connection.request("GET" if value is None else "POST", f"/_sandbox/{name}", sent)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def suffer(box: Sandbox, **fault: Any) -> None:
    control(box, "faults", [fault])


def patches(box: Sandbox) -> int:
    known: dict[str, dict[str, int]] = control(box, "inbox")
    return known.get(str(CONVERSATION), {"patches": 0})["patches"]


@pytest.mark.parametrize(("mark", "is_read"), [(Mark.READ, True), (Mark.UNREAD, False)])
def test_a_mark_reaches_the_inbox(box: Sandbox, smartlead: SmartLead, mark: Mark, is_read: bool) -> None:  # noqa: FBT001 - a column of the table
    assert smartlead.mark(delivery(mark)) == DONE
    assert control(box, "inbox")[str(CONVERSATION)] == {"is_read": is_read, "patches": 1}
    (request,) = control(box, "requests")
    assert request["body"] == {"email_lead_map_id": CONVERSATION, "read_status": is_read}
    assert request["user_agent"] == AGENT


@pytest.mark.parametrize("ending", ["", "/", "/api/v1", "/api/v1/"])
def test_the_base_url_may_end_as_people_paste_it(box: Sandbox, ending: str) -> None:
    smartlead = SmartLead(box.url + ending, KEY)
    assert smartlead.mark(delivery()) == DONE
    smartlead.close()


def test_the_connection_is_kept_for_the_next_mark(smartlead: SmartLead, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert [smartlead.mark(delivery()) for _ in range(3)] == [DONE] * 3
    assert sum("Starting new HTTP connection" in line for line in caplog.messages) == 1


def test_threads_share_a_handler(box: Sandbox, smartlead: SmartLead) -> None:
    outcomes: list[Outcome | Unsent] = []
    threads = [threading.Thread(target=lambda: outcomes.append(smartlead.mark(delivery()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert outcomes == [DONE] * 8
    assert patches(box) == 8


ANSWERED = [
    pytest.param(
        {"status": 429, "headers": {"Retry-After": "7"}, "body": ""},
        Retry("SmartLead's rate limit is reached", 7, whole_account=True),
        id="429 with Retry-After",
    ),
    pytest.param(
        {"status": 429, "body": ""}, Retry("SmartLead's rate limit is reached", whole_account=True), id="429 without"
    ),
    pytest.param(
        {"status": 500, "body": {"error": "oops"}},
        Retry("SmartLead is in trouble (status 500): oops"),
        id="500",
    ),
    pytest.param(
        {"status": 200, "body": "<html>maintenance</html>"},
        Retry("SmartLead sent a web page instead of an answer (status 200)"),
        id="a web page with 200",
    ),
    pytest.param(
        {"status": 200, "body": "x" * 500_000},
        Retry("SmartLead's answer cannot be read (status 200)"),
        id="an answer without end",
    ),
    pytest.param({"status": 200, "body": ""}, DONE, id="an empty answer"),
]


@pytest.mark.parametrize(("fault", "outcome"), ANSWERED)
def test_what_smartlead_answers_is_judged(
    box: Sandbox, smartlead: SmartLead, fault: dict[str, Any], outcome: Outcome
) -> None:
    suffer(box, **fault)
    assert smartlead.mark(delivery()) == outcome
    assert patches(box) == 0
    assert smartlead.mark(delivery()) == DONE


def test_the_sandboxs_own_rate_limit_pauses_the_account() -> None:
    with Sandbox(api_keys=(KEY,), limits=((1, 3600.0),)) as box:
        smartlead = SmartLead(box.url, KEY)
        assert smartlead.mark(delivery()) == DONE
        outcome = smartlead.mark(delivery())
        assert isinstance(outcome, Retry)
        assert outcome.whole_account
        assert outcome.after == pytest.approx(3600, abs=10)
        smartlead.close()


def test_a_redirect_is_not_followed(box: Sandbox, smartlead: SmartLead) -> None:
    suffer(box, status=307, headers={"Location": f"{box.url}/elsewhere"})
    assert smartlead.mark(delivery()) == Retry(
        "SmartLead answered with a redirect, which is never followed: check SMARTLEAD_BASE_URL"
    )
    assert len(control(box, "requests")) == 1


def test_a_wrong_key_pauses_the_account(box: Sandbox) -> None:
    smartlead = SmartLead(box.url, "another-made-up-key")
    reason = "SmartLead refuses the API key (Invalid API Key): check the account's SMARTLEAD_API_KEY"
    assert smartlead.mark(delivery()) == Retry(reason, 60, whole_account=True)
    smartlead.close()


def test_an_unknown_conversation_is_given_up() -> None:
    with Sandbox(api_keys=(KEY,), strict=True) as box:
        smartlead = SmartLead(box.url, KEY)
        reason = "SmartLead does not know this conversation: Lead mapping not found"
        assert smartlead.mark(delivery()) == GiveUp(reason, gone=True)
        smartlead.close()


def test_silence_ends_with_the_timeout(box: Sandbox) -> None:
    smartlead = SmartLead(box.url, KEY, timeouts=(3.05, 0.2))
    suffer(box, delay=60)
    assert smartlead.mark(delivery()) == Retry("SmartLead did not answer within 0.2 seconds", landing="later")
    smartlead.close()


def test_an_answer_that_drips_in_ends_with_the_deadline(box: Sandbox) -> None:
    smartlead = SmartLead(box.url, KEY, deadline=0.3)
    suffer(box, drip=0.1, status=200, body="x" * 600)
    assert smartlead.mark(delivery()) == Retry("SmartLead's answer was not complete after 0.3 seconds", landing="later")
    smartlead.close()


def test_a_dripping_answer_of_unknown_length_ends_with_the_deadline_too() -> None:
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as server:
        smartlead = SmartLead(f"http://127.0.0.1:{server.getsockname()[1]}", KEY, deadline=0.2)
        outcomes: list[Outcome | Unsent] = []
        thread = threading.Thread(target=lambda: outcomes.append(smartlead.mark(delivery())))
        thread.start()
        connection, _ = server.accept()
        with connection:
            connection.sendall(head + b"{}")  # a whole answer, if only it were known that nothing follows
            thread.join(10)
        smartlead.close()
    assert outcomes == [Retry("SmartLead's answer was not complete after 0.2 seconds", landing="later")]


def test_a_reset_is_tried_again_later(box: Sandbox, smartlead: SmartLead) -> None:
    suffer(box, reset=True)
    assert smartlead.mark(delivery()) == Retry("SmartLead reset the connection", landing="later")
    assert smartlead.mark(delivery()) == DONE


def test_an_answer_that_breaks_off_is_tried_again_though_it_had_its_effect(box: Sandbox, smartlead: SmartLead) -> None:
    suffer(box, close_midway=True)
    assert smartlead.mark(delivery()) == Retry("The connection broke within SmartLead's answer", landing="later")
    assert patches(box) == 1


def test_a_smartlead_that_is_down_is_tried_again_later(box: Sandbox, smartlead: SmartLead) -> None:
    box.stop()
    assert smartlead.mark(delivery()) == Retry("SmartLead refused the connection", landing="no")
    box.start()
    assert smartlead.mark(delivery()) == DONE


RAW = [
    pytest.param(b"", "SmartLead closed the connection without an answer", id="nothing"),
    pytest.param(b"SSH-2.0-OpenSSH\r\n", "The connection broke within SmartLead's answer", id="not HTTP"),
    pytest.param(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        "SmartLead's answer cannot be decoded",
        id="not gzip",
    ),
]


@pytest.mark.parametrize(("raw", "reason"), RAW)
def test_what_is_no_answer_is_tried_again_later(raw: bytes, reason: str) -> None:
    with answering(raw) as url:
        smartlead = SmartLead(url, KEY)
        assert smartlead.mark(delivery()) == Retry(reason, landing="later")
        smartlead.close()


def test_plain_http_behind_https_is_a_tls_problem() -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n", end=b"") as url:
        smartlead = SmartLead(url.replace("http://", "https://"), KEY)
        assert smartlead.mark(delivery()) == Retry(
            "The TLS connection to SmartLead failed: check SMARTLEAD_BASE_URL", landing="later"
        )
        smartlead.close()


UNUSABLE = [
    pytest.param(
        "http://no-such-host.invalid",
        "SmartLead's name could not be resolved: check SMARTLEAD_BASE_URL",
        id="a name that is not",
    ),
    pytest.param("smartlead", "SmartLead's address cannot be called: check SMARTLEAD_BASE_URL", id="no scheme"),
    pytest.param(
        "http://" + "x" * 80,
        "SmartLead's address cannot be called: check SMARTLEAD_BASE_URL",
        id="a label too long",
    ),
]


@pytest.mark.parametrize(("url", "reason"), UNUSABLE)
def test_an_unusable_address_is_told_from_trouble_at_smartlead(url: str, reason: str) -> None:
    smartlead = SmartLead(url, KEY)
    assert smartlead.mark(delivery()) == Retry(reason, landing="no")
    smartlead.close()


def test_a_proxy_of_the_environment_is_used(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", box.url)
    smartlead = SmartLead("http://smartlead.invalid", KEY)
    assert smartlead.mark(delivery()) == DONE
    assert patches(box) == 1
    box.stop()
    assert smartlead.mark(delivery()) == Retry("The proxy did not lead to SmartLead: check HTTPS_PROXY", landing="no")
    smartlead.close()


def test_a_netrc_adds_no_second_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            connection, _ = server.accept()
            with connection:
                seen.append(connection.recv(65536))

        thread = threading.Thread(target=listen)
        thread.start()
        smartlead = SmartLead(f"http://127.0.0.1:{server.getsockname()[1]}", KEY)
        smartlead.mark(delivery())
        thread.join(10)
        smartlead.close()
    assert b"PATCH" in seen[0]
    assert b"Authorization" not in seen[0]


BROKEN_HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon here\r\nX: y\r\n\r\n{}"


def test_the_key_is_in_no_log_record_even_at_debug(
    box: Sandbox, smartlead: SmartLead, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    smartlead.mark(delivery())
    suffer(box, reset=True)
    smartlead.mark(delivery())
    with answering(BROKEN_HEADERS) as url:
        smartlead = SmartLead(url, KEY)
        smartlead.mark(delivery())
        smartlead.close()
    assert "change-read-status?…" in caplog.text
    assert "Failed to parse headers" in caplog.text
    assert KEY not in caplog.text
    assert not [record for record in caplog.records if KEY in str(record.args)]


def test_the_key_is_neither_in_the_outcome_nor_in_the_handlers_own_text(box: Sandbox, smartlead: SmartLead) -> None:
    suffer(box, status=422, body={"message": f"the key {KEY} is odd"})
    assert smartlead.mark(delivery()) == GiveUp("SmartLead refuses the request (status 422): the key ... is odd")
    assert KEY not in repr(smartlead)
