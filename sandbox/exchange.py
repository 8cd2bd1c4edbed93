"""HTTP: reads one request after the other from a connection, and writes the answers or plays the faults."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlsplit

from sandbox import controls
from sandbox.faults import Fault
from sandbox.message import Answer, Request

if TYPE_CHECKING:
    from sandbox.server import Server

LARGEST_BODY = 1_000_000
PLAIN = Fault()
AT_ONCE = struct.pack("ii", 1, 0)


class Exchange(BaseHTTPRequestHandler):
    """One connection, kept alive between its requests."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True  # head and body of an answer must not wait for each other's acknowledgement

    def exchange(self) -> None:
        """Read one request and answer it."""
        arrived_at = time.time()
        account = cast("Server", self.server).account
        request = self._read()
        if request.path.startswith(controls.PREFIX):
            self._send(controls.control(account, request), PLAIN)
            return
        entry = account.log.arrived(request, arrived_at)
        refusal, headers = account.gate.admit(request)
        fault = PLAIN if refusal else account.faults.take(request.path) or PLAIN
        stopped = self._wait(fault.delay)
        if fault.reset or stopped:
            self._reset()
            return
        answer = refusal or fault.answer or account.respond(request)
        account.play(fault)
        entry["status"] = answer.status
        self._send(answer if fault.answer else answer.plus(headers), fault)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = exchange  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: Any) -> None:
        """Print nothing: the request line holds the key."""

    def _read(self) -> Request:
        url = urlsplit(self.path)
        body, problem = self._read_body()
        agent = self.headers.get("User-Agent", "")
        return Request(self.command, url.path, dict(parse_qsl(url.query)), agent, body, problem)

    def _read_body(self) -> tuple[Any, str | None]:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch(r"[0-9]{1,18}", length):
            self.close_connection = True  # where the next request begins is not known
            return None, "Invalid request payload: its length is not given"
        if int(length) > LARGEST_BODY:
            self._skip(int(length))
            return None, f"Payload content length greater than maximum allowed: {LARGEST_BODY}"
        try:
            text = self.rfile.read(int(length))
            return (json.loads(text) if text else None), None
        except (ValueError, RecursionError):
            return None, "Invalid request payload JSON format"

    def _skip(self, length: int) -> None:
        # A client that is still sending would see a reset in place of the answer.
        while length > 0 and (chunk := self.rfile.read(min(length, 65536))):
            length -= len(chunk)

    def _wait(self, seconds: float) -> bool:
        """Whether the server was stopped meanwhile."""
        return cast("Server", self.server).stopping.wait(seconds)

    def _send(self, answer: Answer, fault: Fault) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        if fault.close_midway or self.close_connection:
            self.send_header("Connection", "close")  # which also ends this loop of requests
        self.end_headers()
        body = answer.body[: len(answer.body) // 2] if fault.close_midway else answer.body
        for piece in [bytes([byte]) for byte in body] if fault.drip else [body]:
            self.wfile.write(piece)
            self._wait(fault.drip)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        os.close(self.connection.detach())
        self.close_connection = True
