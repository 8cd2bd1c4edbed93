"""Our own people's mail: told by OWN_DOMAINS and by the mailboxes that SmartLead sends from, and by no less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from website import Website, environment, running

from config import read_settings
from model import Reply
from serving import refusals
from webhooks.parse import parse
from webhooks.team import is_shared_domain, make_team

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RULES = """\
version: 1
default: unread
rules:
  - name: Our own people
    when: {sender is: ours}
    mark: read
"""
LEAD, COLLEAGUE, MAILBOX = "dana@northpier.example", "omar@northpier.example", "lena@getharborline.example"


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    settings = {"OWN_DOMAINS": "harborline.example, *.harborline.example, jo@gmail.com"}
    with running(environment(database_url, tmp_path, RULES) | settings) as made:
        yield made


def reply_of(sender: str, **changes: Any) -> dict[str, Any]:
    return {
        "event_type": "EMAIL_REPLY",
        "sl_email_lead_map_id": 7,
        "leadCorrespondence": {"targetLeadEmail": LEAD, "replyReceivedFrom": sender},
        "sl_senders_mailbox": MAILBOX,
        "reply_message": {"text": f"Hello from {sender}"},
    } | changes


@pytest.mark.parametrize(
    ("sender", "mark", "why"),
    [
        ("ben@harborline.example", "read", "a domain of the setting"),
        ("BEN@Mail.Harborline.example", "read", "a subdomain of it"),
        ("jo@gmail.com", "read", "an address of the setting"),
        ("ann@gmail.com", "unread", "another one there"),
        (LEAD, "unread", "the lead"),
        (COLLEAGUE, "unread", "a colleague of the lead"),
    ],
)
def test_a_rule_sees_who_is_one_of_us(site: Website, sender: str, mark: str, why: str) -> None:
    assert site.post(reply_of(sender)).json["mark"] == mark, why


def test_a_second_mailbox_that_was_seen_makes_its_domain_ours_and_one_alone_does_not(site: Website) -> None:
    stranger = "ben@getharborline.example"
    site.post(reply_of(LEAD))
    for number, (mailbox, mark) in enumerate([("x@other.example", "unread"), ("eva@getharborline.example", "read")]):
        site.post(reply_of(LEAD, sl_senders_mailbox=mailbox, reply_message={"text": f"Hello {number}"}))
        told = reply_of(stranger, sl_senders_mailbox=None, reply_message={"text": f"Question {number}"})
        assert site.post(told).json["mark"] == mark, mailbox
    itself = reply_of(MAILBOX, sl_senders_mailbox=None, reply_message={"text": "Once more"})
    assert site.post(itself).json["mark"] == "read"


def test_an_address_that_was_only_guessed_to_be_our_mailbox_is_not_learned(site: Website) -> None:
    for number, buyer in enumerate(("cfo", "ceo", "cto")):
        guessed = {"from_email": LEAD, "to_email": f"{buyer}@customer.example"}
        told = {
            "event_type": "EMAIL_REPLY",
            "sl_email_lead_map_id": 8,
            "sl_lead_email": LEAD,
            "reply_text": f"{number}",
        }
        site.post(told | guessed)
    assert site.parts.ledger.seen_mailboxes("default") == set()
    assert site.post(reply_of("cfo@customer.example", sl_senders_mailbox=None)).json["mark"] == "unread"


def test_a_mail_that_our_own_mailbox_wrote_is_ours_and_never_the_leads(site: Website) -> None:
    answer = site.post(reply_of(MAILBOX)).json
    assert (answer["mark"], answer["rule"]) == ("read", "Our own people")
    (row,) = site.parts.ledger.recent_events()
    assert row.sender == MAILBOX


def test_a_leads_address_that_was_once_mapped_as_our_mailbox_hides_no_lead(site: Website) -> None:
    site.post(reply_of(LEAD, sl_senders_mailbox=COLLEAGUE))
    for number, sender in enumerate((LEAD, COLLEAGUE, "new@northpier.example")):
        told = reply_of(sender, reply_message={"text": f"Question {number}"})
        assert site.post(told).json["mark"] == "unread", sender


def test_a_mailbox_at_a_free_mail_provider_makes_nobody_else_ours() -> None:
    team = make_team((), ["sales@gmail.com", "ben@gmail.com", "lena@acme.example", "ben@acme.example"])
    assert not team.wrote(Reply(lead=LEAD, sender="ann@gmail.com"))
    assert team.wrote(Reply(lead=LEAD, sender="Sales@GMail.com"))
    assert team.wrote(Reply(lead=LEAD, sender="ann@acme.example"))


@pytest.mark.parametrize("domain", ["@gmail.com", "@GMX.de", "@web.de", "@yahoo.co.uk", "@qq.com", "@laposte.net"])
def test_where_anybody_has_an_address_nobody_is_ours_by_the_domain(domain: str) -> None:
    assert is_shared_domain(domain)
    assert is_shared_domain(f"*.{domain[1:]}")
    assert not is_shared_domain(f"jo{domain}")
    assert not is_shared_domain(f"{domain}.example")
    assert not make_team((domain.lower(),), ()).wrote(Reply(lead=LEAD, sender=f"ann{domain}"))


def test_a_free_mail_domain_as_our_own_is_refused_before_anything_is_served() -> None:
    told = {
        "SMARTLEAD_API_KEY": "k" * 9,
        "WEBHOOK_TOKENS": "t" * 9,
        "OWN_DOMAINS": "acme.example, acme.co.uk, gmail.com, *.yahoo.com, jo@gmx.de, *.co.uk, com.au",
    }
    (sentence,) = refusals(read_settings(told), 1, ["127.0.0.1"])
    assert "names *.co.uk, *.yahoo.com, @com.au, @gmail.com, where anybody" in sentence


def test_a_look_alike_of_our_mailbox_is_not_ours() -> None:
    team = make_team((), ["kim@acme.example"])
    assert team.wrote(Reply(lead=LEAD, sender="KIM@ACME.example"))
    assert not team.wrote(Reply(lead=LEAD, sender="\N{KELVIN SIGN}im@acme.example"))


def test_without_setting_and_mailbox_nobody_is_ours() -> None:
    assert not make_team((), ()).wrote(Reply(lead=LEAD, sender=COLLEAGUE))
    assert not make_team((), ["no address"]).wrote(Reply(sender="no address either"))


OURS = "sales@harborline.example"


@pytest.mark.parametrize(
    ("told", "lead", "why"),
    [
        ({"from_email": LEAD, "to_email": OURS}, LEAD, "the other end of a mail to us"),
        ({"from_email": OURS, "to_email": LEAD}, LEAD, "the other end of a mail from us"),
        ({"from_email": OURS, "to_email": "ben@harborline.example"}, None, "both ends are ours"),
        ({"email": OURS, "from_email": LEAD}, None, "one end alone tells nothing"),
        ({"lead": {"email": OURS}}, None, "the only person"),
        ({"lead_email": OURS, "reply_message": {"from": OURS, "text": "Hi"}}, OURS, "a test with an address of ours"),
    ],
)
def test_our_own_address_is_never_taken_for_the_lead(told: dict[str, Any], lead: str | None, why: str) -> None:
    event = {"event_type": "EMAIL_REPLY", "campaign_id": 372, "reply_text": "Hello"} | told
    read = parse(event, received_at=0.0, is_ours=make_team(["@harborline.example"], ()).has)
    assert isinstance(read, Reply)
    assert read.lead == lead, why
    seen = parse(event, received_at=0.0, is_ours=make_team((), [OURS, "ben@harborline.example"]).has)
    assert seen == read, why


def test_no_rule_about_senders_holds_by_our_own_address_in_the_leads_place(database_url: str, tmp_path: Path) -> None:
    rules = RULES.replace("sender is: ours", 'sender is: "@harborline.example"')
    with running(environment(database_url, tmp_path, rules) | {"OWN_DOMAINS": "harborline.example"}) as site:
        told = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_text": "Hello"}
        answer = site.post(told | {"email": OURS, "from_email": LEAD}).json
    assert (answer["mark"], answer["rule"]) == ("unread", None)
