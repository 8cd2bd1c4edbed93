"""The stand-in SmartLead as a server on loopback."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from socketserver import ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Self

from sandbox.account import Account
from sandbox.conversation import Crowd
from sandbox.exchange import Exchange
from sandbox.samples import SAMPLES
from sandbox.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
LIMITS = ((10, 1.0), (60, 60.0), (1000, 3600.0))
PATIENCE = 5.0
ENDS = (signal.SIGTERM, signal.SIGINT)


class Server(ThreadingTCPServer):
    """Listens, and knows its open connections, so that stopping ends those that are kept alive too."""

    # Not http.server's own: that looks its name up in DNS before it listens.
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, account: Account) -> None:
        self.account = account
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._change = threading.Condition()
        super().__init__((HOST, port), Exchange)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, then serve it in a thread of its own."""
        with self._change:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection, then forget it."""
        super().shutdown_request(request)
        with self._change:
            self._open.discard(request)
            self._change.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about a client that went away; print any other error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop listening, break off what is under way and wait until every connection is closed."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._change:
            for connection in self._open:
                _break_off(connection)
            self._change.wait_for(lambda: not self._open, PATIENCE)


def _break_off(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it is closed already


class Sandbox:
    """A SmartLead account in this process. What it knows lives as long as the object, over any stop and start.

    `limits` are (requests, seconds) per key, all at once; none at all means that nothing is limited. A PATCH for a
    conversation that it does not know makes that conversation, or with `strict` gets 404.
    Its `url` is known after the first start; a port of 0 takes a free one and keeps it for later starts.
    """

    def __init__(
        self,
        port: int = 0,
        api_keys: Sequence[str] = ("sandbox",),
        limits: Sequence[tuple[int, float]] = LIMITS,
        *,
        strict: bool = False,
    ) -> None:
        self._port = port
        self._account = Account(api_keys, limits, strict=strict)
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{HOST}:{self._port}"

    def add_webhooks(self, addresses: Sequence[str]) -> None:
        """Set webhooks up in the first sample's campaign, with the events that Replymark wants."""
        events, campaign = ("EMAIL_REPLY", "LEAD_CATEGORY_UPDATED"), SAMPLES[0]["campaign_id"]
        self._account.workspace.webhooks.add(
            [
                Webhook(number, address, event_types=events, campaign_id=campaign)
                for number, address in enumerate(addresses, start=1)
            ]
        )

    def add_crowd(self, count: int) -> None:
        """Add so many conversations in three campaigns, whose last replies came an hour apart."""
        self._account.workspace.inbox.add(Crowd(count, campaigns=3, apart=3600.0))

    def start(self) -> None:
        """Listen, and serve from a daemon thread. OSError if the port is taken."""
        self._server = Server(self._port, self._account)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and close every connection. Does nothing when it is not started."""
        if self._server is not None:
            self._server.end()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(
    port: int,
    api_keys: Sequence[str],
    limits: Sequence[tuple[int, float]],
    webhooks: Sequence[str] = (),
    crowd: int = 0,
) -> None:
    """Serve in the foreground until SIGTERM or SIGINT, which end it cleanly. Call it from the main thread.

    `webhooks` are addresses that the first sample's campaign shows as its webhooks; `crowd`: how many conversations
    there are beside those of the samples. SystemExit with a sentence if the port is taken.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # every thread inherits it, so that sigwait alone sees them
    sandbox = Sandbox(port, api_keys, limits)
    sandbox.add_webhooks(webhooks)
    sandbox.add_crowd(crowd)
    try:
        sandbox.start()
    except OSError as error:
        raise SystemExit(f"The sandbox cannot listen on {HOST}:{port}: {error.strerror}") from None
    sys.stdout.write(f"SmartLead sandbox: {sandbox.url}\n")
    sys.stdout.flush()
    signal.sigwait(ENDS)
    sandbox.stop()
