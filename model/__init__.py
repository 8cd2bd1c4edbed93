"""The nouns that pass between the folders: what a reply is, what was decided about it, what came of it.

Frozen values without behaviour. A `None` in a `Reply` means that the event does not tell, never "empty".
"""

from model.answers import Answer, CategoryNames, Done, Found, GiveUp, Heard, NotFound, Outcome, Retry, Told, Unsent
from model.calls import Call, Flaw, OrderCall, ReadinessCall, Response, WebhookCall, respond
from model.decisions import Check, Decision, Mark, Step, Verdict
from model.inbox import History, InboxList, InboxPage, InboxRow, Message
from model.replies import DEFAULT_ACCOUNT, MAX_MAP_ID, CategoryChange, Ignored, Malformed, Reply
from model.tasks import CategoriesWanted, Claimed, Delivery, Lookup, Task

__all__ = [
    "DEFAULT_ACCOUNT",
    "MAX_MAP_ID",
    "Answer",
    "Call",
    "CategoriesWanted",
    "CategoryChange",
    "CategoryNames",
    "Check",
    "Claimed",
    "Decision",
    "Delivery",
    "Done",
    "Flaw",
    "Found",
    "GiveUp",
    "Heard",
    "History",
    "Ignored",
    "InboxList",
    "InboxPage",
    "InboxRow",
    "Lookup",
    "Malformed",
    "Mark",
    "Message",
    "NotFound",
    "OrderCall",
    "Outcome",
    "ReadinessCall",
    "Reply",
    "Response",
    "Retry",
    "Step",
    "Task",
    "Told",
    "Unsent",
    "Verdict",
    "WebhookCall",
    "respond",
]
