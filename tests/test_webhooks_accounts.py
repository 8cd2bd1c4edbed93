"""Webhooks of several accounts: each has its addresses and tokens, and nothing of one acts on another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from ledgers import WINDOWS
from secrets_of_tests import ACME_KEY, ACME_TOKEN, ALL, SECRET, TOKEN
from website import RULES, Website, environment, running

from ledger import Ledger, State
from model import CategoriesWanted, CategoryNames, Delivery, Done, Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACME = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": ACME_TOKEN}
OF_ACCOUNT = """\
version: 1
rules:
  - name: Booked
    when: {category is: [Booked]}
    mark: unread
  - name: Those of acme
    when: {account is: [acme]}
    mark: unread
  - name: The others
    when: {account is: [default]}
    mark: read
"""
REPLY: dict[str, Any] = {
    "event_type": "EMAIL_REPLY",
    "sl_email_lead_map_id": 7,
    "sl_lead_email": "dana@northpier.example",
    "campaign_id": 11,
    "reply_message": {"message_id": "<1@northpier.example>", "text": "Let us talk", "time": "2026-02-11T09:00:00Z"},
}


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    """An installation with the accounts default and acme."""
    with running(environment(database_url, tmp_path, OF_ACCOUNT) | ACME) as made:
        yield made


def post(site: Website, event: Any, account: str, source: str = "smartlead") -> Any:
    """One event to this account, with its own token."""
    site.token = ACME_TOKEN if account == "acme" else TOKEN
    answer = site.post(event, f"{source}/{account}" if account != "default" else source)
    assert answer.status == 200, answer.body
    return answer.json


def deliver(ledger: Ledger, account: str) -> list[int]:
    """Settle what is due of one account: the conversations that were marked."""
    done = []
    while isinstance(task := ledger.claim(account, WINDOWS), (Delivery, CategoriesWanted)):
        if isinstance(task, Delivery):
            assert task.account == account
            done.append(task.email_lead_map_id)
        ledger.settle(task, Done() if isinstance(task, Delivery) else CategoryNames({5: "Booked"}), WINDOWS, 3)
    return done


@pytest.mark.parametrize("source", ["smartlead", "zapier"])
@pytest.mark.parametrize(
    ("account", "mark", "rule"), [("acme", "unread", "Those of acme"), ("default", "read", "The others")]
)
def test_an_accounts_address_and_token_decide_by_its_name(
    site: Website, source: str, account: str, mark: str, rule: str
) -> None:
    answer = post(site, REPLY, account, source)
    assert (answer["status"], answer["mark"], answer["rule"]) == ("accepted", mark, rule)
    (row,) = site.parts.ledger.recent_events()
    assert (row.account, row.source) == (account, source)


def test_the_default_account_may_be_named_too_and_names_may_be_in_capitals(site: Website) -> None:
    assert site.post(REPLY, "smartlead/default").json["rule"] == "The others"
    site.token = ACME_TOKEN
    assert site.post(REPLY, "smartlead/ACME").json["rule"] == "Those of acme"


def test_the_same_conversation_id_in_two_accounts_is_two_conversations(site: Website) -> None:
    assert [post(site, REPLY, account)["status"] for account in ("default", "acme")] == ["accepted", "accepted"]
    assert post(site, REPLY, "acme")["status"] == "duplicate"
    ledger = site.parts.ledger
    assert {(row.account, row.mark) for row in ledger.recent_deliveries()} == {
        ("default", Mark.READ),
        ("acme", Mark.UNREAD),
    }
    assert deliver(ledger, "acme") == [7]
    states = {row.account: row.state for row in ledger.recent_deliveries()}
    assert states == {"default": State.PENDING, "acme": State.SETTLED}
    assert deliver(ledger, "default") == [7]


def test_a_parked_reply_is_not_found_by_what_another_account_told(site: Website) -> None:
    parked = {name: value for name, value in REPLY.items() if name != "sl_email_lead_map_id"}
    post(site, REPLY, "default")
    assert post(site, parked, "acme")["status"] == "parked"
    lead_known = REPLY | {
        "reply_message": REPLY["reply_message"] | {"message_id": "<2@x.example>", "text": "And again"}
    }
    assert post(site, lead_known | {"sl_email_lead_map_id": 8}, "acme")["status"] == "accepted"
    assert {row.email_lead_map_id for row in site.parts.ledger.recent_events("accepted") if row.account == "acme"} == {
        8
    }


def test_a_category_decides_anew_in_its_own_account_alone(site: Website) -> None:
    for account in ("default", "acme"):
        post(site, REPLY, account)
    category = {"event_type": "LEAD_CATEGORY_UPDATED", "lead_email": "dana@northpier.example", "campaign_id": 11}
    answer = post(site, category | {"category": "Booked"}, "default")
    assert (answer["mark"], answer["rule"]) == ("unread", "Booked")
    rules = {row.account: row.rule for row in site.parts.ledger.recent_deliveries()}
    assert rules == {"default": "Booked", "acme": "Those of acme"}


def test_a_category_that_is_kept_and_its_name_are_an_accounts_own(site: Website) -> None:
    deliver(site.parts.ledger, "acme")  # tells the names of acme's categories
    category = {"event_type": "LEAD_CATEGORY_UPDATED", "lead_email": "dana@northpier.example", "campaign_id": 11}
    dated = category | {"category_id": 5, "event_timestamp": "2026-02-11T09:05:00Z"}
    post(site, dated, "acme")
    assert post(site, REPLY, "default")["rule"] == "The others"
    assert post(site, REPLY, "acme")["rule"] == "Booked"


def test_who_is_ours_is_known_for_each_account_apart(database_url: str, tmp_path: Path) -> None:
    rules = "version: 1\nrules:\n  - name: Colleagues\n    when: {sender is: ours}\n    mark: read\n"
    mailbox = {"sl_senders_mailbox": "jo@acme-sales.example"}
    itself = {
        "leadCorrespondence": {
            "targetLeadEmail": "dana@northpier.example",
            "replyReceivedFrom": "jo@acme-sales.example",
        }
    }
    with running(environment(database_url, tmp_path, rules) | ACME) as site:
        post(site, REPLY | mailbox, "acme")
        second = REPLY | itself | {"sl_email_lead_map_id": 9, "reply_message": {"text": "As I said"}}
        assert [post(site, second, name)["rule"] for name in ("acme", "default")] == ["Colleagues", None]


@pytest.mark.parametrize(
    ("address", "token"),
    [
        pytest.param("smartlead", ACME_TOKEN, id="acme's token at the default account"),
        pytest.param("smartlead/default", ACME_TOKEN, id="the same, named"),
        pytest.param("smartlead/acme", TOKEN, id="the default token at acme"),
        pytest.param("zapier/nobody", TOKEN, id="the default token at an account that is not there"),
        pytest.param("smartlead/nobody", ACME_TOKEN, id="acme's token there"),
    ],
)
def test_a_token_of_one_account_never_acts_on_another(site: Website, address: str, token: str) -> None:
    site.token = token
    answer = site.post(REPLY, address)
    assert answer.status == 401
    assert "of another account" in answer.json["error"]
    assert "acme" not in answer.json["error"]
    site.parts.ending.close()
    ledger = site.parts.ledger
    assert (ledger.recent_events(), ledger.recent_deliveries()) == ([], [])
    (refusal,) = ledger.refusals()
    assert (refusal.reason, refusal.path) == ("token of another account", f"/webhooks/{address}")


@pytest.mark.parametrize(
    "secrets", [{}, {"SMARTLEAD_WEBHOOK_SECRETS_ACME": "secret-key-of-acme"}], ids=["", "with secrets"]
)
@pytest.mark.parametrize("token", [None, "a-wrong-token"])
@pytest.mark.parametrize("more", [{}, {"secret_key": "a-wrong-secret"}], ids=["", "with a wrong secret_key"])
def test_a_stranger_can_not_tell_which_accounts_there_are(
    tmp_path: Path, secrets: dict[str, str], token: str | None, more: dict[str, str]
) -> None:
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path) | ACME | secrets) as site:
        site.token = token
        there, not_there = (site.post(REPLY | more, f"smartlead/{name}") for name in ("acme", "nobody"))
    assert there.status == 401
    assert (there.status, there.body) == (not_there.status, not_there.body)
    assert there.headers.keys() == not_there.headers.keys()


def test_a_secret_key_counts_at_its_own_account_alone(tmp_path: Path) -> None:
    secrets = {"SMARTLEAD_WEBHOOK_SECRETS": SECRET, "SMARTLEAD_WEBHOOK_SECRETS_ACME": "secret-key-of-acme"}
    with running(environment(f"sqlite:///{tmp_path}/ledger.db", tmp_path) | ACME | secrets) as site:
        site.token = None
        answers = {
            (account, secret): site.post(REPLY | {"secret_key": secret}, f"smartlead/{account}").status
            for account in ("default", "acme", "nobody")
            for secret in (SECRET, "secret-key-of-acme")
        }
    assert {which for which, status in answers.items() if status == 200} == {
        ("default", SECRET),
        ("acme", "secret-key-of-acme"),
    }
    assert set(answers.values()) == {200, 401}


def test_no_secret_of_any_account_is_kept(site: Website) -> None:
    told = REPLY | {"note": f"{ACME_KEY} {TOKEN}", "subject": f"About {ACME_TOKEN}"}
    event = post(site, told, "default")["event_id"]
    (row,) = site.parts.ledger.recent_events()
    assert not [secret for secret in ALL if secret in repr(row) + (site.parts.ledger.body_of(event) or "")]


def test_what_can_not_be_read_is_kept_under_its_account(site: Website) -> None:
    site.token = ACME_TOKEN
    assert site.post(b"no JSON", "smartlead/acme").status == 400
    assert site.post({"event_type": "EMAIL_SENT"}, "smartlead/acme").json["status"] == "ignored"
    assert {row.account for row in site.parts.ledger.recent_events()} == {"acme"}


def test_the_sandbox_knows_no_account_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # its ledger lies in var/ of the working folder
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    with running({"RULES_FILE": "rules.yaml"}) as site:
        site.token = None
        assert [site.post(REPLY, f"smartlead/{name}").status for name in ("default", "acme")] == [200, 401]


def test_refused_webhooks_of_one_account_are_a_warning_though_another_gets_replies(site: Website) -> None:
    site.token = "a-wrong-token"
    for address in ("smartlead", "zapier/acme", "smartlead/nobody"):
        assert site.post(REPLY, address).status == 401
    site.parts.ending.close()
    site.parts.ledger.beat("a worker")
    post(site, REPLY, "default")
    (warning,) = site.ask("GET", "/readyz").json["warnings"]
    assert warning == (
        "The last webhooks of account acme were refused (wrong token; 1 in the last hour), and none was taken since:"
        " flask inbox show --refused"
    )
    post(site, REPLY, "acme")
    assert site.ask("GET", "/readyz").json["warnings"] == []
