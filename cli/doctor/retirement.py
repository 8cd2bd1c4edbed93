"""Who still calls what SmartLead has given up, as far as that can be seen from here. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cli.doctor.finding import Finding, listed, problem, unknown, warning

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from handlers.reading import Reading

ABOUT = "retired"
# Since August 14, 2025 by SmartLead's reference; and its addresses before there were versions.
GIVEN_UP = re.compile(
    r"https?://[^\s/]+[^\s?#]*(/master-inbox/mark-unread)\b|https?://[^\s/]*smartlead\.ai(/api/(?!v\d)\w+)"
)
LEGACY_BASE = re.compile(r"https?://[^/]+/api")
NUMBER = re.compile(r"/\d+")
INSTEAD = "Have it call PATCH /api/v1/master-inbox/change-read-status, with read_status false for unread."


def is_retired(reading: Reading) -> bool:
    """Whether an answer says that its address ends, or has ended (RFC 9745, RFC 8594)."""
    return reading.status == 410 or not reading.headers.keys().isdisjoint({"deprecation", "sunset"})


def examine_base_url(base_url: str) -> list[Finding]:
    """Whether SMARTLEAD_BASE_URL is the address of today."""
    if not LEGACY_BASE.fullmatch(base_url):
        return []
    found = "SMARTLEAD_BASE_URL ends in /api, as SmartLead's addresses did that it has given up."
    return [problem(ABOUT, found, f"Set it to {base_url.removesuffix('/api')}: /api/v1 is added to it.")]


def examine_retired(ours: Sequence[str], named: Iterable[tuple[str, str]]) -> list[Finding]:
    """What calls an address that SmartLead has given up.

    `ours`: paths of this program's own calls of which SmartLead says so. `named`: who names an address (the beginning
    of a sentence), and the address.
    """
    callers: dict[str, list[str]] = {}
    for who, address in named:
        if match := GIVEN_UP.search(address):
            callers.setdefault(match[1] or match[2], []).append(who)
    findings = [
        warning(ABOUT, f"SmartLead has given up {path}, and it is still named by {listed(whose)}.", INSTEAD)
        for path, whose in callers.items()
    ]
    if paths := list(dict.fromkeys(NUMBER.sub("/…", path) for path in ours)):
        found = f"SmartLead says that it gives up what this program calls: {listed(paths)}."
        findings.append(warning(ABOUT, found, "Look for a newer version of Replymark."))
    return findings or [_not_to_be_seen()]


def _not_to_be_seen() -> Finding:
    found = "Whether Zaps and scripts of yours still call what SmartLead has given up can not be told from here."
    return unknown(ABOUT, found, "Search them for master-inbox/mark-unread, and for smartlead.ai/api/ without v1.")


def addresses_in(body: str | None) -> Iterator[str]:
    """The links among the fields of a stored event; those in a person's own words do not count."""
    try:
        event = json.loads(body or "")
    except (ValueError, RecursionError):
        return
    for value in event.values() if isinstance(event, dict) else ():
        if isinstance(value, str) and re.fullmatch(r"https?://\S+", value):
            yield value
