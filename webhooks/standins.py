"""SmartLead's own endpoints for the read flag, answered here: a Zap or a script changes host and key, and is done.

What is asked for is on disk before it is answered, and reaches SmartLead within the rate a moment later.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ledger import NotStoredError, Order
from model import Mark, respond
from webhooks import KEY, MARK_UNREAD, refusals
from webhooks.authenticity import accounts_of, any_known, may_carry
from webhooks.read_status import Change, Invalid, read_change, read_fields
from webhooks.reception import CHALLENGE, CUT_OFF, not_stored, too_large

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config import Settings
    from ledger import Ledger
    from model import OrderCall, Response
    from webhooks.refusals import Refusals

log = logging.getLogger(__name__)

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

    def answer(self, call: OrderCall) -> Response:
        """The response to this call. 200 only for what is in the ledger."""
        response = self._answer(call)
        if call.name != MARK_UNREAD:
            return response
        return response._replace(headers={**response.headers, **DEPRECATED})

    def _answer(self, call: OrderCall) -> Response:
        if not isinstance(call.body, bytes):
            return self._not_whole(call)
        shown, body = call.tokens, call.body
        fields = read_fields(body, call.content_type) if self._may_enter(shown, body) else {}
        account = self._account_of([*shown, *_keys_in(fields)])
        if account is None:
            return self._refuse(call, key_told=bool(shown) or KEY.encode() in body)
        change = fields if isinstance(fields, Invalid) else read_change(fields, call.name)
        if isinstance(change, Invalid):
            return respond(change.status, change.answer)
        return self._order(account, change, call.name)

    def _not_whole(self, call: OrderCall) -> Response:
        if call.body == "cut off":
            return respond(400, {"error": CUT_OFF})
        if self._account_of(call.tokens) is None:  # the key that would tell a friend may stand in the body
            self._refusals.note(refusals.TOO_LARGE, call.path, call.sender)
        return too_large(self._settings.max_body_bytes)

    def _may_enter(self, shown: Sequence[str], body: bytes) -> bool:
        """Whether the body is worth reading: that of a stranger is not."""
        return self._account_of(shown) is not None or may_carry(body, self._tokens)

    def _account_of(self, shown: Sequence[str]) -> str | None:
        """The one account that these texts are tokens of; None also where they are those of several."""
        if self._settings.sandbox:
            return self._accounts[0].name
        names = accounts_of(shown, self._accounts)
        return names[0] if len(names) == 1 else None

    def _refuse(self, call: OrderCall, *, key_told: bool) -> Response:
        """As SmartLead refuses a key. Why is told to those who look here, and not to strangers."""
        reason = refusals.WRONG_TOKEN if key_told else refusals.NO_TOKEN
        if any_known(call.tokens, self._keys):
            reason = refusals.SMARTLEADS_KEY
        self._refusals.note(reason, call.path, call.sender)
        told = "Invalid API Key" if key_told else "API key is required."
        return respond(401, {"message": told}, CHALLENGE)

    def _order(self, account: str, change: Change, name: str) -> Response:
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
            return not_stored(error)
        log.info("ordered account=%s conversation=%s mark=%s by=%s", account, order.email_lead_map_id, mark, name)
        return respond(200, _done(change, dry_run=order.dry_run))


def _keys_in(fields: dict[str, Any] | Invalid) -> list[str]:
    key = None if isinstance(fields, Invalid) else fields.get(KEY)
    return [key] if key and isinstance(key, str) else []


def _done(change: Change, *, dry_run: bool) -> dict[str, Any]:
    """One answer for readers of both of SmartLead's: `success` and `data.is_read`, or `ok` and `data.updated`."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {"email_lead_map_id": change.email_lead_map_id, "is_read": change.is_read, "updated_at": now}
    data = told | {"success": True, "updated": 1}
    return {"ok": True, "success": True, "message": DRY if dry_run else DONE, "data": data}
