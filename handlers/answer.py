"""What SmartLead's answer means: done, not now, or never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from handlers.body import UNREADABLE, is_web_page, quote, read_json, read_text
from handlers.pause import rate_pause, retry_after
from model import Done, GiveUp, Outcome, Retry

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_PAUSE = 60.0
BLOCK_PAUSE = 300.0
TRANSIENT = (408, 425)
# Told by what stands before SmartLead: 502 to 504, and Cloudflare's 520 to 530. A 500 may be about one conversation.
OUTAGE = {502, 503, 504, *range(520, 531)}
# Some of SmartLead's write routes answer "success"; Express answers "OK" where a route only sets a status.
PLAIN_SUCCESS = ("", "success", "ok")
CLOUDFLARE_CODE = "error code:"
CHECK_KEY = "check the account's SMARTLEAD_API_KEY"
CHECK_URL = "check SMARTLEAD_BASE_URL"


def classify(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Judge the answer to one PATCH, by nothing but the answer. Never raises, whatever it holds.

    Pauses are seconds from 1 to 3600. A reason is one line, with at most 200 characters of SmartLead's own message
    and neither keys nor addresses. Header names may have any case.
    """
    if 200 <= status < 300:
        return _judge_success(status, body)
    if status == 404:
        return _judge_not_found("this conversation", body, gone=True)
    return _judge_trouble(status, headers, body)


def judge_reading(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """The JSON of an answer to a question; Retry or GiveUp, worded as those of `classify`, if it is none.

    A key that may not ask this question may still set marks: that holds nobody up.
    """
    if 200 <= status < 300:
        return _read_success(status, body)
    if status == 404:
        return _judge_not_found("what was asked for", body)
    trouble = _judge_trouble(status, headers, body)
    if status == 403 and not _is_blocked(body):
        return GiveUp(trouble.reason)
    return trouble


def _judge_trouble(status: int, headers: Mapping[str, str], body: bytes) -> Retry | GiveUp:
    headers = {name.lower(): value for name, value in headers.items()}
    if 300 <= status < 400:
        return Retry(f"SmartLead answered with a redirect, which is never followed: {CHECK_URL}")
    if status == 401:
        return _account_wide(_told("SmartLead refuses the API key", body, CHECK_KEY), KEY_PAUSE, "key")
    if status == 403:
        return _judge_forbidden(body)
    if status == 429:
        pause = rate_pause(headers, read_json(body))
        return _account_wide(_told("SmartLead's rate limit is reached", body), pause, "limit")
    if 400 <= status < 500 and status not in TRANSIENT:
        return GiveUp(_told(f"SmartLead refuses the request (status {status})", body))
    cause: Literal["outage"] | None = "outage" if status in OUTAGE else None
    return Retry(_told(f"SmartLead is in trouble (status {status})", body), retry_after(headers), cause=cause)


def _account_wide(reason: str, pause: float | None, cause: Literal["limit", "key"]) -> Retry:
    return Retry(reason, pause, whole_account=True, cause=cause)


def _judge_success(status: int, body: bytes) -> Outcome:
    if status == 204 or read_text(body).lower() in PLAIN_SUCCESS:
        return Done()
    report = _read_answer(status, body)
    if isinstance(report, Retry):
        return report
    return _judge_report(report, body) if isinstance(report, dict) else Done()


def _read_success(status: int, body: bytes) -> Any:
    report = _read_answer(status, body)
    if isinstance(report, dict) and _denies(report):
        return Retry(_told("SmartLead reports a failure", body))
    return report


def _read_answer(status: int, body: bytes) -> Any:
    """Its JSON, or Retry."""
    if is_web_page(body):
        return Retry(f"SmartLead sent a web page instead of an answer (status {status})")
    report = read_json(body)
    return Retry(f"SmartLead's answer cannot be read (status {status})") if report is UNREADABLE else report


def _judge_report(report: dict[str, Any], body: bytes) -> Outcome:
    """Judge by the flags, never by the text: SmartLead's reference shows "marked as unread" for either mark."""
    inner = report.get("data")
    data = inner if isinstance(inner, dict) else {}
    failure = Retry(_told("SmartLead reports a failure", body))
    if _denies(report):
        return failure
    if _is_zero(report.get("updated")) or _is_zero(data.get("updated")):
        return GiveUp("SmartLead changed nothing (updated: 0): it may not know this conversation", gone=True)
    return failure if _denies(data) else Done()


def _denies(report: dict[str, Any]) -> bool:
    """Whether a flag says no, or an error stands alone."""
    flags = [report[name] for name in ("success", "ok") if name in report]
    return False in flags or (not flags and bool(report.get("error")))


def _is_zero(updated: Any) -> bool:
    return updated in (0, "0")


def _judge_forbidden(body: bytes) -> Retry:
    if _is_blocked(body):
        reason = "The request was blocked by Cloudflare, which stands before SmartLead (status 403)"
        return _account_wide(reason, BLOCK_PAUSE, "key")
    reason = _told("SmartLead says that the key may not do this", body, CHECK_KEY)
    return _account_wide(reason, KEY_PAUSE, "key")


def _is_blocked(body: bytes) -> bool:
    return is_web_page(body) or read_text(body).startswith(CLOUDFLARE_CODE)


def _judge_not_found(what: str, body: bytes, *, gone: bool = False) -> GiveUp:
    if isinstance(read_json(body), dict):
        return GiveUp(_told(f"SmartLead does not know {what}", body), gone)
    return GiveUp(f"SmartLead has no such address (status 404): {CHECK_URL}")


def _told(sentence: str, body: bytes, advice: str = "") -> str:
    words = quote(body)
    if advice:
        return f"{sentence} ({words}): {advice}" if words else f"{sentence}: {advice}"
    return f"{sentence}: {words}" if words else sentence
