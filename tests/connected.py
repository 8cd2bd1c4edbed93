"""An installation, the SmartLead that it is connected to, and the doctor who looks at both."""

from __future__ import annotations

import json
import socket
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox_client import control
from secrets_of_tests import ALL, API_KEY, TOKEN
from website import environment, running

from app import create_app
from config import read_settings
from parts import parts_of
from sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from website import Website

RULES = """\
version: 1
rules:
  - name: Interest
    when: {category is: [Interested, "meeting  request"]}
    mark: unread
"""
CAMPAIGN = 372


@dataclass
class Place:
    """SmartLead, an installation that takes its webhooks, and the settings of both."""

    box: Sandbox
    website: Website
    settings: dict[str, str]

    @property
    def url(self) -> str:
        """The address under which senders reach it."""
        return self.settings["PUBLIC_URL"]

    def hooked(self, number: int = 1, **values: Any) -> None:
        """Set a webhook up in SmartLead, by default one that is as it should be."""
        usual = {
            "number": number,
            "webhook_url": f"{self.url}/webhooks/smartlead?token={TOKEN}",
            "event_types": ["EMAIL_REPLY", "LEAD_CATEGORY_UPDATED"],
            "campaign_id": CAMPAIGN,
        }
        control(self.box, "webhooks", [usual | values])

    def doctor(self, *arguments: str, **settings: str) -> dict[str, Any]:
        """What the doctor reports; its exit code must go with its findings, and it must keep secrets."""
        app = create_app(read_settings(self.settings | settings))
        done = app.test_cli_runner().invoke(args=["smartlead", "doctor", "--json", *arguments])
        parts_of(app).close()
        assert not [secret for secret in ALL if secret in done.output]
        report: dict[str, Any] = json.loads(done.stdout)
        assert done.exit_code == (report["problems"] > 0), done.output
        return report

    def sees(self, about: str, *arguments: str, **settings: str) -> list[tuple[str, str, str | None]]:
        """What the doctor finds about one subject."""
        found = self.doctor(*arguments, **settings)["findings"]
        return [(each["level"], each["found"], each["mend"]) for each in found if each["about"] == about]


@contextmanager
def installed(
    folder: Path, rules: str = RULES, more: Mapping[str, str] | None = None
) -> Iterator[tuple[Website, dict[str, str]]]:
    """An installation, and the settings with its public address."""
    with running(settings := environment(f"sqlite:///{folder}/ledger.db", folder, rules) | dict(more or {})) as website:
        yield website, settings | {"PUBLIC_URL": f"http://127.0.0.1:{website.port}"}


@contextmanager
def connected(folder: Path, rules: str = RULES) -> Iterator[Place]:
    """An installation with these rules, connected to a SmartLead with one conversation."""
    with Sandbox(api_keys=(API_KEY,), limits=()) as box, installed(folder, rules) as (website, settings):
        control(box, "conversations", [{"map_id": 7, "email": "a@b.example", "campaign_id": CAMPAIGN}])
        yield Place(box, website, settings | {"SMARTLEAD_BASE_URL": box.url})


def closed_port() -> int:
    """A port at which nothing listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
    return port
