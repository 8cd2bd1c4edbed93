"""Which conversations are marked: all that is asked for must hold, and what a row does not tell never hides anybody."""

from __future__ import annotations

from typing import Any

import pytest

from inbox.selection import Selection
from model import InboxRow, Mark

READ, UNREAD = Mark.READ, Mark.UNREAD
NAMES = {1: "Interested", 6: "Out Of Office", 31756: "Interested"}
BEGAN = 5000.0


def row(**values: Any) -> InboxRow:
    """An unread conversation that tells everything."""
    told: dict[str, Any] = {
        "email_lead_map_id": 7,
        "is_read": False,
        "last_reply_at": 1000.0,
        "campaign_id": "884213",
        "campaign": "Dock planners, spring",
        "category_id": 6,
        "client": "12",
    }
    return InboxRow(**(told | values))


def selection(mark: Mark = READ, **values: Any) -> Selection:
    return Selection(mark=mark, category_names=NAMES, **values)


@pytest.mark.parametrize(
    ("wanted", "told", "verdict"),
    [
        ({}, {}, "chosen"),
        ({}, {"is_read": True}, "other"),  # it has the mark
        ({}, {"is_read": None}, "untold"),
        ({}, {"last_reply_at": None}, "untold"),  # nobody knows what a read would hide
        ({}, {"last_reply_at": BEGAN}, "replied"),
        ({"mark": UNREAD}, {"is_read": True}, "chosen"),
        ({"mark": UNREAD}, {"is_read": False}, "other"),
        ({"mark": UNREAD}, {"is_read": None}, "chosen"),  # to show is safe
        ({"mark": UNREAD}, {"is_read": True, "last_reply_at": None}, "chosen"),
        ({"mark": UNREAD}, {"is_read": True, "last_reply_at": BEGAN}, "chosen"),
        ({"unread": True}, {}, "chosen"),
        ({"unread": True}, {"is_read": True}, "other"),
        ({"unread": True}, {"is_read": None}, "untold"),
        ({"campaigns": ("884213",)}, {}, "chosen"),
        ({"campaigns": ("884214",)}, {}, "other"),
        ({"campaigns": ("884213",)}, {"campaign_id": None}, "untold"),
        ({"campaigns": ("dock  planners, SPRING",)}, {}, "chosen"),
        ({"campaigns": ("Dock planners",)}, {}, "other"),  # a name is the whole name
        ({"campaigns": ("Dock planners, spring",)}, {"campaign": None}, "untold"),
        ({"campaigns": ("Terminal owners", "884213")}, {}, "chosen"),
        ({"campaigns": ("Terminal owners", "884213")}, {"campaign_id": None}, "untold"),
        ({"categories": ("out of office",)}, {}, "chosen"),
        ({"categories": ("out of office",)}, {"category_id": 1}, "other"),
        ({"categories": ("Interested",)}, {"category_id": 31756}, "chosen"),  # two numbers may have one name
        ({"categories": ("out of office",)}, {"category_id": None}, "untold"),
        ({"categories": ("out of office",)}, {"category_id": 404}, "untold"),
        ({"categories": ("out of office",)}, {"category_id": None, "category": "Out of Office"}, "chosen"),
        ({"categories": ("out of office",)}, {"category": "Interested"}, "untold"),  # it contradicts itself
        ({"clients": ("12", "13")}, {}, "chosen"),
        ({"clients": ("13",)}, {}, "other"),
        ({"clients": ("12",)}, {"client": None}, "untold"),
        ({"before": 1000.5}, {}, "chosen"),
        ({"before": 1000.0}, {}, "other"),
        ({"before": 1000.5, "mark": UNREAD}, {"is_read": True, "last_reply_at": None}, "untold"),
        ({"ids": frozenset({7, 8})}, {}, "chosen"),
        ({"ids": frozenset({8})}, {}, "other"),
        ({"campaigns": ("884213",), "clients": ("13",)}, {}, "other"),  # all must hold
        ({"campaigns": ("884214",), "clients": ("12",)}, {"client": None}, "other"),  # whatever the client is
    ],
)
def test_a_row_is_chosen_only_if_all_that_is_asked_for_surely_holds(
    wanted: dict[str, Any], told: dict[str, Any], verdict: str
) -> None:
    assert selection(**wanted).judge(row(**told), BEGAN) == verdict


@pytest.mark.parametrize(("matched", "verdict"), [(True, "chosen"), (False, "other"), (None, "unknown")])
def test_rules_have_the_last_word(matched: bool | None, verdict: str) -> None:  # noqa: FBT001 - pytest hands it over
    assert selection().judge(row(), BEGAN, lambda _: matched) == verdict


def test_rules_are_asked_only_about_what_else_is_meant() -> None:
    asked: list[InboxRow] = []

    def matches(one: InboxRow) -> bool:
        asked.append(one)
        return True

    for told in ({"is_read": True}, {"is_read": None}, {"last_reply_at": BEGAN}):
        selection().judge(row(**told), BEGAN, matches)
    assert asked == []


@pytest.mark.parametrize(
    ("wanted", "filters"),
    [
        ({}, {}),
        ({"campaigns": ("1", "2")}, {"campaignId": [1, 2]}),
        ({"campaigns": ("1", "Spring")}, {}),  # a name can not be asked for, and one of the two is enough
        ({"campaigns": tuple("123456")}, {}),  # it takes five at most
        ({"categories": ("Interested",)}, {"leadCategories": {"categoryIdsIn": [1, 31756]}}),
        ({"categories": ("Unheard of",)}, {}),
        ({"clients": ("12",)}, {"campaignClientId": [12]}),
        (
            {"before": 86400.0},
            {"replyTimeBetween": ["1970-01-01T00:00:00.000Z", "1970-01-03T00:00:00.000Z"]},
        ),
    ],
)
def test_smartlead_is_asked_for_no_less_than_is_meant(wanted: dict[str, Any], filters: dict[str, Any]) -> None:
    assert selection(**wanted).filters() == filters


def test_the_list_of_unread_replies_is_asked_for_where_only_these_are_meant() -> None:
    assert (selection(unread=True).shown, selection().shown) == ("unread-replies", "inbox-replies")
