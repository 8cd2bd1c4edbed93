"""`create_app` wires the parts together, and nothing else. What only serving does is in serving.py."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, get_args

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

import cli
import console
import webhooks
from config import Settings, read_settings, version
from model import DEFAULT_ACCOUNT, ReadinessCall, respond
from parts import Parts, attach, current_parts

if TYPE_CHECKING:
    import model
    from ledger import Ledger

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
FORWARDING = (
    *("Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Server"),
)
REFUSED_LATELY = 3600.0  # seconds
LOOK_AT_REFUSED = "flask inbox show --refused"
NO_RULES = "There are no live rules: run `flask rules publish`."


def create_app(settings: Settings | None = None) -> Flask:
    """The web application. Touches neither disk nor network, and demands no setting: commands must work without any."""
    settings = settings or read_settings(os.environ)
    parts = Parts(settings)
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # its redirect would repeat the token in a header
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    provider = DefaultJSONProvider(app)
    provider.sort_keys = provider.ensure_ascii = False  # the order of the contract, and words as people read them
    app.json = provider
    attach(app, parts)
    if settings.sandbox:
        app.before_request(_only_loopback)
    ledger, rulebook = (lambda: parts.ledger), (lambda: parts.rulebook)
    parts.desk = webhooks.Desk(settings, ledger, rulebook, partial(readiness, parts), parts.ending)
    app.register_blueprint(webhooks.make_blueprint(settings, parts.answer))
    app.register_blueprint(console.make_blueprint(settings, ledger))
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.register_error_handler(HTTPException, _say_why)
    cli.register(app)
    return app


def healthz() -> Response:
    """The process answers."""
    return jsonify({"status": "ok", "version": version()})


def readyz() -> Response:
    """Whether a webhook could be taken, and what else people should look at."""
    return webhooks.response_of(current_parts().answer(ReadinessCall()))


def readiness(parts: Parts) -> model.Response:
    """The same, in the process that takes them."""
    problems = [*parts.settings.problems] or parts.ledger.problems()
    if not problems and parts.rulebook.live is None:
        problems = [NO_RULES]
    warnings = parts.rulebook.warnings
    if not problems:
        ledger = parts.ledger
        warnings += ledger.warnings()
        warnings += _refusal_warnings(ledger, parts.settings) + _delivery_warnings(ledger, parts.settings)
        warnings += _sweep_warnings(ledger, parts.settings)
    told = {"ready": not problems, "problems": problems, "warnings": warnings}
    return respond(503 if problems else 200, told)


def _refusal_warnings(ledger: Ledger, settings: Settings) -> list[str]:
    """Refused and never arrived must not look alike: who only hears nothing looks in the wrong place."""
    lately = [one for one in ledger.refusals(limit=100) if one.refused_at > time.time() - REFUSED_LATELY]
    found = []
    for name in [one.name for one in settings.accounts]:
        refused = [one for one in lately if webhooks.account_in(one.path) == name]
        if refused and not _took_a_reply(ledger, name, refused[0].refused_at):
            of = "" if name == DEFAULT_ACCOUNT else f" of account {name}"
            why = f"{refused[0].reason}; {len(refused)} in the last hour"
            found.append(f"The last webhooks{of} were refused ({why}), and none was taken since: {LOOK_AT_REFUSED}")
    return found


def _took_a_reply(ledger: Ledger, account: str, since: float) -> bool:
    """Whether a reply was taken since then: what is ignored, as the doctor's own test, tells nothing of SmartLead."""
    newest = (row for bucket in ("accepted", "parked") for row in ledger.recent_events(bucket, limit=100))
    return any(row.account == account and row.received_at > since for row in newest)


def _delivery_warnings(ledger: Ledger, settings: Settings) -> list[str]:
    from ledger import SILENT_SECONDS  # noqa: PLC0415 - commands, which load this file, too, need not load the ledger

    names = [one.name for one in settings.accounts]
    held = ledger.held_accounts()
    warnings = [f"Account {name} is paused: {held[name]}." for name in names if name in held]
    warnings += [_keyless(name, count) for name, count in ledger.waiting_of_others(names).items()]
    silence = ledger.worker_silence()
    if silence is None or silence > SILENT_SECONDS:
        since = "yet" if silence is None else f"for {silence:.0f} seconds"
        warnings.append(f"No worker has been seen {since}: nothing is delivered. Start one: flask worker run")
    return warnings


def _keyless(account: str, count: int) -> str:
    marks = "1 mark waits" if count == 1 else f"{count} marks wait"
    mend = f"set SMARTLEAD_API_KEY_{account.upper()} again, or: flask deliveries cancel --account {account}"
    return f"{marks} of account {account}, which has no key: {mend}"


def _sweep_warnings(ledger: Ledger, settings: Settings) -> list[str]:
    from worker.sweeper import sweep_warnings  # noqa: PLC0415 - commands load this file, too

    return sweep_warnings(ledger, [one.name for one in settings.accounts], settings.sweep_every)


def _only_loopback() -> tuple[Response, int] | None:
    """The sandbox needs no token, so it answers nobody but this machine, not even through a proxy on it."""
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if name in LOOPBACK and not any(header in request.headers for header in FORWARDING):
        return None
    sentence = "This is the sandbox, for this machine alone. For real use set SMARTLEAD_API_KEY."
    return jsonify({"error": sentence}), 403


def _say_why(error: HTTPException) -> tuple[Response, int]:
    sentences = {
        404: "There is nothing here. Webhooks go to POST /webhooks/smartlead or /webhooks/zapier; of SmartLead's own"
        f" endpoints only {' and '.join(get_args(webhooks.Name))} are answered: PATCH {webhooks.MASTER_INBOX}/….",
        405: "This address takes another method: webhooks are POSTed, read statuses PATCHed.",
        500: webhooks.FAILED,
    }
    code = error.code or 500
    return jsonify({"error": sentences.get(code, error.description)}), code
