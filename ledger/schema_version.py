"""Whether the ledger's tables are those this code expects, and the way to make them so.

A revision is named by the first four digits of its script's file. Alembic itself is loaded only to migrate: to load it
takes as long as all else that a command does.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import dialect

MIGRATE = "The ledger's tables are not those of this version: run `flask ledger migrate`."
NEWER = "A newer release of Replymark has changed the ledger's tables: deploy that release, or restore a backup."
SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "alembic_version"
_CURRENT: sa.Select[Any] = sa.select(sa.column("version_num")).select_from(sa.table(_VERSIONS))


@cache
def revisions() -> tuple[str, ...]:
    """Those that this code knows, in their order; it was written for the last one."""
    return tuple(sorted(script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py")))


def current(connection: sa.Connection) -> str | None:
    """The revision that this ledger has; None for an empty database."""
    if not sa.inspect(connection).has_table(_VERSIONS):
        return None
    found: str | None = connection.execute(_CURRENT).scalar()
    return found


def problem(connection: sa.Connection) -> str | None:
    """A sentence if the tables are not those of this code, and the way to have both agree."""
    here = current(connection)
    if here == revisions()[-1]:
        return None
    return MIGRATE if here is None or here in revisions() else NEWER


def upgrade(connection: sa.Connection, to: str = "head") -> None:
    """Run what is missing up to that revision, inside the connection's transaction."""
    dialect.lock_for_migration(connection)
    if to == "head" and problem(connection) is None:
        return
    from alembic import command, config  # noqa: PLC0415 - see above

    found = config.Config()
    found.set_main_option("script_location", str(SCRIPTS))
    found.attributes["connection"] = connection
    command.upgrade(found, to)
