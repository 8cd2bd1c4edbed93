"""The filters of the inbox's lists, within their documented bounds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.refusals import invalid, unprocessable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.conversation import Conversation
    from sandbox.message import Answer

    Holds = Callable[[Conversation], bool]

SEARCH = 30
MOST = {"campaignId": 5, "campaignClientId": 10, "categoryIdsIn": 10, "categoryIdsNotIn": 10}


def read_filters(filters: Any) -> list[Holds] | Answer:
    """What a conversation must be for each filter, or the refusal. Those that the sandbox has no data for hold."""
    if not isinstance(filters, dict):
        return invalid("filters", '"filters" must be of type object')
    categories = filters.get("leadCategories") or {}
    if not isinstance(categories, dict):
        return invalid("leadCategories", '"leadCategories" must be of type object')
    search = filters.get("search") or ""
    if not isinstance(search, str) or len(search) > SEARCH:
        return unprocessable("search", f"search cannot exceed {SEARCH} characters", search)
    for name, most in MOST.items():
        count = len(_several(filters | categories, name))
        if count > most:
            return unprocessable(name, f"{name} array cannot exceed {most} items", count)
    try:
        period = [_moment(text) for text in filters.get("replyTimeBetween") or ()]
    except (ValueError, TypeError):
        return invalid("replyTimeBetween", '"replyTimeBetween" must be two dates in ISO 8601')
    found = [_of_search(search), _of_period(period), *_of_ids(filters), *_of_categories(categories)]
    return [holds for holds in found if holds]


def _several(filters: dict[str, Any], name: str) -> list[Any]:
    value = filters.get(name)
    return [] if value is None else value if isinstance(value, list) else [value]


def _of_search(search: str) -> Holds | None:
    def mentions(conversation: Conversation) -> bool:
        names = f"{conversation.first_name} {conversation.last_name} {conversation.email}"
        return search.lower() in names.lower()

    return mentions if search else None


def _moment(text: str) -> float:
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _of_period(period: list[float]) -> Holds | None:
    if not period:
        return None
    begin, end = min(period), max(period)
    return lambda conversation: begin <= conversation.last_reply_time <= end


def _of_ids(filters: dict[str, Any]) -> list[Holds | None]:
    campaigns, clients = _several(filters, "campaignId"), _several(filters, "campaignClientId")
    return [
        (lambda conversation: conversation.campaign_id in campaigns) if campaigns else None,
        (lambda conversation: conversation.client_id in clients) if clients else None,
    ]


def _of_categories(categories: dict[str, Any]) -> list[Holds | None]:
    wanted, unwanted = _several(categories, "categoryIdsIn"), _several(categories, "categoryIdsNotIn")
    return [
        (lambda conversation: conversation.category_id in wanted) if wanted else None,
        (lambda conversation: conversation.category_id not in unwanted) if unwanted else None,
        (lambda conversation: conversation.category_id is None) if categories.get("unassigned") else None,
        (lambda conversation: conversation.category_id is not None) if categories.get("isAssigned") else None,
    ]
