"""Our own mail in a reply: it is taken away, and nothing of what a person says in our words."""

from __future__ import annotations

import pytest

from rules.engine.mail.quotation import Line, tidy
from rules.engine.mail.repetition import OurMail, Subtracted, is_footer, subtract, words_of

SENT = "Hi Tom,\n\nWe book qualified meetings for teams like yours.\nWould a call on Thursday make sense?\n\nBest,\nAna"


def subtracted(text: str, sent: str = SENT) -> tuple[str, Subtracted]:
    lines = [Line(line) for line in text.split("\n")]
    found = subtract(lines, range(len(lines)), OurMail(sent))
    return "\n".join(tidy(lines[at].text for at in found.places)), found


@pytest.mark.parametrize(
    ("text", "kept", "why"),
    [
        ("No.\nHi Tom,\n\nWe book qualified meetings for teams like yours.", "No.", "two lines of ours go"),
        ("No.\nWE BOOK  qualified meetings\nfor teams like yours.", "No.", "also where they were wrapped anew"),
        ("No.\n\n" + SENT, "No.", "and so does the whole mail"),
        (
            "We book qualified meetings for teams like yours.\nSo you said.",
            "We book qualified meetings for teams like yours.\nSo you said.",
            "a line alone may be what the person says in our words",
        ),
        ("qualified meetings for\nteams like yours", "qualified meetings for\nteams like yours", "a piece is no line"),
        (
            "We book qualified meetings for teams like\nNo.",
            "We book qualified meetings for teams like\nNo.",
            "nor is a beginning",
        ),
        ("Hi Tom,\nYes!", "Hi Tom,\nYes!", "a short line may be alike by chance"),
        ("Friday is better.\n\nBest,\nAna", "Friday is better.\n\nBest,\nAna", "and so may two"),
        (
            "Best,\nHi Tom,\nWould a call on Thursday make sense?",
            "Best,\nHi Tom,\nWould a call on Thursday make sense?",
            "in another order they are nobody's quotation",
        ),
    ],
)
def test_what_stands_in_our_own_mail_is_taken_away(text: str, kept: str, why: str) -> None:
    assert subtracted(text)[0] == kept, why


CALL_TO_ACTION = "Hi Tom,\n\nAnswer with one of these:\nYes, send me the details\nNot interested, thanks\n\nAna"


@pytest.mark.parametrize("answer", ["Yes, send me the details", "Not interested, thanks\nAna", "Yes, send me"])
def test_an_answer_in_the_words_that_we_offered_stays(answer: str) -> None:
    assert subtracted(answer, CALL_TO_ACTION) == (answer, Subtracted(range(answer.count("\n") + 1)))


@pytest.mark.parametrize(
    ("text", "mirrored", "why"),
    [
        (SENT, True, "nothing else is there"),
        (SENT.replace("Thursday", "Friday"), True, "a word was changed, as when a template is filled anew"),
        (SENT + "\n\nSTOP", False, "a word stands below it"),
        (SENT + "\n\nWe will not book meetings for anybody.", False, "a sentence does"),
        ("No.", False, "it is not there"),
    ],
)
def test_a_reply_that_is_our_own_mail_is_told_apart(text: str, *, mirrored: bool, why: str) -> None:
    assert subtracted(text)[1].mirrored == mirrored, why


def test_a_footer_below_our_own_mail_is_not_taken_for_the_persons_word() -> None:
    footer = "If you would rather not hear from me, click here to unsubscribe."
    assert subtracted(f"No.\n\n{SENT}\n\n{footer}")[1].footed
    assert not subtracted(f"No.\n\n{SENT}\n\nPlease unsubscribe me.")[1].footed
    assert not subtracted(f"{footer}\n\n{SENT}")[1].footed, "above it the person wrote it"


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Unsubscribe",
            "To stop receiving these, click here",
            "Reply STOP to unsubscribe",
            "P.S. Not for you? Opt out",
        ),
        "Wenn Sie keine weiteren Mails wünschen, antworten Sie mit ABMELDEN.",
        "Pour ne plus recevoir mes messages, répondez DÉSINSCRIRE.",
        "Si no quieres recibir más correos, responde BAJA.",
        "配信停止をご希望の場合は「停止」とご返信ください。",
    ],
)
def test_the_footer_of_a_mail_to_many_is_known_in_several_languages(line: str) -> None:
    assert is_footer(line)


@pytest.mark.parametrize(
    "line", ["Please unsubscribe me.", "Call me, I am here", "Bitte abmelden!", "No longer, thanks"]
)
def test_a_persons_wish_is_no_footer(line: str) -> None:
    assert not is_footer(line)


def test_links_and_pictures_are_no_words_because_programs_change_them() -> None:
    assert words_of("Book  a CALL <https://z.example/x?y> [image: logo.png]!") == ["book", "a", "call"]
    assert words_of("木曜日に。") == list("木曜日に"), "where no blanks are written, a line may be broken anywhere"
