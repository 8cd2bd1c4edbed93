"""What came in: events and replies, what is known of their conversations, and what was not let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import events, kept_categories, lists, mailboxes, recording, refusals, revisions
from ledger.arrivals import unpack
from ledger.conversations import key_of
from ledger.decisions import Redecision
from ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ledger.arrivals import Arrival, Kept, Receipt
    from ledger.events import StoredReply
    from ledger.kept_categories import Question
    from ledger.lists import EventRow
    from ledger.refusals import Refusal
    from model import CategoryChange, Decision


class Inbox(Store):
    """The part of the ledger that takes webhooks in. Each method is one transaction."""

    def record(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """As `record_each`, of one request; raises why there are no receipts."""
        (answer,) = self.record_each([arrivals])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def record_each(self, requests: Sequence[Sequence[Arrival]]) -> list[list[Receipt] | Exception]:
        """Record the arrivals of each of these requests, all of one or none, and return after the commit.

        For each its receipts, or why there are none: NotStoredError; or OvertakenError if an arrival of it that asks
        for a category (`kept_since`) was decided without one that counts, and is to be decided by that.
        """
        return self._writer.record_each(requests)

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

    def stored_reply(self, event_id: int) -> StoredReply | None:
        """One reply as it came; None if there is none of this number."""
        with self._reading() as connection:
            return events.stored_reply(connection, event_id)

    def revise(  # noqa: PLR0913 - what is decided, and by what that was looked at
        self,
        event_id: int,
        decision: Decision,
        cause: str,
        *,
        dry_run: bool,
        category_at: float | None = None,
        waiting_for: int | None = None,
        told_by: int | None = None,
    ) -> Receipt:
        """Decide a reply anew: `accepted` (or `parked`), or `ignored` with the reason why it does not count.

        It does not if a newer reply of its conversation is here, or, as told in `Redecision`, a newer category.
        """
        made = Redecision(
            event_id=event_id,
            decision=decision,
            cause=cause,
            dry_run=dry_run,
            category_at=category_at,
            waiting_for=waiting_for,
            told_by=told_by,
        )
        return self.revise_all([made])[0]

    def revise_all(self, made: Sequence[Redecision]) -> list[Receipt]:
        """Decide all of these anew, in their order, in one transaction."""
        return self._written(lambda connection: revisions.revise(connection, made))

    def wait_for_name(
        self, event_id: int, category_id: int, *, category_at: float | None = None, told_by: int | None = None
    ) -> None:
        """Count this reply among those of `replies_to_name`, unless a newer category decided it than this one.

        `told_by`: the event that told the category; lists show this beside it.
        """
        with self._writing() as connection:
            revisions.wait_for_name(connection, event_id, category_id, category_at, told_by)

    def keep_category(self, change: CategoryChange) -> bool:
        """Keep a category for the conversation's next reply; False if it names none, or a newer category is kept."""
        return self._written(lambda connection: recording.keep_category(connection, change))

    def kept_category(self, account: str, map_id: int | None, lead: str | None, campaign_id: str | None) -> Kept | None:
        """The newest category that was kept for a conversation: its name, its number, and when it was given.

        Neither name nor number: it was taken away then.
        """
        return self.kept_categories([(account, map_id, lead, campaign_id)])[0]

    def kept_categories(self, questions: Sequence[Question]) -> list[Kept | None]:
        """As `kept_category`, for many conversations at once: account, id, lead, campaign's id of each."""
        with self._reading() as connection:
            return kept_categories.find(connection, questions)

    def replies_to_name(self, account: str) -> list[StoredReply]:
        """Conversations' newest replies whose category had no name when they came, and has one now.

        A reply that is decided anew is no longer among them.
        """
        with self._reading() as connection:
            return events.replies_to_name(connection, account)

    # who writes, and who was not let in

    def seen_mailboxes(self, account: str) -> set[str]:
        """Our own addresses, folded as `addresses.fold` does, as replies told them: the last 5000."""
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
