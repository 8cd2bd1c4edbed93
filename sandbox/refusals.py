"""How SmartLead says no: the validator's form, its own form, and Express's page."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from sandbox.message import Answer, Request, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping


def no_route(request: Request) -> Answer:
    """Express's page for a route that does not exist."""
    line = html.escape(f"Cannot {request.method} {request.path}")
    return html_answer(
        404,
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{line}</pre>\n</body>\n</html>\n",
    )


def invalid(key: str, message: str, *, source: str = "body") -> Answer:
    """A refusal as the validator Joi words it."""
    return bad_request(message, {"validation": {"source": source, "keys": [key]}})


def bad_request(message: str, more: Mapping[str, Any] | None = None) -> Answer:
    """A request that was not understood."""
    return json_answer(400, {"statusCode": 400, "error": "Bad Request", "message": message, **(more or {})})


def unprocessable(name: str, error: str, value: Any) -> Answer:
    """A value beyond its documented bounds."""
    return json_answer(422, {"error": error, "field": name, "provided_value": value})


def unknown(error: str) -> Answer:
    """Something of which this account has none by that number."""
    return json_answer(404, {"error": error})
