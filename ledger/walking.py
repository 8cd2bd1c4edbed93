"""Ways through SmartLead's lists: to mark what is chosen there, or to find what is wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ledger import bulk, dialect, walks
from ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ledger.walks import Plan, Purpose, Tally, Walk, WalkRow

PAGE = 500  # rows that are read at a time


class Walks(Store):
    """The part of the ledger that remembers walks. Each method is one transaction, unless it says so.

    Whoever changes a walk gets TakenOverError once another process has begun to go on with it.
    """

    def begin_walk(self, plan: Plan, *, afresh: bool = False, take_over: bool = False) -> Walk | None:
        """Go on with the unfinished walk of this plan, or begin one; `afresh`: begin one in any case.

        None while another process walks for the same account and purpose. To take over ends that one instead.
        """
        return self._written(lambda connection: walks.begin(connection, plan, afresh=afresh, take_over=take_over))

    def advance(
        self, walk: Walk, place: str, found: Sequence[WalkRow], *, looked_at: int = 0, instead_of: Sequence[int] = ()
    ) -> Walk:
        """Keep what one page showed, with the place from which to go on; the walk as it stands then.

        `looked_at`: how many conversations more; `instead_of`: conversations of which no older finding counts.
        """
        return self._written(
            lambda connection: walks.advance(connection, walk, place, found, looked_at=looked_at, instead_of=instead_of)
        )

    def keep_walk(self, walk: Walk) -> Walk:
        """Say that its walker lives: without that, or an advance, it is anybody's after two minutes."""
        return self._written(lambda connection: walks.hold(connection, walk))

    def end_pages(self, walk: Walk) -> Walk:
        """Every page was read."""
        return self._written(lambda connection: walks.hold(connection, walk, walked_at=dialect.now()))

    def end_walk(self, walk: Walk) -> Walk:
        """All is done: the same plan begins a new walk."""
        return self._written(lambda connection: walks.hold(connection, walk, ended_at=dialect.now()))

    def last_walk(
        self, account: str, purpose: Purpose, *, dry_run: bool = False, selection: str | None = None
    ) -> Walk | None:
        """The walk that ended last, of this selection or of any; None if none ever did."""
        with self._reading() as connection:
            return walks.last_ended(connection, account, purpose, dry_run=dry_run, selection=selection)

    def tally(self, walk: Walk) -> dict[str, Tally]:
        """How many conversations have which finding."""
        with self._reading() as connection:
            return walks.tallies(connection, walk.id)

    def count_notes(self, walk: Walk, findings: Sequence[str], limit: int = 20) -> list[tuple[str | None, int]]:
        """The most frequent notes beside these findings, each with the number of its conversations."""
        with self._reading() as connection:
            return walks.notes(connection, walk.id, findings, limit)

    def rows_of(self, walk: Walk, finding: str) -> Iterator[WalkRow]:
        """The conversations with a finding, by id; page by page, each a transaction of its own."""
        last = 0
        while page := self._page_of_rows(walk, finding, last):
            yield from page
            last = page[-1].email_lead_map_id

    def _page_of_rows(self, walk: Walk, finding: str, after: int) -> list[WalkRow]:
        with self._reading() as connection:
            return walks.page(connection, walk.id, finding, after, PAGE)

    def order_next(self, walk: Walk, limit: int) -> Counter[str]:
        """Order the walk's mark for its next chosen conversations, and note that: how many are `ordered`.

        Those that a newer reply had `overtaken` are left alone, and counted.
        """
        return self._written(lambda connection: bulk.order_next(connection, walk, limit))

    def settle_orders(self, walk: Walk) -> tuple[int, Counter[str]]:
        """How many ordered conversations are under way, and what has come of the others since it was last asked.

        A look, and if that found anything a second transaction.
        """
        found = self._asked(lambda connection: bulk.outcomes(connection, walk))
        ended = Counter[str]()
        if any(found.values()):
            ended = self._written(lambda connection: bulk.settle(connection, walk, found))
        return len(found) - ended.total(), ended
