"""Who is who: lead, sender and mailbox are told apart, or left unknown where a guess could hide a lead."""

from __future__ import annotations

from typing import Any

import pytest
from webhook_events import DANA, LENA, OMAR, SHORT, reply, reply_with

from webhooks.paths import folded
from webhooks.people import sure_mailbox


def people(**event: Any) -> tuple[str | None, str | None, str | None]:
    told = reply({"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_text": "Yes", **event})
    return told.lead, told.sender, told.mailbox


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"sl_lead_email": DANA, "from_email": LENA, "to_email": DANA}, (DANA, None, LENA), "as SmartLead's guide"),
        ({"sl_lead_email": DANA, "from_email": DANA, "to_email": LENA}, (DANA, None, LENA), "as relays turn it round"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": OMAR}, "from": LENA, "to": OMAR},
            (DANA, OMAR, LENA),
            "a colleague replied",
        ),
        ({"sl_lead_email": DANA, "from_email": OMAR, "to_email": LENA}, (DANA, None, None), "either may be ours"),
        ({"sl_lead_email": DANA, "from_email": LENA}, (DANA, None, None), "one end alone tells nothing"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": OMAR}, "from": OMAR, "to": DANA},
            (DANA, OMAR, None),
            "lead and colleague: no end is ours",
        ),
        ({"from_email": LENA, "to_email": DANA}, (None, None, None), "no name: either may be the lead"),
        ({"from_email": DANA, "to_email": LENA, "mailbox": LENA}, (DANA, None, LENA), "the end that is not ours"),
        ({"sl_lead_email": DANA, "sl_senders_mailbox": LENA}, (DANA, None, LENA), "our mailbox by name"),
        (
            {"sl_lead_email": DANA, "email_account": {"id": 4, "from_email": LENA}},
            (DANA, None, LENA),
            "the guide's account",
        ),
        ({"lead_email": DANA, "email_account": LENA}, (DANA, None, LENA), "an account that is an address"),
        (
            {"sl_lead_email": DANA, "mailbox": LENA.upper(), "leadCorrespondence": {"replyReceivedFrom": LENA}},
            (DANA, None, LENA.upper()),
            "our own mailbox is never the sender",
        ),
        ({"email": LENA, "mailbox": LENA}, (None, None, LENA), "nor the lead"),
        (
            {"sl_lead_email": DANA, "leadCorrespondence": {"replyReceivedFrom": "Unknown", "targetLeadEmail": ""}},
            (DANA, None, None),
            "Unknown is no address",
        ),
        ({"sl_lead_email": DANA, "leadCorrespondence": []}, (DANA, None, None), "an empty list for the object"),
        (
            {"sl_lead_email": DANA, "lead_correspondence": {"reply_received_from": OMAR}},
            (DANA, OMAR, None),
            "snake case",
        ),
        ({"slLeadEmail": f"Dana Whitfield <{DANA}>"}, (DANA, None, None), "camel case, with a name"),
        ({"sl_lead_email": "dana", "lead_email": DANA}, (DANA, None, None), "what is no address is passed over"),
    ],
)
def test_people_are_told_apart_or_left_unknown(
    event: dict[str, Any], expected: tuple[str | None, ...], why: str
) -> None:
    assert people(**event) == expected, why


def test_without_any_id_the_lead_is_guessed_for_the_lookup_as_smartleads_guide_says() -> None:
    assert people(from_email=LENA, to_email=DANA, sl_email_lead_map_id=None) == (DANA, None, LENA)


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"to_email": OMAR, "to_name": "Omar\n  Vance"}, "Omar Vance", "a line break in it"),
        ({"to_email": DANA, "to_name": "Dana Whitfield"}, None, "the name of another than the sender"),
        ({"to_name": "Dana Whitfield"}, None, "a name without an address"),
        ({"leadCorrespondence": {"replyReceivedFrom": f'"Vance, Omar" <{OMAR}>'}}, "Vance, Omar", "beside the address"),
        ({"sl_lead_email": OMAR, "sl_lead_name": "Omar V."}, "Omar V.", "the lead replied"),
        ({"sl_lead_email": DANA, "sl_lead_name": "Dana W."}, None, "another than the lead replied"),
    ],
)
def test_the_senders_name_belongs_to_the_sender(event: dict[str, Any], expected: str | None, why: str) -> None:
    assert reply_with(**{"leadCorrespondence": {"replyReceivedFrom": OMAR}, **event}).sender_name == expected, why


FROM_LENA = {"leadCorrespondence": {"replyReceivedFrom": LENA}}


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"mailbox": LENA, **FROM_LENA}, True, "the mailbox itself wrote"),
        ({"mailbox": LENA.upper(), **FROM_LENA}, True, "in any case"),
        ({"mailbox": LENA, "leadCorrespondence": {"replyReceivedFrom": DANA}}, False, "the lead wrote"),
        ({"mailbox": LENA}, False, "nobody is named"),
        (FROM_LENA, False, "no mailbox is named"),
        ({"mailbox": LENA, "lead": {"email": LENA}}, False, "a lead's key under a mailbox's name says nothing"),
        ({"sl_lead_email": LENA, "mailbox": LENA, **FROM_LENA}, False, "never the lead, whatever a Zap mapped wrongly"),
    ],
)
def test_a_mail_of_our_own_mailbox_is_ours_and_has_no_sender(
    event: dict[str, Any], *, expected: bool, why: str
) -> None:
    told = reply_with(**event)
    assert told.ours is expected, why
    assert told.sender != told.mailbox


@pytest.mark.parametrize(
    ("event", "expected", "why"),
    [
        ({"mailbox": LENA}, LENA, "named by its key"),
        ({"from_email": LENA, "to_email": DANA, "replier": DANA}, LENA, "it faces the lead, who replied"),
        ({"from_email": OMAR, "to_email": LENA, "replier": OMAR}, LENA, "it faces a colleague who replied"),
        ({"from_email": OMAR, "to_email": DANA}, None, "the lead's colleague could stand there as well"),
        ({"from_email": OMAR, "to_email": DANA, "replier": OMAR}, None, "two who are no mailbox"),
        ({"sl_lead_email": None, "from_email": LENA, "to_email": DANA, "replier": DANA}, None, "no lead is named"),
        ({"mailbox": DANA}, None, "a Zap mapped the lead under the mailbox's name"),
        ({"mailbox": OMAR, "replier": OMAR}, None, "or who replied"),
    ],
)
def test_a_mailbox_is_learned_only_where_nothing_is_guessed(
    event: dict[str, Any], expected: str | None, why: str
) -> None:
    assert sure_mailbox(folded({**SHORT, **event})) == expected, why


@pytest.mark.parametrize(
    ("told", "expected", "why"),
    [
        (f"{DANA},{DANA}", DANA, "one address, twice in a relay's list"),
        (f"{DANA}, {DANA.upper()}", DANA, "in another case"),
        ([DANA], DANA, "a list of one"),
        ([f"Dana <{DANA}>"], DANA, "with a name"),
        (f"{DANA},{OMAR}", None, "two people"),
        ([DANA, OMAR], None, "a list of two"),
        ({"address": DANA}, None, "an object"),
    ],
)
def test_of_a_relays_list_an_address_is_read_if_there_is_only_one(told: Any, expected: str | None, why: str) -> None:
    assert reply_with(sl_lead_email=told).lead == expected, why
