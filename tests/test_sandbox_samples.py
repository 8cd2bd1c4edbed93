"""The sample replies arrive as SmartLead would send them, and the newcomer's own with one pasted line."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import SAMPLES, curl_line, send_samples
from sandbox.conversation import SEEDED

if TYPE_CHECKING:
    from collections.abc import Iterator


class Receiver(BaseHTTPRequestHandler):
    """A webhook that keeps what it is sent."""

    bodies: list[Any]
    status = 200

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    kind = type("OneReceiver", (Receiver,), {"bodies": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/webhooks/smartlead?token=t", kind
        server.shutdown()
        thread.join()


def test_the_samples_arrive_fresh_and_belong_to_known_conversations(
    receiver: tuple[str, type[Receiver]],
) -> None:
    url, kept = receiver
    send_samples(url)
    assert len(kept.bodies) == len(SAMPLES)
    texts = json.dumps(kept.bodies)
    assert "{time}" not in texts
    assert "{run}" not in texts
    assert all(each["event_type"] == "EMAIL_REPLY" for each in kept.bodies)
    known = [str(each.map_id) for each in SEEDED]
    assert all(any(map_id in json.dumps(each) for map_id in known) for each in kept.bodies)


def test_a_sample_that_is_not_taken_is_an_error(receiver: tuple[str, type[Receiver]]) -> None:
    url, kept = receiver
    kept.status = 503
    with pytest.raises(RuntimeError, match="503"):
        send_samples(url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")
def test_the_curl_line_sends_the_same_new_reply_each_time(receiver: tuple[str, type[Receiver]]) -> None:
    url, kept = receiver
    line = curl_line(url)
    for _ in range(2):
        subprocess.run(["sh", "-c", line], check=True, timeout=20)
    first, second = kept.bodies
    assert first == second
    assert first["sl_email_lead_map_id"] not in [each.get("sl_email_lead_map_id") for each in SAMPLES]


def test_the_curl_line_can_be_pasted_and_is_new_each_time() -> None:
    line = curl_line("http://127.0.0.1:8000/webhooks/smartlead")
    assert line.startswith("curl ")
    assert "\n" not in line
    assert "\\" not in line
    assert line.count("'") == 4  # around the header and around the JSON, and nowhere within
    assert curl_line("http://127.0.0.1:8000/webhooks/smartlead") != line
