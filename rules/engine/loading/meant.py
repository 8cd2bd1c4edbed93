"""What somebody meant who wrote a word that the language does not have: other people's words, then the spelling."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from rules.engine.language import CONDITIONS, FIELDS, GROUPS, MARKS, TESTS
from rules.engine.matching.addresses import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.engine.language import Field

_FIELD_WORDS = {
    **{name: name for name in FIELDS},
    **dict.fromkeys(["text", "body", "message", "email body", "reply text", "reply body", "content"], "reply"),
    **dict.fromkeys(["whole text", "full message", "full text", "thread"], "whole message"),
    **dict.fromkeys(["title", "subject line"], "subject"),
    **dict.fromkeys(
        ["from", "email", "address", "sender email", "sender address", "sender domain", "domain"], "sender"
    ),
    **dict.fromkeys(["from name", "name"], "sender name"),
    **dict.fromkeys(["lead email", "lead address"], "lead"),
    **dict.fromkeys(["to", "inbox", "our mailbox"], "mailbox"),
    **dict.fromkeys(["campaign name", "campaign id"], "campaign"),
    **dict.fromkeys(["lead category", "label", "tag"], "category"),
    **dict.fromkeys(["step", "sequence", "sequence number"], "sequence step"),
}
_WRITTEN_FREELY = {"reply", "whole message", "subject", "sender name"}  # one looks for a part of it
_TEST_WORDS = {
    **{name: name for name in TESTS},
    **dict.fromkeys(
        ["includes", "include", "contain", "has", "contains any", "contains any of", "contains one of", "mentions"],
        "contains",
    ),
    **dict.fromkeys(["contains every", "contains all of"], "contains all"),
    **dict.fromkeys(
        [
            "not contains",
            "doesn't contain",
            "excludes",
            "does not contain any",
            "does not contain any of",
            "does not include",
            "contains none of",
        ],
        "does not contain",
    ),
    **dict.fromkeys(["begins with", "startswith", "starts with any", "start with"], "starts with"),
    **dict.fromkeys(["endswith", "ends with any", "end with"], "ends with"),
    **dict.fromkeys(["equals", "equal", "is equal to", "is any", "is any of", "is one of", "in", "="], "is"),
    **dict.fromkeys(["isn't", "is none of", "not", "not equals", "does not equal", "is not any of"], "is not"),
    **dict.fromkeys(["regex", "match", "matches any", "matches regex", "pattern"], "matches"),
    **dict.fromkeys(["not matches", "doesn't match", "not regex"], "does not match"),
    **dict.fromkeys(["empty", "is blank", "missing"], "is empty"),
}
_GROUP_WORDS = {
    **dict.fromkeys(["any", "or", "one of", "either"], "any of"),
    **dict.fromkeys(["all", "and", "both", "every"], "all of"),
    **dict.fromkeys(["none", "not", "neither", "not any of"], "none of"),
}
_KIND_WORDS = {
    **dict.fromkeys(["human", "lead", "people", "real"], "person"),
    **dict.fromkeys(["ooo", "out of office", "out-of-office", "absence", "automatic", "auto reply"], "auto-reply"),
    **dict.fromkeys(["bounced", "delivery failure", "undeliverable", "mailer-daemon"], "bounce"),
}
_OURS_WORDS = {"us", "our", "our own", "our team", "our people", "own", "own team", "internal", "team", "colleague"}
_MARK_WORDS = {
    **dict.fromkeys(["seen", "mark as read", "mark read", "hide"], "read"),
    **dict.fromkeys(["unseen", "mark as unread", "mark unread", "show", "not read"], "unread"),
    **dict.fromkeys(["ignore", "skip", "none", "nothing", "keep"], "leave"),
}


_MOST_WORDS = 9  # of what somebody may have meant as a field and a test
_LONGEST_SLIP = 60  # characters; what is longer was not meant as a word


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Find the allowed word that was probably meant."""
    if len(word) > _LONGEST_SLIP:
        return None
    close = get_close_matches(word.casefold(), list(allowed), n=1, cutoff=0.7)
    return close[0] if close else None


def nearest_condition(key: str) -> str | None:
    """Find the condition or group that was probably meant: other people's words first, then the spelling."""
    key = " ".join(key.casefold().replace("_", " ").split())
    return _GROUP_WORDS.get(key) or _said_otherwise(key) or nearest(key, [*CONDITIONS, *GROUPS])


def not_a_choice(field: Field, text: str) -> tuple[str, str] | None:
    """Say what is wrong with a value of a field that has only some, and what was probably meant; None if nothing is."""
    if not field.choices or text.strip().casefold() in field.choices:
        return None
    meant = _KIND_WORDS.get(text.casefold()) or nearest(text, field.choices)
    hint = f"did you mean {meant}?" if meant else f"It is one of: {', '.join(field.choices)}."
    return f'"{text}" is no {field.name}.', hint


def is_no_word(field: Field, text: str) -> tuple[str, str] | None:
    """Say what is wrong with a word that stands for addresses, if this field has no such word, or was misspelt."""
    written, names = text.strip().casefold(), [word.name for word in field.words]
    if written in names or "@" in written:
        return None
    if OURS in names:
        meant = OURS if written in _OURS_WORDS else nearest(written, names)
        return (f'"{text}" is not a form of an address.', f'did you mean "{meant}"?') if meant else None
    return (f'"{OURS}" is a word for the sender alone.', "Write: sender is: ours") if written == OURS else None


def nearest_mark(word: str) -> str:
    """Say which mark was probably meant, as the end of a sentence."""
    mark = _MARK_WORDS.get(word.casefold()) or nearest(word, MARKS)
    return f'did you mean "{mark}"?' if mark else "did you mean read or unread?"


def _said_otherwise(key: str) -> str | None:
    words = key.split()
    if len(words) > _MOST_WORDS:
        return None
    for length in range(len(words), 0, -1):
        field, rest = " ".join(words[:length]), " ".join(words[length:])
        if field in _FIELD_WORDS and (not rest or rest in _TEST_WORDS):
            name = _FIELD_WORDS[field]
            test = _TEST_WORDS[rest] if rest else "contains" if name in _WRITTEN_FREELY else "is"
            return f"{name} {test}" if test in FIELDS[name].tests else None
    return None
