"""A stand-in SmartLead on loopback, for the first run and for tests. It imports nothing of Replymark."""

from __future__ import annotations

from sandbox.samples import SAMPLES, curl_line, send_samples
from sandbox.server import Sandbox, serve

__all__ = ["SAMPLES", "Sandbox", "curl_line", "send_samples", "serve"]
