"""A client of the sandbox that sees each answer whole, and its controls."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from sandbox import SAMPLES

if TYPE_CHECKING:
    from sandbox import Sandbox

KEY = "made-up-key-4711"
CHANGE = "/api/v1/master-inbox/change-read-status"
KNOWN = SAMPLES[0]["sl_email_lead_map_id"]


class Answer(NamedTuple):
    """What came back; header names are in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.text)


def call(
    box: Sandbox,
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str | None = KEY,
    agent: str = "curl/8",
) -> Answer:
    """One request on a connection of its own, with this key in the query."""
    target = path if key is None else f"{path}{'&' if '?' in path else '?'}api_key={key}"
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=10)
    try:
        connection.request(method, target, sent if body is not None else None, {"User-Agent": agent})
        got = connection.getresponse()
        return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read().decode())
    finally:
        connection.close()


def control(box: Sandbox, name: str, body: Any = None) -> Answer:
    """Use one of the controls."""
    return call(box, "GET" if body is None else "POST", f"/_sandbox/{name}", body, key=None)


def change(box: Sandbox, map_id: int = KNOWN, *, read_status: bool = True, **more: Any) -> Answer:
    """Set a conversation's read status."""
    return call(box, "PATCH", CHANGE, {"email_lead_map_id": map_id, "read_status": read_status}, **more)


def page(box: Sandbox, shown: str = "inbox-replies", offset: int = 0, **filters: Any) -> Any:
    """A page of one of the inbox's lists."""
    return call(box, "POST", f"/api/v1/master-inbox/{shown}", {"offset": offset, "filters": filters}).json


def add_crowd(box: Sandbox, count: int, **more: Any) -> None:
    """So many conversations, with ids in a row from 2400000000 on, each older than the one before."""
    control(box, "crowd", {"count": count} | more)
