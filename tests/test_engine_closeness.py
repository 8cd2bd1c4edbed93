"""Close: what a person would call nearly the words of a rule, and what not."""

from __future__ import annotations

import pytest

from rules.engine import Facts, load
from rules.engine.explaining.closeness import Close, Words, are_alike
from rules.engine.reading import View
from rules.engine.ruleset import conditions


def close(condition: str, facts: Facts) -> Close | None:
    """What is close to the one condition of a rule."""
    ruleset = load(f"version: 1\nrules:\n  - {{name: only, when: {{{condition}}}, mark: read}}\n").ruleset
    assert ruleset is not None
    (only,) = conditions(ruleset.rules[0].when)
    return Words(View(facts, ruleset.index)[only.field.name]).close(only)


@pytest.mark.parametrize(
    ("condition", "text", "words", "why"),
    [
        ("reply contains: book a call", "I booked a call", "booked a call", "another ending"),
        ("reply contains: book a call", "Book us a quick call", "Book us a quick call", "words between"),
        ("reply contains: pricing", "Your prices, please", "prices", "both endings differ"),
        ("reply contains: Café", "two CAFÉS", "CAFÉS", "folded, as phrases are"),
        ("reply contains: book a call", "Book him and me and you a call", None, "too many words between"),
        ("reply contains: book a call", "I like this book. A call?", None, "two sentences"),
        ("reply contains: book a call", "A call to book", None, "another order"),
        ("reply contains: interest", "internet", None, "another word"),
        ("reply contains: the end", "then end", None, "short words are the same or others"),
        ("reply contains: sale", "wholesale", None, "another beginning"),
        ("reply contains: '?'", "What", None, "no words to be near"),
        ("reply contains: [demo, trial]", "Show me some trials", "trials", "each phrase is looked for"),
        ("reply contains all: [price, demo]", "A price, and demos", "demos", "only what is missing"),
        ("reply starts with: not now", "Sorry, not now", "not now", "there, but not at the beginning"),
        ("reply ends with: thanks", "Thanks for that", "Thanks", "there, but not at the end"),
        ("reply is: not interested", "Sorry, not interested", "not interested", "nearly all of it"),
        ("reply is: not interested", "We are not interested in the least today", None, "far from all of it"),
        ("subject contains: offers", "Hello", None, "another field is not looked at"),
        ("reply matches: 'demos?'", "demonstration", None, "of a pattern nothing can be near"),
        ("reply is empty: yes", "x", None, "nor of this"),
    ],
)
def test_close_is_what_a_person_would_call_so(condition: str, text: str, words: str | None, why: str) -> None:
    found = close(condition, Facts(reply=text, subject=""))
    assert (found.words if found else None) == words, why
    if found:
        assert text[found.start : found.end] == words


@pytest.mark.parametrize(
    ("form", "address", "is_close"),
    [
        ("@acme.com", "ana@mail.acme.com", True),
        ("*.acme.com", "ana@acme.com", True),
        ("@acme.com", "ana@acme.co", False),
        ("ana@acme.com", "ana@mail.acme.com", False),
    ],
)
def test_a_domain_is_close_to_its_subdomains(form: str, address: str, is_close: bool) -> None:  # noqa: FBT001 - a table
    found = close(f'sender is: "{form}"', Facts(sender=address))
    assert (found is not None) is is_close


def test_a_text_that_is_not_known_whole_has_nothing_close() -> None:
    assert close("reply contains: demos", Facts(reply="a demo", doubt="It was cut.")) is None
    assert close("reply contains: demos", Facts()) is None


def test_offsets_are_those_of_the_text_as_it_was_written() -> None:
    text = "Straße\u200b: ich buche —\n\nEINEN   ﬁxen Termin"
    found = close("reply contains: buche einen Termin", Facts(reply=text))
    assert found is not None
    assert text[found.start : found.end] == found.words == "buche —\n\nEINEN   ﬁxen Termin"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("pricing", "prices", True),
        ("unsubscribe", "unsubscribing", True),
        ("call", "calls", True),
        ("demo", "demonstration", False),
        ("not", "note", False),
        ("", "", True),
        ("a", "", False),
    ],
)
def test_words_are_alike_if_only_their_ending_differs(one: str, other: str, alike: bool) -> None:  # noqa: FBT001 - a table
    assert are_alike(one, other) is alike
    assert are_alike(other, one) is alike
