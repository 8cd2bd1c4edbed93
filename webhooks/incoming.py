"""The request that Flask answers now: the tokens that it shows, and its body, whole or not at all."""

from __future__ import annotations

from typing import Final, Literal

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from webhooks.authenticity import shown_tokens

Flaw = Literal["too large", "cut off"]
CUT_OFF: Final = "The body ended before it was whole. Nothing of it was taken; send it again."


def read_tokens(*names: str) -> list[str]:
    """The tokens in its headers, and in its query as `token` or by one of these names."""
    in_query = [value for name in ("token", *names) for value in request.args.getlist(name)]
    in_header, authorization = request.headers.get("X-Webhook-Token", ""), request.headers.get("Authorization", "")
    return shown_tokens(in_query, in_header, authorization)


def read_body(most: int) -> bytes | Flaw:
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
