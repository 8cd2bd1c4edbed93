"""What an object works out once."""

from __future__ import annotations

from rules.engine.once import once


class Mail:
    def __init__(self, words: str) -> None:
        self.words = words
        self.readings = 0

    @once
    def folded(self) -> str:
        """The words in lower case."""
        self.readings += 1
        return self.words.lower()


def test_the_value_is_worked_out_when_it_is_first_asked_for_and_never_again() -> None:
    mail = Mail("Not NOW")
    assert mail.readings == 0
    assert [mail.folded, mail.folded, mail.readings] == ["not now", "not now", 1]


def test_each_object_has_a_value_of_its_own() -> None:
    assert [Mail("A").folded, Mail("B").folded] == ["a", "b"]


def test_the_class_still_tells_what_it_is() -> None:
    assert Mail.folded.__doc__ == "The words in lower case."
