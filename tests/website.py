"""The app on a real socket, and what a sender sees of it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from secrets_of_tests import API_KEY, TOKEN
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from backend import Lines, Loop, make_switchboard
from config import read_settings
from parts import Parts, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from webhooks import Desk

RULES = """\
version: 1
rules:
  - name: Out of office
    when:
      any of:
        - subject starts with: [Automatic reply]
        - reply contains: [out of the office]
    mark: read
  - name: Stop
    when: {reply is: [stop]}
    mark: unread
  - name: Interest
    when: {reply contains: [sounds useful, two slots]}
    mark: unread
"""


@dataclass(frozen=True)
class Answered:
    """Status, headers and body of an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must be JSON."""
        return json.loads(self.body)


class Quiet(WSGIRequestHandler):
    """Writes no access log: werkzeug's has the query string, and with it the token."""

    def log(self, *_: object) -> None:
        """Nothing."""


@dataclass
class Website:
    """A running app, and a client for it that shows a valid token unless told otherwise."""

    port: int
    parts: Parts
    desk: Desk  # at the other end of the lines
    token: str | None = TOKEN

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body.encode() if isinstance(body, str) else body, dict(headers or {}))
            response = connection.getresponse()
            return Answered(response.status, dict(response.headers), response.read())
        finally:
            connection.close()

    def post(self, event: Any, source: str = "smartlead", **headers: str) -> Answered:
        """One event (or raw bytes) as JSON, with the token."""
        body = event if isinstance(event, (bytes, str)) else json.dumps(event)
        shown = {"Content-Type": "application/json"} | {name.replace("_", "-"): text for name, text in headers.items()}
        query = f"?token={self.token}" if self.token else ""
        return self.ask("POST", f"/webhooks/{source}{query}", body, shown)


@contextmanager
def running(environment: Mapping[str, str], *, migrate: bool = True, live: bool = True) -> Iterator[Website]:
    """The app with these settings, migrated and with live rules, until the block ends.

    As it is served, one thread answers what all others are asked; here it is one of this process.
    """
    app = create_app(read_settings(environment))
    parts = parts_of(app)
    ours, theirs = make_switchboard()
    desk = cast("Desk", parts.desk)
    loop = Thread(target=Loop(desk, parts.ledger).run, args=(theirs,))
    loop.start()
    parts.desk = lines = Lines(ours, mute=lambda: None)
    if migrate:
        parts.ledger.migrate()
    if live:
        parts.rulebook.refresh()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Website(server.port, parts, desk)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        lines.close()
        loop.join()
        theirs.close()
        parts.close()


def environment(database_url: str, folder: Path, rules: str = RULES) -> dict[str, str]:
    """Real mode with the tests' secrets and these rules."""
    file = folder / "rules.yaml"
    if not file.exists():
        file.write_text(rules, "utf-8")
    return {
        "SMARTLEAD_API_KEY": API_KEY,
        "WEBHOOK_TOKENS": f"another-token-of-tests, {TOKEN}",
        "DATABASE_URL": database_url,
        "RULES_FILE": str(file),
        "MAX_BODY_BYTES": "200000",
    }
