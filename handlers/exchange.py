"""The wire to SmartLead: one request, and the answer or why there is none. Every call takes this way."""

from __future__ import annotations

import http.client
import logging
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import urllib3

from handlers.body import redact
from handlers.patience import Patience
from handlers.sending import TooLateError, new_session, sending_before, written_at
from handlers.trouble import describe, was_sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Response, Session

PREFIX = "/api/v1"
TIMEOUTS = (3.05, 20.0)
DEADLINE = 30.0
LARGEST_BODY = 4_000_000  # a list of all campaigns is the longest answer that anybody asks for
UNANSWERED = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, UnicodeError)
LOGGERS_WITH_URLS = ("connection", "connectionpool", "poolmanager", "util.retry")
_PATIENCE = Patience()
QUERY = re.compile(r"\?[^\s\"')]*")


@dataclass(frozen=True, slots=True)
class Answered:
    """What SmartLead answered. Header names are in lower case, and the key is cut out of them and of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float  # from the request to the answer's end
    heard_at: float  # of time.monotonic: when the answer began
    round_trip: float  # seconds from the sending to then, without those that it took to connect


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No whole answer came; `reason` is a sentence, `landing` whether the request may have its effect all the same."""

    reason: str
    landing: Literal["no", "later"]
    seconds: float


@dataclass(frozen=True, slots=True)
class NotSent:
    """It was too late from the beginning: nothing was sent."""


class TooSlow(Exception):  # noqa: N818 - it is a finding about the answer and never leaves this module
    """The answer was not complete at the deadline."""


class Exchange:
    """The connections to one account. May be shared: each thread keeps a connection of its own.

    `timeouts` are seconds to connect and seconds of silence before the answer; `deadline` is seconds from the start
    after which a body that still drips in is given up. Proxies are taken from the environment, .netrc is not: the
    key alone identifies the account. The key appears in no answer, log record or exception.
    """

    def __init__(
        self, base_url: str, api_key: str, *, user_agent: str, timeouts: tuple[float, float], deadline: float
    ) -> None:
        self.url = base_url.rstrip("/").removesuffix(PREFIX) + PREFIX
        self._api_key = api_key
        self._user_agent = user_agent  # Cloudflare turns the default agents of Python's libraries away
        self._timeouts = timeouts
        self._deadline = deadline
        self._local = threading.local()
        self._sessions: list[Session] = []

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        send_before: float | None = None,
    ) -> Answered | Unanswered | NotSent:
        """One request, no repeat, no redirect; never raises on trouble. `path` follows /api/v1, `body` becomes JSON.

        It is not sent after `send_before`, by `time.monotonic`. If it took until then to connect, that is trouble like
        any other: it may take as long each time.
        """
        began = time.monotonic()
        try:
            with sending_before(send_before):
                return self._send(method, path, dict(query or {}), body, began)
        except TooLateError:
            if send_before is None or began > send_before:
                return NotSent()
            seconds = time.monotonic() - began
            reason = f"It took {seconds:.1f} seconds to connect to SmartLead: too long to send anything after it"
            return Unanswered(reason, "no", seconds)
        except TooSlow:
            reason = f"SmartLead's answer was not complete after {self._deadline:g} seconds"
            return Unanswered(reason, "later", time.monotonic() - began)
        except UNANSWERED as error:
            connect, read = self._timeouts
            reason = describe(error, connect=connect, read=read)
            return Unanswered(reason, "later" if was_sent(error) else "no", time.monotonic() - began)

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in self._sessions:
            session.close()

    def _send(self, method: str, path: str, query: dict[str, str], body: Any, began: float) -> Answered:
        with self._session().request(
            method,
            self.url + path,
            params={**query, "api_key": self._api_key},
            json=body,
            timeout=self._timeouts,
            allow_redirects=False,  # a redirect would carry the key elsewhere
            stream=True,
        ) as response:
            heard_at = time.monotonic()
            content = _read_body(response, began + self._deadline - time.monotonic())
            headers = {name.lower(): self._cleaned(value) for name, value in response.headers.items()}
            whole = self._without_key(content)
            seconds, round_trip = time.monotonic() - began, heard_at - written_at()
            return Answered(response.status_code, headers, whole, seconds, heard_at, round_trip)

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = new_session(self._user_agent, self.url)
            _keep_queries_out_of_logs()
            self._local.session = session
            self._sessions.append(session)
        return session

    def _cleaned(self, header: str) -> str:
        """A redirect repeats the query, and some servers put the request's address into headers of their own."""
        return self._without_key(header.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _without_key(self, body: bytes) -> bytes:
        for key in (self._api_key, quote(self._api_key, safe="")):
            body = body.replace(key.encode(), b"...") if key else body
        return body


def _read_body(response: Response, seconds: float) -> bytes:
    """At most 4 MB of the body. TooSlow if it is not complete within `seconds`."""
    expired = threading.Event()

    def give_up() -> None:
        expired.set()
        with suppress(OSError, ValueError, RuntimeError):  # the body was complete in the same moment
            response.raw.shutdown()

    try:
        with _PATIENCE.until(time.monotonic() + seconds, give_up):
            body: bytes = response.raw.read(LARGEST_BODY, decode_content=True)
    except UNANSWERED:
        if not expired.is_set():
            raise
        raise TooSlow from None
    if expired.is_set():
        raise TooSlow  # without a declared length, a body that was cut looks complete
    return body


class _QueryFilter(logging.Filter):
    """Takes queries, with keys and people's addresses, out of urllib3's log records.

    It logs URLs: at DEBUG always, and at WARNING on broken headers.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without queries."""
        record.msg, record.args = redact(QUERY.sub("?…", record.getMessage())), None
        return True


_QUERY_FILTER = _QueryFilter()


def _keep_queries_out_of_logs() -> None:
    for name in LOGGERS_WITH_URLS:
        logging.getLogger(f"urllib3.{name}").addFilter(_QUERY_FILTER)  # adding it again changes nothing
