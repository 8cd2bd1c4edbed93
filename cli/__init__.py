"""The `flask` commands. Exit code 0: all is well; 1: something was found; 2: wrong use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli import deliveries, inbox, ledger, rules, running

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Give the app its commands."""
    for group in (rules.group, deliveries.group, inbox.group, ledger.group, running.worker, running.sandbox):
        app.cli.add_command(group)
