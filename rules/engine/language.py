"""The words of the rule language: fields, tests, groups and keys, each with its one sentence.

The one table that loader, errors and documentation read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from rules.engine.matching.addresses import OURS

if TYPE_CHECKING:
    from collections.abc import Callable

    from rules.engine.facts import Facts


class Nature(Enum):
    """What kind of value a field holds; it decides what `is` compares."""

    TEXT = "text"
    NAME = "name"
    ADDRESS = "address"
    CAMPAIGN = "campaign"
    KIND = "kind"  # a name that is found by signs, and only if a rule asks for it


class Operand(Enum):
    """What may stand after the colon of a test."""

    PHRASES = "phrases"
    VALUES = "values"
    PATTERNS = "patterns"
    YES_OR_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Test:
    """How a value is looked at. A negative test holds where none of its texts does."""

    name: str
    operand: Operand
    about: str
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """What may stand in place of a field's value, where more than the value tells whether it holds."""

    name: str
    holds: Callable[[Facts], bool]


@dataclass(frozen=True, slots=True)
class Field:
    """Something of a reply that a condition can test."""

    name: str
    nature: Nature
    read: Callable[[Facts], str | None]
    tests: tuple[str, ...]
    about: str
    doubt: Callable[[Facts], str | None] = lambda _facts: None  # why nothing can be said, though there is a text
    sign: Callable[[Facts], str | None] = lambda _facts: None  # by what the value was found, where we found it
    choices: tuple[str, ...] = ()  # the only values that there are
    words: tuple[Word, ...] = ()  # for `is` and `is not`, beside the values


_ALL_TESTS = (
    Test("contains", Operand.PHRASES, "one of these phrases is in it"),
    Test("contains all", Operand.PHRASES, "each of these phrases is in it"),
    Test("does not contain", Operand.PHRASES, "none of these phrases is in it", negative=True),
    Test("starts with", Operand.PHRASES, "it begins with one of these phrases"),
    Test("ends with", Operand.PHRASES, "it ends with one of these phrases"),
    Test("is", Operand.VALUES, "all of it is one of these"),
    Test("is not", Operand.VALUES, "it is none of these", negative=True),
    Test("matches", Operand.PATTERNS, "one of these patterns is found in it"),
    Test("does not match", Operand.PATTERNS, "none of these patterns is found in it", negative=True),
    Test("is empty", Operand.YES_OR_NO, "yes: nothing is known of it or nothing stands in it; no: something does"),
)
TESTS = {test.name: test for test in _ALL_TESTS}

_EVERY = tuple(TESTS)
_NOT_WHOLE = tuple(name for name in TESTS if name not in {"is", "is not"})
_WHOLE_ONLY = ("is", "is not", "is empty")

_ALL_FIELDS = (
    Field(
        "reply",
        Nature.TEXT,
        lambda facts: facts.reply,
        _EVERY,
        "only the words that the person just wrote, without quoted history",
        doubt=lambda facts: facts.doubt,
    ),
    Field(
        "whole message",
        Nature.TEXT,
        lambda facts: facts.whole_message,
        _NOT_WHOLE,
        "the mail with everything quoted below it, our own words too",
        doubt=lambda facts: facts.whole_doubt,
    ),
    Field("subject", Nature.TEXT, lambda facts: facts.subject, _EVERY, "the subject line"),
    Field(
        "sender",
        Nature.ADDRESS,
        lambda facts: facts.sender or (facts.mailbox if facts.ours else facts.lead),
        _WHOLE_ONLY,
        "the address that really replied; the lead's, if that is not known; `ours` is anybody of our own team",
        words=(Word(OURS, lambda facts: facts.ours),),
    ),
    Field("sender name", Nature.NAME, lambda facts: facts.sender_name, _EVERY, "the name beside that address"),
    Field("lead", Nature.ADDRESS, lambda facts: facts.lead, _WHOLE_ONLY, "the address that the campaign wrote to"),
    Field("mailbox", Nature.ADDRESS, lambda facts: facts.mailbox, _WHOLE_ONLY, "our own address that was answered"),
    Field(
        "campaign",
        Nature.CAMPAIGN,
        lambda facts: facts.campaign,
        _EVERY,
        "the campaign; `is` takes its name or its number, the other tests read the name",
    ),
    Field("client", Nature.NAME, lambda facts: facts.client, _EVERY, "the client that the campaign is run for"),
    Field("account", Nature.NAME, lambda facts: facts.account, _EVERY, "the SmartLead account, `default` if only one"),
    Field("category", Nature.NAME, lambda facts: facts.category, _EVERY, "SmartLead's category of the lead, by name"),
    Field(
        "sequence step",
        Nature.NAME,
        lambda facts: facts.sequence_step,
        _WHOLE_ONLY,
        "the number of the mail in the sequence that was answered",
    ),
    Field(
        "kind",
        Nature.KIND,
        lambda facts: facts.kind,
        ("is", "is not"),
        "who wrote it: a person, a program that tells of an absence (auto-reply) or of a failed delivery (bounce)",
        sign=lambda facts: facts.kind_sign,
        doubt=lambda facts: facts.doubt if facts.kind is None else None,
        choices=("person", "auto-reply", "bounce"),
    ),
)
FIELDS = {field.name: field for field in _ALL_FIELDS}

GROUPS = {
    "any of": "at least one of these conditions holds",
    "all of": "each of these conditions holds",
    "none of": "not one of these conditions holds",
}
FILE_KEYS = {
    "version": "the version of this language: 1",
    "default": "what happens when no rule decides: read, unread or leave (the same as saying nothing)",
    "lists": "lists of texts under a name, used as $name",
    "rules": "the rules, tried from top to bottom",
}
RULE_KEYS = {
    "name": "what the rule is called wherever it is shown; no two rules share one",
    "when": "the conditions; all of them must hold",
    "mark": "read, unread or leave",
    "examples": "replies that this rule must decide, and replies that it must not",
    "note": "why this rule is here",
    "until": "the last day on which it decides, in UTC, as 2026-12-31; afterwards it only says that it has expired",
    "trial": "yes: it is recorded what the rule would do, and the next rules go on",
    "paused": "yes: the rule is not in force",
}
EXAMPLE_KEYS = {
    "matches": "replies that this rule decides",
    "does not match": "replies that this rule does not match",
}
MARKS = {
    "read": "hide the conversation from the unread ones",
    "unread": "show it among the unread ones",
    "leave": "change nothing",
}

CONDITIONS = {f"{field.name} {test}": (field, TESTS[test]) for field in FIELDS.values() for test in field.tests}
"""Every condition that can be written: "<field> <test>"."""


def is_condition(key: str) -> bool:
    """Whether a key is one of the conditions that can be written, or one of the groups."""
    return key in CONDITIONS or key in GROUPS
