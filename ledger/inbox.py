"""What came in: events and replies, what is known of their conversations, and what was not let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import conversations, events, lists, mailboxes, recording, refusals, revisions
from ledger.arrivals import unpack
from ledger.conversations import key_of
from ledger.decisions import Revision
from ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.arrivals import Arrival, Receipt
    from ledger.conversations import Kept
    from ledger.events import StoredReply
    from ledger.lists import EventRow
    from ledger.refusals import Refusal
    from model import CategoryChange, Decision


class Inbox(Store):
    """The part of the ledger that takes webhooks in. Each method is one transaction."""

    def record(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Record all of these or none. Returns after the commit; raises NotStoredError if there was none."""
        return self._writer.record(arrivals)

    def recent_events(self, bucket: str | None = None, limit: int = 100) -> list[EventRow]:
        """The newest events, of one bucket or of all."""
        with self._reading() as connection:
            return lists.recent_events(connection, bucket, limit)

    def body_of(self, event_id: int) -> str | None:
        """The redacted body of an event, None if it is not there (any more)."""
        with self._reading() as connection:
            body = lists.body_of(connection, event_id)
        return unpack(body) if body else None

    def stored_replies(self, since: float) -> Iterator[StoredReply]:
        """Every reply since then (seconds since 1970), the oldest first, for reading them anew.

        Each page is a transaction of its own, so a long walk holds up nobody and keeps no page in memory.
        """
        last = 0
        while page := self._page_of_replies(since, last):
            yield from page
            last = page[-1].event_id

    def _page_of_replies(self, since: float, after: int) -> list[StoredReply]:
        with self._reading() as connection:
            return events.page_of_replies(connection, since, after)

    def count_stored_replies(self, since: float) -> int:
        """How many `stored_replies` gives, if none arrives meanwhile."""
        with self._reading() as connection:
            return events.count_replies(connection, since)

    def buckets(self) -> dict[str, int]:
        """How many POSTs ended where: they add up to all that passed authentication."""
        with self._reading() as connection:
            return lists.buckets(connection)

    # what is decided anew

    def newest_reply(
        self, account: str, map_id: int | None = None, lead: str | None = None, campaign_id: str | None = None
    ) -> StoredReply | None:
        """The newest reply of a conversation that is known by its id, or by lead and campaign; a parked one too."""
        with self._reading() as connection:
            return events.newest_reply(connection, account, map_id, key_of(account, lead, campaign_id, None))

    def revise(self, event_id: int, decision: Decision, cause: str, *, dry_run: bool) -> Receipt:
        """Decide a reply anew: `accepted` (or `parked`), or `ignored` if a newer reply of its conversation is here."""
        with self._writing() as connection:
            return revisions.revise(connection, event_id, Revision(decision, cause, dry_run))

    def wait_for_name(self, event_id: int, category_id: int) -> None:
        """Count this reply among those of `replies_to_name`."""
        with self._writing() as connection:
            revisions.wait_for_name(connection, event_id, category_id)

    def keep_category(self, change: CategoryChange) -> bool:
        """Keep a category for the conversation's next reply; False if it names none, or a newer category is kept."""
        with self._writing() as connection:
            return recording.keep_category(connection, change)

    def kept_category(self, account: str, map_id: int | None, lead: str | None, campaign_id: str | None) -> Kept | None:
        """The newest category that was kept for a conversation: its name, its number, and when it was given."""
        with self._reading() as connection:
            return conversations.kept_category(connection, account, map_id, key_of(account, lead, campaign_id, None))

    def replies_to_name(self, account: str) -> list[StoredReply]:
        """Conversations' newest replies whose category had no name when they came, and has one now.

        A reply that is decided anew is no longer among them.
        """
        with self._reading() as connection:
            return events.replies_to_name(connection, account)

    # who writes, and who was not let in

    def seen_mailboxes(self, account: str) -> set[str]:
        """Our own addresses, in lower case, as replies told them."""
        with self._reading() as connection:
            return mailboxes.of_account(connection, account)

    def record_refusals(self, made: Sequence[Refusal], counts: Mapping[str, int] | None = None) -> None:
        """Keep these; `counts` by reason where there were more than are told."""
        with self._writing() as connection:
            refusals.record(connection, made, counts)

    def refusals(self, limit: int = refusals.KEPT) -> list[Refusal]:
        """The last POSTs that were not let in, the newest first."""
        with self._reading() as connection:
            return refusals.recent(connection, limit)

    def refused_counts(self) -> dict[str, int]:
        """How many were ever refused, by reason."""
        with self._reading() as connection:
            return refusals.counts(connection)
