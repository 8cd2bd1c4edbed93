"""Reading a conversation's id, or the categories' names, out of SmartLead's answers. Pure, and never raises.

The answers vary: `data` or `messages` or a bare list, ids as numbers or as text. A row counts only if it names the
very lead and the very campaign, and an id only if no other row contradicts it: a wrong id would hide somebody else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from addresses import fold_address
from model import MAX_MAP_ID, CategoryNames, Found, Lookup, NotFound, Retry

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_SEARCH = 30  # characters that the inbox's filter takes
PAGE = 20  # rows, its highest limit
NUMBER = re.compile(r"[1-9]\d{0,18}", re.ASCII)

Row = dict[str, Any]

# Where the generations of the answers keep what is looked for. A lead's own id (`id`, `lead_id`) is never among them.
MAP_ID = (("email_lead_map_id",), ("campaign_lead_map_id",))
EMAIL = (("lead_email",), ("email",), ("lead", "email"))
CAMPAIGN_ID = (("email_campaign_id",), ("campaign_id",), ("campaign", "id"))
CAMPAIGN_NAME = (("email_campaign_name",), ("campaign_name",), ("campaign", "name"))
LISTS = ("data", "messages", "leads", "categories")


def conversation_of_lead(value: Any, lookup: Lookup) -> Found | NotFound:
    """The conversation among a lead's campaigns, as `GET /leads/?email=` shows them."""
    leads = _rows(value)
    alone = len(leads) == 1
    ours = [lead for lead in leads if _same_lead(lead, lookup, untold=alone)]
    if not ours:
        return NotFound("SmartLead does not know this lead")
    campaigns = [row for lead in ours for row in _rows(lead.get("lead_campaign_data"))]
    return _only_one(
        [row for row in campaigns if _same_campaign(row, lookup)],
        f"SmartLead does not show this lead in {_where(lookup)}",
    )


def inbox_search(lookup: Lookup) -> Row | NotFound:
    """What to post to the inbox's list; NotFound without a campaign, for a lead may have replied in several."""
    if lookup.campaign_id is None and lookup.campaign is None:
        return NotFound("The event names no campaign, and so the lead would have to be in a single one")
    filters: Row = {"search": lookup.lead[:LONGEST_SEARCH]}
    if number := _number(lookup.campaign_id):
        filters["campaignId"] = number
    return {"offset": 0, "limit": PAGE, "filters": filters, "sortBy": "REPLY_TIME_DESC"}


def conversation_in_inbox(value: Any, lookup: Lookup) -> Found | NotFound:
    """The conversation among the rows of the inbox."""
    ours = [row for row in _rows(value) if _same_lead(row, lookup) and _same_campaign(row, lookup)]
    return _only_one(ours, f"SmartLead's inbox does not show this lead in {_where(lookup)}")


def _where(lookup: Lookup) -> str:
    return "any campaign" if lookup.campaign_id is None and lookup.campaign is None else "this campaign"


def category_names(value: Any) -> CategoryNames | Retry:
    """The names by their numbers. Retry if the answer is no list of categories."""
    rows = _rows(value)
    told = [(_number(row.get("id")), row.get("name")) for row in rows]
    names = {number: name.strip() for number, name in told if number and isinstance(name, str) and name.strip()}
    if not names:
        return Retry("SmartLead's list of categories cannot be read")
    return CategoryNames(names)


def _only_one(rows: list[Row], nowhere: str) -> Found | NotFound:
    if not rows:
        return NotFound(nowhere)
    ids = {_number(told) for row in rows for told in _all_told(row, MAP_ID) or [None]}
    if len(ids) > 1:
        return NotFound("SmartLead shows more than one conversation of this lead, and nothing tells which it is")
    (map_id,) = ids
    return Found(map_id) if map_id else NotFound("SmartLead shows this conversation without an id")


def _same_lead(row: Row, lookup: Lookup, *, untold: bool = False) -> bool:
    told = [fold_address(str(email)) for email in _all_told(row, EMAIL)]
    return all(email == fold_address(lookup.lead) for email in told) if told else untold


def _same_campaign(row: Row, lookup: Lookup) -> bool:
    """By number; by name only where one side tells no number; any campaign if the event tells neither."""
    if lookup.campaign_id is not None and (numbers := _all_told(row, CAMPAIGN_ID)):
        return all(_folded(number) == _folded(lookup.campaign_id) for number in numbers)
    if lookup.campaign is not None:
        names = _all_told(row, CAMPAIGN_NAME)
        return bool(names) and all(_folded(name) == _folded(lookup.campaign) for name in names)
    return lookup.campaign_id is None


def _rows(value: Any) -> list[Row]:
    """The objects of a list, however it is wrapped; an object that holds no list is the only row."""
    while isinstance(value, dict):
        inner = next((value[name] for name in LISTS if isinstance(value.get(name), (list, dict))), None)
        if inner is None:
            return [value] if value else []
        value = inner
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _all_told(row: Row, paths: Iterable[tuple[str, ...]]) -> list[Any]:
    """Every value that the row tells at one of the paths."""
    found = (_at(row, path) for path in paths)
    return [value for value in found if isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""]


def _at(row: Row, path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _folded(value: Any) -> str:
    return " ".join(str(value).split()).casefold()


def _number(value: Any) -> int | None:
    """A positive number, of JSON or in digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not NUMBER.fullmatch(str(value).strip()):
        return None
    return number if (number := int(value)) <= MAX_MAP_ID else None
