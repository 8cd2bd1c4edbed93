"""The two halves of an exchange: what a client asked, and what it is answered."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it arrived. `body` is its JSON value; `problem` says why there is none."""

    method: str
    path: str  # without the query
    query: Mapping[str, str]
    user_agent: str
    body: Any = None
    problem: str | None = None

    @property
    def api_key(self) -> str:
        """The key from the query, or from a JSON body, which SmartLead's guide on authentication allows too."""
        in_body = self.body.get("api_key") if isinstance(self.body, dict) else None
        return self.query.get("api_key") or str(in_body or "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, the bytes of the body, and headers beyond the content's length."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def plus(self, headers: Mapping[str, str]) -> Answer:
        """The same answer with more headers; its own win."""
        return replace(self, headers={**headers, **self.headers})


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer that holds `value` as JSON."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": JSON, **(headers or {})})


def html_answer(status: int, page: str) -> Answer:
    """An answer that holds a web page."""
    return Answer(status, page.encode(), {"Content-Type": HTML})
