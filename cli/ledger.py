"""`flask ledger`: the database itself."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from cli.output import fail
from parts import current_parts

group = AppGroup("ledger", help="The database of events, decisions and deliveries.")


@group.command()
def migrate() -> None:
    """Make the tables, or bring them up to date. Safe to run at every release."""
    parts = current_parts()
    if parts.settings.problems:
        fail(*parts.settings.problems)
    try:
        parts.ledger.migrate()
    except OSError as error:
        fail(f"The ledger can not be opened ({error.strerror}): check DATABASE_URL and the disk.")
    problems = parts.ledger.problems()
    if problems:
        fail(*problems)
    click.echo(f"The {parts.settings.mode} ledger is up to date.")
