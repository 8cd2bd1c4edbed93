"""What an examination finds: a sentence of what is, and one of the mend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Level(StrEnum):
    """How a finding is meant. `UNKNOWN`: it can not be told from here, and a person has to look."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was examined. Only what is well has no mend; `account` is told of what is of one account."""

    about: str
    level: Level
    found: str
    mend: str | None = None
    account: str | None = None


def ok(about: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(about, Level.OK, found)


def warning(about: str, found: str, mend: str) -> Finding:
    """It works, but a person should look."""
    return Finding(about, Level.WARNING, found, mend)


def problem(about: str, found: str, mend: str) -> Finding:
    """It keeps replies from being marked."""
    return Finding(about, Level.PROBLEM, found, mend)


def unknown(about: str, found: str, mend: str) -> Finding:
    """It can not be told from here."""
    return Finding(about, Level.UNKNOWN, found, mend)


def count(number: int, noun: str, nouns: str | None = None) -> str:
    """A number with its noun: "1 reply", "2 replies"."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def lasting(seconds: float) -> str:
    """A time span in words, in its largest unit."""
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)):
        if seconds >= length:
            return count(int(seconds // length), unit)
    return count(max(0, int(seconds)), "second")


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
