"""The self-test: an event that means nothing, posted to our public address as SmartLead would post one."""

from __future__ import annotations

import json
import queue
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from threading import Thread
from typing import TYPE_CHECKING, Any

from cli.doctor.addresses import in_query, split_address
from cli.doctor.finding import Finding, problem, warning
from cli.doctor.names import shortened
from model import MAX_MAP_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cli.doctor.addresses import Home

EVENT = "REPLYMARK_SELF_TEST"
PATIENCE = 10.0  # seconds for the whole answer: the shortest time that anybody reports of SmartLead's own
LONGEST_ANSWER = 65_536
ABOUT = "address"
REALM = 'realm="Replymark"'
FROM_INSIDE = "From inside your network it may look so by itself: try it from outside (docs/connecting.md)."


@dataclass(frozen=True, slots=True)
class Answered:
    """What our public address answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# The first kind that an error is of tells why there is no answer, and the mend.
UNANSWERED: tuple[tuple[type[Exception], str, str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "The certificate of {host} is not valid: {why}.",
        "Renew it, with its whole chain: SmartLead refuses it, too.",
    ),
    (
        ssl.SSLError,
        "{host} does not speak TLS at this address.",
        "Check the port and http or https in PUBLIC_URL.",
    ),
    (socket.gaierror, "The name {host} of PUBLIC_URL is not known.", "Check its DNS record, and the spelling."),
    (
        TimeoutError,
        "{host} did not answer within {patience:g} seconds.",
        f"Check firewall and proxy. {FROM_INSIDE}",
    ),
    (
        ConnectionRefusedError,
        "Nothing listens at {host}.",
        f"Start the proxy and web, and check the port. {FROM_INSIDE}",
    ),
    (ValueError, "Nothing can be sent to {host}.", "Check the name, the port and the path in PUBLIC_URL."),
    (Exception, "The connection to {host} broke off ({kind}).", f"Check the proxy. {FROM_INSIDE}"),
)

# The first that applies tells what an answer means that is not the one to the test event, and the mend.
SENTENCES: tuple[tuple[Callable[[Answered, Mapping[str, Any]], bool], str, str], ...] = (
    (
        lambda answer, _told: 300 <= answer.status < 400,
        "PUBLIC_URL redirects to {to} (status {status}), and senders follow no redirect.",
        "Set PUBLIC_URL to the address behind it; if that is a sign-in page, let /webhooks/ pass without one.",
    ),
    (
        lambda answer, _told: answer.status == 401 and REALM in answer.headers.get("www-authenticate", ""),
        "A Replymark answers at PUBLIC_URL, but does not know our token.",
        "It is another installation, or web runs with older settings: start it again with these tokens.",
    ),
    (
        lambda answer, _told: answer.status in {401, 403, 407},
        "Something before Replymark asks for a sign-in or turns senders away (status {status}).",
        "Let /webhooks/ pass without a sign-in: the token guards it.",
    ),
    (
        lambda answer, _told: answer.status in {404, 405},
        "PUBLIC_URL knows no /webhooks/smartlead (status {status}).",
        "Let the proxy pass /webhooks/ to Replymark unchanged, and check the path in PUBLIC_URL.",
    ),
    (
        lambda answer, told: answer.status == 503 and isinstance(told.get("error"), str),
        "Replymark answers at PUBLIC_URL, but can not store events now (status {status}).",
        "See its /readyz and its log.",
    ),
    (
        lambda answer, _told: answer.status >= 500,
        "The proxy at PUBLIC_URL answers, but Replymark behind it does not (status {status}).",
        "Start web, and check the port to which the proxy passes requests.",
    ),
    (
        lambda _answer, _told: True,
        "Something else than Replymark answers at PUBLIC_URL (status {status}, {what}).",
        "Check PUBLIC_URL, and where its name and its proxy lead.",
    ),
)


def post_self_test(home: Home, nonce: str, user_agent: str, *, patience: float = PATIENCE) -> Answered | Finding:
    """Post the event; a finding says why no answer came. `home.public_url` must be there.

    After `patience` seconds it is given up, whatever still drips in.
    """
    answers: queue.SimpleQueue[Answered | Finding] = queue.SimpleQueue()

    def ask() -> None:
        answers.put(_post(home, nonce, user_agent, patience))

    # No timeout of a socket ends a name that is looked up, a slow handshake, or an answer of a byte a second.
    Thread(target=ask, name="self-test", daemon=True).start()
    try:
        return answers.get(timeout=patience)
    except queue.Empty:
        return explain(TimeoutError(), split_address(home.public_url or "").netloc, patience)


def _post(home: Home, nonce: str, user_agent: str, patience: float) -> Answered | Finding:
    token = in_query(home.tokens[0]) if home.tokens else None
    url = split_address(home.url("smartlead", token))
    if not url.hostname:
        return explain(ValueError(), "an address without a host", patience)
    event = {"event_type": EVENT, "nonce": nonce}
    if not token and home.account.webhook_secrets:
        event["secret_key"] = home.account.webhook_secrets[0]
    headers = {"Content-Type": "application/json", "User-Agent": user_agent}
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    try:
        with closing(kind(url.hostname, url.port, timeout=patience)) as connection:
            connection.request("POST", f"{url.path}?{url.query}", json.dumps(event), headers)
            return _read(connection.getresponse())
    except (OSError, HTTPException, ValueError) as error:
        return explain(error, url.netloc, patience)


def _read(response: HTTPResponse) -> Answered:
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answered(response.status, headers, response.read(LONGEST_ANSWER))


def explain(error: Exception, host: str, patience: float = PATIENCE) -> Finding:
    """Why no answer came from our public address, and the mend."""
    found, mend = next(sentences for kind, *sentences in UNANSWERED if isinstance(error, kind))
    why = getattr(error, "verify_message", "").rstrip(".")
    told = {"host": host, "why": why, "kind": type(error).__name__, "patience": patience}
    return problem(ABOUT, found.format_map(told), mend)


def judge(answer: Answered) -> int | Finding:
    """The event's id, as an installation of Replymark gave it; or why it is none of that."""
    told = _json(answer.body)
    event = told.get("event_id")
    if answer.status == 200 and type(event) is int and 0 < event <= MAX_MAP_ID and "status" in told:
        return event
    found, mend = _misled(answer, told)
    return problem(ABOUT, found, mend)


def _misled(answer: Answered, told: Mapping[str, Any]) -> tuple[str, str]:
    sentences = next(sentences for applies, *sentences in SENTENCES if applies(answer, told))
    to = shortened(split_address(answer.headers.get("location", "")).hostname or "another page")
    what = "a web page" if b"<" in answer.body[:64] else "no answer of ours"
    found, mend = sentences
    return found.format(status=answer.status, to=to, what=what), mend


def no_public_url() -> Finding:
    """Nobody told the address, so it can not be tried."""
    return warning(
        ABOUT,
        "PUBLIC_URL is not set, so nobody tried whether senders reach this installation.",
        "Set PUBLIC_URL to the address that senders use, such as https://replymark.example.com.",
    )


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
