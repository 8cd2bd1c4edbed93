"""Accounts in the environment: found by the ends of names, and whatever could mix two of them up is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from secrets_of_tests import ACME_KEY, ACME_TOKEN, API_KEY, TOKEN

from config import read_settings
from config.accounts import DEFAULT
from model import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

REAL = {"SMARTLEAD_API_KEY": API_KEY, "WEBHOOK_TOKENS": TOKEN}
ACME = {"SMARTLEAD_API_KEY_ACME": ACME_KEY, "WEBHOOK_TOKENS_ACME": f"{ACME_TOKEN}, another-token-of-acme"}


def problems(**changed: str) -> tuple[str, ...]:
    return read_settings(REAL | ACME | changed).problems


def test_without_any_other_there_is_the_default_account_alone() -> None:
    settings = read_settings(REAL)
    assert [(one.name, one.api_key, one.webhook_tokens) for one in settings.accounts] == [
        ("default", API_KEY, (TOKEN,))
    ]
    assert DEFAULT == DEFAULT_ACCOUNT


def test_each_key_with_a_name_at_its_end_adds_an_account_with_its_own_tokens() -> None:
    settings = read_settings(
        REAL | ACME | {"SMARTLEAD_API_KEY_EU_2": "sk-of-eu-2", "WEBHOOK_TOKENS_EU_2": "token-of-eu-2"}
    )
    assert settings.problems == ()
    assert [(one.name, one.api_key, one.webhook_tokens) for one in settings.accounts] == [
        ("default", API_KEY, (TOKEN,)),
        ("acme", ACME_KEY, (ACME_TOKEN, "another-token-of-acme")),
        ("eu_2", "sk-of-eu-2", ("token-of-eu-2",)),
    ]
    assert settings.account("acme") == settings.accounts[1]
    assert settings.account("ACME") is None


def test_every_account_has_secrets_of_its_own() -> None:
    own = {"SMARTLEAD_WEBHOOK_SECRETS_ACME": "secret-key-of-acme", "SMARTLEAD_SIGNING_SECRET_ACME": "signs-for-acme"}
    default, acme = read_settings(REAL | ACME | own).accounts
    assert (default.webhook_secrets, default.signing_secret) == ((), None)
    assert (acme.webhook_secrets, acme.signing_secret) == (("secret-key-of-acme",), "signs-for-acme")


def test_keys_and_tokens_of_an_account_may_lie_in_files(tmp_path: Path) -> None:
    key, tokens = tmp_path / "key", tmp_path / "tokens"
    key.write_text("sk-in-a-file\n", "utf-8")
    tokens.write_text("token-in-a-file\n", "utf-8")
    files = {"SMARTLEAD_API_KEY_ACME_FILE": str(key), "WEBHOOK_TOKENS_ACME_FILE": str(tokens)}
    (_, acme) = read_settings(REAL | files).accounts
    assert (acme.name, acme.api_key, acme.webhook_tokens) == ("acme", "sk-in-a-file", ("token-in-a-file",))
    (problem,) = read_settings(REAL | ACME | {"SMARTLEAD_API_KEY_ACME_FILE": str(key)}).problems[:1]
    assert "SMARTLEAD_API_KEY_ACME and SMARTLEAD_API_KEY_ACME_FILE are both set" in problem
    assert "WEBHOOK_TOKENS_ACME_FILE" in problems(WEBHOOK_TOKENS_ACME="", WEBHOOK_TOKENS_ACME_FILE="/nowhere")[0]


def test_the_default_keys_file_is_no_account(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-in-a-file", "utf-8")
    settings = read_settings({"SMARTLEAD_API_KEY_FILE": str(file), "WEBHOOK_TOKENS": TOKEN})
    assert (settings.problems, [one.name for one in settings.accounts]) == ((), ["default"])


def test_an_empty_variable_adds_no_account() -> None:
    settings = read_settings(REAL | {"SMARTLEAD_API_KEY_ACME": "", "WEBHOOK_TOKENS_ACME": "  "})
    assert (settings.problems, len(settings.accounts)) == ((), 1)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("SMARTLEAD_API_KEY_DEFAULT", "SMARTLEAD_API_KEY itself", id="the account that has no name"),
        pytest.param("WEBHOOK_TOKENS_default", "WEBHOOK_TOKENS itself", id="the same in small letters"),
        pytest.param("SMARTLEAD_API_KEY_FILE_FILE", "the path of a file", id="ends in _FILE"),
        pytest.param("SMARTLEAD_API_KEY_ACME_file", "the path of a file", id="ends in _file"),
        pytest.param("SMARTLEAD_API_KEY_ACME-EU", "letters, digits and _", id="a dash, which no shell can set"),
        pytest.param("SMARTLEAD_API_KEY__EU", "letters, digits and _", id="begins with _"),
        pytest.param("SMARTLEAD_API_KEY_" + "A" * 41, "40 at most", id="too long for a path that people read"),
        pytest.param("WEBHOOK_TOKENS_B\u00dcRO", "letters, digits and _", id="a letter that has many spellings"),
    ],
)
def test_a_name_that_is_none_is_refused(name: str, says: str) -> None:
    (problem,) = read_settings(REAL | {name: "some-value-of-it"}).problems
    assert problem.startswith(name.removesuffix("_FILE"))
    assert says in problem


def test_a_name_in_capitals_and_in_small_letters_is_one_account() -> None:
    (problem,) = problems(SMARTLEAD_API_KEY_acme="sk-another-key")
    assert problem == "SMARTLEAD_API_KEY_acme is set in capitals, too: set one of them."


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        pytest.param(
            {"SMARTLEAD_API_KEY_ACME": ""},
            "WEBHOOK_TOKENS_ACME is set, but SMARTLEAD_API_KEY_ACME is not",
            id="a lost key: its replies must not wait for ever",
        ),
        pytest.param(
            {"WEBHOOK_TOKENS_ACME": ""},
            "Nobody could post replies of account acme: set WEBHOOK_TOKENS_ACME",
            id="no token",
        ),
        pytest.param(
            {"SMARTLEAD_API_KEY_ACME": API_KEY},
            "SMARTLEAD_API_KEY and SMARTLEAD_API_KEY_ACME are the same",
            id="one budget",
        ),
        pytest.param(
            {"WEBHOOK_TOKENS_ACME": f"x-long-enough,{TOKEN}"}, "Accounts default and acme share", id="same token"
        ),
        pytest.param(
            {"SMARTLEAD_WEBHOOK_SECRETS_ACME": TOKEN}, "Accounts default and acme share", id="a token as secret"
        ),
        pytest.param({"WEBHOOK_TOKENS_ACME": "1234567"}, "WEBHOOK_TOKENS_ACME is shorter than 8", id="can be guessed"),
    ],
)
def test_what_would_mix_accounts_up_or_lose_replies_is_refused(changed: dict[str, str], says: str) -> None:
    (problem,) = problems(**changed)
    assert says in problem
    assert not [secret for secret in (API_KEY, TOKEN, ACME_KEY, ACME_TOKEN) if secret in problem]


def test_all_of_it_is_told_at_once() -> None:
    found = problems(
        WEBHOOK_TOKENS="short", WEBHOOK_TOKENS_ACME="", SMARTLEAD_API_KEY_DEFAULT="sk", WEBHOOK_TOKENS_X="y"
    )
    assert len(found) == 5  # X has no key, and its token is short, too


@pytest.mark.parametrize(
    "name", ["SMARTLEAD_API_KEY_ACME", "SMARTLEAD_WEBHOOK_SECRETS_ACME", "SMARTLEAD_SIGNING_SECRET_X"]
)
def test_a_named_account_does_not_stand_for_the_default_ones_lost_key(name: str) -> None:
    problem = read_settings({name: "something-long"}).problems[0]
    assert problem.startswith(f"SMARTLEAD_API_KEY is not set, but {name} is")


def test_no_secret_of_any_account_is_shown() -> None:
    settings = read_settings(REAL | ACME | {"SMARTLEAD_SIGNING_SECRET_ACME": "signs-for-acme"})
    assert {API_KEY, TOKEN, ACME_KEY, ACME_TOKEN, "another-token-of-acme", "signs-for-acme"} == set(settings.secrets)
    shown = repr(settings) + repr(settings.accounts)
    assert not [secret for secret in settings.secrets if secret in shown]


def test_the_sandbox_has_one_account_and_hides_no_word_of_its_own() -> None:
    settings = read_settings({})
    assert [(one.name, one.api_key) for one in settings.accounts] == [("default", "sandbox")]
    assert settings.secrets == ()
