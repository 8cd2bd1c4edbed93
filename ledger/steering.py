"""What people do to deliveries: look, pause and resume, send once more, withdraw, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger import accounts, dialect, standing_reads, wishes
from ledger.store import Store
from ledger.wishes import Redone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ledger.slot import State
    from ledger.standing_reads import Origin, StandingRead
    from ledger.wishes import Choice, Crowd, DeliveryRow, Place


class Steering(Store):
    """The part of the ledger by which people steer. Each method is one transaction, or one a page where it says so."""

    def recent_deliveries(self, state: State | None = None, limit: int = 100) -> list[DeliveryRow]:
        """The newest wishes and what became of them."""
        with self._reading() as connection:
            return wishes.recent(connection, state, limit)

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
