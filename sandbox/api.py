"""SmartLead's routes under /api/v1, with its own success and error bodies."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from sandbox.inbox import Conversation, Inbox, lookup, row
from sandbox.message import Answer, Request, html_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "/api/v1"
PAGE = 20
SEARCH = 30
CAMPAIGNS = 5
CATEGORIES = (
    (1, "Interested", "positive"),
    (2, "Meeting Request", "positive"),
    (3, "Not Interested", "negative"),
    (4, "Do Not Contact", "negative"),
    (5, "Information Request", "positive"),
    (6, "Out Of Office", "neutral"),
    (7, "Wrong Person", "neutral"),
    (8, "Uncategorizable by Ai", None),
    (9, "Sender Originated Bounce", "negative"),
)


def respond(inbox: Inbox, request: Request) -> Answer:
    """Answer a request whose key was let in."""
    route = ROUTES.get((request.method, request.path.removeprefix(PREFIX).rstrip("/")))
    if route is None or not request.path.startswith(f"{PREFIX}/"):
        return not_found(request)
    if request.problem is not None:
        return json_answer(400, {"statusCode": 400, "error": "Bad Request", "message": request.problem})
    if request.body is not None and not isinstance(request.body, dict):
        return _invalid("value", '"value" must be of type object')
    return route(inbox, request)


def not_found(request: Request) -> Answer:
    """Express's page for a route that does not exist."""
    line = html.escape(f"Cannot {request.method} {request.path}")
    return html_answer(
        404,
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{line}</pre>\n</body>\n</html>\n",
    )


def _change_read_status(inbox: Inbox, request: Request) -> Answer:
    body = request.body or {}
    for name in ("email_lead_map_id", "read_status"):
        if name not in body:
            return _invalid(name, f'"{name}" is required')
    map_id, is_read = body["email_lead_map_id"], body["read_status"]
    if type(map_id) is not int:
        return _invalid("email_lead_map_id", '"email_lead_map_id" must be a number')
    if type(is_read) is not bool:
        return json_answer(422, {"error": "read_status must be a boolean value"})
    if not inbox.set_read(map_id, is_read=is_read):
        return json_answer(404, {"error": "Lead mapping not found"})
    # The older reference shows the word "unread" for either value; clients must not read the message.
    message = "Lead marked as unread successfully"
    return json_answer(200, {"ok": True, "message": message, "data": {"success": True, "updated": 1}})


def _mark_unread(_inbox: Inbox, _request: Request) -> Answer:
    message = "This endpoint was retired after August 14, 2025. Use PATCH /master-inbox/change-read-status."
    return json_answer(410, {"message": message})


def _inbox_replies(inbox: Inbox, request: Request) -> Answer:
    return _listed(inbox, request.body or {}, lambda _: True)


def _unread_replies(inbox: Inbox, request: Request) -> Answer:
    return _listed(inbox, request.body or {}, lambda conversation: not conversation.is_read)


def _listed(inbox: Inbox, body: dict[str, Any], shown: Callable[[Conversation], bool]) -> Answer:
    offset, limit, filters = body.get("offset", 0), body.get("limit", PAGE), body.get("filters") or {}
    if type(offset) is not int or offset < 0:
        return _unprocessable("offset", "offset must be 0 or more", offset)
    if type(limit) is not int or not 1 <= limit <= PAGE:
        return _unprocessable("limit", f"limit must be between 1 and {PAGE}", limit)
    if not isinstance(filters, dict):
        return _invalid("filters", '"filters" must be of type object')
    search, campaigns = filters.get("search") or "", filters.get("campaignId")
    if not isinstance(search, str) or len(search) > SEARCH:
        return _unprocessable("search", f"search cannot exceed {SEARCH} characters", search)
    wanted = campaigns if isinstance(campaigns, list) else [campaigns]
    if len(wanted) > CAMPAIGNS:
        return _unprocessable("campaignId", f"campaignId array cannot exceed {CAMPAIGNS} items", len(wanted))
    anywhere = campaigns in (None, [])
    found = inbox.find(
        lambda each: shown(each) and _mentions(each, search) and (anywhere or each.campaign_id in wanted)
    )
    page = [row(each) for each in found[offset : offset + limit]]
    return json_answer(200, {"ok": True, "data": page, "offset": offset, "limit": limit})


def _mentions(conversation: Conversation, search: str) -> bool:
    names = f"{conversation.first_name} {conversation.last_name} {conversation.email}"
    return search.lower() in names.lower()


def _leads(inbox: Inbox, request: Request) -> Answer:
    email = request.query.get("email", "").strip().lower()
    if not email:
        return _invalid("email", '"email" is required', source="query")
    return json_answer(200, lookup(inbox.find(lambda each: each.email.lower() == email)))


def _categories(_inbox: Inbox, _request: Request) -> Answer:
    created = "2023-01-10T09:00:00.000Z"
    return json_answer(
        200,
        [
            {"id": number, "name": name, "sentiment_type": sentiment, "created_at": created}
            for number, name, sentiment in CATEGORIES
        ],
    )


def _invalid(key: str, message: str, *, source: str = "body") -> Answer:
    """A refusal as the validator Joi words it."""
    validation = {"source": source, "keys": [key]}
    return json_answer(400, {"statusCode": 400, "error": "Bad Request", "message": message, "validation": validation})


def _unprocessable(name: str, error: str, value: Any) -> Answer:
    return json_answer(422, {"error": error, "field": name, "provided_value": value})


ROUTES: dict[tuple[str, str], Callable[[Inbox, Request], Answer]] = {
    ("PATCH", "/master-inbox/change-read-status"): _change_read_status,
    ("PATCH", "/master-inbox/mark-unread"): _mark_unread,
    ("POST", "/master-inbox/inbox-replies"): _inbox_replies,
    ("POST", "/master-inbox/unread-replies"): _unread_replies,
    ("GET", "/leads"): _leads,
    ("GET", "/leads/fetch-categories"): _categories,
}
