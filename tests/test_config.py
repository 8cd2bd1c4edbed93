"""Settings: read from the environment, every problem at once, no secret in what is shown."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from config import Settings, Window, read_settings

KEY = {"SMARTLEAD_API_KEY": "sk-canary-api-key-7f3a"}
REAL = KEY | {"WEBHOOK_TOKENS": "canary-webhook-token-9c1e"}


def test_without_any_variable_it_is_the_sandbox_with_a_ledger_of_its_own() -> None:
    settings = read_settings({})
    assert settings.problems == ()
    assert settings.mode == "sandbox"
    assert settings.database_url == "sqlite:///var/sandbox.db"
    assert settings.delivers_inline


def test_a_key_and_a_token_are_enough_for_real_use() -> None:
    settings = read_settings(REAL)
    assert settings.problems == ()
    assert settings.mode == "real"
    assert settings.windows == (Window(10, 1.0), Window(60, 60.0), Window(1000, 3600.0))


@pytest.mark.parametrize(
    "name",
    [
        *("WEBHOOK_TOKENS", "DATABASE_URL", "PUBLIC_URL", "DYNO", "WEBHOOK_TOKENS_FILE"),
        *("RENDER", "FLY_APP_NAME", "K_SERVICE"),
        *("SMARTLEAD_API_KEY_ACME", "WEBHOOK_TOKENS_ACME", "SMARTLEAD_WEBHOOK_SECRETS"),
    ],
)
def test_a_lost_key_never_sends_production_into_the_sandbox(name: str) -> None:
    (problem,) = read_settings({name: "https://something.example"}).problems[-1:]
    assert problem.startswith("SMARTLEAD_API_KEY is not set, but ")
    assert name.removesuffix("_FILE") in problem


def test_an_empty_variable_counts_as_none() -> None:
    settings = read_settings({"SMARTLEAD_API_KEY": " ", "WEBHOOK_TOKENS": "", "DATABASE_URL": ""})
    assert settings.problems == ()
    assert settings.sandbox


def test_real_use_without_token_or_secret_is_refused() -> None:
    assert "WEBHOOK_TOKENS" in read_settings(KEY).problems[0]
    assert read_settings(KEY | {"SMARTLEAD_WEBHOOK_SECRETS": "canary-secret-key-4d2b"}).problems == ()


def test_all_problems_are_told_at_once_and_the_defaults_stand() -> None:
    wrong = {
        "SMARTLEAD_RATE_LIMITS": "fast",
        "PORT": "eighty",
        "WORKER": "maybe",
        "LOG_LEVEL": "loud",
        "DATABASE_URL": "mysql://x/y",
    }
    settings = read_settings(REAL | wrong)
    assert [problem.split()[0] for problem in settings.problems] == [
        "SMARTLEAD_RATE_LIMITS",
        "DATABASE_URL",
        "WORKER",
        "PORT",
        "LOG_LEVEL",
    ]
    assert settings.port == 8000


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("60/1m", (Window(60, 60.0),)),
        ("10/2s 1000/1h", (Window(10, 2.0), Window(1000, 3600.0))),
        ("10/1s,60/1m", (Window(10, 1.0), Window(60, 60.0))),
        ("900000/1h", (Window(900000, 3600.0),)),
    ],
)
def test_rate_limits_are_windows(text: str, windows: tuple[Window, ...]) -> None:
    assert read_settings(REAL | {"SMARTLEAD_RATE_LIMITS": text}).rate_limits == windows


def test_a_reserve_is_left_to_other_tools() -> None:
    settings = read_settings(REAL | {"RATE_RESERVE": "0.25", "SMARTLEAD_RATE_LIMITS": "60/1m 1/1s"})
    assert settings.windows == (Window(45, 60.0), Window(1, 1.0))


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("acme.com", ("@acme.com",)),
        ("@Acme.com, *.acme.com,jo@gmail.com", ("@acme.com", "*.acme.com", "jo@gmail.com")),
        ("bücher.example", ("@bücher.example",)),
    ],
)
def test_own_domains_are_address_forms_as_the_rules_have_them(text: str, forms: tuple[str, ...]) -> None:
    assert read_settings(REAL | {"OWN_DOMAINS": text}).own_domains == forms


@pytest.mark.parametrize("text", ["acme", "acme.com other.com", "https://acme.com", "jo@*", "*", "@.com"])
def test_what_is_no_domain_of_ours_is_told(text: str) -> None:
    assert "acme.com, *.acme.com, jo@acme.com" in read_settings(REAL | {"OWN_DOMAINS": text}).problems[0]


def test_the_signing_secret_is_a_secret_and_no_way_in_of_its_own() -> None:
    signing = {"SMARTLEAD_SIGNING_SECRET": "canary-signing-secret-5b8e"}
    assert "Anybody could post" in read_settings(KEY | signing).problems[0]
    settings = read_settings(REAL | signing)
    assert settings.problems == ()
    assert signing["SMARTLEAD_SIGNING_SECRET"] in settings.secrets
    assert signing["SMARTLEAD_SIGNING_SECRET"] not in repr(settings)
    assert "looks like production" in read_settings(signing).problems[0]


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("sk-a-key-in-a-file\n", "utf-8")  # no canary: the last test looks for those in every file
    tokens = {"WEBHOOK_TOKENS": "canary-webhook-token-9c1e"}
    assert read_settings(tokens | {"SMARTLEAD_API_KEY_FILE": str(file)}).api_key == "sk-a-key-in-a-file"
    missing = read_settings(tokens | {"SMARTLEAD_API_KEY_FILE": str(tmp_path / "none")})
    assert "SMARTLEAD_API_KEY_FILE" in missing.problems[0]
    both = read_settings(REAL | {"SMARTLEAD_API_KEY_FILE": str(file)})
    assert "both set" in both.problems[0]


@pytest.mark.parametrize(
    "sign", ["DYNO", "K_SERVICE", "GAE_SERVICE", "VERCEL", "AWS_LAMBDA_FUNCTION_NAME", "VCAP_APPLICATION"]
)
def test_sqlite_on_a_disk_that_forgets_is_refused(sign: str) -> None:
    assert "forgets its disk" in read_settings(REAL | {sign: "yes"}).problems[0]
    assert read_settings(REAL | {sign: "yes", "DATABASE_URL": "postgres://u:pass-word@h/d"}).problems == ()
    assert read_settings(REAL | {sign: "yes", "DISK_STAYS": "1"}).problems == ()


@pytest.mark.parametrize("sign", ["RENDER", "FLY_APP_NAME", "WEBSITE_INSTANCE_ID"])
def test_where_volumes_can_be_had_the_settings_alone_refuse_nothing(sign: str) -> None:
    settings = read_settings(REAL | {sign: "yes"})
    assert settings.problems == ()
    assert settings.doubts_disk
    assert settings.platform
    assert "or put the file on a volume" in settings.platform.advice


def test_the_sandbox_runs_where_people_develop_in_kubernetes() -> None:
    settings = read_settings({"KUBERNETES_SERVICE_HOST": "10.0.0.1"})
    assert settings.sandbox
    assert settings.problems == ()


def test_secrets_are_shown_nowhere() -> None:
    settings = read_settings(REAL | {"DATABASE_URL": "postgres://u:pass-word@h/d"})
    assert set(settings.secrets) == {"sk-canary-api-key-7f3a", "canary-webhook-token-9c1e", "pass-word"}
    for secret in settings.secrets:
        assert secret not in repr(settings)


def test_the_example_environment_names_every_setting() -> None:
    lines = (Path(__file__).parent.parent / ".env.example").read_text("utf-8").splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in lines if "=" in line}
    assert {field.metadata["name"] for field in fields(Settings) if field.metadata} <= named


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("postgresql://u:p%40ss-word@h/d", "p@ss-word"),
        ("postgresql://u:p/ss-word@h/d", "p/ss-word"),
        ("postgresql://h/d?user=u&password=pass-word&sslmode=require", "pass-word"),
        ("postgresql://h/d?PASSWORD=p%40ss+word", "p@ss word"),
    ],
)
def test_the_databases_password_is_a_secret_wherever_it_stands(url: str, password: str) -> None:
    settings = read_settings(REAL | {"DATABASE_URL": url})
    assert password in settings.secrets


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("postgresql://u:p@ss-word@h/d", "%40 stands for @", id="the host would be ss-word@h"),
        pytest.param("postgresql://u:p@ss:word@h/d", "%40 stands for @", id="the port would be word@h"),
        pytest.param("postgresql://u:p@ss/word@h/d", "%40 stands for @", id="the database would be word@h/d"),
        pytest.param("postgresql://h:54a2/d", "@host:5432/", id="no port"),
        pytest.param("sqlite:///:memory:", "must name a file", id="forgotten at the end of the process"),
        pytest.param("sqlite:///file:x?mode=memory&uri=true", "must name a file", id="the same"),
        pytest.param("sqlite:///x.db?mode=ro", "must name a file", id="an option that nobody reads"),
    ],
)
def test_an_address_that_would_be_misread_is_refused_and_not_quoted(url: str, says: str) -> None:
    (problem,) = read_settings(REAL | {"DATABASE_URL": url}).problems
    assert says in problem
    assert "word" not in problem.replace("password", "")


def test_every_address_of_a_postgresql_is_taken() -> None:
    for rest in ("me@server:pw@h.example:5432/d?sslmode=require", "[::1]:5432/d", "u:p:w@h/d", "h", "/d?host=/run/p"):
        assert read_settings(REAL | {"DATABASE_URL": f"postgresql://{rest}"}).problems == ()


def test_a_database_without_a_password_adds_no_secret() -> None:
    for url in ("postgresql://u@h/d", "sqlite:///var/x.db", "postgresql:///d?host=/run/a@b"):
        assert len(read_settings(REAL | {"DATABASE_URL": url}).secrets) == 2


@pytest.mark.parametrize("name", ["WEBHOOK_TOKENS", "SMARTLEAD_WEBHOOK_SECRETS"])
def test_what_strangers_could_guess_is_refused(name: str) -> None:
    (problem,) = read_settings(REAL | {name: "a-good-long-one, 1234567"}).problems
    assert name in problem
    assert "1234567" not in problem
