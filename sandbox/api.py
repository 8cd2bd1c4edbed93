"""SmartLead's routes under /api/v1, with its own success and error bodies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox import master_inbox
from sandbox.mails import documented_history, live_history
from sandbox.message import Answer, Request, json_answer
from sandbox.refusals import bad_request, invalid, no_route, unknown
from sandbox.rows import lookup
from sandbox.webhooks import in_full, in_short

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.workspace import Workspace

PREFIX = "/api/v1"
NUMBER = re.compile(r"/(\d{1,18})(?=/|$)", re.ASCII)
CREATED = "2023-01-10T09:00:00.000Z"


def respond(workspace: Workspace, request: Request) -> Answer:
    """Answer a request whose key was let in."""
    path = request.path.removeprefix(PREFIX).rstrip("/")
    route = ROUTES.get((request.method, NUMBER.sub("/:id", path)))
    if route is None or not request.path.startswith(f"{PREFIX}/"):
        return no_route(request)
    if request.problem is not None:
        return bad_request(request.problem)
    if request.body is not None and not isinstance(request.body, dict):
        return invalid("value", '"value" must be of type object')
    return route(workspace, request)


def _leads(workspace: Workspace, request: Request) -> Answer:
    email = request.query.get("email", "").strip().lower()
    if not email:
        return invalid("email", '"email" is required', source="query")
    return json_answer(200, lookup(workspace.inbox.find(lambda each: each.email.lower() == email)))


def _categories(workspace: Workspace, _request: Request) -> Answer:
    rows = [
        {"id": each.number, "name": each.name, "sentiment_type": each.sentiment, "created_at": CREATED}
        for each in workspace.categories.all()
    ]
    return json_answer(200, rows)


def _campaigns(workspace: Workspace, _request: Request) -> Answer:
    return json_answer(200, [_campaign(number, name) for number, name in sorted(workspace.campaigns().items())])


def _campaign(number: int, name: str) -> dict[str, Any]:
    times = {"created_at": CREATED, "updated_at": CREATED}
    return {"id": number, "user_id": 122, **times, "status": "ACTIVE", "name": name, "client_id": None}


def _campaign_webhooks(workspace: Workspace, request: Request) -> Answer:
    campaign_id = _number_in(request)
    if campaign_id not in workspace.campaigns():
        return unknown("Campaign not found")
    found = [in_short(each) for each in workspace.webhooks.all() if each.campaign_id == campaign_id]
    return json_answer(200, {"success": True, "data": found})


def _webhook(workspace: Workspace, request: Request) -> Answer:
    number = _number_in(request)
    found = next((each for each in workspace.webhooks.all() if each.number == number), None)
    return json_answer(200, {"ok": True, "data": in_full(found)}) if found else unknown("Resource not found")


def _history(workspace: Workspace, request: Request) -> Answer:
    campaign_id, lead_id = _numbers_in(request)
    found = workspace.inbox.mails(campaign_id, lead_id)
    if found is None:
        return unknown("Lead not found")
    show = documented_history if workspace.is_documented else live_history
    return json_answer(200, show(*found))


def _number_in(request: Request) -> int:
    return _numbers_in(request)[0]


def _numbers_in(request: Request) -> list[int]:
    return [int(digits) for digits in NUMBER.findall(request.path)]


ROUTES: dict[tuple[str, str], Callable[[Workspace, Request], Answer]] = {
    ("PATCH", "/master-inbox/change-read-status"): master_inbox.change_read_status,
    ("PATCH", "/master-inbox/mark-unread"): master_inbox.mark_unread,
    ("POST", "/master-inbox/inbox-replies"): master_inbox.inbox_replies,
    ("POST", "/master-inbox/unread-replies"): master_inbox.unread_replies,
    ("GET", "/leads"): _leads,
    ("GET", "/leads/fetch-categories"): _categories,
    ("GET", "/campaigns"): _campaigns,
    ("GET", "/campaigns/:id/webhooks"): _campaign_webhooks,
    ("GET", "/campaigns/:id/leads/:id/message-history"): _history,
    ("GET", "/webhook/:id"): _webhook,
}
