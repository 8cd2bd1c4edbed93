"""What the doctor makes of the public address: each wrong answer, and each way not to get one."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from contextlib import contextmanager
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING

import pytest
from secrets_of_tests import API_KEY, TOKEN

from cli.doctor.addresses import Home
from cli.doctor.finding import Finding
from cli.doctor.reach import Answered, explain, judge, post_self_test
from config import Account

if TYPE_CHECKING:
    from collections.abc import Iterator

REALM = {"www-authenticate": 'Basic realm="Replymark"'}


@pytest.mark.parametrize(
    ("status", "headers", "body", "words"),
    [
        (302, {"location": "https://login.example/?next=%2Fsecret"}, "", "redirects to login.example"),
        (401, REALM, '{"error": "No valid token."}', "does not know our token"),
        (401, {"www-authenticate": "Basic realm=x"}, "", "asks for a sign-in"),
        (403, {}, "<html>", "turns senders away"),
        (302, {"location": "http://["}, "", "redirects to another page"),
        (302, {"location": f"https://{'x' * 999}.example/"}, "", f"redirects to {'x' * 79}… (status"),
        (307, {}, "", "redirects to another page"),
        (404, {}, "<html>", "knows no /webhooks/smartlead (status 404)"),
        (405, {}, "", "knows no /webhooks/smartlead (status 405)"),
        (502, {}, "<html>", "Replymark behind it does not (status 502)"),
        (503, {}, '{"error": "Not stored"}', "can not store events"),
        (503, {}, "<html>", "Replymark behind it does not (status 503)"),
        (200, {}, "<!doctype html><form>", "a web page"),
        (200, {}, '{"ok": true}', "Something else than Replymark"),
        (200, {}, '{"status": "ok", "event_id": "7"}', "Something else than Replymark"),
        (200, {}, f'{{"status": "ignored", "event_id": {"9" * 30}}}', "Something else than Replymark"),
        (200, {}, '{"status": "ignored", "event_id": -1}', "Something else than Replymark"),
        (200, {}, '{"status": "ignored", "event_id": true}', "Something else than Replymark"),
        (200, {}, "[" * 100_000, "Something else than Replymark"),
    ],
)
def test_each_wrong_answer_at_the_public_address_is_told_apart(
    status: int, headers: dict[str, str], body: str, words: str
) -> None:
    finding = judge(Answered(status, headers, body.encode()))
    assert isinstance(finding, Finding)
    assert words in finding.found
    assert finding.mend
    assert "secret" not in finding.found


def test_our_own_answer_gives_the_number_of_the_event() -> None:
    body = json.dumps({"status": "ignored", "event_id": 12}).encode()
    assert judge(Answered(200, {}, body)) == 12


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "is not known"),
        (UnicodeError("label too long"), "Nothing can be sent"),
        (ssl.SSLError(1, "WRONG_VERSION_NUMBER"), "does not speak TLS"),
        (TimeoutError(), "did not answer within 10 seconds"),
        (ConnectionRefusedError(), "Nothing listens"),
        (RemoteDisconnected("?token=a-token-of-ours"), "broke off (RemoteDisconnected)"),
    ],
)
def test_each_way_not_to_reach_the_public_address_is_told_apart(error: Exception, words: str) -> None:
    finding = explain(error, "replymark.example")
    assert words in finding.found
    assert "a-token-of-ours" not in finding.found


def test_a_certificate_that_is_not_valid_is_told_with_its_reason() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = "certificate has expired"
    assert explain(error, "replymark.example").found.endswith("is not valid: certificate has expired.")


@contextmanager
def repeating(piece: bytes) -> Iterator[str]:
    """A server that sends this once and again, and never comes to an end."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def send() -> None:
            connection, _ = server.accept()
            with connection:
                while not ended.wait(0.02):
                    connection.sendall(piece)

        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join(10)


@pytest.mark.parametrize("piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"H", b"HTTP/1.1 200 OK\r\nX-More: "])
def test_an_answer_that_never_ends_is_given_up(piece: bytes) -> None:
    with repeating(piece) as url:
        home = Home(url, Account(name="default", api_key=API_KEY, webhook_tokens=(TOKEN,)))
        finding = post_self_test(home, "nonce", "Replymark/1", patience=0.5)
    assert isinstance(finding, Finding)
    assert "did not answer within 0.5 seconds" in finding.found


def test_a_public_address_that_is_none_is_told() -> None:
    finding = post_self_test(Home("http://[", Account(name="default")), "nonce", "Replymark/1")
    assert isinstance(finding, Finding)
    assert finding.found == "Nothing can be sent to an address without a host."
