"""The answer to a webhook: authenticated, unwrapped, taken in, and told in the sender's terms."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from ledger import NotStoredError, Receipt
from webhooks.authenticity import all_carry_secret, any_known, shown_tokens
from webhooks.intake import Intake
from webhooks.unwrap import Unsupported, Unwrapped, unwrap

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from model import Malformed
    from rulebook import Rulebook

log = logging.getLogger(__name__)

COME_BACK = 5  # seconds, for senders that are told to try again

Answer = tuple[Response, int] | tuple[Response, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Unread:
    """The answer to a body that was not read whole."""

    status: int
    answer: dict[str, Any]


def receive(source: str, settings: Settings, ledger: Ledger, rulebook: Rulebook) -> Answer:
    """Answer Flask's current request, a POST to this source. 2xx only for what is in the ledger."""
    if not (trusted := _shows_token(settings)) and not settings.webhook_secrets:
        return _refuse()
    intake = Intake(ledger, settings, source)
    try:
        body = _body(intake, trusted=trusted)
        if isinstance(body, Unread):
            return jsonify(body.answer), body.status
        unwrapped = unwrap(body, request.content_type)
        if not trusted and not _shows_secret(unwrapped, settings):
            return _refuse()
        return _take(intake, unwrapped, body, rulebook)
    except NotStoredError as error:
        return _try_again(f"Not stored: {error}. Send it again.")


def _body(intake: Intake, *, trusted: bool) -> bytes | Unread:
    """The whole body, or why there is none."""
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _too_large(intake, trusted=trusted)
    except Exception:  # noqa: BLE001 - of the server's own reader: the sender stopped, or its chunks are none
        return _cut_off()
    # Of a chunked body that is too large werkzeug gives the beginning, as if it were all.
    if request.content_length is None and len(body) >= intake.settings.max_body_bytes:
        return _too_large(intake, trusted=trusted)
    if request.content_length is not None and len(body) < request.content_length:
        return _cut_off()
    return body


def _cut_off() -> Unread:
    """Half a form reads like a whole one; what is recorded of it would make the whole one a duplicate."""
    return Unread(400, {"error": "The body ended before it was whole. Nothing of it was taken; send it again."})


def _too_large(intake: Intake, *, trusted: bool) -> Unread:
    if not trusted:  # the secret that would tell a friend stands in the body
        raise RequestEntityTooLarge
    return Unread(413, asdict(intake.note_too_large()))


def _take(intake: Intake, unwrapped: Unwrapped | Malformed | Unsupported, body: bytes, rulebook: Rulebook) -> Answer:
    if not isinstance(unwrapped, Unwrapped):
        status = 415 if isinstance(unwrapped, Unsupported) else 400
        return _answer([intake.quarantine(body, unwrapped.reason)], status)
    live = rulebook.live
    if live is None:
        return _try_again("There are no live rules yet: publish some (flask rules publish). Send it again later.")
    receipts = intake.take(unwrapped.events, live)
    nothing_read = all(receipt.status == "quarantined" for receipt in receipts)
    return _answer(receipts, 400 if nothing_read else 200)


def _shows_token(settings: Settings) -> bool:
    headers = request.headers
    in_query, in_header = request.args.getlist("token"), headers.get("X-Webhook-Token", "")
    shown = shown_tokens(in_query, in_header, headers.get("Authorization", ""))
    return settings.sandbox or any_known(shown, settings.webhook_tokens)


def _shows_secret(unwrapped: Unwrapped | Malformed | Unsupported, settings: Settings) -> bool:
    return isinstance(unwrapped, Unwrapped) and all_carry_secret(unwrapped.events, settings.webhook_secrets)


def _answer(receipts: list[Receipt], status: int) -> Answer:
    """The flat fields of the first receipt, so that a Zap can use them; a batch has all of them beside."""
    flat: dict[str, Any] = asdict(receipts[0])
    if len(receipts) > 1:
        flat["results"] = [asdict(receipt) for receipt in receipts]
    for receipt in receipts:
        about = (receipt.event_id, receipt.status, receipt.mark, receipt.rule)
        log.info("received event=%s status=%s mark=%s rule=%r", *about)
    return jsonify(flat), status


def _refuse() -> Answer:
    log.warning("refused source_path=%s from=%s", request.path, request.remote_addr)
    sentence = (
        "No valid token. Add ?token=… to the address, or send it as Authorization: Bearer …,"
        " as the password of Basic Auth, or as X-Webhook-Token."
    )
    return jsonify({"error": sentence}), 401, {"WWW-Authenticate": 'Basic realm="Replymark"'}


def _try_again(sentence: str) -> Answer:
    return jsonify({"error": sentence}), 503, {"Retry-After": str(COME_BACK)}
