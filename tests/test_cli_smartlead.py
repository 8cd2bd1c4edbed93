"""`flask smartlead doctor` against the stand-in SmartLead and a running installation."""

from __future__ import annotations

import json
import re
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from commands import flask, flask_at_a_terminal
from connected import CAMPAIGN, RULES, Place, closed_port, connected, installed
from sandbox_client import control
from secrets_of_tests import API_KEY
from webhook_events import SHORT
from website import environment

from cli.doctor.finding import ok, unknown, warning
from cli.doctor.report import show_report
from ledger import Ledger, Refusal
from sandbox import Sandbox
from webhooks.paths import describe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCKED = "<!DOCTYPE html><html><body>Sorry, you have been blocked</body></html>"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with connected(tmp_path) as made:
        yield made


def test_an_installation_that_works_has_no_problem(place: Place) -> None:
    place.hooked()
    place.website.parts.ledger.beat("a worker")
    assert place.website.post(SHORT).status == 200
    report = place.doctor()
    levels = {finding["about"]: finding["level"] for finding in report["findings"]}
    assert report["problems"] == 0
    assert [about for about, level in levels.items() if level == "ok"] == [
        *("settings", "ledger", "rules", "worker", "replies", "refused"),
        *("key", "rate", "clock", "categories", "address"),
    ]
    assert all((finding["mend"] is None) == (finding["level"] == "ok") for finding in report["findings"])
    assert any("Replies are sent here by 1 campaign" in finding["found"] for finding in report["findings"])


def test_the_calls_that_it_made_are_told(place: Place) -> None:
    told = place.doctor()["calls"]
    assert told == len(control(place.box, "requests").json) > 2


def test_people_read_sentences_and_what_to_paste(place: Place) -> None:
    done = flask("smartlead", "doctor", settings=place.settings)
    assert done.returncode == 1
    assert "problem  worker       No worker has ever been seen" in done.stdout
    assert "→ Start one: flask worker run" in done.stdout
    assert f"{place.url}/webhooks/smartlead?token=<the first of WEBHOOK_TOKENS>" in done.stdout
    assert "zap|<the first of WEBHOOK_TOKENS>" in done.stdout
    assert "1 problem." in done.stdout


def test_the_worst_stands_first(place: Place) -> None:
    place.hooked()
    done = flask("smartlead", "doctor", settings=place.settings)
    levels = [line.split()[0] for line in done.stdout.partition("\n\n")[0].splitlines() if not line.startswith(" ")]
    assert levels == sorted(levels, key=["problem", "warning", "unknown", "ok"].index)
    assert len(set(levels)) == 4


def test_where_all_is_well_there_is_nothing_to_paste_unless_it_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    forms = {"smartlead": {"Name": "Replymark"}}
    show_report([ok("key", "It is taken."), unknown("override", "Who knows.", "Look.")], forms, 3, paste=False)
    assert "doctor --paste" in (shown := capsys.readouterr().out)
    assert "Replymark" not in shown
    assert shown.splitlines()[0].startswith("unknown")
    show_report([ok("key", "It is taken.")], forms, 3, paste=True)
    assert "Name  Replymark" in capsys.readouterr().out
    show_report([warning("replies", "No reply.", "Send one.")], forms, 3, paste=False)
    assert "Name  Replymark" in capsys.readouterr().out


def test_the_keys_that_tell_a_field_are_printed_without_any_examination(place: Place) -> None:
    done = flask("smartlead", "doctor", "--fields", settings=place.settings)
    assert re.search(r"(?m)^lead +leadCorrespondence.targetLeadEmail, sl_lead_email, lead_email", done.stdout)
    alone = json.loads(flask("smartlead", "doctor", "--fields", "--json", settings=place.settings).stdout)["fields"]
    assert {field: tuple(keys) for field, keys in alone.items()} == describe()
    assert control(place.box, "requests").json == []
    assert place.doctor()["fields"] == alone


def test_a_reply_that_names_what_smartlead_gave_up_is_told(place: Place) -> None:
    assert [level for level, _, _ in place.sees("retired")] == ["unknown"]
    link = "https://server.smartlead.ai/api/v1/master-inbox/mark-unread"
    event = place.website.post(SHORT | {"then_call": link}).json["event_id"]
    ((level, found, mend),) = place.sees("retired")
    assert (level, f"still named by event {event}." in found) == ("warning", True)
    assert "change-read-status" in str(mend)


def test_a_base_address_of_smartleads_first_days_is_told(place: Place) -> None:
    url = f"{place.box.url}/api"
    assert next((level, mend) for level, _, mend in place.sees("retired", SMARTLEAD_BASE_URL=url)) == (
        "problem",
        f"Set it to {place.box.url}: /api/v1 is added to it.",
    )


def test_the_token_is_shown_at_a_terminal_and_nowhere_else(place: Place) -> None:
    assert flask("smartlead", "doctor", "--show-token", settings=place.settings).returncode == 2
    settings = place.settings | {"WEBHOOK_TOKENS": "made-up token/4711"}
    _code, shown = flask_at_a_terminal("smartlead", "doctor", "--show-token", settings=settings, typed="")
    assert "?token=made-up%20token%2F4711" in shown
    assert "zap|made-up token/4711" in shown


def test_a_wrong_key_is_told_and_asked_with_only_once(place: Place) -> None:
    report = place.doctor(SMARTLEAD_API_KEY="another-key-of-tests")
    (key,) = [finding for finding in report["findings"] if finding["about"] == "key"]
    assert (key["level"], report["calls"]) == ("problem", 1)
    assert key["found"].startswith("SmartLead refuses the API key (Invalid API Key)")
    assert "SMARTLEAD_API_KEY" in key["mend"]


