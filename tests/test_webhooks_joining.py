"""One reply, told by two events: each fills what the other is silent about, and nothing that is told is replaced."""

from __future__ import annotations

from typing import Any

import pytest

from model import Reply
from webhooks.joining import join

DANA, OMAR, LENA = "dana@northpier.example", "omar@northpier.example", "lena@getharborline.example"


def joined(first: dict[str, Any], other: dict[str, Any], sure_mailbox: str | None = None) -> Reply:
    return join(Reply(**first), Reply(**other), sure_mailbox)


@pytest.mark.parametrize(
    "told",
    [
        {"category": "Interested"},
        {"category_id": 3},
        {"sender": OMAR, "sender_name": "Omar"},
        {"campaign": "Spring", "campaign_id": "7"},
        {"written_at": 1.0},
        {"subject": "Re: hello"},
        {"client": "Acme", "sequence_step": "2"},
        {"text": "Yes"},
        {"ours": True},
    ],
)
def test_what_only_the_other_tells_is_told(told: dict[str, Any]) -> None:
    assert joined({}, told) == Reply(**told)
    assert joined(told, {}) == Reply(**told)


@pytest.mark.parametrize(
    ("first", "other", "why"),
    [
        ({"category": "Booked"}, {"category_id": 3}, "a number of another category"),
        ({"category_id": 3}, {"category": "Booked"}, "a name of another category"),
        ({"sender": DANA}, {"sender": OMAR, "sender_name": "Omar"}, "another's name"),
        ({"html": "<p>Yes</p>"}, {"text": "Yes > no"}, "another reading of the same words"),
        ({"ours": True, "mailbox": LENA}, {"sender": OMAR}, "the sender of a mail of ours"),
        ({}, {"mailbox": LENA}, "a mailbox that is a guess"),
        ({}, {"email_lead_map_id": 7}, "an id: the ledger keeps it"),
    ],
)
def test_what_the_first_tells_stays_and_no_guess_is_added(
    first: dict[str, Any], other: dict[str, Any], why: str
) -> None:
    assert joined(first, other) == Reply(**first), why


def test_a_mailbox_that_is_sure_is_told() -> None:
    assert joined({}, {"mailbox": LENA}, LENA).mailbox == LENA


def test_a_name_comes_with_the_same_sender() -> None:
    assert joined({"sender": OMAR}, {"sender": OMAR.upper(), "sender_name": "Omar"}).sender_name == "Omar"
