"""The answer to a webhook: authenticated, unwrapped, taken in, and told in the sender's terms. Knows no framework."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ledger import NotStoredError, Receipt
from model import respond
from webhooks import refusals
from webhooks.authenticity import (
    SECRET_KEY,
    SIGNATURE,
    all_carry_secret,
    carries_secret,
    is_signed,
    may_carry,
)
from webhooks.gate import Gate
from webhooks.intake import TOO_LARGE, Intake, Prepared
from webhooks.judgement import make_ready
from webhooks.known import Known
from webhooks.revision import Revision
from webhooks.unwrap import Unsupported, Unwrapped, unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Account, Settings
    from ledger import Arrival, Ledger
    from model import Malformed, Response, WebhookCall
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
CUT_OFF: Final = "The body ended before it was whole. Nothing of it was taken; send it again."
NO_RULES = "There are no live rules yet: publish some (flask rules publish). Send it again later."
TOLD = ("status", "event_id", "mark", "rule", "reason", "email_lead_map_id")  # of a receipt


@dataclass(frozen=True, slots=True)
class Draft:
    """What a webhook brought, to be recorded; and how to answer it after that."""

    arrivals: Sequence[Arrival]
    intake: Intake
    prepared: Prepared | None = None  # None: nothing could be read
    status: int = 200

    def is_answer(self, recorded: list[Receipt] | Exception) -> bool:
        """Whether the ledger's answer is all that is needed: no other transaction is to follow."""
        return isinstance(recorded, list) and not (self.prepared and self.prepared.asks_on(recorded))


class Reception:
    """Answers the webhooks of one application, from many threads."""

    def __init__(self, settings: Settings, ledger: Ledger, rulebook: Rulebook, turned_away: Refusals) -> None:
        self._settings = settings
        self._gate = Gate(settings)
        self._ledger = ledger
        self._rulebook = rulebook
        self._known = Known(ledger, settings.own_domains)
        self._revision = Revision(ledger, self._known, settings.dry_run, settings.secrets)
        self._refusals = turned_away
        make_ready()

    def answer(self, call: WebhookCall) -> Response:
        """The response to this webhook. 2xx only for what is in the ledger."""
        draft = self.draft(call)
        if not isinstance(draft, Draft):
            return draft
        (recorded,) = self._ledger.record_each([draft.arrivals])
        return self.finish(draft, recorded)

    def draft(self, call: WebhookCall) -> Draft | Response:
        """What is to be recorded of this webhook, or the response if nothing is."""
        account = self._gate.account(call.account)
        untrusted = self._gate.why_untrusted(call.account, call.tokens)
        body = call.body
        if body is None:
            return self._refuse(untrusted or refusals.WRONG_TOKEN, call)
        if not isinstance(body, bytes):
            return self._not_whole(call, account, trusted=not untrusted)
        if untrusted and not may_carry(body, account.webhook_secrets):
            return self._refuse(refusals.WRONG_SECRET if SECRET_KEY in body else untrusted, call)
        unwrapped = unwrap(body, call.content_type)
        if why := _distrust(account, call, unwrapped, untrusted):
            return self._refuse(why, call)
        try:
            return self._opened(self._intake(call.source, account), unwrapped, body)
        except NotStoredError as error:
            return not_stored(error)

    def finish(self, draft: Draft, recorded: list[Receipt] | Exception) -> Response:
        """The response to a webhook by what the ledger answered; decides anew what it makes of earlier ones."""
        try:
            receipts = _settled(draft, recorded)
        except NotStoredError as error:
            return not_stored(error)
        nothing_read = all(receipt.status == "quarantined" for receipt in receipts)
        return _answer(receipts, 400 if draft.status == 200 and nothing_read else draft.status)

    def _intake(self, source: str, account: Account) -> Intake:
        return Intake(self._ledger, self._settings, source, self._known, self._revision, account.name)

    def _opened(self, intake: Intake, unwrapped: Unwrapped | Malformed | Unsupported, body: bytes) -> Draft | Response:
        if not isinstance(unwrapped, Unwrapped):
            status = 415 if isinstance(unwrapped, Unsupported) else 400
            return Draft([intake.unreadable(body, unwrapped.reason)], intake, status=status)
        live = self._rulebook.live
        if live is None:
            return try_again(NO_RULES)
        prepared = intake.prepare(unwrapped.items, live)
        return Draft(prepared.arrivals, intake, prepared)

    def _not_whole(self, call: WebhookCall, account: Account, *, trusted: bool) -> Draft | Response:
        if call.body == "cut off":
            return respond(400, {"error": CUT_OFF})
        if not trusted:  # the secret that would tell a friend stands in the body
            self._refusals.note(refusals.TOO_LARGE, call.path, call.sender)
            return too_large(self._settings.max_body_bytes)
        intake = self._intake(call.source, account)
        return Draft([intake.too_large()], intake, status=413)

    def _refuse(self, reason: str, call: WebhookCall) -> Response:
        self._refusals.note(reason, call.path, call.sender)
        return respond(401, {"error": WHY[reason]}, CHALLENGE)


def _settled(draft: Draft, recorded: list[Receipt] | Exception) -> list[Receipt]:
    if draft.prepared:
        return draft.intake.settle(draft.prepared, recorded)
    if isinstance(recorded, Exception):
        raise recorded
    return recorded


def _distrust(
    account: Account, call: WebhookCall, unwrapped: Unwrapped | Malformed | Unsupported, untrusted: str | None
) -> str | None:
    """Why this body is not to be believed; `untrusted` is what its request alone has against it."""
    secret, body = account.signing_secret, call.body
    if secret and call.signature and isinstance(body, bytes) and not is_signed(body, call.signature, secret):
        return refusals.WRONG_SIGNATURE
    events = unwrapped.events if isinstance(unwrapped, Unwrapped) else ()
    if untrusted is None or all_carry_secret(events, account.webhook_secrets):
        return None
    return refusals.WRONG_SECRET if carries_secret(events) else untrusted


def _answer(receipts: list[Receipt], status: int) -> Response:
    """The flat fields of the first receipt, so that a Zap can use them; a batch has all of them beside."""
    flat = _flat(receipts[0])
    if len(receipts) > 1:
        flat["results"] = [_flat(receipt) for receipt in receipts]
    for receipt in receipts:
        about = (receipt.event_id, receipt.status, receipt.mark, receipt.rule)
        log.info("received event=%s status=%s mark=%s rule=%r", *about)
    return respond(status, flat)


def _flat(receipt: Receipt) -> dict[str, Any]:
    """What the contract promises."""
    return {name: getattr(receipt, name) for name in TOLD}


def try_again(sentence: str) -> Response:
    """Tell the sender to send it once more, in a while."""
    return respond(503, {"error": sentence}, {"Retry-After": str(COME_BACK)})


def not_stored(why: object) -> Response:
    """Tell the sender that nothing of it was kept."""
    return try_again(f"Not stored: {why}. Send it again.")


def too_large(most: int) -> Response:
    """Tell a stranger that the body is not read."""
    return respond(413, {"error": TOO_LARGE.format(most=most)})
