"""What people do to deliveries: look, pause and resume, send once more, withdraw, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ledger import accounts, dialect, ordering, standing_reads, wishes
from ledger.store import Store, UnusableError
from ledger.wishes import Redone
from ledger.writer import NotStoredError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ledger.observation import Finding, Shown
    from ledger.orders import Order
    from ledger.slot import State
    from ledger.standing_reads import Origin, StandingRead
    from ledger.wishes import Choice, Crowd, DeliveryRow, Place


class Steering(Store):
    """The part of the ledger by which people steer. Each method is one transaction, or one a page where it says so."""

    def recent_deliveries(
        self, state: State | None = None, limit: int = 100, account: str | None = None
    ) -> list[DeliveryRow]:
        """The newest wishes and what became of them."""
        with self._reading() as connection:
            return wishes.recent(connection, state, limit, account)

    def count_deliveries(self, choice: Choice) -> list[Crowd]:
        """How many of these wishes there are, by state and mark."""
        with self._reading() as connection:
            return wishes.count(connection, choice)

    def redo(self, map_ids: Sequence[int] | None, states: Sequence[State]) -> Redone:
        """Send the wishes of these conversations (None: of all) once more, as far as they are still wanted."""
        pieces: Iterable[Sequence[int] | None] = [None] if map_ids is None else dialect.in_pieces(map_ids)
        done = [self.redo_chosen(wishes.Choice(map_ids=piece, states=states)) for piece in pieces]
        return Redone(sum(one.again for one in done), sum(one.outdated for one in done))

    def redo_chosen(self, choice: Choice) -> Redone:
        """Send these wishes once more, as far as they are still wanted: page by page, each a transaction of its own."""
        again = outdated = 0
        place: Place | None = None
        while True:
            with self._writing() as connection:
                redone, place = wishes.redo(connection, choice, place)
            again, outdated = again + redone.again, outdated + redone.outdated
            if place is None:
                return Redone(again, outdated)

    def cancel(self, choice: Choice, reason: str) -> int:
        """Withdraw these wishes as far as they are not sent yet, page by page; how many were."""
        withdrawn = 0
        place: Place | None = None
        while True:
            with self._writing() as connection:
                count, place = wishes.cancel(connection, choice, reason, place)
            withdrawn += count
            if place is None:
                return withdrawn

    def pause(self, account: str, by: str, reason: str | None) -> None:
        """Send no mark of this account until `resume`, whatever restarts meanwhile; questions go on."""
        with self._writing() as connection:
            accounts.pause(connection, account, by, reason)

    def resume(self, names: Sequence[str]) -> None:
        """Send the marks of these accounts again."""
        with self._writing() as connection:
            accounts.resume(connection, names)

    def order(self, orders: Sequence[Order]) -> list[bool]:
        """Let these conversations have the marks that people want, once committed; else NotStoredError.

        False where a newer reply is here than the order could know: that one's conversation is left alone.
        """
        try:
            return self._written(lambda connection: ordering.order(connection, orders))
        except (sa.exc.SQLAlchemyError, OSError, UnusableError) as error:
            raise NotStoredError(self._why_not(error)) from None

    def observe(self, shown: Sequence[Shown], *, dry_run: bool) -> list[Finding]:
        """Compare what SmartLead's list shows with what was delivered; a dry run only tells what it finds."""
        return self._written(lambda connection: ordering.observe(connection, shown, dry_run=dry_run))

    def note_looked_at(self, account: str, replies: Mapping[int, float]) -> None:
        """A sweep has looked into these conversations' last replies: id -> the time that SmartLead's list tells."""
        self._written(lambda connection: ordering.note_looked_at(connection, account, replies))

    def clock(self) -> float:
        """The ledger's time, in seconds since 1970."""
        with self._reading() as connection:
            return dialect.read_clock(connection)

    def standing_reads(self, origin: Origin) -> Iterator[StandingRead]:
        """The conversations that a mark of this origin hides, page by page, each a transaction of its own."""
        last: StandingRead | None = None
        while page := self._page_of_standing_reads(origin, last):
            yield from page
            last = page[-1]

    def _page_of_standing_reads(self, origin: Origin, after: StandingRead | None) -> list[StandingRead]:
        with self._reading() as connection:
            return standing_reads.page(connection, origin, after)

    def take_back(self, chosen: Sequence[StandingRead], why: str) -> int:
        """Want `unread` of these instead, as far as they still stand; how many do. `why` is kept beside each reply."""
        with self._writing() as connection:
            return standing_reads.take_back(connection, chosen, why)
