"""What somebody asks of us over HTTP, and what they are told: values that know no web framework and cross processes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

Flaw = Literal["too large", "cut off"]  # why there is no whole body


class WebhookCall(NamedTuple):
    """A POST to /webhooks/<source>/<account>."""

    source: str
    account: str  # as the path names it
    path: str  # without its query, which may hold a token
    sender: str | None  # network address
    tokens: tuple[str, ...]  # that it shows
    content_type: str | None
    signature: str | None
    body: bytes | Flaw | None  # None: it was not read, for none of the tokens is good


class OrderCall(NamedTuple):
    """A PATCH to one of SmartLead's own endpoints for the read flag."""

    name: str  # of the endpoint
    path: str
    sender: str | None
    tokens: tuple[str, ...]
    content_type: str | None
    body: bytes | Flaw


class ReadinessCall(NamedTuple):
    """A GET of /readyz."""


Call = WebhookCall | OrderCall | ReadinessCall


class Response(NamedTuple):
    """What whoever asked is told."""

    status: int
    body: bytes  # JSON
    headers: Mapping[str, str]


def respond(status: int, told: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A response with this as JSON: the order of the contract, and words as people read them."""
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Response(status, f"{body}\n".encode(), headers or {})
