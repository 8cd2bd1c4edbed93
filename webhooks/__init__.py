"""Receiving: a webhook becomes a reply, is decided, recorded and answered; a call of SmartLead's own an order.

Never waits for SmartLead.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, get_args

from flask import Blueprint, Response

from model import DEFAULT_ACCOUNT
from webhooks.desk import Desk
from webhooks.incoming import order_call, webhook_call

if TYPE_CHECKING:
    from collections.abc import Callable

    import model
    from config import Settings
    from webhooks.gate import Gate

__all__ = [
    "FAILED",
    "KEY",
    "MARK_UNREAD",
    "MASTER_INBOX",
    "Desk",
    "Name",
    "account_in",
    "make_blueprint",
    "response_of",
]

SOURCES = ("smartlead", "zapier")  # labels: each path takes every shape
Name = Literal["change-read-status", "mark-unread"]  # of SmartLead's endpoints that are answered here
MARK_UNREAD: Final = "mark-unread"
MASTER_INBOX = "/api/v1/master-inbox"
FAILED: Final = "Something went wrong here; the log has more. Send it again."
KEY: Final = "api_key"  # in the query, or in the body as its page on authentication allows


def account_in(path: str) -> str | None:
    """The account that a webhook's path names; None if it is no such path."""
    parts = path.strip("/").split("/")
    if parts[0] != "webhooks":
        return None
    return parts[2].lower() if len(parts) > 2 else DEFAULT_ACCOUNT


def response_of(made: model.Response) -> Response:
    """The same for Flask."""
    return Response(made.body, made.status, dict(made.headers), mimetype="application/json")


def make_blueprint(settings: Settings, answer: Callable[[model.Call], model.Response]) -> Blueprint:
    """The ways in: webhooks of each account, and SmartLead's own endpoints for the read flag."""
    blueprint = Blueprint("webhooks", __name__)
    most = settings.max_body_bytes

    @cache
    def gate() -> Gate:
        from webhooks.gate import Gate  # noqa: PLC0415 - commands have the routes, too, but answer nobody

        return Gate(settings)

    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>", strict_slashes=False)
    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>/<account>", strict_slashes=False)
    def receive(source: str, account: str = DEFAULT_ACCOUNT) -> Response:
        return response_of(answer(webhook_call(source, account, most, gate().reads_body)))

    @blueprint.patch(f"{MASTER_INBOX}/<any({', '.join(map(repr, get_args(Name)))}):name>", strict_slashes=False)
    def change_read_status(name: Name) -> Response:
        return response_of(answer(order_call(name, KEY, most)))

    return blueprint
