"""The console's pages: what is read from the ledger, and how it is worded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Response, abort, make_response, render_template

from ledger import State
from model import Mark

if TYPE_CHECKING:
    from config import Settings
    from ledger import EventRow, Ledger

CSP = "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
SHOWN = 50
IN_SMARTLEAD = {
    State.PENDING: "waiting to be sent",
    State.SETTLED: "yes",
    State.FAILED: "no: it failed",
    State.WITHDRAWN: "no: withdrawn",
}


def show_replies(settings: Settings, ledger: Ledger) -> Response:
    """The last replies; in sandbox mode only, where the app lets nobody but this machine see them."""
    if not settings.sandbox:
        abort(404)
    words = {"iso": _iso, "clock": _clock, "in_smartlead": _in_smartlead}
    rows = ledger.recent_events(limit=SHOWN)
    page = make_response(render_template("replies.html", rows=rows, rules_file=settings.rules_file, **words))
    page.headers["Content-Security-Policy"] = CSP
    page.headers["X-Content-Type-Options"] = "nosniff"
    page.headers["Referrer-Policy"] = "no-referrer"
    page.headers["Cache-Control"] = "no-store"
    return page


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")


def _in_smartlead(row: EventRow) -> str:
    """Whether SmartLead has this reply's mark, in words."""
    if row.bucket != "accepted":
        return f"{row.bucket}: {row.reason}"
    if row.state is not None:
        shown = IN_SMARTLEAD.get(State(row.state), row.state)
        return f"{shown}, as unread: {row.reason}" if row.mark is Mark.LEAVE else shown
    if row.mark is Mark.LEAVE:
        return "nothing to send"
    return row.reason or "a newer reply decides"
