"""What a look at SmartLead showed, for those who explain it to people."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNT = re.compile(r"\d{1,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """How much the key may still ask, as the answer's headers tell it; None for what they do not tell."""

    limit: int | None
    remaining: int | None
    reset: str | None  # seconds from now, or a time since 1970: SmartLead's pages do not agree


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer to a GET. `trouble` is a sentence when it is of no use, and then there is no `value`."""

    status: int | None  # None: there was no answer
    headers: Mapping[str, str]  # names in lower case
    value: Any  # the answer's JSON
    trouble: str | None
    seconds: float
    rate: Rate | None = None


def read_rate(headers: Mapping[str, str]) -> Rate | None:
    """What `x-ratelimit-*` tell; None without any of them. Names are in lower case."""
    limit, remaining, reset = (headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset"))
    if limit is None and remaining is None and reset is None:
        return None
    return Rate(_count(limit), _count(remaining), reset)


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and COUNT.fullmatch(text.strip()) else None
