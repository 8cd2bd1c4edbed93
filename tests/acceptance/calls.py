"""HTTP as senders and people speak it to the processes under test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.text)


def call(method: str, url: str, body: str | None = None, **headers: str) -> Answer:
    """One request on a connection of its own. OSError or HTTPException if there is no whole answer."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    try:
        target = parts._replace(scheme="", netloc="").geturl()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, target, None if body is None else body.encode(), sent)
        response = connection.getresponse()
        return Answer(response.status, response.read().decode())
    finally:
        connection.close()


def post_json(url: str, value: Any, **headers: str) -> Answer:
    """POST a JSON value."""
    return call("POST", url, json.dumps(value), Content_Type="application/json", **headers)
