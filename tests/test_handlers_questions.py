"""What Replymark asks SmartLead, over real sockets: ids, categories, and whatever a person wants to see."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal

import pytest
from raw_answers import answering
from sandbox_client import KEY, control

from handlers.reading import Rate, Reading
from handlers.smartlead import SmartLead
from model import CategoryNames, Found, Lookup, NotFound, Retry
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

AGENT = "Replymark/0 (+https://example.com)"
ASTRID = "astrid.lund@northpier.example"
SPRING, AUTUMN = 2433664091, 2433664092
TWICE = [
    {"map_id": SPRING, "email": ASTRID, "campaign_id": 11, "campaign_name": "Spring"},
    {"map_id": AUTUMN, "email": ASTRID, "campaign_id": 12, "campaign_name": "Autumn"},
]
Way = Literal["lead", "inbox"]
WAYS: tuple[Way, Way] = ("lead", "inbox")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(api_keys=(KEY,), limits=((1000, 1.0),)) as running:
        control(running, "conversations", TWICE)
        yield running


@pytest.fixture
def smartlead(box: Sandbox) -> Iterator[SmartLead]:
    made = SmartLead(box.url, KEY, user_agent=AGENT, timeouts=(3.05, 0.5), deadline=1.0)
    yield made
    made.close()


def lookup(by: Way, campaign_id: str | None = "12", lead: str = ASTRID) -> Lookup:
    return Lookup("default", lead, campaign_id, None, by, lease="a-lease", attempt=1)


def requests(box: Sandbox) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = control(box, "requests").json
    return made


@pytest.mark.parametrize("by", WAYS)
def test_a_lead_in_two_campaigns_is_found_in_the_right_one(box: Sandbox, smartlead: SmartLead, by: Way) -> None:
    assert smartlead.find(lookup(by, "12")) == Found(AUTUMN)
    assert smartlead.find(lookup(by, "11")) == Found(SPRING)
    assert isinstance(smartlead.find(lookup(by, "13")), NotFound)
    assert {request["user_agent"] for request in requests(box)} == {AGENT}


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("lead", ["nobody@northpier.example", "a+b&email=astrid@x.example", "ü@ü.example", "%00", "x"])
def test_an_unknown_lead_is_not_found_whatever_its_address_holds(smartlead: SmartLead, by: Way, lead: str) -> None:
    assert isinstance(smartlead.find(lookup(by, lead=lead)), NotFound)


def test_the_lead_is_asked_for_by_its_whole_address(box: Sandbox, smartlead: SmartLead) -> None:
    smartlead.find(lookup("lead", lead="a+b&c@northpier.example"))
    (request,) = requests(box)
    assert (request["path"], request["query"]) == ("/api/v1/leads/", {"email": "a+b&c@northpier.example"})


def test_a_search_that_could_find_the_wrong_conversation_is_not_sent(box: Sandbox, smartlead: SmartLead) -> None:
    assert isinstance(smartlead.find(lookup("inbox", None)), NotFound)
    assert requests(box) == []


def test_the_categories_come_with_their_names(smartlead: SmartLead, box: Sandbox) -> None:
    control(box, "category", {"map_id": SPRING, "category_id": 101822, "name": "Meeting Booked"})
    names = smartlead.categories()
    assert isinstance(names, CategoryNames)
    assert (names.names[6], names.names[101822]) == ("Out Of Office", "Meeting Booked")


TROUBLE = [
    pytest.param({"status": 429, "body": "", "headers": {"Retry-After": "7"}}, 7, True, id="429"),
    pytest.param({"status": 401, "body": {"message": "Invalid API Key"}}, 60, True, id="a wrong key"),
    pytest.param({"status": 500, "body": "{}"}, None, False, id="500"),
    pytest.param({"status": 200, "body": "<html>maintenance</html>"}, None, False, id="a web page with 200"),
    pytest.param({"status": 200, "body": "[" * 100_000}, None, False, id="nested without end"),
    pytest.param({"reset": True}, None, False, id="a reset"),
    pytest.param({"close_midway": True}, None, False, id="half an answer"),
    pytest.param({"delay": 60}, None, False, id="silence"),
    pytest.param({"drip": 0.1, "status": 200, "body": "x" * 600}, None, False, id="an answer that drips in"),
]


@pytest.mark.parametrize(("fault", "after", "whole_account"), TROUBLE)
@pytest.mark.parametrize("question", ["lead", "inbox", "categories"])
def test_trouble_is_a_retry_and_the_next_question_is_answered(
    box: Sandbox,
    smartlead: SmartLead,
    fault: dict[str, Any],
    after: float | None,
    whole_account: bool,  # noqa: FBT001 - a column of the table
    question: str,
) -> None:
    def ask() -> Any:
        return smartlead.categories() if question == "categories" else smartlead.find(lookup(question))  # type: ignore[arg-type]

    control(box, "faults", [fault])
    answer = ask()
    assert isinstance(answer, Retry)
    assert (answer.after, answer.whole_account) == (after, whole_account)
    assert not isinstance(ask(), Retry)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    raw = b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"data": "' + b"x" * 6_000_000 + b'"}'
    with answering(raw, end=b"\r\n\r\n") as url:
        smartlead = SmartLead(url, KEY)
        assert smartlead.find(lookup("lead")) == Retry("SmartLead's answer cannot be read (status 200)")
        smartlead.close()


REFUSED = [
    pytest.param({"status": 404, "body": "<pre>Cannot GET</pre>"}, "no such address", id="no such route"),
    pytest.param({"status": 404, "body": {"error": "Lead not found"}}, "Lead not found", id="no such lead"),
    pytest.param({"status": 422, "body": {"error": f"bad email {ASTRID}"}}, "bad email …@…", id="refused"),
    pytest.param({"status": 403, "body": {"error": "plan"}}, "the key may not do this", id="not in this plan"),
]


@pytest.mark.parametrize(("fault", "words"), REFUSED)
@pytest.mark.parametrize("by", WAYS)
def test_a_question_that_smartlead_refuses_leaves_the_other_way(
    box: Sandbox, smartlead: SmartLead, fault: dict[str, Any], words: str, by: Way
) -> None:
    control(box, "faults", [fault])
    answer = smartlead.find(lookup(by))
    assert isinstance(answer, NotFound)
    assert words in answer.reason
    assert ASTRID not in answer.reason


def test_categories_that_are_refused_are_asked_for_again_but_not_soon(box: Sandbox, smartlead: SmartLead) -> None:
    control(box, "faults", [{"status": 403, "body": {"error": "plan"}}])
    answer = smartlead.categories()
    assert isinstance(answer, Retry)
    assert (answer.after, answer.whole_account) == (3600, False)


def test_a_reading_tells_all_that_a_person_may_ask_about(smartlead: SmartLead) -> None:
    reading = smartlead.get("/leads/", {"email": ASTRID})
    assert (reading.status, reading.trouble) == (200, None)
    assert reading.value["email"] == ASTRID
    assert reading.rate == Rate(1000, 999, "1")
    assert "date" not in {name for name in reading.headers if name != name.lower()}
    assert 0 < reading.seconds < 60


def test_a_reading_without_an_answer_says_why(box: Sandbox, smartlead: SmartLead) -> None:
    assert smartlead.get("/webhook/9").trouble == "SmartLead does not know what was asked for: Resource not found"
    assert smartlead.get("/webhook").status == 404
    box.stop()
    reading = smartlead.get("/campaigns")
    assert reading == Reading(None, {}, None, "SmartLead refused the connection", reading.seconds)


def test_neither_key_nor_address_is_in_a_log_record(
    box: Sandbox, smartlead: SmartLead, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for by in WAYS:
        smartlead.find(lookup(by))
        control(box, "faults", [{"reset": True}])
        smartlead.find(lookup(by))
    assert "/api/v1/leads/?…" in caplog.text
    assert KEY not in caplog.text
    assert ASTRID.partition("@")[0] not in caplog.text


def test_a_redirect_carries_neither_key_nor_address_elsewhere(box: Sandbox, smartlead: SmartLead) -> None:
    control(box, "faults", [{"status": 307, "body": "", "headers": {"Location": f"{box.url}/elsewhere"}}])
    assert isinstance(smartlead.find(lookup("lead")), Retry)
    assert len(requests(box)) == 1
