"""What many requests bring at the same moment, recorded in one transaction."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from ledger import dialect, kept_categories, recording
from ledger.arrivals import Arrival, Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import sqlalchemy as sa

    from ledger.arrivals import Kept

    Request = Sequence[Arrival]

UNSTORABLE = "The database refuses what this event tells: it is counted, and not kept."


class OvertakenError(Exception):
    """Nothing of this request was recorded: a category counts for a reply of it, which was decided without that.

    `kept` has the categories that are kept for all its arrivals, in their order.
    """

    def __init__(self, kept: Sequence[Kept | None]) -> None:
        super().__init__("decided without a category that counts")
        self.kept = kept


class SomeOvertakenError(Exception):
    """Nothing of these requests is to be recorded: some of them are overtaken, by their places."""

    def __init__(self, errors: Mapping[int, OvertakenError]) -> None:
        super().__init__("some are overtaken")
        self.errors = errors


Answer = list[Receipt] | OvertakenError  # to one request


def answer(requests: Sequence[Request], recorded: Callable[[Sequence[Request]], list[list[Receipt]]]) -> list[Answer]:
    """What became of each request: who is overtaken is left out, and the others are recorded anew.

    `recorded` does `record` in a transaction of its own.
    """
    answers: dict[int, Answer] = {}
    while True:
        current = [place for place in range(len(requests)) if place not in answers]
        try:
            receipts = recorded([requests[place] for place in current])
        except SomeOvertakenError as some:
            answers |= {current[place]: error for place, error in some.errors.items()}
        else:
            answers |= zip(current, receipts, strict=True)
            return [answers[place] for place in range(len(requests))]


def record(connection: sa.Connection, requests: Sequence[Request]) -> list[list[Receipt]]:
    """Record what each request brought: the receipts of its arrivals. SomeOvertakenError for the transaction to end.

    A category that is recorded elsewhere meanwhile is missed by none: it takes the same turns as its replies. Either it
    is committed before the look here, or whoever brings it looks for its reply after this is committed.
    """
    begun = recording.begin(connection, list(chain(*requests)))
    kept = kept_categories.of_arrivals(connection, begun.arrivals)
    _let_none_be_overtaken(requests, kept)
    receipts = recording.record(connection, begun)
    if any(one.category_change for one in begun.arrivals):  # it may count for a reply of this very batch
        kept = kept_categories.of_arrivals(connection, begun.arrivals)
    told = iter(_with_kept(receipts, kept))
    return [[next(told) for _ in request] for request in requests]


def _let_none_be_overtaken(requests: Sequence[Request], kept: Sequence[Kept | None]) -> None:
    each = iter(kept)
    found = [[next(each) for _ in request] for request in requests]
    errors = {
        place: OvertakenError(its)
        for place, (request, its) in enumerate(zip(requests, found, strict=True))
        if any(map(_overtakes, its, request))
    }
    if errors:
        raise SomeOvertakenError(errors)


def _overtakes(kept: Kept | None, one: Arrival) -> bool:
    return kept is not None and kept != one.kept and kept[2] is not None and kept[2] >= one.kept_since


def _with_kept(receipts: Sequence[Receipt], kept: Sequence[Kept | None]) -> list[Receipt]:
    return [replace(one, kept=its) if its else one for one, its in zip(receipts, kept, strict=True)]


def record_apart(connection: sa.Connection, request: Request) -> list[Receipt]:
    """As `record`, one by one; what the database refuses is kept as unreadable, without its texts."""
    stored = [_store(connection, one) for one in request]
    kept = kept_categories.of_arrivals(connection, [one for one, _receipt in stored])
    return _with_kept([receipt for _one, receipt in stored], kept)


def _store(connection: sa.Connection, arrival: Arrival) -> tuple[Arrival, Receipt]:
    """The receipt of what could be stored, with that."""
    try:
        with connection.begin_nested():
            return arrival, _record_one(connection, arrival)
    except Exception as error:
        if not dialect.is_of_the_row(error):
            raise
    unstorable = Arrival(
        account=arrival.account, source=arrival.source, key=arrival.key, bucket="quarantined", reason=UNSTORABLE
    )
    return unstorable, _record_one(connection, unstorable)


def _record_one(connection: sa.Connection, arrival: Arrival) -> Receipt:
    return recording.record(connection, recording.begin(connection, [arrival]))[0]
