"""The real SmartLead: what it is asked. How an answer is judged stands in `answer`, how it is read beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from handlers.answer import classify, judge_reading
from handlers.exchange import DEADLINE, TIMEOUTS, Answered, Exchange, NotSent, Unanswered
from handlers.inbox import history, inbox_page, list_request
from handlers.lookup import category_names, conversation_in_inbox, conversation_of_lead, inbox_search
from handlers.pause import until_reset
from handlers.reading import Reading, read_rate
from handlers.rows import number
from model import (
    CategoryNames,
    Delivery,
    Found,
    GiveUp,
    Heard,
    Lookup,
    Mark,
    NotFound,
    Outcome,
    Retry,
    Told,
    Unsent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from model import History, InboxList, InboxPage

MARK = "/master-inbox/change-read-status"
LEADS = "/leads/"
INBOX = "/master-inbox/"
HISTORY = "/campaigns/{}/leads/{}/message-history"
CATEGORIES = "/leads/fetch-categories"
WITHOUT_MAILS = {"fetch_message_history": "false"}
LONG_PAUSE = 3600.0  # seconds; what was refused for good is asked again all the same, but not soon

Judged = TypeVar("Judged", bound=Heard)
Refused = TypeVar("Refused", bound=Heard)


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

    def mark(self, delivery: Delivery, send_before: float | None = None) -> Outcome | Unsent:
        """Set the conversation's read status. One request, no repeat; trouble is an outcome, never an exception."""
        body = {"email_lead_map_id": delivery.email_lead_map_id, "read_status": delivery.mark is Mark.READ}
        answer = self._exchange.ask("PATCH", MARK, body=body, send_before=send_before)
        if isinstance(answer, Answered):
            return replace(classify(answer.status, answer.headers, answer.body), told=_told(answer))
        return _not_answered(answer)

    def find(self, lookup: Lookup, send_before: float | None = None) -> Found | NotFound | Retry | Unsent:
        """Ask for a conversation's id, in the one way that `lookup.by` names. At most one request, no exception."""
        if lookup.by == "lead":
            asked: dict[str, Any] = {"query": {"email": lookup.lead}, "send_before": send_before}
            return self._find("GET", LEADS, asked, lambda value: conversation_of_lead(value, lookup))
        search = inbox_search(lookup)
        if isinstance(search, NotFound):
            return search
        asked = {"query": WITHOUT_MAILS, "body": search, "send_before": send_before}
        return self._find("POST", f"{INBOX}inbox-replies", asked, lambda value: conversation_in_inbox(value, lookup))

    def categories(self, send_before: float | None = None) -> CategoryNames | Retry | Unsent:
        """Ask for the names of the account's categories. One request, no exception."""
        return self._read("GET", CATEGORIES, {"send_before": send_before}, category_names, _ask_again_later)

    def page(self, shown: InboxList, offset: int, filters: Mapping[str, Any]) -> InboxPage | Retry | GiveUp:
        """Ask for the 20 rows of a list from `offset` on, newest reply first. One request, no exception.

        `filters` are SmartLead's own: `campaignId`, `leadCategories`, `campaignClientId`, `replyTimeBetween` ...
        """
        asked = {"query": WITHOUT_MAILS, "body": list_request(offset, filters)}
        return self._look("POST", f"{INBOX}{shown}", asked, inbox_page)

    def history(self, campaign_id: str, lead_id: str) -> History | Retry | GiveUp:
        """Ask for the mails of one lead in one campaign. At most one request, no exception."""
        campaign, lead = number(campaign_id), number(lead_id)
        if campaign is None or lead is None:
            return GiveUp("A conversation's history is asked for by the numbers of its campaign and lead: one is none")
        return self._look("GET", HISTORY.format(campaign, lead), {}, history)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reading:
        """Read whatever stands at `path`, which follows /api/v1. One request; trouble is told by the reading."""
        answer = self._exchange.ask("GET", path, query=params)
        if isinstance(answer, Unanswered):
            return Reading(None, {}, None, answer.reason, answer.seconds)
        if isinstance(answer, NotSent):
            raise TypeError("a request without a deadline is never too late")
        value = judge_reading(answer.status, answer.headers, answer.body)
        rate = read_rate(answer.headers)
        if isinstance(value, (Retry, GiveUp)):
            return Reading(answer.status, answer.headers, None, value.reason, answer.seconds, rate)
        return Reading(answer.status, answer.headers, value, None, answer.seconds, rate)

    def close(self) -> None:
        """Close the connections of all threads."""
        self._exchange.close()

    def _find(
        self, method: str, path: str, asked: dict[str, Any], judge: Callable[[Any], Found | NotFound]
    ) -> Found | NotFound | Retry | Unsent:
        return self._read(method, path, asked, judge, _not_found)

    def _look(
        self, method: str, path: str, asked: dict[str, Any], judge: Callable[[Any], Judged]
    ) -> Judged | Retry | GiveUp:
        """As `_read`, in no hurry; a refusal is told as it is."""
        answer: Judged | Retry | GiveUp | Unsent = self._read(method, path, asked, judge, lambda refusal: refusal)
        if isinstance(answer, Unsent):
            raise TypeError("a request without a deadline is never too late")
        return answer

    def _read(
        self,
        method: str,
        path: str,
        asked: dict[str, Any],
        judge: Callable[[Any], Judged],
        refused: Callable[[GiveUp], Refused],
    ) -> Judged | Refused | Retry | Unsent:
        """What the answer to a question means, by its JSON; `refused` says what a refusal means."""
        answer = self._exchange.ask(method, path, **asked)
        if not isinstance(answer, Answered):
            return _not_answered(answer)
        value = judge_reading(answer.status, answer.headers, answer.body)
        if isinstance(value, Retry):
            return replace(value, told=_told(answer))
        meaning: Judged | Refused = refused(value) if isinstance(value, GiveUp) else judge(value)
        return replace(meaning, told=_told(answer))


def _not_found(refusal: GiveUp) -> Found | NotFound:
    return NotFound(refusal.reason)


def _ask_again_later(refusal: GiveUp) -> CategoryNames | Retry:
    return Retry(refusal.reason, LONG_PAUSE, landing="no")


def _not_answered(answer: Unanswered | NotSent) -> Retry | Unsent:
    if isinstance(answer, NotSent):
        return Unsent()
    return Retry(answer.reason, landing=answer.landing, cause="outage")


def _told(answer: Answered) -> Told:
    rate = read_rate(answer.headers)
    if rate is None:
        return Told(heard_at=answer.heard_at, round_trip=answer.round_trip)
    reset = until_reset(answer.headers)
    heard = Told(heard_at=answer.heard_at, round_trip=answer.round_trip)
    return replace(heard, limit=rate.limit, remaining=rate.remaining, reset=reset)
