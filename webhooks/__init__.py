"""Receiving: a webhook becomes a reply, is decided, recorded and answered; a call of SmartLead's own an order.

Never waits for SmartLead.
"""

from __future__ import annotations

from functools import cache
from threading import RLock
from typing import TYPE_CHECKING, Final, Literal, get_args

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
    from webhooks.refusals import Refusals
    from webhooks.standins import StandIns

SOURCES = ("smartlead", "zapier")  # labels: each path takes every shape
Name = Literal["change-read-status", "mark-unread"]  # of SmartLead's endpoints that are answered here
MARK_UNREAD: Final = "mark-unread"
MASTER_INBOX = "/api/v1/master-inbox"


def account_in(path: str) -> str | None:
    """The account that a webhook's path names; None if it is no such path."""
    parts = path.strip("/").split("/")
    if parts[0] != "webhooks":
        return None
    return parts[2].lower() if len(parts) > 2 else DEFAULT_ACCOUNT


def make_blueprint(
    settings: Settings, ledger: Callable[[], Ledger], rulebook: Callable[[], Rulebook], ending: ExitStack
) -> Blueprint:
    """The ways in: webhooks of each account, and SmartLead's own endpoints for the read flag.

    Ledger and rulebook are asked for when a request comes, not before. `ending` gets what must end before the ledger is
    closed.
    """
    blueprint = Blueprint("webhooks", __name__)
    opening = RLock()

    @cache
    def refusals() -> Refusals:
        from webhooks.refusals import Refusals  # noqa: PLC0415 - commands have the routes, too, but answer nobody

        made = Refusals(ledger())
        ending.callback(made.close)
        return made

    @cache
    def reception() -> Reception:
        from webhooks.reception import Reception  # noqa: PLC0415 - as above

        return Reception(settings, ledger(), rulebook(), refusals())

    @cache
    def stand_ins() -> StandIns:
        from webhooks.standins import StandIns  # noqa: PLC0415 - as above

        return StandIns(settings, ledger(), refusals())

    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>", strict_slashes=False)
    @blueprint.post(f"/webhooks/<any({', '.join(SOURCES)}):source>/<account>", strict_slashes=False)
    def receive(source: str, account: str = DEFAULT_ACCOUNT) -> ResponseReturnValue:
        with opening:
            taking = reception()
        return taking.receive(source, account)

    @blueprint.patch(f"{MASTER_INBOX}/<any({', '.join(map(repr, get_args(Name)))}):name>", strict_slashes=False)
    def change_read_status(name: Name) -> ResponseReturnValue:
        with opening:
            standing_in = stand_ins()
        return standing_in.answer(name)

    return blueprint
