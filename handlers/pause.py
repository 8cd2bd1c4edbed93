"""How long SmartLead asks us to wait. A date is read against the answer's own date, so no clock of ours matters."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST = 1.0
LONGEST = 3600.0
MILLISECONDS = 1e11  # a time since 1970 above this is not in seconds
NUMBER = re.compile(r"\d{1,15}(\.\d{1,9})?", re.ASCII)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause that `retry-after` asks for, in seconds from 1 to 3600, or None. Names are in lower case."""
    asked = headers.get("retry-after", "")
    seconds = _number(asked)
    return _within(seconds if seconds is not None else _until(_date(asked), headers))


def rate_pause(headers: Mapping[str, str], value: Any) -> float | None:
    """The pause after a 429: from the header, else from the body's JSON `value`, else from the rate headers."""
    error = value.get("error") if isinstance(value, dict) else None
    in_body = error.get("retry_after") if isinstance(error, dict) else None
    return retry_after(headers) or _within(_number(in_body)) or until_reset(headers)


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until `x-ratelimit-reset`, which tells that, or a time since 1970 in seconds or milliseconds."""
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is not None and reset > LONGEST:
        reset = _until(reset / 1000 if reset > MILLISECONDS else reset, headers)
    return reset if reset is not None and 0 < reset <= LONGEST else None


def _until(moment: float | None, headers: Mapping[str, str]) -> float | None:
    now = _date(headers.get("date", ""))
    return None if moment is None or now is None else moment - now


def _within(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, SHORTEST), LONGEST)


def _number(value: Any) -> float | None:
    return float(str(value).strip()) if NUMBER.fullmatch(str(value).strip()) else None


def _date(text: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
