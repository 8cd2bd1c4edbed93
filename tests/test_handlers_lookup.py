"""Ids and names are read out of every shape of answer, and a wrong id is never taken."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.lookup import category_names, conversation_in_inbox, conversation_of_lead, inbox_search
from model import CategoryNames, Found, Lookup, NotFound, Retry

LEAD = "astrid.lund@northpier.example"
ASTRIDS = {"email": LEAD, "id": "1482956"}
SPRING = {"campaign_id": 11, "campaign_name": "Spring", "campaign_lead_map_id": 2433664091}
AUTUMN = {"campaign_id": 12, "campaign_name": "Autumn", "campaign_lead_map_id": "2433664092"}


def lookup(
    campaign_id: str | None = "11", campaign: str | None = None, by: Literal["lead", "inbox"] = "lead", lead: str = LEAD
) -> Lookup:
    return Lookup("default", lead, campaign_id, campaign, by, lease="a-lease", attempt=1)


def lead(*campaigns: dict[str, Any], **more: Any) -> dict[str, Any]:
    return ASTRIDS | {"lead_campaign_data": list(campaigns)} | more


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


FOUND_BY_LEAD = [
    pytest.param(lead(SPRING), lookup(), 2433664091, id="the reference"),
    pytest.param(lead(SPRING, AUTUMN), lookup("12"), 2433664092, id="the second of two campaigns, its id as text"),
    pytest.param(lead(SPRING | {"campaign_id": "11"}), lookup(), 2433664091, id="the campaign's number as text"),
    pytest.param({"ok": True, "data": lead(SPRING)}, lookup(), 2433664091, id="wrapped in data"),
    pytest.param([lead(AUTUMN), lead(SPRING)], lookup(), 2433664091, id="a list"),
    pytest.param({"data": [lead(SPRING)]}, lookup(), 2433664091, id="a list in data"),
    pytest.param(without(lead(SPRING), "email"), lookup(), 2433664091, id="an address that is not repeated"),
    pytest.param(lead(SPRING, email=" Astrid.LUND@northpier.example"), lookup(), 2433664091, id="any case, blanks"),
    pytest.param(lead(SPRING, AUTUMN), lookup(None, " autumn "), 2433664092, id="the campaign's name alone"),
    pytest.param(lead(without(SPRING, "campaign_id")), lookup("11", "Spring"), 2433664091, id="a row without number"),
    pytest.param(lead(SPRING), lookup(None), 2433664091, id="no campaign told, and only one there"),
    pytest.param(lead(SPRING, SPRING), lookup(), 2433664091, id="the same row twice"),
    pytest.param(lead(SPRING | {"campaign_lead_map_id": 2**63 - 1}), lookup(), 2**63 - 1, id="the greatest id"),
]


@pytest.mark.parametrize(("answer", "asked", "map_id"), FOUND_BY_LEAD)
def test_the_leads_own_entry_in_the_events_campaign_is_found(answer: Any, asked: Lookup, map_id: int) -> None:
    assert conversation_of_lead(answer, asked) == Found(map_id)


UNKNOWN_LEAD = "SmartLead does not know this lead"
ELSEWHERE = "SmartLead does not show this lead in this campaign"
SEVERAL = "SmartLead shows more than one conversation of this lead, and nothing tells which it is"
NO_ID = "SmartLead shows this conversation without an id"
NOT_FOUND_BY_LEAD = [
    pytest.param({}, lookup(), UNKNOWN_LEAD, id="an unknown lead"),
    pytest.param([], lookup(), UNKNOWN_LEAD, id="an empty list"),
    pytest.param(lead(SPRING, email="astrid@northpier.example"), lookup(), UNKNOWN_LEAD, id="another lead"),
    pytest.param(
        [without(lead(SPRING), "email"), without(lead(AUTUMN), "email")], lookup(), UNKNOWN_LEAD, id="leads unnamed"
    ),
    pytest.param(lead(), lookup(), ELSEWHERE, id="a lead without campaigns"),
    pytest.param(ASTRIDS, lookup(), ELSEWHERE, id="nothing but the lead's own id"),
    pytest.param(lead(SPRING), lookup("12"), ELSEWHERE, id="another campaign, though it is the only one"),
    pytest.param(lead(SPRING), lookup("12", "Spring"), ELSEWHERE, id="a name does not outweigh a number"),
    pytest.param(lead(without(SPRING, "campaign_id")), lookup(), ELSEWHERE, id="a row that could be any campaign"),
    pytest.param(lead(SPRING, AUTUMN), lookup(None), SEVERAL, id="no campaign told, and two there"),
    pytest.param(lead(SPRING, SPRING | {"campaign_lead_map_id": 5}), lookup(), SEVERAL, id="two ids"),
    pytest.param(lead(SPRING, AUTUMN | {"campaign_name": "Spring"}), lookup(None, "Spring"), SEVERAL, id="namesakes"),
    pytest.param(lead(SPRING, without(AUTUMN, "campaign_lead_map_id")), lookup(None), SEVERAL, id="one without id"),
    pytest.param(lead(without(SPRING, "campaign_lead_map_id")), lookup(), NO_ID, id="no id"),
    *(
        pytest.param(lead(SPRING | {"campaign_lead_map_id": wrong}), lookup(), NO_ID, id=f"id {wrong!r}")
        for wrong in (0, -1, True, "", "map123", "0", 2**63, 1.5, None, [7], {"id": 7})
    ),
    pytest.param(
        lead(without(SPRING, "campaign_lead_map_id") | {"lead_id": 7, "id": 8}), lookup(), NO_ID, id="lead id"
    ),
]


@pytest.mark.parametrize(("answer", "asked", "reason"), NOT_FOUND_BY_LEAD)
def test_a_doubtful_id_is_not_taken(answer: Any, asked: Lookup, reason: str) -> None:
    assert conversation_of_lead(answer, asked) == NotFound(reason)


LIVE = {
    "lead_email": LEAD,
    "email_lead_id": "1482956",
    "email_lead_map_id": "2433664091",
    "email_campaign_id": 11,
    "email_campaign_name": "Spring",
}
DOCUMENTED = {
    "id": 5,
    "campaign_lead_map_id": "2433664091",
    "lead": {"id": 1482956, "email": LEAD},
    "campaign": {"id": 11, "name": "Spring"},
}
IN_INBOX = [
    pytest.param({"ok": True, "data": [LIVE], "offset": 0, "limit": 20}, lookup(), id="live"),
    pytest.param({"messages": [DOCUMENTED], "total_count": 1}, lookup(), id="documented"),
    pytest.param([LIVE], lookup(), id="a bare list"),
    pytest.param(
        {"data": [LIVE | {"lead_email": f"x{LEAD}"}, LIVE]}, lookup(), id="the search finds more than the lead"
    ),
    pytest.param(
        {"data": [LIVE | {"email_campaign_id": 12, "email_lead_map_id": "6"}, LIVE]}, lookup(), id="campaigns"
    ),
    pytest.param({"data": [LIVE]}, lookup(None, "Spring"), id="by the campaign's name"),
]


@pytest.mark.parametrize(("answer", "asked"), IN_INBOX)
def test_a_row_of_the_inbox_that_names_lead_and_campaign_is_found(answer: Any, asked: Lookup) -> None:
    assert conversation_in_inbox(answer, asked) == Found(2433664091)


NOT_IN_INBOX = [
    pytest.param({"ok": True, "data": []}, "SmartLead's inbox does not show this lead in this campaign", id="no row"),
    pytest.param(
        {"data": [without(LIVE, "lead_email")]},
        "SmartLead's inbox does not show this lead in this campaign",
        id="a row of nobody",
    ),
    pytest.param({"data": [LIVE, LIVE | {"email_lead_map_id": "6"}]}, SEVERAL, id="two ids: never the first"),
    pytest.param({"data": [LIVE | {"campaign_lead_map_id": "6"}]}, SEVERAL, id="a row that contradicts itself"),
    pytest.param({"messages": [without(DOCUMENTED, "campaign_lead_map_id")]}, NO_ID, id="a row's own id is no map id"),
]


@pytest.mark.parametrize(("answer", "reason"), NOT_IN_INBOX)
def test_a_doubtful_row_of_the_inbox_is_not_taken(answer: Any, reason: str) -> None:
    assert conversation_in_inbox(answer, lookup()) == NotFound(reason)


def test_the_inbox_is_searched_within_its_documented_bounds() -> None:
    long = lookup(lead="a-very-long-first-name.and-last-name@northpier.example", by="inbox")
    assert inbox_search(long) == {
        "offset": 0,
        "limit": 20,
        "filters": {"search": "a-very-long-first-name.and-las", "campaignId": 11},
        "sortBy": "REPLY_TIME_DESC",
    }


def test_a_campaign_without_a_number_is_left_out_of_the_search() -> None:
    search = inbox_search(lookup("spring-11", by="inbox"))
    assert not isinstance(search, NotFound)
    assert "campaignId" not in search["filters"]


def test_without_a_campaign_the_inbox_is_not_searched_for_the_lead_may_have_replied_elsewhere() -> None:
    assert isinstance(inbox_search(lookup(None, by="inbox")), NotFound)


NAMES = [
    pytest.param([{"id": 6, "name": "Out Of Office", "sentiment_type": None}], {6: "Out Of Office"}, id="a list"),
    pytest.param({"data": [{"id": "31756", "name": " Booked "}]}, {31756: "Booked"}, id="in data, id as text"),
    pytest.param({"categories": [{"id": 1, "name": "Interested"}]}, {1: "Interested"}, id="under its name"),
    pytest.param(
        [{"id": 1, "name": "Interested"}, {"id": 0, "name": "x"}, {"id": 2}, {"id": 3, "name": " "}, 5],
        {1: "Interested"},
        id="what is no category is passed over",
    ),
]


@pytest.mark.parametrize(("answer", "names"), NAMES)
def test_categories_are_read_by_number(answer: Any, names: dict[int, str]) -> None:
    assert category_names(answer) == CategoryNames(names)


@pytest.mark.parametrize("answer", [{}, [], None, "success", 5, {"data": {}}, [[]]])
def test_an_answer_that_is_no_list_of_categories_forgets_no_name(answer: Any) -> None:
    assert isinstance(category_names(answer), Retry)


lists = ["data", "messages", "lead_campaign_data"]
names_of_things = ["email", "lead_email", "lead", "campaign_id", "campaign", "email_campaign_id", "name"]
ids = ["id", "campaign_lead_map_id", "email_lead_map_id"]
members = st.sampled_from([*lists, *names_of_things, *ids])
plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from([LEAD, 11, "11"])
)
json_values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members, inner, max_size=5), max_leaves=12
)


@given(json_values, st.sampled_from([lookup(), lookup(None), lookup(None, "Spring")]))
def test_whatever_json_comes_is_read_without_an_error_and_only_real_ids_are_taken(answer: Any, asked: Lookup) -> None:
    for found in (conversation_of_lead(answer, asked), conversation_in_inbox(answer, asked)):
        assert isinstance(found, NotFound) or 0 < found.email_lead_map_id < 2**63
    names = category_names(answer)
    assert isinstance(names, Retry) or all(0 < number < 2**63 for number in names.names)


def test_a_look_alike_of_a_lead_is_another_lead() -> None:
    wanted = lookup(lead="kim@northpier.example")
    assert conversation_of_lead(lead(SPRING, email="KIM@NorthPier.example"), wanted) == Found(2433664091)
    assert isinstance(conversation_of_lead(lead(SPRING, email="\N{KELVIN SIGN}im@northpier.example"), wanted), NotFound)
