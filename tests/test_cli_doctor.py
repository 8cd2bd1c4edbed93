"""What the doctor makes of SmartLead's answers and of refused deliveries: the sentences, each with its mend."""

from __future__ import annotations

import pytest

from cli.doctor.account import compare_clocks, examine_categories, examine_clock, examine_key, examine_rate
from cli.doctor.finding import DAY, Level
from cli.doctor.installation import examine_refusals
from config import Window
from handlers.reading import Rate, Reading
from ledger import Refusal

NOON = 1_770_811_200.0  # 2026-02-11T12:00:00Z
DEFAULT = (Window(10, 1.0), Window(60, 60.0), Window(1000, 3600.0))


def reading(status: int | None = 200, trouble: str | None = None, rate: Rate | None = None, **headers: str) -> Reading:
    return Reading(status, headers, None if trouble else [], trouble, 0.1, rate)


@pytest.mark.parametrize(
    ("status", "trouble", "level", "mend"),
    [
        (401, "SmartLead refuses the API key: check the account's SMARTLEAD_API_KEY", Level.PROBLEM, "Copy the key"),
        (403, "SmartLead says that the key may not do this", Level.PROBLEM, "Copy the key"),
        (403, "The request was blocked by Cloudflare, which …", Level.PROBLEM, "The key may be right"),
        (404, "SmartLead has no such address (status 404)", Level.PROBLEM, "Check SMARTLEAD_BASE_URL"),
        (429, "SmartLead's rate limit is reached", Level.WARNING, "Wait a minute"),
        (502, "SmartLead is in trouble (status 502)", Level.WARNING, "status.smartlead.ai"),
        (None, "SmartLead refused the connection", Level.PROBLEM, "firewall"),
        (200, None, Level.OK, None),
    ],
)
def test_each_answer_to_the_first_call_has_its_own_mend(
    status: int | None, trouble: str | None, level: Level, mend: str | None
) -> None:
    finding = examine_key(reading(status, trouble))
    assert finding.level is level
    assert (finding.mend or "").startswith(mend or "") or str(mend) in str(finding.mend)


@pytest.mark.parametrize(
    ("windows", "rate", "level"),
    [
        pytest.param(DEFAULT, Rate(60, 59, "42"), Level.OK, id="60 a minute, as SmartLead's guide has it"),
        pytest.param(DEFAULT, Rate(10, 9, "1"), Level.OK, id="a short window is not taken for a minute"),
        pytest.param(DEFAULT, Rate(60, 59, str(round(NOON) + 42)), Level.OK, id="a reset given as a time"),
        pytest.param((Window(20, 1.0), Window(120, 60.0)), Rate(60, 59, "42"), Level.WARNING, id="twice as much"),
        pytest.param((Window(10, 1.0),), Rate(60, 59, None), Level.WARNING, id="600 a minute, a second at a time"),
        pytest.param(
            (Window(900, 3600.0),), Rate(60, 59, "42"), Level.WARNING, id="an hour's share may go in a minute"
        ),
        pytest.param(DEFAULT, Rate(None, None, None), Level.UNKNOWN, id="nothing told"),
        pytest.param(DEFAULT, None, Level.UNKNOWN, id="no header"),
    ],
)
def test_our_rate_is_compared_with_what_smartlead_tells(
    windows: tuple[Window, ...], rate: Rate | None, level: Level
) -> None:
    assert examine_rate(reading(rate=rate), windows, NOON).level is level


def test_a_clock_that_goes_wrong_is_told_with_the_difference() -> None:
    at_noon = reading(date="Wed, 11 Feb 2026 12:00:00 GMT")
    assert examine_clock(at_noon, NOON + 59).level is Level.OK
    behind = examine_clock(at_noon, NOON - 7200)
    assert (behind.level, behind.found) == (Level.WARNING, "This machine's clock is 2 hours behind SmartLead's.")
    assert "90" not in compare_clocks("This machine's clock", 90, "the ledger's").found
    assert examine_clock(reading(date="soon"), NOON).level is Level.UNKNOWN
    assert examine_clock(reading(), NOON).level is Level.UNKNOWN


@pytest.mark.parametrize(
    "date", ["soon", "", "Wed, 11 Feb 99999999999 12:00:00 GMT", "Wed, 11 Feb 2026 12:00:00 +9999999999", "0" * 5000]
)
def test_a_date_that_is_none_tells_nothing_of_the_clock(date: str) -> None:
    assert examine_clock(reading(date=date), NOON).level is Level.UNKNOWN


def test_a_rate_that_is_just_what_smartlead_allows_is_kept_to() -> None:
    found = examine_rate(reading(rate=Rate(60, 59, "42")), DEFAULT, NOON).found
    assert found == "SmartLead allows 60 requests at a time; ours (10/1s 60/1m 1000/1h) keep to it."


def test_a_long_name_of_a_category_is_cut_and_known_all_the_same() -> None:
    name = "Wants a call " * 20
    answer = Reading(200, {}, [{"id": 1, "name": f"{name[:79]}…"}], None, 0.1)
    (found,) = examine_categories(answer, {name: "Calls"})
    assert found.level is Level.OK


def refused(reason: str, *moments: float) -> list[Refusal]:
    return [Refusal(moment, "/webhooks/smartlead", reason) for moment in moments]


@pytest.mark.parametrize(
    ("refused_at", "last_reply", "level"),
    [
        pytest.param((), None, Level.OK, id="none"),
        pytest.param((NOON - 2 * DAY,), None, Level.OK, id="long ago"),
        pytest.param((NOON - 60,), None, Level.PROBLEM, id="and no reply ever"),
        pytest.param((NOON - 60,), NOON - 61, Level.PROBLEM, id="after the last reply"),
        pytest.param((NOON - 7200, NOON - 60), NOON - 30, Level.WARNING, id="and replies come"),
    ],
)
@pytest.mark.parametrize("reason", ["wrong token", "wrong secret_key", "wrong signature"])
def test_refused_deliveries_weigh_more_where_no_reply_follows(
    reason: str, refused_at: tuple[float, ...], last_reply: float | None, level: Level
) -> None:
    (finding,) = examine_refusals(refused(reason, *refused_at), last_reply, NOON)
    assert finding.level is level


@pytest.mark.parametrize("reason", ["no token", "too large without a token"])
def test_strangers_who_show_no_token_are_no_problem(reason: str) -> None:
    (finding,) = examine_refusals(refused(reason, NOON - 60), None, NOON)
    assert (finding.level, "Scanners do that daily" in str(finding.mend)) == (Level.WARNING, True)


def test_strangers_do_not_hide_a_sender_with_a_wrong_token() -> None:
    both = [*refused("no token", NOON - 5, NOON - 4), *refused("wrong token", NOON - 60)]
    wrong, strange = examine_refusals(both, None, NOON)
    assert (wrong.level, "(wrong token: 1)" in wrong.found) == (Level.PROBLEM, True)
    assert (strange.level, "(no token: 2)" in strange.found) == (Level.WARNING, True)
