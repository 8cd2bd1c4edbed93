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

MIGRATE = "The ledger's tables are not those of this version: run `flask ledger migrate`."
NEWER = "A newer release of Replymark has changed the ledger's tables: deploy that release, or restore a backup."
SCRIPTS = Path(__file__).parent / "migrations"


@cache
def newest() -> str | None:
    """The revision that this code was written for."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def current(connection: sa.Connection) -> str | None:
    """The revision that this ledger has; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def problem(connection: sa.Connection) -> str | None:
    """A sentence if the tables are not those of this code, and the way to have both agree."""
    here = current(connection)
    if here == newest():
        return None
    return MIGRATE if here is None or here in _known() else NEWER


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions())


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Run what is missing up to that revision, inside the connection's transaction."""
    dialect.lock_for_migration(connection)
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
