"""The real SmartLead: what it is asked. How an answer is judged stands in `answer`, how it is read in `lookup`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.answer import classify, judge_reading
from handlers.exchange import DEADLINE, TIMEOUTS, Exchange, Unanswered
from handlers.lookup import category_names, conversation_in_inbox, conversation_of_lead, inbox_search
from handlers.reading import Reading, read_rate
from model import CategoryNames, Delivery, Found, GiveUp, Lookup, Mark, NotFound, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "/master-inbox/change-read-status"
LEADS = "/leads/"
INBOX = "/master-inbox/inbox-replies"
CATEGORIES = "/leads/fetch-categories"
LONG_PAUSE = 3600.0  # seconds; what was refused for good is asked again all the same, but not soon


class SmartLead:
    """The handler of one account; its arguments are those of `Exchange`. May be shared between threads."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        user_agent: str = "Replymark",
        timeouts: tuple[float, float] = TIMEOUTS,
        deadline: float = DEADLINE,
    ) -> None:
        self._exchange = Exchange(base_url, api_key, user_agent=user_agent, timeouts=timeouts, deadline=deadline)

    def __repr__(self) -> str:
        return f"SmartLead({self._exchange.url!r})"

    def mark(self, delivery: Delivery) -> Outcome:
        """Set the conversation's read status. One request, no repeat; trouble is an outcome, never an exception."""
        body = {"email_lead_map_id": delivery.email_lead_map_id, "read_status": delivery.mark is Mark.READ}
        answer = self._exchange.ask("PATCH", MARK, body=body)
        if isinstance(answer, Unanswered):
            return Retry(answer.reason, landing=answer.landing)
        return classify(answer.status, answer.headers, answer.body)

    def find(self, lookup: Lookup) -> Found | NotFound | Retry:
        """Ask for a conversation's id, in the one way that `lookup.by` names. At most one request, no exception."""
        if lookup.by == "lead":
            return self._find_by_lead(lookup)
        search = inbox_search(lookup)
        return search if isinstance(search, NotFound) else self._find_in_inbox(lookup, search)

    def categories(self) -> CategoryNames | Retry:
        """Ask for the names of the account's categories. One request, no exception."""
        answer = self._read("GET", CATEGORIES)
        if isinstance(answer, GiveUp):
            return Retry(answer.reason, LONG_PAUSE, landing="no")
        return answer if isinstance(answer, Retry) else category_names(answer)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reading:
        """Read whatever stands at `path`, which follows /api/v1. One request; trouble is told by the reading."""
        answer = self._exchange.ask("GET", path, query=params)
        if isinstance(answer, Unanswered):
            return Reading(None, {}, None, answer.reason, answer.seconds)
        value = judge_reading(answer.status, answer.headers, answer.body)
        rate = read_rate(answer.headers)
        if isinstance(value, (Retry, GiveUp)):
            return Reading(answer.status, answer.headers, None, value.reason, answer.seconds, rate)
        return Reading(answer.status, answer.headers, value, None, answer.seconds, rate)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._exchange.close()

    def _find_by_lead(self, lookup: Lookup) -> Found | NotFound | Retry:
        answer = self._read("GET", LEADS, query={"email": lookup.lead})
        if isinstance(answer, GiveUp):
            return NotFound(answer.reason)
        return answer if isinstance(answer, Retry) else conversation_of_lead(answer, lookup)

    def _find_in_inbox(self, lookup: Lookup, search: dict[str, Any]) -> Found | NotFound | Retry:
        answer = self._read("POST", INBOX, query={"fetch_message_history": "false"}, body=search)
        if isinstance(answer, GiveUp):
            return NotFound(answer.reason)
        return answer if isinstance(answer, Retry) else conversation_in_inbox(answer, lookup)

    def _read(self, method: str, path: str, **sent: Any) -> Any:
        """The JSON of the answer; or Retry, or GiveUp."""
        answer = self._exchange.ask(method, path, **sent)
        if isinstance(answer, Unanswered):
            return Retry(answer.reason, landing=answer.landing)
        return judge_reading(answer.status, answer.headers, answer.body)
