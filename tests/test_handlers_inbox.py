"""Pages of the inbox and histories of conversations are read in every shape; what is doubtful counts as untold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.inbox import history, inbox_page
from model import History, InboxPage, InboxRow, Message, Retry

AT = 1_753_980_524.0  # 2025-07-31T16:48:44Z
ROW = InboxRow(
    email_lead_map_id=2433664091,
    is_read=False,
    last_reply_at=AT,
    lead="astrid.lund@northpier.example",
    lead_id="1482956",
    lead_name="Astrid Lund",
    campaign_id="11",
    campaign="Spring",
    category_id=6,
    client="300",
)
LIVE = {
    "lead_category_id": 6,
    "last_reply_time": "2025-07-31T16:48:44.000Z",
    "has_new_unread_email": True,
    "lead_first_name": "Astrid",
    "lead_last_name": "Lund",
    "lead_email": "astrid.lund@northpier.example",
    "email_lead_id": "1482956",
    "email_lead_map_id": "2433664091",
    "email_campaign_id": 11,
    "email_campaign_name": "Spring",
    "client_id": 300,
}
DOCUMENTED = {
    "id": 5,
    "campaign_lead_map_id": "2433664091",
    "lead": {"id": 1482956, "email": "astrid.lund@northpier.example", "first_name": "Astrid", "last_name": "Lund"},
    "campaign": {"id": 11, "name": "Spring"},
    "last_message": {"received_at": "2025-07-31T16:48:44Z"},
    "category": {"id": 6, "name": "Out Of Office"},
    "client_id": "300",
    "is_read": False,
}
NOTHING_BUT_ID = InboxRow(email_lead_map_id=7)


def row_of(row: dict[str, Any]) -> InboxRow:
    page = inbox_page({"data": [{"email_lead_map_id": 7} | row]})
    assert isinstance(page, InboxPage)
    (read,) = page.rows
    return read


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"ok": True, "data": [LIVE], "offset": 0, "limit": 20}, id="live"),
        pytest.param([LIVE], id="a bare list"),
        pytest.param({"data": {"messages": [LIVE]}}, id="wrapped twice"),
    ],
)
def test_a_row_tells_all_that_it_holds(answer: Any) -> None:
    assert inbox_page(answer) == InboxPage((ROW,), 1)


def test_a_row_of_the_reference_tells_the_same_and_its_categorys_name() -> None:
    page = inbox_page({"messages": [DOCUMENTED], "total_count": 1})
    assert isinstance(page, InboxPage)
    (read,) = page.rows
    assert read.category == "Out Of Office"
    assert read == InboxRow(**{name: getattr(ROW, name) for name in ROW.__slots__} | {"category": "Out Of Office"})


READ = [
    pytest.param({"has_new_unread_email": False}, True, id="nothing new"),
    pytest.param({"has_new_unread_email": True}, False, id="something new"),
    pytest.param({"is_read": True}, True, id="read"),
    pytest.param({"is_read": False, "has_new_unread_email": True}, False, id="both say so"),
    pytest.param({"is_read": "false"}, False, id="in words"),
    pytest.param({"has_new_unread_email": 0}, True, id="in digits"),
    pytest.param({}, None, id="not told"),
    pytest.param({"is_read": None, "has_new_unread_email": None}, None, id="null"),
    pytest.param({"is_read": None, "has_new_unread_email": True}, False, id="one is null"),
    pytest.param({"is_read": True, "has_new_unread_email": True}, None, id="they contradict each other"),
    pytest.param({"is_read": "perhaps"}, None, id="another word"),
    pytest.param({"is_read": True, "has_new_unread_email": "perhaps"}, None, id="one can not be read"),
    pytest.param({"is_read": []}, None, id="no flag at all"),
]


@pytest.mark.parametrize(("row", "is_read"), READ)
def test_read_or_not_is_taken_only_from_a_flag_that_nothing_contradicts(
    row: dict[str, Any],
    is_read: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    assert row_of(row).is_read is is_read


TIMES = [
    pytest.param("2025-07-31T16:48:44.000Z", AT, id="milliseconds and Z"),
    pytest.param("2025-07-31T16:48:44Z", AT, id="Z"),
    pytest.param("2025-07-31T16:48:44+00:00", AT, id="an offset"),
    pytest.param("2025-07-31T18:48:44.000+02:00", AT, id="another offset"),
    pytest.param("2025-07-31T16:48:44", AT, id="no zone"),
    pytest.param("2025-07-31 16:48:44", AT, id="a blank between"),
    pytest.param(1753980524, AT, id="seconds"),
    pytest.param(1753980524000, AT, id="milliseconds"),
    pytest.param(1753980524.5, AT + 0.5, id="parts of a second"),
    pytest.param("1753980524", AT, id="seconds as text"),
    pytest.param("2025-07-31", None, id="a date alone"),
    pytest.param("1970-01-01T00:00:00Z", None, id="no time at all"),
    pytest.param(0, None, id="zero"),
    pytest.param(None, None, id="null"),
    pytest.param(True, None, id="a flag"),
    pytest.param("yesterday", None, id="words"),
    pytest.param("0001-01-01T00:00:00+23:59", None, id="the year 1"),
    pytest.param(float("inf"), None, id="infinite"),
]


@pytest.mark.parametrize(("told", "at"), TIMES)
def test_times_are_read_in_every_form(told: Any, at: float | None) -> None:
    assert row_of({"last_reply_time": told}).last_reply_at == at


@pytest.mark.parametrize(
    ("row", "read"),
    [
        pytest.param({"lead_id": 7, "email_lead_id": "8"}, NOTHING_BUT_ID, id="two lead ids"),
        pytest.param({"email_campaign_id": 11, "campaign": {"id": 12}}, NOTHING_BUT_ID, id="two campaigns"),
        pytest.param({"lead_email": "a@x.example", "lead": {"email": "b@x.example"}}, NOTHING_BUT_ID, id="two leads"),
        pytest.param({"lead_category_id": "x"}, NOTHING_BUT_ID, id="a category that is no number"),
        pytest.param({"lead": "astrid", "campaign": [11], "category": 3}, NOTHING_BUT_ID, id="no objects"),
    ],
)
def test_what_a_row_tells_twice_and_differently_counts_as_untold(row: dict[str, Any], read: InboxRow) -> None:
    assert row_of(row) == read


def test_a_name_is_one_line_that_every_database_takes() -> None:
    row = row_of({"lead_first_name": " Astrid\n\ud800\0", "lead_last_name": None})
    assert row.lead_name == "Astrid"


WITHOUT_ID = [{}, {"email_lead_map_id": "map123"}, {"email_lead_map_id": 0}, {"id": 7}, {"lead_id": 7}, 5, None, [7]]


@pytest.mark.parametrize("row", [*WITHOUT_ID, {"email_lead_map_id": 7, "campaign_lead_map_id": 8}])
def test_a_row_without_a_sure_id_is_counted_and_not_shown(row: Any) -> None:
    assert inbox_page({"data": [LIVE, row]}) == InboxPage((ROW,), 2)


@pytest.mark.parametrize("answer", [{}, {"success": True, "data": {}}, None, "success", 5, {"data": None}])
def test_an_answer_that_is_no_list_is_never_taken_for_the_lists_end(answer: Any) -> None:
    assert isinstance(inbox_page(answer), Retry)
    assert isinstance(history(answer), Retry)


LIVE_MAILS = {
    "history": [
        {
            "type": "REPLY",
            "message_id": "<r@northpier.example>",
            "time": "2025-07-31T16:48:44.000Z",
            "email_body": "<p>Yes</p>",
            "from": "astrid@northpier.example",
            "to": "lena@ours.example",
        },
        {
            "type": "SENT",
            "message_id": "<s@ours.example>",
            "time": "2025-07-30T16:48:44.000Z",
            "email_body": "<p>Shall we?</p>",
            "subject": "An idea",
            "from": "lena@ours.example",
            "to": "astrid@northpier.example",
        },
    ],
    "from": "lena@ours.example",
    "to": "astrid@northpier.example",
}


def test_a_history_is_read_oldest_first() -> None:
    assert history(LIVE_MAILS) == History(
        (
            Message(
                by_lead=False,
                message_id="<s@ours.example>",
                at=AT - 86400,
                html="<p>Shall we?</p>",
                subject="An idea",
                sender="lena@ours.example",
                recipient="astrid@northpier.example",
            ),
            Message(
                by_lead=True,
                message_id="<r@northpier.example>",
                at=AT,
                html="<p>Yes</p>",
                sender="astrid@northpier.example",
                recipient="lena@ours.example",
            ),
        )
    )


def test_a_history_of_the_reference_tells_who_wrote_when() -> None:
    mails = [
        {"id": 1, "subject": "An idea", "direction": "outbound", "sent_at": "2025-07-30T16:48:44Z"},
        {"id": 2, "subject": "Re: An idea", "direction": "inbound", "received_at": "2025-07-31T16:48:44Z"},
    ]
    assert history({"messages": mails}) == History(
        (
            Message(by_lead=False, at=AT - 86400, subject="An idea"),
            Message(by_lead=True, at=AT, subject="Re: An idea"),
        )
    )


@pytest.mark.parametrize("mail", [{}, {"type": "NOTE"}, {"type": "SENT", "direction": "inbound"}, 5, None])
def test_a_mail_of_nobody_known_is_passed_over(mail: Any) -> None:
    assert history({"history": [mail]}) == History(())


flags = ["is_read", "has_new_unread_email"]
names = [
    "data",
    "messages",
    "history",
    "email_lead_map_id",
    "id",
    "lead",
    "campaign",
    "category",
    "name",
    "last_message",
]
of_mails = ["last_reply_time", "received_at", "type", "time", "from", "to", "direction"]
members = st.sampled_from([*flags, *names, *of_mails])
plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["REPLY", 7, AT])
)
json_values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(members, inner, max_size=6), max_leaves=15
)


@given(json_values)
def test_whatever_json_comes_is_read_without_an_error(answer: Any) -> None:
    page = inbox_page(answer)
    assert isinstance(page, Retry) or len(page.rows) <= page.length
    mails = history(answer)
    assert isinstance(mails, (Retry, History))
