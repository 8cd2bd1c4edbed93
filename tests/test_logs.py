"""Log lines never show a secret, whatever was logged."""

from __future__ import annotations

import logging
import sys

import pytest
from secrets_of_tests import API_KEY, TOKEN

from logs import RedactingFormatter


def line(message: str, *values: object) -> str:
    record = logging.LogRecord("name", logging.INFO, __file__, 1, message, values, None)
    return RedactingFormatter([API_KEY, TOKEN]).format(record)


@pytest.mark.parametrize(
    ("message", "values"),
    [
        ("key %s", (API_KEY,)),
        ("PATCH /x?api_key=%s&y=1", (API_KEY,)),
        ("GET /webhooks/smartlead?token=an-unknown-token", ()),
        ('{"secret_key=unknown-secret"}', ()),
    ],
)
def test_a_secret_in_a_message_is_hidden(message: str, values: tuple[object, ...]) -> None:
    shown = line(message, *values)
    assert "[redacted]" in shown
    for secret in (API_KEY, "an-unknown-token", "unknown-secret"):
        assert secret not in shown


def test_a_secret_in_an_exception_is_hidden() -> None:
    try:
        int(f"?api_key={API_KEY}")
    except ValueError:
        record = logging.LogRecord("name", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    shown = RedactingFormatter([API_KEY]).format(record)
    assert "ValueError" in shown
    assert API_KEY not in shown


def test_nobody_can_forge_a_line() -> None:
    shown = line("GET %s", "/\n2026-11-22T00:00:00Z INFO forged\x1b[2J")
    assert "\n" not in shown
    assert "\x1b" not in shown


def test_a_line_has_a_time_in_utc_and_says_who_speaks() -> None:
    assert line("delivered conversation=%d", 7).endswith("Z INFO name delivered conversation=7")
