"""What an application is made of, for those who serve it, and for its commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, current_app

if TYPE_CHECKING:
    from config import Settings
    from ledger import Ledger
    from rulebook import Rulebook

NAME = "replymark"


@dataclass(frozen=True, slots=True)
class Parts:
    """Made once by `create_app`; each opens what it needs when it is first used."""

    settings: Settings
    ledger: Ledger
    rulebook: Rulebook


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
