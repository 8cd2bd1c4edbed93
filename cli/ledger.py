"""`flask ledger`: the database itself."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from cli.output import fail
from ledger import UnusableError
from parts import current_parts, doubts_of_disk

group = AppGroup("ledger")


@group.command()
def migrate() -> None:
    """Make the tables, or bring them up to date. Safe to run at every release."""
    parts = current_parts()
    if problems := parts.settings.problems or doubts_of_disk(parts.settings):
        fail(*problems)
    try:
        parts.ledger.migrate()
    except UnusableError as error:
        fail(str(error))
    click.echo(f"The {parts.settings.mode} ledger is up to date.")
