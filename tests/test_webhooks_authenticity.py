"""Who may post: a token, a secret in the body, a right signature if there is one; and who was turned away, and why."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from secrets_of_tests import ALL, SECRET, SIGNING_SECRET, TOKEN
from website import Website, environment, running

from webhooks.authenticity import all_carry_secret, any_known, is_signed, may_carry, shown_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REPLY = {"event_type": "EMAIL_REPLY", "sl_email_lead_map_id": 7, "reply_message": {"text": "Stop", "message_id": "1"}}
BODY = json.dumps(REPLY).encode()
JSON = {"Content-Type": "application/json"}


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"zap:{password}".encode()).decode()


def signature(body: bytes, secret: str = SIGNING_SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Website]:
    with running(environment(database_url, tmp_path) | {"SMARTLEAD_SIGNING_SECRET": SIGNING_SECRET}) as made:
        yield made


def refused(site: Website) -> tuple[list[str], dict[str, int]]:
    """The reasons of the last ones, the oldest first, and how many there were; after all is written down."""
    site.parts.ending.close()
    ledger = site.parts.ledger
    return [one.reason for one in reversed(ledger.refusals())], ledger.refused_counts()


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (f"?token={TOKEN}", {}),
        ("", {"Authorization": f"Bearer {TOKEN}"}),
        ("", {"Authorization": basic(TOKEN)}),
        ("", {"X-Webhook-Token": TOKEN}),
    ],
    ids=["query", "bearer", "basic", "header"],
)
@pytest.mark.parametrize("right", [True, False])
def test_a_token_counts_in_each_of_its_places_and_a_wrong_one_in_none(
    site: Website, query: str, headers: Mapping[str, str], *, right: bool
) -> None:
    wrong = TOKEN[:-1] + "x"
    if not right:
        query = query.replace(TOKEN, wrong)
        headers = {
            name: basic(wrong) if "Basic" in text else text.replace(TOKEN, wrong) for name, text in headers.items()
        }
    answer = site.ask("POST", f"/webhooks/smartlead{query}", BODY, {**JSON, **headers})
    assert answer.status == (200 if right else 401)
    assert refused(site) == (([], {}) if right else (["wrong token"], {"wrong token": 1}))


def test_each_refusal_is_counted_by_its_reason_and_nothing_of_it_is_kept(database_url: str, tmp_path: Path) -> None:
    settings = {"SMARTLEAD_WEBHOOK_SECRETS": SECRET, "SMARTLEAD_SIGNING_SECRET": SIGNING_SECRET}
    with running(environment(database_url, tmp_path) | settings) as site:
        site.token = None
        site.post(REPLY)
        site.post(REPLY, X_Webhook_Token="a-guess-of-a-stranger")
        site.post(REPLY | {"secret_key": "a-guess-of-a-stranger"})
        site.post(REPLY | {"secret_key": SECRET}, X_Smartlead_Signature="a-guess-of-a-stranger")
        site.post(REPLY | {"preview_text": "x" * 300_000})
        site.post(b"not json")
        reasons, counts = refused(site)
        kept = site.parts.ledger.refusals()
        assert reasons == [
            "no token",
            "wrong token",
            "wrong secret_key",
            "wrong signature",
            "too large without a token",
            "no token",
        ]
        assert counts == {"no token": 2} | dict.fromkeys(reasons[1:5], 1)
        assert {(one.path, one.sender) for one in kept} == {("/webhooks/smartlead", "127.0.0.1")}
        assert "stranger" not in repr(kept)
        assert site.parts.ledger.recent_events() == []


def test_only_the_last_hundred_refusals_are_kept_and_all_are_counted(site: Website) -> None:
    connection = HTTPConnection("127.0.0.1", site.port, timeout=30)
    for number in range(120):
        connection.request("POST", f"/webhooks/{'zapier' if number < 60 else 'smartlead'}", BODY, JSON)
        connection.getresponse().read()
    connection.close()
    reasons, counts = refused(site)
    paths = [one.path for one in site.parts.ledger.refusals()]
    assert (len(reasons), counts) == (100, {"no token": 120})
    assert (paths[0], paths[-1]) == ("/webhooks/smartlead", "/webhooks/zapier")


def test_refusals_are_written_while_the_site_runs(site: Website) -> None:
    site.token = None
    site.post(REPLY)
    while not site.parts.ledger.refusals():
        site.ask("GET", "/healthz")
    assert site.parts.ledger.refused_counts() == {"no token": 1}


def test_what_is_refused_warns_until_something_is_taken(site: Website) -> None:
    assert not any("refused" in warning for warning in site.ask("GET", "/readyz").json["warnings"])
    token, site.token = site.token, None
    site.post(REPLY)
    site.parts.ending.close()
    ready = site.ask("GET", "/readyz")
    (warning,) = [one for one in ready.json["warnings"] if "refused" in one]
    assert "no token; 1 in the last hour" in warning
    assert "flask inbox show --refused" in warning
    assert ready.status == 200
    site.token = token
    assert site.post({"event_type": "EMAIL_OPEN"}).json["status"] == "ignored"
    assert any("refused" in one for one in site.ask("GET", "/readyz").json["warnings"])
    assert site.post(REPLY).status == 200
    assert not any("refused" in one for one in site.ask("GET", "/readyz").json["warnings"])


@pytest.mark.parametrize("shown", ["{}", "sha256={}", "SHA256={}", " {} "], ids=["bare", "prefix", "upper", "blanks"])
def test_a_right_signature_is_taken_with_or_without_its_prefix(site: Website, shown: str) -> None:
    text = shown.format(signature(BODY))
    assert site.post(BODY, X_Smartlead_Signature=text).status == 200
    assert site.post(BODY, X_Smartlead_Signature=text.upper()).status == 200


@pytest.mark.parametrize(
    "shown",
    [signature(BODY, "another secret"), signature(BODY + b" "), "sha256=", "nonsense", "ÿ", signature(BODY)[:-2]],
    ids=["other secret", "other body", "no digits", "nonsense", "no ASCII", "cut"],
)
def test_a_wrong_signature_is_refused_though_the_token_is_right(site: Website, shown: str) -> None:
    answer = site.post(BODY, X_Smartlead_Signature=shown)
    assert answer.status == 401
    assert "SMARTLEAD_SIGNING_SECRET" in answer.json["error"]
    assert site.parts.ledger.recent_events() == []


def test_no_signature_is_ever_demanded_and_none_is_enough(site: Website) -> None:
    assert site.post(BODY).status == 200
    assert site.post(BODY, X_Smartlead_Signature="").status == 200
    site.token = None
    assert site.post(BODY, X_Smartlead_Signature=signature(BODY)).status == 401


def test_without_a_signing_secret_no_signature_is_looked_at(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path)) as site:
        assert site.post(BODY, X_Smartlead_Signature="nonsense").status == 200


def test_a_refusal_says_what_to_do_and_repeats_no_secret(site: Website) -> None:
    site.token = None
    answer = site.ask("POST", "/webhooks/smartlead?token=a-guess", BODY, JSON | {"X-Webhook-Token": TOKEN + "x"})
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="Replymark"')
    assert "not valid" in answer.json["error"]
    assert not any(secret in answer.body.decode() for secret in (*ALL, "a-guess"))


@pytest.mark.parametrize(
    ("authorization", "found"),
    [
        ("Bearer abc", ["abc"]),
        ("bearer  abc ", ["abc"]),
        (basic("p:w"), ["p:w"]),
        ("Basic !!!", []),
        ("Digest abc", []),
        ("", []),
    ],
)
def test_a_token_is_read_from_the_ways_of_authorization(authorization: str, found: list[str]) -> None:
    assert shown_tokens([], "", authorization) == found


def test_every_event_of_a_batch_must_carry_the_secret() -> None:
    good, bad = {"secret_key": SECRET}, {"secret_key": None}
    assert all_carry_secret([good, good], [SECRET])
    assert not all_carry_secret([good, bad], [SECRET])
    assert not all_carry_secret([], [SECRET])
    assert not any_known(["ä", ""], [SECRET])
    assert not is_signed(b"", "", SECRET)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_secret_in_a_body_is_seen_in_every_encoding_before_it_is_read(encoding: str) -> None:
    secret = 'hook/"secret" ä-77'
    for body in (json.dumps({"secret_key": secret}), json.dumps(json.dumps({"secret_key": secret})), quote(secret)):
        assert may_carry(body.encode(encoding), [secret])
    assert not may_carry(json.dumps(REPLY | {"secret_key": "another"}).encode(encoding), [secret])


def test_a_stranger_is_turned_away_before_the_body_is_read(database_url: str, tmp_path: Path) -> None:
    with running(environment(database_url, tmp_path) | {"SMARTLEAD_WEBHOOK_SECRETS": SECRET}) as site:
        site.token = None
        assert site.post(b'{"secret_key": "a-guess", half an object').status == 401
        assert site.post(json.dumps(REPLY | {"secret_key": SECRET}).encode("utf-16")).status == 200
        assert refused(site)[0] == ["wrong secret_key"]
