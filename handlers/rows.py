"""What rows of SmartLead's answers tell, whatever the generation of the answer. Pure, and never raises.

A table of paths says where the generations keep a thing. Ids come as numbers or as text, times in every form.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from model import MAX_MAP_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LISTS = ("data", "messages", "leads", "categories")
NUMBER = re.compile(r"[1-9]\d{0,18}", re.ASCII)
SECONDS = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)
DATE = len("2026-01-31")  # alone it does not say which of two replies came first
MILLISECONDS = 1e11  # a time since 1970 above this is not in seconds
YEAR_2000, YEAR_10000 = 946684800.0, 253402300800.0
FLAGS = {"true": True, "1": True, "false": False, "0": False}

Row = dict[str, Any]
Paths = tuple[tuple[str, ...], ...]

# A lead's own id (`id`, `lead_id`) is never among them.
MAP_ID: Paths = (("email_lead_map_id",), ("campaign_lead_map_id",))
EMAIL: Paths = (("lead_email",), ("email",), ("lead", "email"))
CAMPAIGN_ID: Paths = (("email_campaign_id",), ("campaign_id",), ("campaign", "id"))
CAMPAIGN_NAME: Paths = (("email_campaign_name",), ("campaign_name",), ("campaign", "name"))


def list_in(value: Any, names: Sequence[str] = LISTS) -> list[Any] | None:
    """The list, however it is wrapped under these names; None if there is none."""
    inner = _unwrapped(value, names)
    return inner if isinstance(inner, list) else None


def rows_in(value: Any) -> list[Row]:
    """The objects of a list, however it is wrapped; an object that holds no list is the only row."""
    inner = _unwrapped(value, LISTS)
    if isinstance(inner, dict):
        return [inner] if inner else []
    return [row for row in inner if isinstance(row, dict)] if isinstance(inner, list) else []


def _unwrapped(value: Any, names: Sequence[str]) -> Any:
    while isinstance(value, dict):
        inner = next((value[name] for name in names if isinstance(value.get(name), (list, dict))), None)
        if inner is None:
            return value
        value = inner
    return value


def all_told(row: Row, paths: Iterable[tuple[str, ...]]) -> list[Any]:
    """Every text or whole number that the row tells at one of the paths."""
    found = (at(row, path) for path in paths)
    return [value for value in found if isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""]


def at(row: Row, path: tuple[str, ...]) -> Any:
    """What stands at the path; None where it leads nowhere."""
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def number(value: Any) -> int | None:
    """A positive number, of JSON or in digits."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or not NUMBER.fullmatch(str(value).strip()):
        return None
    return found if (found := int(value)) <= MAX_MAP_ID else None


def number_at(row: Row, paths: Paths) -> int | None:
    """The number that all paths agree about, as far as they tell something."""
    found = {number(told) for told in all_told(row, paths)}
    return found.pop() if len(found) == 1 else None


def text_at(row: Row, paths: Paths) -> str | None:
    """The text that all paths agree about, in one line, without what no database takes."""
    lines = {" ".join(_storable(str(told)).split()) for told in all_told(row, paths)} - {""}
    return lines.pop() if len(lines) == 1 else None


def _storable(text: str) -> str:
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def moment_at(row: Row, paths: Paths) -> float | None:
    """The first time that is told, in seconds since 1970 (UTC)."""
    return next((found for path in paths if (found := moment(at(row, path))) is not None), None)


def moment(value: Any) -> float | None:
    """Seconds since 1970 (UTC) of an ISO 8601 time, UTC if it names no zone, or of seconds or milliseconds."""
    told = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    seconds = _epoch(float(told)) if SECONDS.fullmatch(told) else _iso(told)
    return seconds if YEAR_2000 <= seconds < YEAR_10000 else None


def _epoch(told: float) -> float:
    return told / 1000 if told >= MILLISECONDS else told


def _iso(told: str) -> float:
    try:
        read = datetime.fromisoformat(told) if len(told) > DATE else None
    except ValueError:
        return 0.0
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp() if read else 0.0


def flag(value: Any) -> bool | None:
    """Yes or no, of JSON, in words or in digits."""
    return FLAGS.get(str(value).strip().lower()) if isinstance(value, (bool, str, int)) else None
