"""SmartLead's own endpoints for the read flag, answered here: a Zap or a script changes host and key, and is done.

What is asked for is on disk before it is answered, and reaches SmartLead within the rate a moment later.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import RequestEntityTooLarge

from ledger import NotStoredError, Order
from model import Mark
from webhooks import MARK_UNREAD, refusals
from webhooks.authenticity import accounts_of, any_known, may_carry
from webhooks.incoming import CUT_OFF, Flaw, read_body, read_tokens
from webhooks.read_status import Change, Invalid, read_change, read_fields
from webhooks.reception import CHALLENGE, Answer, try_again

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from webhooks import Name
    from webhooks.refusals import Refusals

log = logging.getLogger(__name__)

KEY: Final = "api_key"  # in the query or, as SmartLead's page on authentication allows, in the body
# Since August 14, 2025 by SmartLead's reference; the header is that of RFC 9745.
DEPRECATED: Final = {"Deprecation": "@1755129600", "Link": '<change-read-status>; rel="successor-version"'}
DONE: Final = "Read status updated"
DRY: Final = "Recorded, and not sent: DRY_RUN is set"


class StandIns:
    """Answers for the read flags of all accounts; the token that is shown as `api_key` tells which one is meant."""

    def __init__(self, settings: Settings, ledger: Ledger, turned_away: Refusals) -> None:
        self._settings = settings
        self._accounts = settings.accounts
        self._tokens = tuple(token for one in settings.accounts for token in one.webhook_tokens)
        self._keys = tuple(one.api_key for one in settings.accounts if one.api_key)
        self._ledger = ledger
        self._refusals = turned_away

    def answer(self, name: Name) -> Response:
        """Answer Flask's current request, a PATCH to this endpoint. 200 only for what is in the ledger."""
        response = make_response(self._answer(name))
        if name == MARK_UNREAD:
            response.headers.update(DEPRECATED)
        return response

    def _answer(self, name: Name) -> Answer:
        shown, body = read_tokens(KEY), read_body(self._settings.max_body_bytes)
        if not isinstance(body, bytes):
            return self._not_whole(body, shown)
        fields = read_fields(body, request.content_type) if self._may_enter(shown, body) else {}
        account = self._account_of([*shown, *_keys_in(fields)])
        if account is None:
            return self._refuse(shown, key_told=bool(shown) or KEY.encode() in body)
        change = fields if isinstance(fields, Invalid) else read_change(fields, name)
        if isinstance(change, Invalid):
            return jsonify(change.answer), change.status
        return self._order(account, change, name)

    def _not_whole(self, flaw: Flaw, shown: list[str]) -> Answer:
        if flaw == "cut off":
            return jsonify({"error": CUT_OFF}), 400
        if self._account_of(shown) is None:  # the key that would tell a friend may stand in the body
            self._refusals.note(refusals.TOO_LARGE, request.path, request.remote_addr)
        raise RequestEntityTooLarge

    def _may_enter(self, shown: list[str], body: bytes) -> bool:
        """Whether the body is worth reading: that of a stranger is not."""
        return self._account_of(shown) is not None or may_carry(body, self._tokens)

    def _account_of(self, shown: list[str]) -> str | None:
        """The one account that these texts are tokens of; None also where they are those of several."""
        if self._settings.sandbox:
            return self._accounts[0].name
        names = accounts_of(shown, self._accounts)
        return names[0] if len(names) == 1 else None

    def _refuse(self, shown: list[str], *, key_told: bool) -> Answer:
        """As SmartLead refuses a key. Why is told to those who look here, and not to strangers."""
        reason = refusals.WRONG_TOKEN if key_told else refusals.NO_TOKEN
        if any_known(shown, self._keys):
            reason = refusals.SMARTLEADS_KEY
        self._refusals.note(reason, request.path, request.remote_addr)
        return jsonify({"message": "Invalid API Key" if key_told else "API key is required."}), 401, CHALLENGE

    def _order(self, account: str, change: Change, name: Name) -> Answer:
        mark = Mark.READ if change.is_read else Mark.UNREAD
        order = Order(
            account=account,
            email_lead_map_id=change.email_lead_map_id,
            mark=mark,
            by=f"a call of {name}",
            dry_run=self._settings.dry_run,
        )
        try:
            self._ledger.order([order])
        except NotStoredError as error:
            return try_again(f"Not stored: {error}. Send it again.")
        log.info("ordered account=%s conversation=%s mark=%s by=%s", account, order.email_lead_map_id, mark, name)
        return jsonify(_done(change, dry_run=order.dry_run)), 200


def _keys_in(fields: dict[str, Any] | Invalid) -> list[str]:
    key = None if isinstance(fields, Invalid) else fields.get(KEY)
    return [key] if key and isinstance(key, str) else []


def _done(change: Change, *, dry_run: bool) -> dict[str, Any]:
    """One answer for readers of both of SmartLead's: `success` and `data.is_read`, or `ok` and `data.updated`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"email_lead_map_id": change.email_lead_map_id, "is_read": change.is_read, "updated_at": now}
    data = told | {"success": True, "updated": 1}
    return {"ok": True, "success": True, "message": DRY if dry_run else DONE, "data": data}
