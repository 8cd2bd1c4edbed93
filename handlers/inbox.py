"""SmartLead's inbox: how its lists are asked, and what their pages and a conversation's history tell. Pure.

Reading never raises. Two generations of answers are online at once: rows under `data` with `has_new_unread_email` and
ids as text, as integrators recorded them, and rows under `messages` with `is_read`, `lead{}`, `campaign{}` and
`last_message{}`, as SmartLead's reference shows them. What a row tells twice, and differently, counts as untold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.rows import (
    CAMPAIGN_ID,
    CAMPAIGN_NAME,
    EMAIL,
    MAP_ID,
    Paths,
    Row,
    at,
    flag,
    list_in,
    moment_at,
    number_at,
    text_at,
)
from model import History, InboxPage, InboxRow, Message, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = 20  # rows, the lists' highest limit

LAST_REPLY: Paths = (("last_reply_time",), ("reply_time",), ("last_message", "received_at"))
LEAD_ID: Paths = (("email_lead_id",), ("lead_id",), ("lead", "id"))
FIRST_NAME: Paths = (("lead_first_name",), ("lead", "first_name"))
LAST_NAME: Paths = (("lead_last_name",), ("lead", "last_name"))
WHOLE_NAME: Paths = (("lead_name",), ("lead", "name"))
CATEGORY_ID: Paths = (("lead_category_id",), ("category_id",), ("category", "id"))
CATEGORY: Paths = (("lead_category_name",), ("category_name",), ("category", "name"))
CLIENT: Paths = (("client_id",), ("client", "id"), ("campaign", "client_id"))

MAILS = ("history", "messages", "data")
AUTHORS = {"reply": True, "inbound": True, "sent": False, "outbound": False}
AUTHOR: Paths = (("type",), ("direction",))
RECEIVED: Paths = (("time",), ("received_at",), ("sent_at",))
SENT: Paths = (("time",), ("sent_at",))
MESSAGE_ID: Paths = (("message_id",),)  # `id` is SmartLead's own number
HTML: Paths = (("email_body",), ("body",), ("html",))
SUBJECT: Paths = (("subject",), ("email_subject",))
SENDER: Paths = (("from",), ("from_email",), ("from", "email"))
RECIPIENT: Paths = (("to",), ("to_email",), ("to", "email"))


def list_request(offset: int, filters: Mapping[str, Any]) -> Row:
    """What to post to any of the inbox's lists: a whole page from this row on, newest reply first."""
    return {"offset": offset, "limit": PAGE, "filters": dict(filters), "sortBy": "REPLY_TIME_DESC"}


def inbox_page(value: Any) -> InboxPage | Retry:
    """The rows of a page that name one conversation. Retry if the answer is no list: that is not the list's end."""
    listed = list_in(value)
    if listed is None:
        return Retry("SmartLead's list of conversations cannot be read")
    rows = (_inbox_row(row) for row in listed if isinstance(row, dict))
    return InboxPage(tuple(row for row in rows if row), len(listed))


def history(value: Any) -> History | Retry:
    """The mails of which it is told who wrote them: those without a time first, then the oldest."""
    listed = list_in(value, MAILS)
    if listed is None:
        return Retry("SmartLead's history of this conversation cannot be read")
    mails = (_message(row) for row in listed if isinstance(row, dict))
    return History(tuple(sorted((mail for mail in mails if mail), key=lambda mail: mail.at or 0.0)))


def _inbox_row(row: Row) -> InboxRow | None:
    map_id, lead_id = number_at(row, MAP_ID), number_at(row, LEAD_ID)
    if map_id is None:
        return None
    return InboxRow(
        email_lead_map_id=map_id,
        is_read=_is_read(row),
        last_reply_at=moment_at(row, LAST_REPLY),
        lead=text_at(row, EMAIL),
        lead_id=None if lead_id is None else str(lead_id),
        lead_name=_name(row),
        campaign_id=text_at(row, CAMPAIGN_ID),
        campaign=text_at(row, CAMPAIGN_NAME),
        category_id=number_at(row, CATEGORY_ID),
        category=text_at(row, CATEGORY),
        client=text_at(row, CLIENT),
    )


def _is_read(row: Row) -> bool | None:
    unread, read = row.get("has_new_unread_email"), row.get("is_read")
    told = set() if read is None else {flag(read)}
    if unread is not None:
        told.add(None if (said := flag(unread)) is None else not said)
    return told.pop() if len(told) == 1 else None


def _name(row: Row) -> str | None:
    names = (text_at(row, FIRST_NAME), text_at(row, LAST_NAME))
    return " ".join(name for name in names if name) or text_at(row, WHOLE_NAME)


def _message(row: Row) -> Message | None:
    authors = {AUTHORS.get(told.lower()) for path in AUTHOR if (told := text_at(row, (path,)))}
    by_lead = authors.pop() if len(authors) == 1 else None
    if by_lead is None:
        return None
    return Message(
        by_lead=by_lead,
        message_id=text_at(row, MESSAGE_ID),
        at=moment_at(row, RECEIVED if by_lead else SENT),
        html=next((told for path in HTML if isinstance(told := at(row, path), str) and told), None),
        subject=text_at(row, SUBJECT),
        sender=text_at(row, SENDER),
        recipient=text_at(row, RECIPIENT),
    )
