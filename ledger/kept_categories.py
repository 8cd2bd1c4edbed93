"""The categories that conversations got: they count for a reply that comes later and tells none.

Each is kept with what it was told with: the conversation's id, or else the lead and the campaign. Where both sides tell
an id, only the same id is the same conversation.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ledger import bundles, dialect
from ledger.conversations import key_of
from ledger.schema import conversations, kept_categories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.arrivals import Arrival, Kept
    from model import CategoryChange

Question = tuple[str, int | None, str | None, str | None]  # account, conversation's id, lead, campaign's id
_Name = tuple[str, str, str]  # account, lead, campaign's id: empty where untold

k = kept_categories.c
CONVERSATION = ("account", "email_lead_map_id", "lead", "campaign_id")


class _Place(NamedTuple):
    """What a category was told with, as it is kept."""

    account: str
    email_lead_map_id: int  # 0: untold
    lead: str
    campaign_id: str


def keep(connection: sa.Connection, changes: Sequence[CategoryChange]) -> list[bool]:
    """Keep these: for each whether it is the newest of its conversation; False too if it names none."""
    outdated = [_is_newer(kept, change) for kept, change in zip(_kept_for(connection, changes), changes, strict=True)]
    last: dict[_Place, CategoryChange] = {}
    for change, is_outdated in zip(changes, outdated, strict=True):
        place = _place(change)
        if place is not None and not is_outdated and not _is_newer(_told(last.get(place)), change):
            last[place] = change
    if last:
        connection.execute(_keeping(connection), [_values(place, last[place]) for place in sorted(last)])
    return [_place(change) is not None and not old for change, old in zip(changes, outdated, strict=True)]


def _kept_for(connection: sa.Connection, changes: Sequence[CategoryChange]) -> list[Kept | None]:
    return find(connection, [(one.account, one.email_lead_map_id, one.lead, one.campaign_id) for one in changes])


def _told(change: CategoryChange | None) -> Kept | None:
    return (change.category, change.category_id, change.changed_at) if change else None


def _is_newer(kept: Kept | None, change: CategoryChange) -> bool:
    return bool(kept and kept[2] is not None and change.changed_at is not None and kept[2] > change.changed_at)


def _place(change: CategoryChange) -> _Place | None:
    key = key_of(change.account, change.lead, change.campaign_id, None)
    if key is None and not change.email_lead_map_id:
        return None
    lead, campaign_id = (key.lead, key.campaign_id) if key else ("", "")
    return _Place(change.account, change.email_lead_map_id or 0, lead, campaign_id)


def _values(place: _Place, change: CategoryChange) -> dict[str, object]:
    told = {"category": change.category, "category_id": change.category_id, "category_at": change.changed_at}
    return place._asdict() | told


@dialect.built_once
def _keeping(insert: dialect.MakeInsert) -> sa.Executable:
    statement = insert(kept_categories)
    told = statement.excluded
    newer = {name: told[name] for name in ("category", "category_id", "category_at")}
    is_newer = sa.func.coalesce(k.category_at <= told.category_at, sa.true())
    return statement.on_conflict_do_update(index_elements=CONVERSATION, set_=newer, where=is_newer)


def of_arrivals(connection: sa.Connection, arrivals: Sequence[Arrival]) -> list[Kept | None]:
    """The categories that are kept for those of these arrivals which ask for one."""
    asking = [index for index, one in enumerate(arrivals) if one.kept_since < inf]
    found = find(connection, [_question(arrivals[index]) for index in asking])
    kept = dict(zip(asking, found, strict=True))
    return [kept.get(index) for index in range(len(arrivals))]


def _question(arrival: Arrival) -> Question:
    return arrival.account, arrival.email_lead_map_id, arrival.lead, arrival.campaign_id


def find(connection: sa.Connection, questions: Sequence[Question]) -> list[Kept | None]:
    """The newest category of each of these conversations, also one that was taken away; None where none is kept."""
    names = [_name(one) for one in questions]
    if not any(names) and not any(one[1] for one in questions):
        return [None] * len(questions)
    told = {(one[0], one[1] or None, name[1] if name else None) for one, name in zip(questions, names, strict=True)}
    known = _Known(_IDS.execute(connection, list(told)))
    told |= {(name[0], map_id, name[1]) for name, map_id in known.ids.items()}
    kept = _Kept(_KEPT.execute(connection, list(told)))
    return [
        kept.newest(one[0], one[1] or (known.ids.get(name) if name else None), name, known)
        for one, name in zip(questions, names, strict=True)
    ]


def _name(question: Question) -> _Name | None:
    account, _map_id, lead, campaign_id = question
    key = key_of(account, lead, campaign_id, None)
    return (key.account, key.lead, key.campaign_id) if key else None


class _Known:
    """Which id has which name, as far as the ledger knows."""

    def __init__(self, rows: Iterable[sa.Row[Any]]) -> None:
        self.ids: dict[_Name, int] = {}
        self.names: dict[tuple[str, int], set[_Name]] = {}
        for row in rows:
            name = (row.account, row.lead, row.campaign_id)
            self.ids[name] = row.email_lead_map_id
            self.names.setdefault((row.account, row.email_lead_map_id), set()).add(name)


class _Kept:
    """Kept categories, by id and by name."""

    def __init__(self, rows: Iterable[sa.Row[Any]]) -> None:
        self._by_id: dict[tuple[str, int], list[sa.Row[Any]]] = {}
        self._by_name: dict[_Name, list[sa.Row[Any]]] = {}
        for row in rows:
            self._by_id.setdefault((row.account, row.email_lead_map_id), []).append(row)
            self._by_name.setdefault((row.account, row.lead, row.campaign_id), []).append(row)

    def newest(self, account: str, map_id: int | None, name: _Name | None, known: _Known) -> Kept | None:
        """The newest of this conversation; None where it could be one of several."""
        names = {name} if name else set()
        if map_id:
            names |= known.names.get((account, map_id), set())
        found = [row for one in names for row in self._by_name.get(one, [])]
        if map_id:
            found = [row for row in found if row.email_lead_map_id in {0, map_id}]
            found += self._by_id.get((account, map_id), [])
        elif len({row.email_lead_map_id for row in found} - {0}) > 1:
            return None
        last = max(found, key=_newness, default=None)
        return (last.category, last.category_id, last.category_at) if last else None


def _newness(row: sa.Row[Any]) -> tuple[float, str, int]:
    """Of two that were given at the same time always the same one, and rather a name than a number."""
    return row.category_at or 0.0, row.category or "", row.category_id or 0


_TOLD = [conversations.c[name] for name in ("account", "email_lead_map_id", "lead")]


def _either(table: sa.Table, *names: str) -> bundles.Rows:
    """Two queries: for an `or` between the two SQLite would read all that the account ever got."""
    columns = [table.c[name] for name in names]

    def find(insert: dialect.MakeInsert, told: sa.TableClause) -> sa.CompoundSelect[Any]:
        of_account = table.c.account == told.c.account
        by_id = of_account & (table.c.email_lead_map_id == told.c.email_lead_map_id)
        # Hidden in a function the id tempts no database to take its index, and to read all that the account has.
        has_id = sa.func.coalesce(table.c.email_lead_map_id, -1) >= 0
        by_lead = of_account & (table.c.lead == told.c.lead) & has_id
        return sa.union_all(*(bundles.found(columns, told, alike, insert) for alike in (by_id, by_lead)))

    return bundles.Rows(_TOLD, find)


_IDS = _either(conversations, "account", "lead", "campaign_id", "email_lead_map_id")
_KEPT = _either(kept_categories, *CONVERSATION, "category", "category_id", "category_at")
