"""Whether the ledger's tables are those this code expects, and the way to make them so."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from ledger import dialect

if TYPE_CHECKING:
    import sqlalchemy as sa

SCRIPTS = Path(__file__).parent / "migrations"


@cache
def newest() -> str | None:
    """The revision that this code was written for."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def current(connection: sa.Connection) -> str | None:
    """The revision that this ledger has; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Run what is missing up to that revision, inside the connection's transaction."""
    dialect.lock_for_migration(connection)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
