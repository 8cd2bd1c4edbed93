"""What deploy/ and docs/deploying.md say of Replymark is true of it: commands, settings, paths, waits."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from app import create_app
from config import Settings, read_settings

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
GUIDE = (ROOT / "docs" / "deploying.md").read_text("utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")
GRACE = 30  # seconds that gunicorn gives the requests and calls in hand: gunicorn.conf.py
LONGEST_ANSWER = 30  # seconds: the contract of the web process
PASSED = ("/webhooks/", "/api/v1/master-inbox/", "/healthz", "/readyz")
FIELDS = [one for one in fields(Settings) if one.metadata]
SETTINGS = {one.metadata["name"] for one in FIELDS}
SETTINGS |= {f"{one.metadata['name']}_ACME" for one in FIELDS if one.metadata["of_account"]}
OTHERS = {"PATH", "PYTHONUNBUFFERED", "POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "CERTIFICATES"}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def unit(name: str) -> dict[str, str]:
    """The last value of each key of a unit."""
    lines = (DEPLOY / "systemd" / f"{name}.service").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def seconds(directive: str) -> int:
    found = re.search(rf"^\s*{directive} (\d+)s;", NGINX, re.MULTILINE)
    assert found, directive
    return int(found[1])


def test_containers_run_the_lines_of_the_procfile() -> None:
    services = compose()["services"]
    release = services["release"]["command"]
    assert release[:2] == ["sh", "-c"]
    ran = {"release": release[2], "web": " ".join(services["web"]["command"])}
    ran["worker"] = " ".join(services["worker"]["command"])
    assert ran == {name: line.replace('"', "") for name, line in procfile().items()}


@pytest.mark.parametrize(
    ("name", "line"),
    [("replymark-release", "release"), ("replymark-web", "web"), ("replymark-worker@", "worker")],
)
def test_units_run_the_lines_of_the_procfile(name: str, line: str) -> None:
    command = unit(name)["ExecStart"].replace("/opt/replymark/.venv/bin/", "")
    assert command.removeprefix('/bin/sh -c "').rstrip('"') == procfile()[line].rstrip('"')


@pytest.mark.parametrize("name", ["replymark-web", "replymark-worker@"])
def test_a_refused_rules_file_or_a_database_that_is_away_keeps_nobody_from_starting(name: str) -> None:
    told = unit(name)
    release = "replymark-release.service"
    assert (told["Wants"], told["After"], told["PartOf"]) == (release, release, release)
    assert "Requires" not in told


def test_whoever_is_told_to_end_is_given_the_time_that_it_takes() -> None:
    assert f"graceful_timeout = {GRACE}" in (ROOT / "gunicorn.conf.py").read_text("utf-8")
    for name in ("replymark-web", "replymark-worker@"):
        assert int(unit(name)["TimeoutStopSec"]) > GRACE
    for name in ("web", "worker"):
        assert int(compose()["services"][name]["stop_grace_period"].rstrip("s")) > GRACE


def test_containers_are_two_web_three_workers_and_what_they_need() -> None:
    services = compose()["services"]
    assert services["web"]["deploy"]["replicas"] == 2
    assert services["worker"]["deploy"]["replicas"] == 3
    assert services["web"]["depends_on"] == {"release": {"condition": "service_completed_successfully"}}
    for one in services.values():
        assert set(one.get("depends_on", {})) <= set(services)
    mounted = {volume.split(":")[0] for one in services.values() for volume in one.get("volumes", [])}
    assert {name for name in mounted if re.fullmatch(r"\w+", name)} == set(compose()["volumes"])


def test_only_settings_that_exist_are_set() -> None:
    services = compose()["services"].values()
    told = {name for one in services for name in one.get("environment", {})}
    told |= set(re.findall(r"\b([A-Z]+_?[A-Z_]+)=", (DEPLOY / "Dockerfile").read_text("utf-8")))
    told |= set(re.findall(r"`([A-Z]+_[A-Z_]+)[=`]", GUIDE)) | set(re.findall(r"config:set ([A-Z_]+)=", GUIDE))
    assert told
    assert told <= SETTINGS | OTHERS


def test_the_address_of_the_compose_file_is_one_that_replymark_takes() -> None:
    written = compose()["services"]["web"]["environment"]["DATABASE_URL"]
    address = re.sub(r"\$\{[^}]*\}", "made-up", written)
    real = {"SMARTLEAD_API_KEY": "made-up-key", "WEBHOOK_TOKENS": "made-up-token", "DATABASE_URL": address}
    settings = read_settings(real)
    assert not settings.problems
    assert not settings.delivers_inline


def test_the_proxy_passes_the_paths_of_senders_and_monitors() -> None:
    (passed,) = re.findall(r"location ~ (\S+) {", NGINX)
    routes = {rule.rule for rule in create_app(read_settings({})).url_map.iter_rules()}
    assert {path for path in routes if re.match(passed, path)} >= {"/healthz", "/readyz"}
    for path in routes:
        assert bool(re.match(passed, path)) == path.startswith(PASSED), path


def test_the_proxy_waits_longer_than_replymark_does_and_takes_bodies_as_large() -> None:
    assert seconds("proxy_read_timeout") > LONGEST_ANSWER
    (size,) = re.findall(r"client_max_body_size (\d+)m;", NGINX)
    assert int(size) * 2**20 == Settings().max_body_bytes


def test_no_log_of_the_proxy_has_a_query_string() -> None:
    logged = re.findall(r"^\s*log_format \w+ (.*);$", NGINX, re.MULTILINE)
    assert len(logged) == 1
    assert not re.search(r"\$(request|request_uri|args|query_string|http_\w+|arg_\w+)\b", logged[0])
    assert re.findall(r"^\s*error_log \S+ (\w+);$", NGINX, re.MULTILINE) == ["crit"]


def test_every_command_of_the_guide_exists() -> None:
    told = set(re.findall(r"\bflask ((?:[a-z]+ ?){2})", GUIDE))
    assert told
    runner = create_app(read_settings({})).test_cli_runner()
    for command in told:
        assert runner.invoke(args=[*command.split(), "--help"]).exit_code == 0, command


def test_every_file_that_the_guide_names_is_there() -> None:
    linked = re.findall(r"\]\((\.\./[^)]+)\)", GUIDE)
    assert linked
    assert [path for path in linked if not (ROOT / "docs" / path).exists()] == []
    assert {path.name for path in UNITS} == {f"replymark-{name}.service" for name in ("release", "web", "worker@")}


def test_the_image_has_what_replymark_runs_on_and_no_secret() -> None:
    ignored = set((DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines())
    assert {".*", "var"} <= ignored, "a .env or a ledger would end up in the image"
    needed = {path.name for path in ROOT.glob("*.py")} | {
        "rules",
        "ledger",
        "handlers",
        "CHANGELOG.md",
        "requirements.txt",
    }
    assert not needed & ignored
