"""What an application is made of, for those who serve it, and for its commands."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flask import Flask, current_app

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from model import Call, Response
    from rulebook import Rulebook

NAME = "replymark"


def doubts_of_disk(settings: Settings) -> list[str]:
    """Why the ledger's file must not lie where the settings put it, in sentences."""
    from ledger import disk  # noqa: PLC0415 - as below

    if settings.sandbox or not settings.uses_sqlite:
        return []
    file, mounts = Path(settings.database_url.removeprefix("sqlite:///")), disk.read_mounts()
    found = [disk.why_not_on_network(file, mounts)]
    if settings.platform and settings.doubts_disk and not disk.stays(file, mounts):
        found.append(settings.platform.advice)
    return [sentence for sentence in found if sentence]


class Desk(Protocol):
    """Answers calls, in this process or in another one."""

    def answer(self, call: Call) -> Response:
        """The response to this call."""


@dataclass
class Parts:
    """Hung on the app by `create_app`. Ledger and rulebook are made when somebody first asks for them.

    `desk` answers what comes in. `ending` holds what must end before the ledger is closed.
    """

    settings: Settings
    desk: Desk = field(init=False)
    ending: ExitStack = field(default_factory=ExitStack)

    def answer(self, call: Call) -> Response:
        """The response of the desk, whichever it is now."""
        return self.desk.answer(call)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the settings; it opens its database when it is first used."""
        from ledger import Ledger  # noqa: PLC0415 - SQLAlchemy alone would double the time of `flask rules check`

        return Ledger(self.settings.database_url, self.settings.mode)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The live rules of that ledger; they are known after its first `refresh`."""
        from rulebook import Rulebook  # noqa: PLC0415 - it loads the ledger, too

        return Rulebook(self.ledger, self.settings.rules_file)

    def close(self) -> None:
        """End what was begun, and commit what waits."""
        self.ending.close()
        self.ledger.close()


def attach(app: Flask, parts: Parts) -> None:
    """Hang the parts on the app."""
    app.extensions[NAME] = parts


def parts_of(app: Flask) -> Parts:
    """The parts that hang on this app."""
    found: Parts = app.extensions[NAME]
    return found


def current_parts() -> Parts:
    """The parts of the app that answers now, or whose command runs."""
    return parts_of(current_app)
