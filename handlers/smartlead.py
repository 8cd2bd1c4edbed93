"""The real SmartLead: sends `PATCH /api/v1/master-inbox/change-read-status`."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

import requests
import urllib3

from handlers.answer import classify
from handlers.body import redact
from handlers.trouble import describe, was_sent
from model import Delivery, Mark, Outcome, Retry

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

PATH = "/api/v1/master-inbox/change-read-status"
TIMEOUTS = (3.05, 20.0)
DEADLINE = 30.0
LARGEST_BODY = 65536
UNANSWERED = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, UnicodeError)
LOGGERS_WITH_URLS = ("connection", "connectionpool", "poolmanager", "util.retry")


class TooSlow(Exception):  # noqa: N818 - it is a finding about the answer and never leaves this module
    """The answer was not complete at the deadline."""


class SmartLead:
    """The handler of one account. May be shared: each thread keeps a connection of its own.

    `timeouts` are seconds to connect and seconds of silence before the answer; `deadline` is seconds from the start
    after which a body that still drips in is given up. Proxies are taken from the environment, .netrc is not: the
    key alone identifies the account. The key appears in no outcome, log record or exception.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        user_agent: str = "Replymark",
        timeouts: tuple[float, float] = TIMEOUTS,
        deadline: float = DEADLINE,
    ) -> None:
        self._url = base_url.rstrip("/").removesuffix("/api/v1") + PATH
        self._api_key = api_key
        self._user_agent = user_agent  # Cloudflare turns the default agents of Python's libraries away
        self._timeouts = timeouts
        self._deadline = deadline
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def __repr__(self) -> str:
        return f"SmartLead({self._url!r})"

    def mark(self, delivery: Delivery) -> Outcome:
        """Set the conversation's read status. One request, no repeat; trouble is an outcome, never an exception."""
        try:
            return self._patch(delivery)
        except TooSlow:
            sentence = f"SmartLead's answer was not complete after {self._deadline:g} seconds"
            return Retry(sentence, landing="later")
        except UNANSWERED as error:
            connect, read = self._timeouts
            sentence = describe(error, connect=connect, read=read)
            return Retry(sentence, landing="later" if was_sent(error) else "no")

    def close(self) -> None:
        """Close the connections of all threads."""
        for session in self._sessions:
            session.close()

    def _patch(self, delivery: Delivery) -> Outcome:
        ends_at = time.monotonic() + self._deadline
        with self._session().patch(
            self._url,
            params={"api_key": self._api_key},
            json={
                "email_lead_map_id": delivery.email_lead_map_id,
                "read_status": delivery.mark is Mark.READ,
            },
            timeout=self._timeouts,
            allow_redirects=False,  # a redirect would carry the key elsewhere
            stream=True,
        ) as response:
            body = _read_body(response, ends_at - time.monotonic())
            return classify(response.status_code, response.headers, self._without_key(body))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers["User-Agent"] = self._user_agent
            session.auth = _no_auth
            _keep_keys_out_of_logs()
            self._local.session = session
            self._sessions.append(session)
        return session

    def _without_key(self, body: bytes) -> bytes:
        for key in (self._api_key, quote(self._api_key, safe="")):
            body = body.replace(key.encode(), b"...") if key else body
        return body


def _read_body(response: Response, seconds: float) -> bytes:
    """At most 64 kB of the body. TooSlow if it is not complete within `seconds`."""
    expired = threading.Event()

    def give_up() -> None:
        expired.set()
        with suppress(OSError, ValueError, RuntimeError):  # the body was complete in the same moment
            response.raw.shutdown()

    watchdog = threading.Timer(max(seconds, 0), give_up)
    watchdog.daemon = True
    watchdog.start()
    try:
        body: bytes = response.raw.read(LARGEST_BODY, decode_content=True)
    except UNANSWERED:
        if not expired.is_set():
            raise
        raise TooSlow from None
    finally:
        watchdog.cancel()
    if expired.is_set():
        raise TooSlow  # without a declared length, a body that was cut looks complete
    return body


def _no_auth(request: PreparedRequest) -> PreparedRequest:
    """Stands where requests would else look into .netrc."""
    return request


class _KeyFilter(logging.Filter):
    """Takes keys out of urllib3's log records: it logs URLs, at DEBUG always and at WARNING on broken headers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without keys."""
        record.msg, record.args = redact(record.getMessage()), None
        return True


_KEY_FILTER = _KeyFilter()


def _keep_keys_out_of_logs() -> None:
    for name in LOGGERS_WITH_URLS:
        logging.getLogger(f"urllib3.{name}").addFilter(_KEY_FILTER)  # adding it again changes nothing
