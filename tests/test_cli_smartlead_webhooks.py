"""SmartLead's webhooks, as the doctor and `flask smartlead webhooks` see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask
from connected import CAMPAIGN, Place, connected
from secrets_of_tests import ALL, SECRET, TOKEN
from webhook_events import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = "{url}/webhooks/smartlead"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with connected(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        pytest.param({"is_active": False}, "problem", "leads here, but is switched off", id="inactive"),
        pytest.param({"webhook_url": f"{HERE}?token=old-token"}, "problem", "not among WEBHOOK_TOKENS", id="old token"),
        pytest.param({"webhook_url": HERE}, "problem", "shows no token", id="no token"),
        pytest.param({}, "warning", "is not the first of WEBHOOK_TOKENS", id="a token that is on its way out"),
        pytest.param({"webhook_url": f"{{url}}/hook?token={TOKEN}"}, "problem", "leads to /hook", id="wrong path"),
        pytest.param({"event_types": ["EMAIL_SENT"]}, "problem", "none is told of replies", id="other events"),
        pytest.param({"event_types": ["EMAIL_REPLY"]}, "warning", "no webhook that leads here", id="no categories"),
        pytest.param({"event_types": ["LEAD_REPLIED"]}, "warning", "has given up", id="an old name"),
        pytest.param({"webhook_url": "https://else.example/x"}, "warning", "sent to else.example", id="elsewhere"),
    ],
)
def test_a_webhook_that_brings_no_replies_is_found(
    place: Place, values: dict[str, Any], level: str, words: str
) -> None:
    address = {"webhook_url": values["webhook_url"].format(url=place.url)} if "webhook_url" in values else {}
    place.hooked(**(values | address))
    found = [(told, sentence) for told, sentence, _mend in place.sees("webhooks") if words in sentence]
    assert [told for told, _sentence in found] == [level]


def test_a_webhook_of_the_account_that_hides_the_others_is_found_by_its_number(place: Place) -> None:
    place.hooked()
    assert [level for level, _, _ in place.sees("override")] == ["unknown"]
    place.hooked(5, webhook_url=f"https://else.example/hook/{SECRET}", campaign_id=None)
    ((level, found, _),) = place.sees("override", "--webhook", "5")
    assert (level, "sends replies to else.example" in found) == ("problem", True)
    place.hooked(5, campaign_id=None)
    assert [level for level, _, _ in place.sees("override", "--webhook", "5")] == ["ok"]


def test_the_webhook_that_brought_a_reply_is_looked_at_by_itself(place: Place) -> None:
    place.hooked(9, campaign_id=None)
    assert place.website.post(SHORT | {"webhook_id": 9}).status == 200
    assert [level for level, _, _ in place.sees("override")] == ["ok"]


def test_webhooks_are_listed_without_their_tokens(place: Place) -> None:
    place.hooked(name="Ours")
    place.hooked(2, webhook_url=f"https://hooks.else.example/catch/{SECRET}/", is_active=False)
    done = flask("smartlead", "webhooks", "list", "--json", settings=place.settings)
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert (rows[1]["state"], rows[1]["here"], rows[2]["state"], rows[2]["here"]) == ("active", "yes", "off", "no")
    assert rows[1]["address"] == f"{place.url}/webhooks/smartlead?token=…"
    assert rows[2]["address"] == "https://hooks.else.example/…"
    table = flask("smartlead", "webhooks", settings=place.settings).stdout
    assert "SmartLead has no list of the webhooks of the account" in table
    assert not [secret for secret in ALL if secret in done.stdout + table]


def test_a_webhook_that_leads_here_in_vain_is_no_webhook_that_leads_here(place: Place) -> None:
    place.hooked()
    place.hooked(2, webhook_url=f"{place.url}/webhooks/smartlead?token=an-old-one")
    done = flask("smartlead", "webhooks", "list", "--json", settings=place.settings)
    rows = {row["id"]: (row["here"], row["flaw"]) for row in json.loads(done.stdout)}
    assert rows == {1: ("yes", None), 2: ("not taken", "shows a token that is not among WEBHOOK_TOKENS")}
    table = flask("smartlead", "webhooks", settings=place.settings).stdout
    assert "Not taken: the address of webhook 2 shows a token that is not among WEBHOOK_TOKENS." in table


def test_a_number_that_smartlead_does_not_know_is_named(place: Place) -> None:
    place.hooked()
    alone = flask("smartlead", "webhooks", "--webhook", "99", settings=place.settings)
    assert (alone.returncode, alone.stdout, "Webhook 99: " in alone.stderr) == (1, "", True)
    both = flask("smartlead", "webhooks", "--webhook", "99", "--webhook", "1", "--json", settings=place.settings)
    assert (both.returncode, "Webhook 99: " in both.stderr, "Webhook 1:" in both.stderr) == (1, True, False)
    assert [row["id"] for row in json.loads(both.stdout)] == [1]


def test_names_of_smartlead_are_cut(place: Place) -> None:
    place.hooked(name=f"{'x' * 60}{TOKEN} and so on", is_active=False)
    ((_, found, _),) = [each for each in place.sees("webhooks") if "switched off" in each[1]]
    assert f'"{"x" * 60}[redacted] and ' in found
    place.hooked(name="y" * 500, is_active=False)
    assert any(f'"{"y" * 79}…"' in sentence for _, sentence, _ in place.sees("webhooks"))


def test_a_campaign_that_smartlead_does_not_know_ends_the_list(place: Place) -> None:
    done = flask("smartlead", "webhooks", "list", "--campaign", "999", settings=place.settings)
    assert (done.returncode, "Campaign not found" in done.stderr) == (1, True)
    assert flask("smartlead", "webhooks", "--campaign", str(CAMPAIGN), settings=place.settings).returncode == 0
