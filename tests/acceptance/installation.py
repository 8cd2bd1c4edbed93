"""Replymark as its Procfile starts it: its own lines, through a shell, with an environment made from nothing."""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import fields
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from acceptance.calls import Answer, call, post_json
from acceptance.processes import until
from acceptance.replies import RULES
from acceptance.stand_in import CHECKOUT, UNLIMITED
from secrets_of_tests import API_KEY, TOKEN

from config import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from acceptance.processes import Process, Processes

IN_HAND = 8  # calls that one worker makes at once, at most


def read_procfile() -> dict[str, str]:
    """The lines by their names."""
    lines = (CHECKOUT / "Procfile").read_text("utf-8").splitlines()
    return {name: line.strip() for name, _, line in (one.partition(":") for one in lines if one.strip())}


class Installation:
    """One Replymark: a folder of code, settings, and the processes that were started with them."""

    def __init__(self, processes: Processes, home: Path, settings: Mapping[str, str], folder: Path = CHECKOUT) -> None:
        self._processes = processes
        self._folder = folder
        self.port = processes.own_port()
        # Empty settings count as none; they keep a developer's .env out of the tests.
        names = [one.metadata["name"] for one in fields(Settings) if one.metadata]
        unset = {f"{name}{end}": "" for name in names for end in ("", "_FILE")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
        needed = {"PATH": path, "HOME": str(home), "PORT": str(self.port)}
        needed["WEB_CONCURRENCY"] = "1"  # gunicorn reads it too, and takes no empty one
        self._environment = unset | needed | dict(settings)

    @property
    def url(self) -> str:
        """Where its web process listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> Process:
        """Start a line of the Procfile, and wait for nothing."""
        return self.run(name, f"exec {read_procfile()[name]}")

    def run(self, name: str, command: str) -> Process:
        """Start any command with this installation's settings."""
        return self._processes.start(name, command, self._folder, self._environment)

    def release(self) -> None:
        """Run the Procfile's release line to its end."""
        process = self.run("release", read_procfile()["release"])
        assert process.exit_code() == 0, process.last_lines

    def start_web(self) -> Process:
        """Start web, and wait until it takes webhooks."""
        web = self.start("web")
        until(lambda: self.is_ready() or not web.runs, "/readyz says ready")
        assert web.runs, f"web ended:\n{web.last_lines}"
        return web

    def start_worker(self) -> Process:
        """Start a worker, and wait until it is at work."""
        worker = self.start("worker")
        worker.says("worker_started")
        return worker

    def is_ready(self) -> bool:
        """Whether web answers and says that it would take a webhook."""
        try:
            return call("GET", f"{self.url}/readyz").status == 200
        except (OSError, HTTPException):
            return False

    def warnings(self) -> list[str]:
        """What /readyz asks people to look at."""
        found: list[str] = call("GET", f"{self.url}/readyz").json["warnings"]
        return found

    def post(self, event: Any) -> Answer:
        """A webhook as SmartLead sends it: JSON, with the token in the address."""
        return post_json(f"{self.url}/webhooks/smartlead?token={TOKEN}", event)

    def post_form(self, form: Mapping[str, str]) -> Answer:
        """A webhook as a Zap sends it when its payload type is form."""
        headers = {"Content_Type": "application/x-www-form-urlencoded", "X_Webhook_Token": TOKEN}
        return call("POST", f"{self.url}/webhooks/zapier", urlencode(form), **headers)

    def flask(self, *arguments: str) -> str:
        """What a `flask` command prints; it must end with exit code 0."""
        process = self.run("flask", "exec " + shlex.join(["flask", *arguments]))
        assert process.exit_code() == 0, process.last_lines
        return process.output

    def lines(self, name: str) -> list[Process]:
        """The processes that were started by this line and still run."""
        return [one for one in self._processes if one.name.endswith(name) and one.runs]

    def log_of(self, name: str) -> str:
        """What the processes of this line have written so far."""
        return "".join(one.output for one in self._processes if one.name.endswith(name))

    def deliveries(self, *options: str) -> list[dict[str, Any]]:
        """`flask deliveries list`, read as a script reads it."""
        rows: list[dict[str, Any]] = json.loads(self.flask("deliveries", "list", "--json", *options))
        return rows


def real_settings(database_url: str, smartlead_url: str, rules_file: Path) -> dict[str, str]:
    """Real mode, with limits that stand in nobody's way."""
    if not rules_file.exists():
        rules_file.write_text(RULES, "utf-8")
    return {
        "SMARTLEAD_API_KEY": API_KEY,
        "SMARTLEAD_BASE_URL": smartlead_url,
        "SMARTLEAD_RATE_LIMITS": UNLIMITED,
        "WEBHOOK_TOKENS": TOKEN,
        "DATABASE_URL": database_url,
        "RULES_FILE": str(rules_file),
    }
