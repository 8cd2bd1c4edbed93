"""The category that an event tells: by name, by the account's own number, or taken away. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from webhooks.paths import first, values
from webhooks.readers import identifier, line, text

Category = tuple[str | None, int | None]  # name and number

NONE_TOLD: Final[Category] = (None, None)
_NUMERIC: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


def category_of(fields: Mapping[str, Any], row: str = "category") -> Category:
    """Name and number of the category, from the first path of this row of the table that tells either."""
    return next((told for value in values(fields, row) if (told := _read(value)) != NONE_TOLD), NONE_TOLD)


def new_category(fields: Mapping[str, Any]) -> Category | None:
    """The category that a conversation got; (None, None) if it has none any more, None if the event does not tell."""
    if _is_taken_away(fields):
        return NONE_TOLD
    told = category_of(fields, "new_category")
    return None if told == NONE_TOLD else told


def _read(value: Any) -> Category:
    if isinstance(value, Mapping):
        return first(value, "category_name", line), first(value, "category_number", identifier)
    return _name(value), identifier(value)


def _name(value: Any) -> str | None:
    told = line(value)
    return told if told and not _NUMERIC.fullmatch(told) else None


def _is_taken_away(fields: Mapping[str, Any]) -> bool:
    """Whether the event tells the old category, and beside it a new one that is nothing."""
    change = fields.get("leadcategory")
    new_is_nothing = isinstance(change, Mapping) and {"newid", "newname"} & change.keys() and _read(change) == NONE_TOLD
    return bool(new_is_nothing) and first(fields, "old_category", text) is not None
