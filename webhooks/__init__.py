"""Receiving: a webhook's body becomes a reply, is decided, recorded and answered. Never waits for SmartLead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from config import Settings
    from ledger import Ledger
    from rulebook import Rulebook

SOURCES = ("smartlead", "zapier")  # labels: each path takes every shape


def make_blueprint(settings: Settings, ledger: Callable[[], Ledger], rulebook: Callable[[], Rulebook]) -> Blueprint:
    """POST /webhooks/smartlead and /webhooks/zapier. Ledger and rulebook are asked for when one comes, not before."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>", strict_slashes=False)
    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>/{DEFAULT_ACCOUNT}", strict_slashes=False)
    def receive(source: str) -> ResponseReturnValue:
        from webhooks import reception  # noqa: PLC0415 - commands have the routes, too, but answer nobody

        return reception.receive(source, settings, ledger(), rulebook())

    return blueprint
