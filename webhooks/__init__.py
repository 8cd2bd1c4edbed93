"""Receiving: a webhook's body becomes a reply, is decided, recorded and answered. Never waits for SmartLead."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from flask import Blueprint

from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from flask.typing import ResponseReturnValue

    from config import Settings
    from ledger import Ledger
    from rulebook import Rulebook
    from webhooks.reception import Reception

SOURCES = ("smartlead", "zapier")  # labels: each path takes every shape


def make_blueprint(
    settings: Settings, ledger: Callable[[], Ledger], rulebook: Callable[[], Rulebook], ending: ExitStack
) -> Blueprint:
    """POST /webhooks/smartlead and /webhooks/zapier. Ledger and rulebook are asked for when one comes, not before.

    `ending` gets what must end before the ledger is closed.
    """
    blueprint = Blueprint("webhooks", __name__)
    opening = Lock()

    @cache
    def open_reception() -> Reception:
        from webhooks.reception import Reception  # noqa: PLC0415 - commands have the routes, too, but answer nobody

        reception = Reception(settings, ledger(), rulebook())
        ending.callback(reception.close)
        return reception

    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>", strict_slashes=False)
    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>/{DEFAULT_ACCOUNT}", strict_slashes=False)
    def receive(source: str) -> ResponseReturnValue:
        with opening:
            reception = open_reception()
        return reception.receive(source)

    return blueprint
