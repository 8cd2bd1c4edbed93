"""What may stand behind a program's beginning without making the reply a person's."""

from __future__ import annotations

import pytest

from rules.engine.mail.kind import kind_of


def name_of(words: str, sender: str | None = None) -> str:
    kind = kind_of(subject="Re: quick question", sender=sender, words=words, category=None)
    assert kind is not None
    return kind.name


@pytest.mark.parametrize(
    ("below", "sender", "expected", "why"),
    [
        ("Tom", "tom@acme.example", "auto-reply", "the sender's own name"),
        ("Tom Beck", "t.beck@acme.example", "person", "half a name is none"),
        ("The Acme Team", "info@acme.example", "auto-reply", "a team of the sender's house"),
        ("The Buying Team", "info@acme.example", "person", "a team that the address does not name"),
        ("Tom buys", "tom@acme.example", "person", "a sentence"),
        ("Tom 10", "tom@acme.example", "person", "a number may be an order"),
        ("Tom", None, "person", "nobody knows the sender"),
    ],
)
def test_a_name_may_end_a_programs_note_if_it_is_the_senders_own(
    below: str, sender: str | None, expected: str, why: str
) -> None:
    note = f"I am out of the office until Monday.\n\n{below}"
    assert name_of(note, sender) == expected, why


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("550 5.1.1 user unknown", "bounce"),
        ("550 5.1.1 user unknown\n\nSee above.", "person"),
        ("550 5.1.1 user unknown, we take ten", "person"),
        ("550 5.1.1 user unknown\nHost mx.acme.example said: mailbox full", "bounce"),
    ],
)
def test_a_report_below_a_persons_subject_is_a_bounce_only_if_no_other_words_stand_in_it(
    below: str, expected: str
) -> None:
    assert name_of(f"Your message to jo@acme.example could not be delivered.\n{below}") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("This is an automated message.", "auto-reply"),
        ("This is an automated message. I am on leave until Monday.", "auto-reply"),
        ("This is an automated message. Your ticket number is 42.", "auto-reply"),
        ("This is an automated message about yours.", "person"),
        ("This is an automated message. We take ten.", "person"),
    ],
)
def test_a_text_that_calls_itself_automatic_is_believed_only_if_it_goes_on_so(words: str, expected: str) -> None:
    assert name_of(words) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("Monday, May 12", "auto-reply"), ("Monday, 12 May 2026", "auto-reply"), ("Monday, desks 10", "person")],
)
def test_a_day_may_stand_behind_a_comma_and_an_order_may_not(day: str, expected: str) -> None:
    assert name_of(f"I am out of the office until {day}.") == expected