def test_a_block_by_cloudflare_is_not_taken_for_a_wrong_key(place: Place) -> None:
    control(place.box, "faults", [{"match": "fetch-categories", "status": 403, "body": BLOCKED}])
    ((level, found, mend),) = place.sees("key")
    assert (level, "blocked by Cloudflare" in found, "Copy the key" in str(mend)) == ("problem", True, False)


def test_a_smartlead_that_is_away_is_no_wrong_key_either(place: Place) -> None:
    ((level, found, mend),) = place.sees("key", SMARTLEAD_BASE_URL=f"http://127.0.0.1:{closed_port()}")
    assert (level, found) == ("problem", "SmartLead refused the connection.")
    assert "SMARTLEAD_BASE_URL" in str(mend)


def test_a_limit_that_is_reached_midway_ends_the_questions(place: Place) -> None:
    control(place.box, "faults", [{"match": f"/campaigns/{CAMPAIGN}", "status": 429, "body": {}}])
    report = place.doctor()
    found = [finding["found"] for finding in report["findings"]]
    assert "SmartLead was asked no further: SmartLead's rate limit is reached." in found
    assert control(place.box, "requests").json[-1]["path"].endswith(f"/campaigns/{CAMPAIGN}/webhooks")


def test_the_doctor_keeps_to_the_rate_limits(tmp_path: Path) -> None:
    with Sandbox(api_keys=(API_KEY,), limits=((3, 1.0),)) as box, installed(tmp_path) as (_, settings):
        rows = [{"map_id": n, "email": "a@b.example", "campaign_id": n} for n in range(1, 7)]
        control(box, "conversations", rows)
        limits = {"SMARTLEAD_BASE_URL": box.url, "SMARTLEAD_RATE_LIMITS": "3/1s"}
        flask("smartlead", "doctor", "--campaigns", "6", settings=settings | limits)
        statuses = [entry["status"] for entry in control(box, "requests").json]
    assert len(statuses) > 6
    assert set(statuses) == {200}


def test_a_category_that_the_account_does_not_have_is_told_with_the_right_name(tmp_path: Path) -> None:
    rules = RULES.replace("Interested", "Intrested")
    with connected(tmp_path, rules) as place:
        found = place.sees("categories")
    assert "Interested, Meeting Request, Not Interested" in found[0][1]
    ((level, sentence, mend),) = found[1:]
    assert (level, '"Intrested"' in sentence) == ("warning", True)
    assert str(mend).startswith('Write "Interested" in the rules')


def test_the_public_address_is_tried(place: Place, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    assert "arrived here as event" in place.sees("address")[-1][1]
    assert "is not set" in place.sees("address", PUBLIC_URL="")[-1][1]
    assert "Nothing listens" in place.sees("address", PUBLIC_URL=f"http://127.0.0.1:{closed_port()}")[-1][1]
    assert "turns senders away (status 401)" in place.sees("address", PUBLIC_URL=place.box.url)[-1][1]
    assert "Nothing can be sent" in place.sees("address", PUBLIC_URL="http://127.0.0.1:99999")[-1][1]
    away = place.url.replace("http:", "https:")
    assert "does not speak TLS" in place.sees("address", PUBLIC_URL=away)[-1][1]
    with installed(tmp_path / "other") as (_, other):
        found = place.sees("address", PUBLIC_URL=other["PUBLIC_URL"])[-1]
    assert (found[0], "is not in this ledger" in found[1]) == ("problem", True)


def test_the_test_event_is_ignored_and_waits_nowhere(place: Place) -> None:
    place.doctor()
    assert place.website.parts.ledger.buckets()["ignored"] == 1
    assert place.website.parts.ledger.recent_events("ignored", 1)[0].email_lead_map_id is None


def test_refused_deliveries_and_none_at_all_do_not_look_alike(place: Place) -> None:
    assert [level for level, _, _ in place.sees("refused")] == ["ok"]
    refused = [Refusal(time.time(), "/webhooks/smartlead", "wrong token", "192.0.2.7")] * 2
    place.website.parts.ledger.record_refusals(refused)
    ((level, found, _),) = place.sees("refused")
    assert (level, "2 deliveries were refused (wrong token: 2)" in found) == ("problem", True)


def test_what_is_missing_at_home_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    settings = environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path)
    away = {"SMARTLEAD_BASE_URL": f"http://127.0.0.1:{closed_port()}"}
    unmigrated = flask("smartlead", "doctor", settings=settings | away)
    assert "flask ledger migrate" in unmigrated.stdout
    wrong = flask("smartlead", "doctor", settings=settings | {"WORKER": "maybe"})
    assert (wrong.returncode, "WORKER must be inline or separate" in wrong.stdout) == (1, True)
    with closing(Ledger(settings["DATABASE_URL"], "real")) as ledger:
        ledger.migrate()
    assert "There are no live rules" in flask("smartlead", "doctor", settings=settings | away).stdout


def test_the_sandbox_has_nothing_to_examine_at_smartlead() -> None:
    done = flask("smartlead", "doctor")
    assert "This is the sandbox" in done.stdout
    assert "0 calls to SmartLead" in done.stdout
    listing = flask("smartlead", "webhooks")
    assert (listing.returncode, "This is the sandbox" in listing.stderr) == (1, True)
    assert "flask sandbox run" in done.stdout
    assert "flask sandbox run" in listing.stderr
