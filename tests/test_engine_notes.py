"""A text is a program's note only if every word of it is one that notes have."""

from __future__ import annotations

import pytest

from rules.engine.mail.notes import find_note, idioms_in
from rules.engine.matching.folding import fold

NAMES = frozenset({"tom", "beck", "acme"})


def told(words: str) -> str:
    return "note" if find_note(words, fold(words), NAMES) else "no note"


@pytest.mark.parametrize(
    ("words", "expected", "why"),
    [
        ("Thanks for your email. I am on PTO until Monday.", "note", "an absence with a mark of a program"),
        ("I am on PTO until Monday.", "no note", "no mark of a program"),
        ("Thanks for your email.", "no note", "no absence"),
        ("Until Monday I am on PTO, and thanks for your email.", "note", "in any order"),
        ("Thanks for your email. I am on PTO until Monday. Docks are full.", "no note", "a word that no note has"),
        (
            "Thanks for your email. I am on PTO until Monday. Ten for the team.",
            "no note",
            "a sentence that states nothing",
        ),
        ("Thanks for your email. I am on PTO until Monday, Tuesday 10 am.", "no note", "a time is offered"),
        (
            "Thanks for your email. I am on PTO. Our working hours are 9 am - 5 pm.",
            "note",
            "opening hours are no offer",
        ),
        ("Thanks for your email. I am on PTO. Please contact Ann Lee.", "no note", "somebody is named for this matter"),
        ("Thanks for your email. I am on PTO. If urgent please contact Ann Lee.", "note", "for urgent cases"),
        ("Thanks for your email. I am on PTO. Please contact Ann Lee: ann@acme.example.", "note", "at an address"),
        ("Thanks for your email. I am on PTO. If urgent please contact the dock.", "no note", "no name is written so"),
        ("Hi Maria,\n\nthanks for your email. I am on PTO.", "note", "a greeting may have a name"),
    ],
)
def test_every_word_must_be_a_notes_or_a_name(words: str, expected: str, why: str) -> None:
    assert told(words) == expected, why


@pytest.mark.parametrize(
    ("below", "expected", "why"),
    [
        ("Tom", "note", "the sender's own name"),
        ("The Acme Team", "note", "a team with the sender's own name"),
        ("Approved", "no note", "an answer looks like a name, and no closing stands above"),
        (
            "Kind regards\nAnn Lee\nHead of Sales | Dock Ltd\nT +44 20 7946 0000\nwww.dock.example",
            "note",
            "a signature",
        ),
        ("Kind regards\nAnn Lee\nship it", "no note", "small letters below the name"),
        ("Kind regards\n" + "Ann\n" * 11, "no note", "more lines than a signature has"),
        ("Kind regards\n" + "Ann " * 16, "no note", "a line longer than a signature's"),
    ],
)
def test_below_a_note_only_a_signature_may_stand(below: str, expected: str, why: str) -> None:
    assert told(f"Thanks for your email. I am on PTO until Monday.\n\n{below}") == expected, why


def test_the_place_is_that_of_the_absence_in_the_folded_text() -> None:
    words = "Merci pour votre message.\nJe suis en congés."
    span = find_note(words, fold(words), NAMES)
    assert span is not None
    assert fold(words)[slice(*span)] == "en conges"


def test_an_idiom_that_has_a_word_of_a_wish_is_found() -> None:
    text = "i will reply as soon as i can"
    assert [text[slice(*span)] for span in idioms_in(text)] == ["soon as i can"]
