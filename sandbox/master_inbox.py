"""SmartLead's routes under /api/v1/master-inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.inbox import Conversation, row
from sandbox.message import Answer, Request, json_answer
from sandbox.refusals import invalid, unknown, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.workspace import Workspace

PAGE = 20
SEARCH = 30
CAMPAIGNS = 5


def change_read_status(workspace: Workspace, request: Request) -> Answer:
    """Set a conversation's flag."""
    body = request.body or {}
    for name in ("email_lead_map_id", "read_status"):
        if name not in body:
            return invalid(name, f'"{name}" is required')
    map_id, is_read = body["email_lead_map_id"], body["read_status"]
    if type(map_id) is not int:
        return invalid("email_lead_map_id", '"email_lead_map_id" must be a number')
    if type(is_read) is not bool:
        return json_answer(422, {"error": "read_status must be a boolean value"})
    if not workspace.inbox.set_read(map_id, is_read=is_read):
        return unknown("Lead mapping not found")
    # The older reference shows the word "unread" for either value; clients must not read the message.
    message = "Lead marked as unread successfully"
    return json_answer(200, {"ok": True, "message": message, "data": {"success": True, "updated": 1}})


def mark_unread(_workspace: Workspace, _request: Request) -> Answer:
    """Refuse: it is gone."""
    message = "This endpoint was retired after August 14, 2025. Use PATCH /master-inbox/change-read-status."
    return json_answer(410, {"message": message})


def inbox_replies(workspace: Workspace, request: Request) -> Answer:
    """List all conversations."""
    return _listed(workspace, request.body or {}, lambda _: True)


def unread_replies(workspace: Workspace, request: Request) -> Answer:
    """List those that are not read."""
    return _listed(workspace, request.body or {}, lambda conversation: not conversation.is_read)


def _listed(workspace: Workspace, body: dict[str, Any], shown: Callable[[Conversation], bool]) -> Answer:
    offset, limit, filters = body.get("offset", 0), body.get("limit", PAGE), body.get("filters") or {}
    if type(offset) is not int or offset < 0:
        return unprocessable("offset", "offset must be 0 or more", offset)
    if type(limit) is not int or not 1 <= limit <= PAGE:
        return unprocessable("limit", f"limit must be between 1 and {PAGE}", limit)
    if not isinstance(filters, dict):
        return invalid("filters", '"filters" must be of type object')
    search, campaigns = filters.get("search") or "", filters.get("campaignId")
    if not isinstance(search, str) or len(search) > SEARCH:
        return unprocessable("search", f"search cannot exceed {SEARCH} characters", search)
    wanted = campaigns if isinstance(campaigns, list) else [campaigns]
    if len(wanted) > CAMPAIGNS:
        return unprocessable("campaignId", f"campaignId array cannot exceed {CAMPAIGNS} items", len(wanted))
    anywhere = campaigns in (None, [])
    found = workspace.inbox.find(
        lambda each: shown(each) and _mentions(each, search) and (anywhere or each.campaign_id in wanted)
    )
    page = [row(each) for each in found[offset : offset + limit]]
    return json_answer(200, {"ok": True, "data": page, "offset": offset, "limit": limit})


def _mentions(conversation: Conversation, search: str) -> bool:
    names = f"{conversation.first_name} {conversation.last_name} {conversation.email}"
    return search.lower() in names.lower()
