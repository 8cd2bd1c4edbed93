"""Reading a conversation's id, or the categories' names, out of SmartLead's answers. Pure, and never raises.

The answers vary: `data` or `messages` or a bare list, ids as numbers or as text. A row counts only if it names the
very lead and the very campaign, and an id only if no other row contradicts it: a wrong id would hide somebody else.
"""

from __future__ import annotations

from typing import Any

from addresses import fold_address
from handlers.inbox import list_request
from handlers.rows import CAMPAIGN_ID, CAMPAIGN_NAME, EMAIL, MAP_ID, Row, all_told, number, rows_in
from model import CategoryNames, Found, Lookup, NotFound, Retry

LONGEST_SEARCH = 30  # characters that the inbox's filter takes


def conversation_of_lead(value: Any, lookup: Lookup) -> Found | NotFound:
    """The conversation among a lead's campaigns, as `GET /leads/?email=` shows them."""
    leads = rows_in(value)
    alone = len(leads) == 1
    ours = [lead for lead in leads if _same_lead(lead, lookup, untold=alone)]
    if not ours:
        return NotFound("SmartLead does not know this lead")
    campaigns = [row for lead in ours for row in rows_in(lead.get("lead_campaign_data"))]
    return _only_one(
        [row for row in campaigns if _same_campaign(row, lookup)],
        f"SmartLead does not show this lead in {_where(lookup)}",
    )


def inbox_search(lookup: Lookup) -> Row | NotFound:
    """What to post to the inbox's list; NotFound without a campaign, for a lead may have replied in several."""
    if lookup.campaign_id is None and lookup.campaign is None:
        return NotFound("The event names no campaign, and so the lead would have to be in a single one")
    filters: Row = {"search": lookup.lead[:LONGEST_SEARCH]}
    if campaign := number(lookup.campaign_id):
        filters["campaignId"] = campaign
    return list_request(0, filters)


def conversation_in_inbox(value: Any, lookup: Lookup) -> Found | NotFound:
    """The conversation among the rows of the inbox."""
    ours = [row for row in rows_in(value) if _same_lead(row, lookup) and _same_campaign(row, lookup)]
    return _only_one(ours, f"SmartLead's inbox does not show this lead in {_where(lookup)}")


def _where(lookup: Lookup) -> str:
    return "any campaign" if lookup.campaign_id is None and lookup.campaign is None else "this campaign"


def category_names(value: Any) -> CategoryNames | Retry:
    """The names by their numbers. Retry if the answer is no list of categories."""
    rows = rows_in(value)
    told = [(number(row.get("id")), row.get("name")) for row in rows]
    names = {found: name.strip() for found, name in told if found and isinstance(name, str) and name.strip()}
    if not names:
        return Retry("SmartLead's list of categories cannot be read")
    return CategoryNames(names)


def _only_one(rows: list[Row], nowhere: str) -> Found | NotFound:
    if not rows:
        return NotFound(nowhere)
    ids = {number(told) for row in rows for told in all_told(row, MAP_ID) or [None]}
    if len(ids) > 1:
        return NotFound("SmartLead shows more than one conversation of this lead, and nothing tells which it is")
    (map_id,) = ids
    return Found(map_id) if map_id else NotFound("SmartLead shows this conversation without an id")


def _same_lead(row: Row, lookup: Lookup, *, untold: bool = False) -> bool:
    told = [fold_address(str(email)) for email in all_told(row, EMAIL)]
    return all(email == fold_address(lookup.lead) for email in told) if told else untold


def _same_campaign(row: Row, lookup: Lookup) -> bool:
    """By number; by name only where one side tells no number; any campaign if the event tells neither."""
    if lookup.campaign_id is not None and (numbers := all_told(row, CAMPAIGN_ID)):
        return all(_folded(told) == _folded(lookup.campaign_id) for told in numbers)
    if lookup.campaign is not None:
        names = all_told(row, CAMPAIGN_NAME)
        return bool(names) and all(_folded(name) == _folded(lookup.campaign) for name in names)
    return lookup.campaign_id is None


def _folded(value: Any) -> str:
    return " ".join(str(value).split()).casefold()
