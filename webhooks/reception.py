"""The answer to a webhook: authenticated, unwrapped, taken in, and told in the sender's terms."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from config import Account
from ledger import NotStoredError, Receipt
from webhooks import refusals
from webhooks.authenticity import (
    SECRET_KEY,
    SIGNATURE,
    accounts_of,
    all_carry_secret,
    carries_secret,
    is_signed,
    may_carry,
)
from webhooks.incoming import CUT_OFF, read_body, read_tokens
from webhooks.intake import Intake
from webhooks.judgement import make_ready
from webhooks.known import Known
from webhooks.revision import Revision
from webhooks.unwrap import Unsupported, Unwrapped, unwrap

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from model import Malformed
    from rulebook import Rulebook
    from webhooks.refusals import Refusals

log = logging.getLogger(__name__)

COME_BACK = 5  # seconds, for senders that are told to try again
CHALLENGE = {"WWW-Authenticate": 'Basic realm="Replymark"'}
WAYS_TO_SHOW = (
    "Add ?token=… to the address, or send it as Authorization: Bearer …,"
    " as the password of Basic Auth, or as X-Webhook-Token."
)
WHY = {
    refusals.NO_TOKEN: f"No token. {WAYS_TO_SHOW}",
    refusals.WRONG_TOKEN: f"This token is not valid. {WAYS_TO_SHOW}",
    refusals.OTHER_ACCOUNT: "This token is of another account than this address, which ends in the account's name:"
    " /webhooks/smartlead/NAME.",
    refusals.WRONG_SECRET: f"No valid token, and secret_key is not the one that is expected. {WAYS_TO_SHOW}",
    refusals.WRONG_SIGNATURE: f"{SIGNATURE} is not the signature of this body: check SMARTLEAD_SIGNING_SECRET.",
}
TOLD = ("status", "event_id", "mark", "rule", "reason", "email_lead_map_id")  # of a receipt

NOBODY = Account(name="")  # takes no token and no secret: an account that is not there answers as one that is

Answer = tuple[Response, int] | tuple[Response, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer to a body that was not read whole."""

    status: int
    answer: dict[str, Any]


class Reception:
    """Answers the webhooks of one application, from many threads."""

    def __init__(self, settings: Settings, ledger: Ledger, rulebook: Rulebook, turned_away: Refusals) -> None:
        self._settings = settings
        self._accounts = {one.name: one for one in settings.accounts}
        self._secrets_count = any(one.webhook_secrets for one in settings.accounts)
        self._ledger = ledger
        self._rulebook = rulebook
        self._known = Known(ledger, settings.own_domains)
        self._revision = Revision(ledger, self._known, settings.dry_run, settings.secrets)
        self._refusals = turned_away
        make_ready()

    def receive(self, source: str, name: str) -> Answer:
        """Answer Flask's current request, a POST to this source of this account. 2xx only for what is in the ledger."""
        account = self._accounts.get(name.lower(), NOBODY)
        untrusted = self._why_untrusted(account)
        if untrusted and not self._secrets_count:
            return self._refuse(untrusted)
        intake = Intake(self._ledger, self._settings, source, self._known, self._revision, account.name)
        try:
            body = self._body(intake, trusted=not untrusted)
            if isinstance(body, Refused):
                return jsonify(body.answer), body.status
            if untrusted and not may_carry(body, account.webhook_secrets):
                return self._refuse(refusals.WRONG_SECRET if SECRET_KEY in body else untrusted)
            unwrapped = unwrap(body, request.content_type)
            if why := _distrust(account, body, unwrapped, untrusted):
                return self._refuse(why)
            return self._take(intake, unwrapped, body)
        except NotStoredError as error:
            return try_again(f"Not stored: {error}. Send it again.")

    def _why_untrusted(self, account: Account) -> str | None:
        """What the request has against it, without its body. Of an account that is not there as of any other."""
        shown = read_tokens()
        theirs = accounts_of(shown, self._accounts.values())
        if account.name in theirs or (self._settings.sandbox and account is not NOBODY):
            return None
        if theirs:
            return refusals.OTHER_ACCOUNT
        return refusals.WRONG_TOKEN if shown else refusals.NO_TOKEN

    def _body(self, intake: Intake, *, trusted: bool) -> bytes | Refused:
        """The whole body, or why there is none."""
        match read_body(self._settings.max_body_bytes):
            case "too large":
                return self._too_large(intake, trusted=trusted)
            case "cut off":
                return Refused(400, {"error": CUT_OFF})
            case bytes(body):
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
            return try_again("There are no live rules yet: publish some (flask rules publish). Send it again later.")
        receipts = intake.take(unwrapped.items, live)
        nothing_read = all(receipt.status == "quarantined" for receipt in receipts)
        return _answer(receipts, 400 if nothing_read else 200)

    def _refuse(self, reason: str) -> Answer:
        self._refusals.note(reason, request.path, request.remote_addr)
        return jsonify({"error": WHY[reason]}), 401, CHALLENGE


def _distrust(
    account: Account, body: bytes, unwrapped: Unwrapped | Malformed | Unsupported, untrusted: str | None
) -> str | None:
    """Why this body is not to be believed; `untrusted` is what its request alone has against it."""
    secret, signature = account.signing_secret, request.headers.get(SIGNATURE)
    if secret and signature and not is_signed(body, signature, secret):
        return refusals.WRONG_SIGNATURE
    events = unwrapped.events if isinstance(unwrapped, Unwrapped) else ()
    if untrusted is None or all_carry_secret(events, account.webhook_secrets):
        return None
    return refusals.WRONG_SECRET if carries_secret(events) else untrusted


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


def try_again(sentence: str) -> Answer:
    """Tell the sender to send it once more, in a while."""
    return jsonify({"error": sentence}), 503, {"Retry-After": str(COME_BACK)}
