"""The rules as the ledger keeps them: every version there ever was, and the one that is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import versions
from ledger.store import Store

if TYPE_CHECKING:
    from ledger.versions import Draft, RuleVersion


class Rules(Store):
    """The part of the ledger that knows the rules. Each method is one transaction."""

    def live_rules(self) -> RuleVersion | None:
        """The version that decides now."""
        with self._reading() as connection:
            return versions.live(connection)

    def live_rules_id(self) -> int | None:
        """Its number alone."""
        with self._reading() as connection:
            return versions.live_id(connection)

    def rules_version(self, number: int) -> RuleVersion | None:
        """One version, published or refused; None if there is none of this number."""
        with self._reading() as connection:
            return versions.numbered(connection, number)

    def last_rules_from_file(self) -> RuleVersion | None:
        """The newest version that came out of a rules file."""
        with self._reading() as connection:
            return versions.last_from_file(connection)

    def were_rules_published(self, digest: str) -> bool:
        """Whether this content was ever live."""
        with self._reading() as connection:
            return versions.was_published(connection, digest)

    def publish_rules(self, draft: Draft) -> RuleVersion:
        """Make rules live; the caller has checked them."""
        with self._writing() as connection:
            return versions.publish(connection, draft)

    def refuse_rules(self, draft: Draft, problems: str) -> RuleVersion:
        """Keep refused rules for people to see."""
        with self._writing() as connection:
            return versions.refuse(connection, draft, problems)

    def rule_history(self, limit: int = 100) -> list[RuleVersion]:
        """All versions, refused ones too, newest first."""
        with self._reading() as connection:
            return versions.history(connection, limit)
