"""A category and its reply, in whatever order they come: the conversation's newest reply is decided by both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from deliverers import wait_for
from secrets_of_tests import API_KEY, TOKEN
from website import Website, environment, running

from ledger import State
from model import CategoriesWanted, CategoryNames, Delivery, Done
from sandbox import Sandbox
from serving import Delivering, decide_anew

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

RULES = """\
version: 1
rules:
  - name: Booked
    when: {category is: [Meeting Booked]}
    mark: unread
  - name: Not now
    when: {category is: [Not Interested]}
    mark: read
"""
CONVERSATION, LEAD, CAMPAIGN = 2255108337, "dana@northpier.example", 884213
WRITTEN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)


def at(minutes: float) -> str:
    """A time so many minutes after the reply was written."""
    return (WRITTEN + timedelta(minutes=minutes)).isoformat()


def reply(**changes: Any) -> dict[str, Any]:
    """A reply that tells conversation, lead and campaign, and no category."""
    told = {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": CONVERSATION,
        "sl_lead_email": LEAD,
        "campaign_id": CAMPAIGN,
        "reply_message": {"message_id": "<1@northpier.example>", "text": "Let us talk", "time": at(0)},
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def category(name: str | None, minutes: float = 5, **changes: Any) -> dict[str, Any]:
    """SmartLead's event, which tells no conversation's id."""
    told = {
        "event_type": "LEAD_CATEGORY_UPDATED",
        "lead_email": LEAD,
        "campaign_id": CAMPAIGN,
        "category": name,
        "event_timestamp": at(minutes),
    }
    return {key: value for key, value in (told | changes).items() if value is not None}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path, RULES)) as made:
        yield made


def restarted(site: Website) -> AbstractContextManager[Website]:
    """Another process on the same ledger: it remembers nothing of what this one asked."""
    settings = site.parts.settings
    return running(environment(settings.database_url, settings.rules_file.parent))


def wanted(site: Website) -> list[tuple[int, str, str]]:
    return [(row.email_lead_map_id, row.mark, row.state) for row in site.parts.ledger.recent_deliveries()]


def causes(site: Website) -> list[str | None]:
    engine = sa.create_engine(site.parts.settings.database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        found = list(connection.execute(sa.text("SELECT cause FROM decisions ORDER BY event_id, revision")).scalars())
    engine.dispose()
    return found


def tell_names(site: Website, names: dict[int, str]) -> None:
    """What the worker does once SmartLead told the names of the categories."""
    ledger, windows = site.parts.ledger, site.parts.settings.windows
    task = ledger.claim("default", windows)
    while isinstance(task, Delivery):
        ledger.settle(task, Done(), windows, 3)
        task = ledger.claim("default", windows)
    assert isinstance(task, CategoriesWanted), task
    ledger.settle(task, CategoryNames(names), windows, 3)
    decide_anew(site.parts, "default")


def test_a_category_that_comes_later_decides_the_reply_anew(site: Website) -> None:
    first = site.post(reply()).json
    assert (first["mark"], wanted(site)) == ("leave", [])
    answer = site.post(category("Meeting Booked")).json
    assert (answer["status"], answer["mark"], answer["rule"]) == ("accepted", "unread", "Booked")
    assert (answer["email_lead_map_id"], answer["reason"]) == (CONVERSATION, None)
    assert wanted(site) == [(CONVERSATION, "unread", "pending")]
    assert causes(site) == [None, 'SmartLead gave it the category "Meeting Booked"']


def test_its_new_mark_replaces_the_earlier_one_and_nothing_is_sent_twice(site: Website) -> None:
    site.post(reply(reply_category="Meeting Booked"))
    answer = site.post(category("Not Interested")).json
    assert (answer["mark"], wanted(site)) == ("read", [(CONVERSATION, "read", "pending")])
    same = site.post(category("Not Interested", minutes=6)).json
    assert (same["status"], same["mark"], wanted(site)) == ("accepted", "read", [(CONVERSATION, "read", "pending")])


def test_the_same_change_again_is_a_duplicate_and_an_old_one_overrides_no_newer(site: Website) -> None:
    site.post(reply())
    old = category("Not Interested", minutes=5)
    site.post(old)
    site.post(category("Meeting Booked", minutes=9))
    again = site.post(old, source="zapier").json
    assert (again["status"], again["mark"]) == ("duplicate", None)
    assert "newer category" in again["reason"]
    assert wanted(site) == [(CONVERSATION, "unread", "pending")]


def test_a_category_that_comes_first_is_kept_for_its_reply(site: Website) -> None:
    answer = site.post(category("Not Interested")).json
    assert (answer["status"], answer["mark"]) == ("ignored", None)
    assert "kept for its next one" in answer["reason"]
    assert site.post(reply()).json["mark"] == "read"
    assert (
        site.post(reply(reply_message={"message_id": "<2@x>", "text": "Wait", "time": at(30)})).json["mark"] == "leave"
    )


@pytest.mark.parametrize(
    ("minutes", "mark", "why"),
    [(-5, "leave", "given to what came before"), (0, "read", "at the same moment"), (5, "read", "later")],
)
def test_a_kept_category_counts_for_no_reply_that_was_written_after_it(
    site: Website, minutes: float, mark: str, why: str
) -> None:
    site.post(category("Not Interested", minutes=minutes))
    assert site.post(reply()).json["mark"] == mark, why


@pytest.mark.parametrize(("minutes", "mark"), [(119, "read"), (0, "leave")])
def test_for_an_undated_reply_a_category_of_the_last_hour_counts(site: Website, minutes: float, mark: str) -> None:
    site.post(category("Not Interested", minutes=minutes))
    undated = reply(reply_message={"text": "Let us talk"})
    assert site.post(undated).json["mark"] == mark


def test_a_category_older_than_the_newest_reply_says_nothing_of_it(site: Website) -> None:
    site.post(reply())
    answer = site.post(category("Not Interested", minutes=-5)).json
    assert (answer["status"], answer["mark"], wanted(site)) == ("ignored", None, [])
    assert "older" in answer["reason"]


def test_replies_and_categories_that_come_at_the_same_moment_miss_each_other_never(site: Website) -> None:
    def post(number: int) -> None:
        lead = f"lead{number // 2}@northpier.example"
        told = reply(sl_email_lead_map_id=number // 2 + 1, sl_lead_email=lead)
        site.post(category("Not Interested", lead_email=lead) if number % 2 else told)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(post, range(60)))
    assert {mark for _, mark, _ in wanted(site)} == {"read"}
    assert len(wanted(site)) == 30


def test_a_secret_in_a_category_is_kept_nowhere(site: Website) -> None:
    site.post(reply())
    site.post(category(f"Meeting Booked {TOKEN}"))
    assert TOKEN not in repr(causes(site))


@pytest.mark.parametrize(
    ("minutes", "mark", "why"),
    [(5, "read", "given after the reply was written"), (0, "unread", "no later"), (-5, "unread", "given before it")],
)
def test_a_category_that_the_reply_tells_itself_counts_unless_a_newer_one_is_kept(
    site: Website, minutes: float, mark: str, why: str
) -> None:
    site.post(category("Not Interested", minutes=minutes))
    assert site.post(reply(reply_category="Meeting Booked")).json["mark"] == mark, why


def test_a_category_without_a_known_name_ends_what_the_older_one_decided(site: Website) -> None:
    assert site.post(reply(reply_category="Not Interested")).json["mark"] == "read"
    answer = site.post(category(None, lead_category_id=3)).json
    assert (answer["status"], answer["mark"]) == ("accepted", "leave")
    assert [row[2] for row in wanted(site)] == ["withdrawn"]
    tell_names(site, {3: "Meeting Booked"})
    assert [row[1:] for row in wanted(site)] == [("unread", "pending")]


def test_a_category_of_a_lead_alone_says_that_no_campaign_was_told(site: Website) -> None:
    assert "map campaign_id" in site.post(category("Not Interested", campaign_id=None)).json["reason"]


def test_a_category_that_was_taken_away_decides_without_one(site: Website) -> None:
    site.post(reply(reply_category="Not Interested"))
    gone = category(None, lead_category={"old_id": 3, "old_name": "Not Interested", "new_id": None, "new_name": None})
    answer = site.post(gone).json
    assert (answer["status"], answer["mark"]) == ("accepted", "leave")
    assert [row[2] for row in wanted(site)] == ["withdrawn"]


def test_a_number_is_told_by_name_once_smartlead_was_asked(site: Website) -> None:
    first = site.post(reply(reply_category=3)).json
    assert (first["mark"], wanted(site)) == ("leave", [])
    tell_names(site, {3: "Not Interested"})
    assert wanted(site) == [(CONVERSATION, "read", "pending")]
    assert causes(site)[-1] == 'SmartLead told that its category 3 is "Not Interested"'
    other = reply(sl_email_lead_map_id=7, sl_lead_email="x@y.example", reply_category="3", reply_message={"text": "No"})
    with restarted(site) as again:
        assert again.post(other).json["mark"] == "read"


def test_a_change_by_number_waits_for_its_name(site: Website) -> None:
    site.post(reply())
    answer = site.post(category(None, lead_category_id=3)).json
    assert (answer["status"], answer["mark"]) == ("accepted", "leave")
    assert "SmartLead is asked" in answer["reason"]
    tell_names(site, {3: "Not Interested"})
    assert wanted(site) == [(CONVERSATION, "read", "pending")]
    with restarted(site) as later:
        again = later.post(category(None, minutes=7, lead_category_id=3)).json
    assert (again["status"], again["mark"]) == ("accepted", "read")


def test_a_number_without_a_name_is_no_name(site: Website) -> None:
    site.post(reply(reply_category=3))
    tell_names(site, {4: "Not Interested"})
    assert wanted(site) == []


def test_a_parked_reply_is_decided_anew_too(site: Website) -> None:
    parked = site.post(reply(sl_email_lead_map_id=None)).json
    assert (parked["status"], parked["mark"]) == ("parked", "leave")
    answer = site.post(category("Not Interested")).json
    assert (answer["status"], answer["mark"], answer["email_lead_map_id"]) == ("accepted", "read", None)
    assert wanted(site) == []
    found = category(
        "Not Interested", minutes=6, app_url=f"https://app.smartlead.ai/app/master-inbox?leadMap={CONVERSATION}"
    )
    site.post(found)
    assert wanted(site) == [(CONVERSATION, "read", "pending")]


def test_without_the_replys_text_nothing_is_decided_anew(site: Website) -> None:
    site.post(reply())
    engine = sa.create_engine(site.parts.settings.database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE events SET body = NULL"))
    engine.dispose()
    answer = site.post(category("Not Interested")).json
    assert (answer["status"], answer["mark"], wanted(site)) == ("ignored", None, [])
    assert "not kept any more" in answer["reason"]


def test_of_two_campaigns_only_the_one_that_the_category_names_is_decided_anew(site: Website) -> None:
    site.post(reply())
    other = {"message_id": "<2@x>", "text": "Let us talk", "time": at(0)}
    site.post(reply(sl_email_lead_map_id=7, campaign_id=1, reply_message=other))
    site.post(category("Not Interested", campaign_id=1))
    assert wanted(site) == [(7, "read", "pending")]


def test_a_batch_of_mixed_events_is_taken_whole(site: Website) -> None:
    bounce = {"event_type": "EMAIL_BOUNCE", "lead_email": LEAD}
    unread = {"event_type": "EMAIL_REPLY", "custom": 1}
    batch = [bounce, reply(), category("Not Interested"), category("Not Interested", lead_email="n@b.example"), unread]
    answer = site.post(batch).json
    told = [(one["status"], one["mark"]) for one in answer["results"]]
    assert told == [
        ("ignored", None),
        ("accepted", "read"),  # its category came with it
        ("accepted", "read"),
        ("ignored", None),
        ("quarantined", None),
    ]
    assert wanted(site) == [(CONVERSATION, "read", "pending")]
    counts = site.parts.ledger.buckets()
    assert counts == {"accepted": 2, "ignored": 2, "quarantined": 1, "duplicates": 0}


def test_what_arrived_is_counted_once_whatever_came_of_it(site: Website) -> None:
    events = [
        category("Not Interested", minutes=-9),
        reply(),
        reply(),
        category("Meeting Booked"),
        category("Meeting Booked"),
    ]
    for event in events:
        site.post(event)
    assert sum(site.parts.ledger.buckets().values()) == len(events)


def test_in_a_dry_run_nothing_that_is_decided_anew_is_ever_sent(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path, RULES) | {"DRY_RUN": "1"}) as site:
        site.post(reply())
        assert site.post(category("Not Interested")).json["mark"] == "read"
        assert wanted(site) == [(CONVERSATION, "read", "withdrawn")]


def test_the_worker_asks_smartlead_for_the_names_and_carries_the_new_mark_out(
    database_url: str, tmp_path: Path
) -> None:
    with (
        Sandbox(api_keys=(API_KEY,)) as smartlead,
        running(environment(database_url, tmp_path, RULES) | {"SMARTLEAD_BASE_URL": smartlead.url}) as site,
    ):
        assert site.post(reply(reply_category=3)).json["mark"] == "leave"
        delivering = Delivering(site.parts)
        thread = Thread(target=delivering.run)
        thread.start()
        try:
            wait_for(site.parts.ledger, State.SETTLED)
        finally:
            delivering.stop()
            thread.join()
        assert wanted(site) == [(CONVERSATION, "read", "settled")]


def test_the_first_undated_category_again_does_not_undo_a_newer_one(site: Website) -> None:
    site.post(reply())
    undated = category("Not Interested", event_timestamp=None)
    assert site.post(undated).json["mark"] == "read"
    assert site.post(category("Meeting Booked", event_timestamp=None)).json["mark"] == "unread"
    again = site.post(undated, source="zapier").json
    assert (again["status"], again["mark"]) == ("duplicate", None)
    assert "newer category" in again["reason"]
    assert wanted(site) == [(CONVERSATION, "unread", "pending")]


def test_the_same_undated_category_again_says_what_it_decided(site: Website) -> None:
    site.post(reply())
    for status in ("accepted", "duplicate"):
        answer = site.post(category("Not Interested", event_timestamp=None)).json
        assert (answer["status"], answer["mark"]) == (status, "read")


def test_another_event_that_tells_the_replys_category_decides_it_anew(site: Website) -> None:
    first = site.post(reply(), source="zapier").json
    again = reply(event_type="LEAD_REPLIED", reply_category="Meeting Booked", sl_email_lead_map_id=None)
    answer = site.post(again).json
    assert (answer["status"], answer["event_id"], answer["mark"]) == ("duplicate", first["event_id"], "unread")
    assert wanted(site) == [(CONVERSATION, "unread", "pending")]
    assert causes(site)[-1] == "Another event told more of this reply"


def test_another_event_undoes_no_category_that_came_before_it(site: Website) -> None:
    site.post(reply())
    site.post(category("Meeting Booked"))
    answer = site.post(reply(reply_category="Not Interested", sl_email_lead_map_id=None)).json
    assert answer["status"] == "duplicate"
    assert wanted(site) == [(CONVERSATION, "unread", "pending")]


def test_a_number_that_has_no_name_is_not_asked_for_at_every_reply(site: Website) -> None:
    site.post(reply(reply_category=3))
    tell_names(site, {3: "Not Interested"})
    other = reply(sl_email_lead_map_id=7, sl_lead_email="x@y.example", reply_category=3, reply_message={"text": "No"})
    assert site.post(other).json["mark"] == "leave"
