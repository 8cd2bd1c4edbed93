"""The category that an event tells: by name, by the account's own number, or taken away. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from webhooks.paths import first
from webhooks.readers import identifier, line, text

if TYPE_CHECKING:
    from collections.abc import Mapping

Category = tuple[str | None, int | None]  # name and number

NONE_TOLD: Final[Category] = (None, None)
_NUMERIC: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def category_of(fields: Mapping[str, Any], row: str = "category") -> Category:
    """Name and number of the category, from the first path of this row of the table that tells either."""
    return first(fields, row, _read) or NONE_TOLD


def new_category(fields: Mapping[str, Any]) -> Category | None:
    """The category that a conversation got; (None, None) if it has none any more, None if the event does not tell."""
    if _is_taken_away(fields):
        return NONE_TOLD
    told = category_of(fields, "new_category")
    return None if told == NONE_TOLD else told


def _read(value: Any) -> Category | None:
    if isinstance(value, dict):
        told = first(value, "category_name", line), first(value, "category_number", identifier)
    else:
        told = _name(value), identifier(value)
    return None if told == NONE_TOLD else told


def _name(value: Any) -> str | None:
    told = line(value)
    return told if told and not _NUMERIC.fullmatch(told) else None


def _is_taken_away(fields: Mapping[str, Any]) -> bool:
    """Whether the event tells the old category, and beside it a new one that is nothing."""
    change = fields.get("leadcategory")
    new_is_nothing = isinstance(change, dict) and {"newid", "newname"} & change.keys() and _read(change) is None
    return bool(new_is_nothing) and first(fields, "old_category", text) is not None
