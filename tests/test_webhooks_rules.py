"""What the rules' own days and trials mean for a reply that really arrives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from website import environment, running

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
version: 1
rules:
  - name: Last year's fair
    when: {reply contains: see you at the fair}
    mark: read
    until: 2020-12-31
  - name: The great fair
    when: {reply contains: fair}
    mark: leave
    until: 2999-12-31
  - name: New wording
    when: {reply contains: sounds useful}
    mark: read
    trial: yes
  - name: Interest
    when: {reply contains: useful}
    mark: unread
"""
REPLY = {
    "event_type": "EMAIL_REPLY",
    "sl_email_lead_map_id": 4711,
    "to_email": "anna@acme.example",
    "time_replied": "2020-06-01T10:00:00Z",
}


def steps_of(database_url: str) -> list[Any]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        (steps,) = connection.execute(sa.text("SELECT steps FROM decisions")).scalars()
    engine.dispose()
    found: list[Any] = json.loads(steps)
    return found


def test_a_rule_ends_with_its_last_day_by_the_replys_arrival_not_by_its_own_time(
    database_url: str, tmp_path: Path
) -> None:
    with running(environment(database_url, tmp_path, RULES)) as site:
        answer = site.post(REPLY | {"preview_text": "See you at the fair\n"})
        assert (answer.json["mark"], answer.json["rule"]) == ("leave", "The great fair")
    assert [(step["rule"], step["verdict"], step["mark"]) for step in steps_of(site.parts.settings.database_url)] == [
        ("Last year's fair", "expired", "read"),
        ("The great fair", "matched", "leave"),
    ]


def test_a_rule_on_trial_is_recorded_with_what_it_would_have_done_and_decides_nothing(
    database_url: str, tmp_path: Path
) -> None:
    with running(environment(database_url, tmp_path, RULES)) as site:
        answer = site.post(REPLY | {"preview_text": "That sounds useful\n"})
        assert (answer.json["mark"], answer.json["rule"]) == ("unread", "Interest")
    trial, _ = steps_of(site.parts.settings.database_url)
    assert (trial["rule"], trial["verdict"], trial["mark"]) == ("New wording", "on trial", "read")
    assert trial["checks"][0]["words"] == "sounds useful"
