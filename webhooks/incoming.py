"""The request that Flask answers now, as a call: the tokens that it shows, and its body, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from model import OrderCall, WebhookCall
from webhooks.authenticity import SIGNATURE, shown_tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from model import Flaw


def webhook_call(
    source: str, account: str, most: int, reads_body: Callable[[str, tuple[str, ...]], bool]
) -> WebhookCall:
    """The POST that Flask answers now; its body of at most so many bytes is read only if that is worth it."""
    tokens = _read_tokens()
    return WebhookCall(
        source=source,
        account=account,
        path=request.path,
        sender=request.remote_addr,
        tokens=tokens,
        content_type=request.content_type,
        signature=request.headers.get(SIGNATURE),
        body=_read_body(most) if reads_body(account, tokens) else None,
    )


def order_call(name: str, key: str, most: int) -> OrderCall:
    """The PATCH that Flask answers now; `key` is where in its query a token may stand, too."""
    return OrderCall(
        name=name,
        path=request.path,
        sender=request.remote_addr,
        tokens=_read_tokens(key),
        content_type=request.content_type,
        body=_read_body(most),
    )


def _read_tokens(*names: str) -> tuple[str, ...]:
    """The tokens in its headers, and in its query as `token` or by one of these names."""
    in_query = [value for name in ("token", *names) for value in request.args.getlist(name)]
    in_header, authorization = request.headers.get("X-Webhook-Token", ""), request.headers.get("Authorization", "")
    return tuple(shown_tokens(in_query, in_header, authorization))


def _read_body(most: int) -> bytes | Flaw:
    """The whole body, of at most so many bytes; or why there is none.

    Half a form reads like a whole one; what is recorded of it would make the whole one a duplicate.
    """
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return "too large"
    except Exception:  # noqa: BLE001 - of the server's own reader: the sender stopped, or its chunks are none
        return "cut off"
    # Of a chunked body that is too large werkzeug gives the beginning, as if it were all.
    if request.content_length is None:
        return "too large" if len(body) >= most else body
    return "cut off" if len(body) < request.content_length else body
