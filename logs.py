"""Log lines: one event each, ids and rule names but never a reply's text, and no secret whatever was logged."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"
TIME = "%Y-%m-%dT%H:%M:%SZ"
HIDDEN = "[redacted]"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
IN_URLS = re.compile(r"(?i)\b(api_key|token|secret_key)=[^&\s\"']+")


class RedactingFormatter(logging.Formatter):
    """Takes known secrets, and what looks like one in a URL, out of the finished line, tracebacks included."""

    def __init__(self, secrets: Collection[str], line: str = LINE, date: str | None = TIME) -> None:
        super().__init__(line, date)
        self.converter = time.gmtime
        longest_first = sorted(map(re.escape, secrets), key=len, reverse=True)
        self._known = re.compile("|".join(longest_first)) if longest_first else None

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line without its traceback; what a stranger sent can not begin a line of its own."""
        return CONTROL.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be seen."""
        line = IN_URLS.sub(rf"\1={HIDDEN}", super().format(record))
        return self._known.sub(HIDDEN, line) if self._known else line


def configure(level: str, secrets: Collection[str]) -> None:
    """Send every log line to standard error, redacted; also those of gunicorn, which keeps handlers of its own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for name in ("gunicorn.error", "gunicorn.access"):
        for theirs in logging.getLogger(name).handlers:
            theirs.setFormatter(RedactingFormatter(secrets))
