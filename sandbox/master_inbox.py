"""SmartLead's routes under /api/v1/master-inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.filters import read_filters
from sandbox.message import Answer, Request, json_answer
from sandbox.refusals import invalid, unknown, unprocessable
from sandbox.rows import documented_row, live_row

if TYPE_CHECKING:
    from sandbox.workspace import Workspace

PAGE = 20


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
    return _listed(workspace, request.body or {}, unread=False)


def unread_replies(workspace: Workspace, request: Request) -> Answer:
    """List those that are not read."""
    return _listed(workspace, request.body or {}, unread=True)


def _listed(workspace: Workspace, body: dict[str, Any], *, unread: bool) -> Answer:
    offset, limit = body.get("offset", 0), body.get("limit", PAGE)
    if type(offset) is not int or offset < 0:
        return unprocessable("offset", "offset must be 0 or more", offset)
    if type(limit) is not int or not 1 <= limit <= PAGE:
        return unprocessable("limit", f"limit must be between 1 and {PAGE}", limit)
    filters = read_filters(body.get("filters") or {})
    if isinstance(filters, Answer):
        return filters
    found = workspace.inbox.listed(offset, offset + limit, filters, unread=unread)
    if workspace.is_documented:
        rows = [documented_row(each, workspace.categories.get(each.category_id)) for each in found]
        total = workspace.inbox.count(filters, unread=unread)
        return json_answer(200, {"messages": rows, "total_count": total, "offset": offset, "limit": limit})
    return json_answer(200, {"ok": True, "data": [live_row(each) for each in found], "offset": offset, "limit": limit})
