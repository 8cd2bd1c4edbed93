"""Points in time as people type them."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click import Context, Parameter

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Moment(click.ParamType[float]):
    """2026-11-20, 2026-11-20T09:30Z (UTC without a zone), or so long ago: 90m, 6h, 2d. Seconds since 1970 (UTC)."""

    name = "time"

    def convert(self, value: Any, param: Parameter | None, ctx: Context | None) -> float:
        """Seconds since 1970; a usage error if it can not be read."""
        if isinstance(value, float):
            return value
        if ago := _AGO.fullmatch(value.strip().lower()):
            return time.time() - int(ago[1]) * _SECONDS[ago[2]]
        try:
            told = datetime.fromisoformat(value.strip())
        except ValueError:
            how = "say 2026-11-20, 2026-11-20T09:30Z, or how long ago: 90m, 6h, 2d."
            self.fail(f'"{value}" is no time: {how}', param, ctx)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
