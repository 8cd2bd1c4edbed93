"""A way through one of SmartLead's lists, newest reply first, while the list changes.

SmartLead tells pages by the number of their first row, so a row that comes in pushes all others down, and one that goes
lets them slip up. Each page therefore begins with the last row of the one before. If they have no row in common, rows
have gone and others may have slipped by unseen: the walk goes back until it meets a row of the last page again.

A conversation that gets a reply moves to the top, behind our back. So a pass of several pages is followed by one over
the head of the list, down to what stood there when the pass began, until a pass is one page: nothing moved within it.

A conversation that is in the list all the time comes at least once, and may come twice.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from model import InboxList, InboxPage

    Ask = Callable[[InboxList, int, Mapping[str, Any]], InboxPage]

PAGE = 20  # rows of a page that is not the last
LONGEST_STAND = 20  # pages in a row that lead no further; a step back is twice as long as the one before
NO_WAY_ON = "SmartLead answers the same rows again and again: it seems to ignore which page is asked for"


class NoWayOnError(Exception):
    """The list has no end; the exception's text is a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a walk stands: what it asks for next, and what it must meet there."""

    offset: int = 0
    boundary: tuple[int, ...] = ()  # ids of the last page; empty: whatever comes follows
    oldest: float | None = None  # last reply's time of that page's last row
    pages: int = 0  # of this pass
    newest: float | None = None  # of the rows at the head when this pass began
    until: float | None = None  # this pass looks at the head alone, down to rows of this time
    standing: int = 0  # pages in a row that led no further
    is_end: bool = False

    def to_json(self) -> str:
        """As a text to keep, from which the walk goes on in another process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The place that `to_json` made the text of."""
        kept = json.loads(text)
        return cls(**kept | {"boundary": tuple(kept["boundary"])})


START = Place()


def walk(
    ask: Ask,
    shown: InboxList,
    filters: Mapping[str, Any],
    place: Place = START,
    since: float | None = None,
) -> Iterator[tuple[InboxPage, Place]]:
    """The pages of a list, each with the place from which the walk goes on after it.

    It ends with the list, or at rows whose last reply came before `since` (seconds since 1970). NoWayOnError if the
    list has no end; `ask`'s own errors pass, and the walk goes on from the last place.
    """
    place = replace(place, standing=0)  # SmartLead may be well again
    while not place.is_end:
        page = ask(shown, place.offset, filters)
        place = _after(place, page, since)
        if place.standing > LONGEST_STAND:
            raise NoWayOnError(NO_WAY_ON)
        yield page, place


def _after(place: Place, page: InboxPage, since: float | None) -> Place:
    here = replace(place, pages=place.pages + 1, newest=_level(page) if place.pages == 0 else place.newest)
    if not _follows(place, page):
        back = PAGE * 2**place.standing
        return replace(here, offset=max(0, place.offset - back), standing=place.standing + 1)
    if page.length < PAGE or _has_come_to(page, place.until, since):
        return _next_pass(here)
    return replace(
        here,
        offset=place.offset + _step(page),
        boundary=_ids(page) if _can_be_met(page) else (),
        oldest=_times(page)[-1] if _times(page) else None,
        standing=0 if _leads_on(place, page) else place.standing + 1,
    )


def _follows(place: Place, page: InboxPage) -> bool:
    return place.offset == 0 or not place.boundary or _meets(place, page) or _is_above(place, page)


def _meets(place: Place, page: InboxPage) -> bool:
    return not set(_ids(page)).isdisjoint(place.boundary)


def _is_above(place: Place, page: InboxPage) -> bool:
    """Whether so many rows came in that this page stands before the last one: nothing can have slipped by."""
    return place.oldest is not None and _times(page)[-1:] > [place.oldest]


def _has_come_to(page: InboxPage, until: float | None, since: float | None) -> bool:
    times = _times(page)
    if not times:
        return False
    return times[-1] <= until if until is not None else since is not None and times[-1] < since


def _next_pass(here: Place) -> Place:
    if here.pages == 1 or here.newest is None:
        return replace(here, is_end=True)
    return Place(until=here.newest)


def _step(page: InboxPage) -> int:
    """So far that one row that tells its id is in the next page as well."""
    without_id = page.length - len(page.rows) if _can_be_met(page) else 0
    return page.length - 1 - without_id


def _can_be_met(page: InboxPage) -> bool:
    """Whether enough rows tell their ids; else the walk could not get on by meeting one again."""
    return 2 * len(page.rows) > page.length


def _leads_on(place: Place, page: InboxPage) -> bool:
    """Whether the page goes on from the one before: most of its rows are others, or some are older."""
    if not place.boundary:
        return True
    new = [row for row in page.rows if row.email_lead_map_id not in place.boundary]
    is_older = place.oldest is not None and any(
        row.last_reply_at is not None and row.last_reply_at <= place.oldest for row in new
    )
    return _meets(place, page) and (is_older or 2 * len(new) > len(page.rows))


def _level(page: InboxPage) -> float | None:
    """A time of the head's rows: their middle, for the first may be a reply that claims to be of next year."""
    times = sorted(_times(page))
    return times[len(times) // 2] if times else None


def _ids(page: InboxPage) -> tuple[int, ...]:
    return tuple(row.email_lead_map_id for row in page.rows)


def _times(page: InboxPage) -> list[float]:
    return [row.last_reply_at for row in page.rows if row.last_reply_at is not None]
