"""The controls under /_sandbox/: what a test orders, and what it may look at. They need no key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.categories import Category, updated_event
from sandbox.conversation import Conversation, Crowd
from sandbox.faults import read_faults
from sandbox.mails import reply_event
from sandbox.message import Answer, Request, json_answer
from sandbox.orders import read_rows
from sandbox.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.account import Account
    from sandbox.orders import Types

PREFIX = "/_sandbox/"
CONVERSATION: dict[str, Types] = {
    "map_id": int,
    "email": str,
    "first_name": str,
    "last_name": str,
    "campaign_id": int,
    "campaign_name": str,
    "mailbox": str,
    "category_id": (int, type(None)),
    "last_reply_time": (int, float),
    "client_id": (int, type(None)),
    "is_read": bool,
}
WEBHOOK: dict[str, Types] = {
    "number": int,
    "webhook_url": str,
    "name": str,
    "event_types": list,
    "campaign_id": (int, type(None)),
    "client_id": (int, type(None)),
    "is_active": bool,
}
REPLY: dict[str, Types] = {"map_id": int, "text": str, "time": (int, float), "message_id": str}
CROWD: dict[str, Types] = {
    "count": int,
    "first_id": int,
    "campaigns": int,
    "newest": (int, float),
    "apart": (int, float),
    "is_read": bool,
}
GENERATION: dict[str, Types] = {"is_documented": bool}
CHANGE: dict[str, Types] = {"map_id": int, "category_id": (int, type(None)), "name": str}


def control(account: Account, request: Request) -> Answer:
    """Carry one control out. 400 with a sentence if its body cannot be read."""
    action = CONTROLS.get((request.method, request.path.removeprefix(PREFIX)))
    if action is None:
        return json_answer(404, {"error": "no such control"})
    try:
        return json_answer(200, action(account, request.body))
    except ValueError as error:
        return json_answer(400, {"error": str(error)})


def _add_faults(account: Account, value: Any) -> Any:
    faults = read_faults(value)
    account.faults.add(faults)
    return {"added": len(faults)}


def _add_conversations(account: Account, value: Any) -> Any:
    rows = read_rows(value, "conversation", CONVERSATION, ("map_id", "email"))
    account.workspace.inbox.add([Conversation(**({"first_name": "", "last_name": ""} | row)) for row in rows])
    return {"added": len(rows)}


def _add_crowd(account: Account, value: Any) -> Any:
    (crowd,) = read_rows([value], "crowd", CROWD, ("count",))
    account.workspace.inbox.add(Crowd(**crowd))
    return {"added": crowd["count"]}


def _write_back(account: Account, value: Any) -> Any:
    """Let leads write; the answer holds the webhooks that SmartLead would send, and sends none."""
    rows = read_rows(value, "reply", REPLY, ("map_id",))
    return [reply_event(*account.workspace.inbox.write_back(**row)) for row in rows]


def _choose_generation(account: Account, value: Any) -> Any:
    (chosen,) = read_rows([value], "generation", GENERATION, ("is_documented",))
    account.workspace.is_documented = chosen["is_documented"]
    return {}


def _add_webhooks(account: Account, value: Any) -> Any:
    rows = read_rows(value, "webhook", WEBHOOK, ("number", "webhook_url"))
    account.workspace.webhooks.add([Webhook(**row) for row in rows])
    return {"added": len(rows)}


def _change_category(account: Account, value: Any) -> Any:
    """Give a conversation a category, which a `name` makes known to the account; the answer is SmartLead's event."""
    (change,) = read_rows([value], "change of a category", CHANGE, ("map_id", "category_id"))
    workspace, number = account.workspace, change["category_id"]
    if number is not None and "name" in change:
        workspace.categories.add(Category(number, change["name"]))
    before, after = workspace.inbox.set_category(change["map_id"], number)
    return updated_event(after, workspace.categories.get(before.category_id), workspace.categories.get(number))


def _empty(account: Account, _value: Any) -> Any:
    """Take every conversation out, also those of the first minute."""
    account.workspace.inbox.clear()
    return {}


def _reset(account: Account, _value: Any) -> Any:
    account.reset()
    return {}


def _requests(account: Account, _value: Any) -> Any:
    return account.log.entries()


def _read_states(account: Account, _value: Any) -> Any:
    every = account.workspace.inbox.find(lambda _: True)
    return {str(each.map_id): {"is_read": each.is_read, "patches": each.patches} for each in every}


CONTROLS: dict[tuple[str, str], Callable[[Account, Any], Any]] = {
    ("POST", "faults"): _add_faults,
    ("POST", "conversations"): _add_conversations,
    ("POST", "crowd"): _add_crowd,
    ("POST", "replies"): _write_back,
    ("POST", "generation"): _choose_generation,
    ("POST", "category"): _change_category,
    ("POST", "webhooks"): _add_webhooks,
    ("POST", "empty"): _empty,
    ("POST", "reset"): _reset,
    ("GET", "requests"): _requests,
    ("GET", "inbox"): _read_states,
}
