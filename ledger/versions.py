"""The versions of the rules. The newest published one is live; a refused one is kept so that people can see it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import sqlalchemy as sa

from ledger import dialect
from ledger.schema import meta, rule_versions

RULES_LOCK = "rules"
_LIVE_ID = sa.select(sa.func.max(rule_versions.c.id)).where(rule_versions.c.status == "published")
FROM_FILE = ("file", "command")  # the sources that are a rules file; a rollback is somebody's will, as the console is


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Rules that somebody wants live."""

    content: str
    source: Literal["file", "command", "console", "rollback"]
    author: str
    note: str = ""

    @property
    def digest(self) -> str:
        """What tells one content from another."""
        return digest_of(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """A version as the ledger keeps it. `problems` says why a refused one was refused."""

    id: int
    status: Literal["published", "refused"]
    digest: str
    content: str
    source: str
    author: str
    note: str
    problems: str
    created_at: float

    @property
    def is_from_file(self) -> bool:
        """Whether a changed file may replace it without asking anybody."""
        return self.source in FROM_FILE


def digest_of(content: str) -> str:
    """SHA-256 of the text, in hex."""
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


def live(connection: sa.Connection) -> RuleVersion | None:
    """The version that decides now."""
    published = sa.select(rule_versions).where(rule_versions.c.status == "published")
    row = connection.execute(published.order_by(rule_versions.c.id.desc()).limit(1)).first()
    return _version(row) if row else None


def live_id(connection: sa.Connection) -> int | None:
    """The number of the live version: cheap enough to ask several times a second."""
    found: int | None = connection.execute(_LIVE_ID).scalar()
    return found


def numbered(connection: sa.Connection, number: int) -> RuleVersion | None:
    """One version, published or refused."""
    row = connection.execute(sa.select(rule_versions).where(rule_versions.c.id == number)).first()
    return _version(row) if row else None


def last_from_file(connection: sa.Connection) -> RuleVersion | None:
    """The newest version that came out of a rules file, whoever published from elsewhere since."""
    given = (rule_versions.c.status == "published") & rule_versions.c.source.in_(FROM_FILE)
    row = connection.execute(sa.select(rule_versions).where(given).order_by(rule_versions.c.id.desc()).limit(1)).first()
    return _version(row) if row else None


def was_published(connection: sa.Connection, digest: str) -> bool:
    """Whether this very content was ever live."""
    same = (rule_versions.c.digest == digest) & (rule_versions.c.status == "published")
    return connection.execute(sa.select(rule_versions.c.id).where(same).limit(1)).first() is not None


def publish(connection: sa.Connection, draft: Draft) -> RuleVersion:
    """Make these rules live. Rules that are live already make no second version, whoever else saw the change."""
    _take_turns(connection)
    current = live(connection)
    if current and current.digest == draft.digest:
        return current
    return _add(connection, draft, "published", "")


def refuse(connection: sa.Connection, draft: Draft, problems: str) -> RuleVersion:
    """Keep rules that must not go live, once, with the reason."""
    _take_turns(connection)
    newest = connection.execute(sa.select(rule_versions).order_by(rule_versions.c.id.desc()).limit(1)).first()
    if newest and newest.status == "refused" and newest.digest == draft.digest:
        return _version(newest)
    return _add(connection, draft, "refused", problems)


def history(connection: sa.Connection, limit: int) -> list[RuleVersion]:
    """The newest versions first, refused ones among them."""
    rows = connection.execute(sa.select(rule_versions).order_by(rule_versions.c.id.desc()).limit(limit))
    return [_version(row) for row in rows]


def _take_turns(connection: sa.Connection) -> None:
    connection.execute(dialect.insert(connection, meta).values(name=RULES_LOCK, value="").on_conflict_do_nothing())
    connection.execute(sa.select(meta.c.value).where(meta.c.name == RULES_LOCK).with_for_update())


def _add(connection: sa.Connection, draft: Draft, status: str, problems: str) -> RuleVersion:
    values = {
        "status": status,
        "digest": draft.digest,
        "content": draft.content,
        "source": draft.source,
        "author": draft.author,
        "note": draft.note,
        "problems": problems,
        "created_at": dialect.now(),
    }
    made = connection.execute(rule_versions.insert().values(values).returning(*rule_versions.c)).one()
    return _version(made)


def _version(row: sa.Row[Any]) -> RuleVersion:
    return RuleVersion(**row._asdict())
