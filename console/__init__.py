"""The console shows. So far one page: the last replies, in the sandbox, so that a newcomer sees it work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from config import Settings
    from ledger import Ledger


def make_blueprint(settings: Settings, ledger: Callable[[], Ledger]) -> Blueprint:
    """`/` and the files that its page loads. The ledger is asked for when somebody looks at it, not before."""
    blueprint = Blueprint("console", __name__, template_folder="templates", static_folder="static")

    @blueprint.get("/")
    def replies() -> ResponseReturnValue:
        from console import pages  # noqa: PLC0415 - commands have the routes, too, but show nothing

        return pages.show_replies(settings, ledger())

    return blueprint
