"""The doctor and the list of webhooks where there are several accounts: each by its name, its key and its addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from commands import flask
from connected import CAMPAIGN, RULES, Place, installed
from ledgers import arrival
from sandbox_client import control
from secrets_of_tests import ACME_KEY, ACME_TOKEN, ALL, API_KEY

from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACME = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": ACME_TOKEN}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """An installation with the accounts default and acme, at a SmartLead that takes both keys."""
    with (
        Sandbox(api_keys=(API_KEY, ACME_KEY), limits=()) as box,
        installed(tmp_path, RULES, ACME) as (website, settings),
    ):
        control(box, "conversations", [{"map_id": 7, "email": "a@b.example", "campaign_id": CAMPAIGN}])
        website.parts.ledger.beat("a worker")
        yield Place(box, website, settings | {"SMARTLEAD_BASE_URL": box.url})


def found(report: dict[str, Any], about: str) -> list[tuple[str | None, str, str]]:
    """What was found about one subject: of which account, how it is meant, and the sentence."""
    findings = [each for each in report["findings"] if each["about"] == about]
    return [(each["account"], each["level"], each["found"]) for each in findings]


def test_every_account_is_examined_with_its_own_key_and_within_its_own_rate(place: Place) -> None:
    report = place.doctor()
    assert [(account, level) for account, level, _ in found(report, "key")] == [("default", "ok"), ("acme", "ok")]
    assert report["calls"] == len(control(place.box, "requests").json)
    assert {one.name for one in place.website.parts.ledger.standings()} == {"default", "acme"}


def test_a_bad_key_is_told_with_the_variable_that_holds_it(place: Place) -> None:
    told = flask("smartlead", "doctor", settings=place.settings | {"SMARTLEAD_API_KEY_ACME": "a-bad-key"})
    assert told.returncode == 1
    assert "Account acme: SmartLead refuses the API key" in told.stdout
    assert "into SMARTLEAD_API_KEY_ACME" in " ".join(told.stdout.split())
    assert "Account default: SmartLead takes the key" in told.stdout


def test_one_account_alone_may_be_examined(place: Place) -> None:
    report = place.doctor("--account", "acme")
    assert {each["account"] for each in report["findings"]} == {None, "acme"}
    unknown = flask("smartlead", "doctor", "--account", "nobody", settings=place.settings)
    assert (unknown.returncode, 'There is no account "nobody"' in unknown.stderr) == (1, True)
    assert "default, acme" in unknown.stderr


def test_each_account_has_addresses_of_its_own_to_paste_and_each_is_tried(place: Place) -> None:
    report = place.doctor()
    assert set(report["paste"]) == {"smartlead", "zapier", "smartlead acme", "zapier acme"}
    url = report["paste"]["smartlead acme"]["Webhook URL"]
    assert url == f"{place.url}/webhooks/smartlead/acme?token=<the first of WEBHOOK_TOKENS_ACME>"
    arrived = [account for account, _, sentence in found(report, "address") if "arrived here as event" in sentence]
    assert arrived == ["default", "acme"]
    assert {row.account for row in place.website.parts.ledger.recent_events("ignored")} == {"default", "acme"}


def test_a_webhook_that_leads_to_another_accounts_address_is_told(place: Place) -> None:
    place.hooked(webhook_url=f"{place.url}/webhooks/smartlead/acme?token={ACME_TOKEN}")
    flaws = [(account, told) for account, level, told in found(place.doctor(), "webhooks") if level == "problem"]
    assert [account for account, _ in flaws] == ["default"]  # both keys show the same webhook here
    assert "leads to /webhooks/smartlead/acme, and not to /webhooks/smartlead." in flaws[0][1]


def test_a_webhooks_number_is_of_one_account(place: Place) -> None:
    both = flask("smartlead", "doctor", "--webhook", "5", settings=place.settings)
    assert (both.returncode, "--account" in both.stderr) == (2, True)
    assert place.doctor("--webhook", "5", "--account", "acme")["calls"] > 2


def test_the_webhooks_of_each_account_are_listed(place: Place) -> None:
    place.hooked(webhook_url=f"{place.url}/webhooks/smartlead/acme?token={ACME_TOKEN}")
    here = {}
    for account in ("default", "acme"):
        done = flask("smartlead", "webhooks", "--account", account, "--json", settings=place.settings)
        assert not [secret for secret in ALL if secret in done.stdout]
        here[account] = [row["here"] for row in json.loads(done.stdout)]
    assert here == {"default": ["not taken"], "acme": ["yes"]}


def test_pausing_an_account_that_has_a_key_needs_no_call_before(place: Place) -> None:
    done = flask("deliveries", "pause", "--account", "acme", settings=place.settings)
    assert (done.returncode, "Account acme is paused" in done.stdout) == (0, True)
    assert flask("deliveries", "pause", "--account", "nobody", settings=place.settings).returncode == 1


def test_deliveries_of_several_accounts_are_listed_with_their_names(place: Place) -> None:
    ledger = place.website.parts.ledger
    ledger.record([arrival("read")])
    assert "account" not in flask("deliveries", "list", settings=place.settings).stdout
    ledger.record([arrival("read", account="acme")])
    shown = flask("deliveries", "list", settings=place.settings).stdout.splitlines()
    assert "account" in shown[0]
    assert [("acme" in line, "default" in line) for line in shown[1:]] == [(True, False), (False, True)]
