"""What many requests bring at the same moment, recorded in one transaction."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from ledger import kept_categories, recording
from ledger.arrivals import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from ledger.arrivals import Arrival, Kept


class OvertakenError(Exception):
    """Nothing of this request was recorded: a category counts for a reply of it, which was decided without that.

    `kept` has the categories that are kept for all its arrivals, in their order.
    """

    def __init__(self, kept: Sequence[Kept | None]) -> None:
        super().__init__("decided without a category that counts")
        self.kept = kept


Answer = list[Receipt] | OvertakenError  # to one request


def record(connection: sa.Connection, requests: Sequence[Sequence[Arrival]]) -> list[Answer]:
    """Record what each request brought, all of it or none: the receipts of its arrivals, or why there are none."""
    kept = iter(kept_categories.of_arrivals(connection, list(chain(*requests))))
    overtaken = [_overtaken(request, [next(kept) for _ in request]) for request in requests]
    current = [request for request, error in zip(requests, overtaken, strict=True) if not error]
    receipts = iter(recording.record(connection, list(chain(*current))) if current else ())
    return [error or [next(receipts) for _ in request] for request, error in zip(requests, overtaken, strict=True)]


def _overtaken(request: Sequence[Arrival], kept: Sequence[Kept | None]) -> OvertakenError | None:
    counts = any(
        found and found != one.kept and found[2] is not None and found[2] >= one.kept_since
        for one, found in zip(request, kept, strict=True)
    )
    return OvertakenError(kept) if counts else None


def look_again(
    connection: sa.Connection, requests: Sequence[Sequence[Arrival]], answers: Sequence[Answer]
) -> list[Answer]:
    """The answers with the categories that are kept now: one may have come while these requests were recorded."""
    kept = iter(kept_categories.of_arrivals(connection, list(chain(*requests))))
    found = [[next(kept) for _ in request] for request in requests]
    return [
        [replace(one, kept=its) if its else one for one, its in zip(answer, found[index], strict=True)]
        if isinstance(answer, list)
        else answer
        for index, answer in enumerate(answers)
    ]
