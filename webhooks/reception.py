"""The answer to a webhook: authenticated, unwrapped, taken in, and told in the sender's terms."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from ledger import NotStoredError, Receipt
from webhooks import refusals
from webhooks.authenticity import (
    SECRET_KEY,
    SIGNATURE,
    all_carry_secret,
    any_known,
    carries_secret,
    is_signed,
    may_carry,
    shown_tokens,
)
from webhooks.intake import Intake
from webhooks.judgement import make_ready
from webhooks.known import Known
from webhooks.refusals import Refusals
from webhooks.revision import Revision
from webhooks.unwrap import Unsupported, Unwrapped, unwrap

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from model import Malformed
    from rulebook import Rulebook

log = logging.getLogger(__name__)

COME_BACK = 5  # seconds, for senders that are told to try again
WAYS_TO_SHOW = (
    "Add ?token=… to the address, or send it as Authorization: Bearer …,"
    " as the password of Basic Auth, or as X-Webhook-Token."
)
WHY = {
    refusals.NO_TOKEN: f"No token. {WAYS_TO_SHOW}",
    refusals.WRONG_TOKEN: f"This token is not valid. {WAYS_TO_SHOW}",
    refusals.WRONG_SECRET: f"No valid token, and secret_key is not the one that is expected. {WAYS_TO_SHOW}",
    refusals.WRONG_SIGNATURE: f"{SIGNATURE} is not the signature of this body: check SMARTLEAD_SIGNING_SECRET.",
}
TOLD = ("status", "event_id", "mark", "rule", "reason", "email_lead_map_id")  # of a receipt

Answer = tuple[Response, int] | tuple[Response, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a body that was not read whole."""

    status: int
    answer: dict[str, Any]


class Reception:
    """Answers the webhooks of one application, from many threads."""

    def __init__(self, settings: Settings, ledger: Ledger, rulebook: Rulebook) -> None:
        self._settings = settings
        self._ledger = ledger
        self._rulebook = rulebook
        self._known = Known(ledger, settings.own_domains)
        self._revision = Revision(ledger, self._known, settings.dry_run, settings.secrets)
        self._refusals = Refusals(ledger)
        make_ready()

    def close(self) -> None:
        """Write down what was refused."""
        self._refusals.close()

    def receive(self, source: str) -> Answer:
        """Answer Flask's current request, a POST to this source. 2xx only for what is in the ledger."""
        shown = _shown_tokens()
        trusted = self._settings.sandbox or any_known(shown, self._settings.webhook_tokens)
        untrusted = refusals.WRONG_TOKEN if shown else refusals.NO_TOKEN
        if not trusted and not self._settings.webhook_secrets:
            return self._refuse(untrusted)
        intake = Intake(self._ledger, self._settings, source, self._known, self._revision)
        try:
            body = self._body(intake, trusted=trusted)
            if isinstance(body, Refused):
                return jsonify(body.answer), body.status
            if not trusted and not may_carry(body, self._settings.webhook_secrets):
                return self._refuse(refusals.WRONG_SECRET if SECRET_KEY in body else untrusted)
            unwrapped = unwrap(body, request.content_type)
            if why := self._distrust(body, unwrapped, None if trusted else untrusted):
                return self._refuse(why)
            return self._take(intake, unwrapped, body)
        except NotStoredError as error:
            return _try_again(f"Not stored: {error}. Send it again.")

    def _distrust(
        self, body: bytes, unwrapped: Unwrapped | Malformed | Unsupported, untrusted: str | None
    ) -> str | None:
        """Why this body is not to be believed; `untrusted` is what its request alone has against it."""
        secret, signature = self._settings.signing_secret, request.headers.get(SIGNATURE)
        if secret and signature and not is_signed(body, signature, secret):
            return refusals.WRONG_SIGNATURE
        events = unwrapped.events if isinstance(unwrapped, Unwrapped) else ()
        if untrusted is None or all_carry_secret(events, self._settings.webhook_secrets):
            return None
        return refusals.WRONG_SECRET if carries_secret(events) else untrusted

    def _body(self, intake: Intake, *, trusted: bool) -> bytes | Refused:
        """The whole body, or why there is none."""
        try:
            body = request.get_data(cache=False)
        except RequestEntityTooLarge:
            return self._too_large(intake, trusted=trusted)
        except Exception:  # noqa: BLE001 - of the server's own reader: the sender stopped, or its chunks are none
            return _cut_off()
        # Of a chunked body that is too large werkzeug gives the beginning, as if it were all.
        if request.content_length is None and len(body) >= self._settings.max_body_bytes:
            return self._too_large(intake, trusted=trusted)
        if request.content_length is not None and len(body) < request.content_length:
            return _cut_off()
        return body

    def _too_large(self, intake: Intake, *, trusted: bool) -> Refused:
        if not trusted:  # the secret that would tell a friend stands in the body
            self._refusals.note(refusals.TOO_LARGE, request.path, request.remote_addr)
            raise RequestEntityTooLarge
        return Refused(413, _flat(intake.note_too_large()))

    def _take(self, intake: Intake, unwrapped: Unwrapped | Malformed | Unsupported, body: bytes) -> Answer:
        if not isinstance(unwrapped, Unwrapped):
            status = 415 if isinstance(unwrapped, Unsupported) else 400
            return _answer([intake.quarantine(body, unwrapped.reason)], status)
        live = self._rulebook.live
        if live is None:
            return _try_again("There are no live rules yet: publish some (flask rules publish). Send it again later.")
        receipts = intake.take(unwrapped.items, live)
        nothing_read = all(receipt.status == "quarantined" for receipt in receipts)
        return _answer(receipts, 400 if nothing_read else 200)

    def _refuse(self, reason: str) -> Answer:
        self._refusals.note(reason, request.path, request.remote_addr)
        return jsonify({"error": WHY[reason]}), 401, {"WWW-Authenticate": 'Basic realm="Replymark"'}


def _shown_tokens() -> list[str]:
    in_query, in_header = request.args.getlist("token"), request.headers.get("X-Webhook-Token", "")
    return shown_tokens(in_query, in_header, request.headers.get("Authorization", ""))


def _cut_off() -> Refused:
    """Half a form reads like a whole one; what is recorded of it would make the whole one a duplicate."""
    return Refused(400, {"error": "The body ended before it was whole. Nothing of it was taken; send it again."})


def _answer(receipts: list[Receipt], status: int) -> Answer:
    """The flat fields of the first receipt, so that a Zap can use them; a batch has all of them beside."""
    flat = _flat(receipts[0])
    if len(receipts) > 1:
        flat["results"] = [_flat(receipt) for receipt in receipts]
    for receipt in receipts:
        about = (receipt.event_id, receipt.status, receipt.mark, receipt.rule)
        log.info("received event=%s status=%s mark=%s rule=%r", *about)
    return jsonify(flat), status


def _flat(receipt: Receipt) -> dict[str, Any]:
    """What the contract promises."""
    return {name: getattr(receipt, name) for name in TOLD}


def _try_again(sentence: str) -> Answer:
    return jsonify({"error": sentence}), 503, {"Retry-After": str(COME_BACK)}
