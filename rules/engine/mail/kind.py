"""Kind: what sort of reply it is. A program's, if it bears a program's signs; when in doubt, a person's.

From the surest sign to the weakest, the first that holds decides:

1. The sender is a mail server's program: a bounce. So is a subject that begins as a bounce does, if the text bears it
   out.
2. The subject begins as automatic replies do: an auto-reply, unless the text says that somebody has left.
3. A postmaster's address or SmartLead's category: if the text bears it out and asks for nothing.
4. The text alone, or a promise in it and a hint in the subject or the sender's address: if the text asks for nothing.

A text that says nothing bears out whatever is claimed.

Where the text is not known whole, it may ask for something in the part that is missing. Then only a bounce is sure; the
kind of a mail with any other sign of a program is unknown.

The signs are the lists of `signs/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from rules.engine.mail.machine_text import Text
from rules.engine.mail.sign_lists import lists_of, phrases_in
from rules.engine.matching.folding import fold, is_boundary
from rules.engine.matching.phrases import OPEN, PhraseIndex, without_closing_marks

if TYPE_CHECKING:
    from collections.abc import Iterator

Name = Literal["person", "auto-reply", "bounce"]

_PERSON: Final = "person"
_AUTO_REPLY: Final = "auto-reply"
_BOUNCE: Final = "bounce"
_HINTS: Final = "hints of an auto-reply"
_LONGEST_SUBJECT: Final = 1_000
_GATEWAY_TAG: Final = re.compile(r"(?:\[[^\[\]]{1,30}\] ?)+")  # "[EXTERNAL] "


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of reply. `sign`: why, as a clause for the trace; None for a person without any sign of a program."""

    name: Name
    sign: str | None = None


@dataclass(frozen=True, slots=True)
class _Mail:
    subject: str  # folded
    sender: str  # what stands before the "@", in lower case
    sender_name: str  # folded
    category: str  # folded
    text: Text


def kind_of(
    *,
    subject: str | None,
    sender: str | None,
    words: str | None,
    category: str | None,
    sender_name: str | None = None,
) -> Kind | None:
    """Tell what sort of reply it is, by `words`, only those just written, and by what the event tells of the mail.

    `words` is None where the text is not known whole. The answer is None where the event tells none of these, and
    where the unknown text decides. Raises ValueError for a broken file of `signs/` alone. Beyond 4,000 characters
    `words` are not read.
    """
    if subject is sender is words is category is sender_name is None:
        return None
    mail = _Mail(
        subject=fold((subject or "")[:_LONGEST_SUBJECT]).replace(" :", ":"),
        sender=(sender or "").strip().partition("@")[0].casefold(),
        sender_name=fold((sender_name or "")[:_LONGEST_SUBJECT]),
        category=fold((category or "")[:_LONGEST_SUBJECT]),
        text=Text(words),
    )
    sure = _bounced(mail)
    if sure or words is not None:
        return sure or _automatic(mail) or _unless_it_asks(mail) or Kind(_PERSON)
    return None if _automatic(mail) or _by_envelope(mail) or _hint(mail) else Kind(_PERSON)


def _bounced(mail: _Mail) -> Kind | None:
    """A bounce by signs that no wish in the text can change."""
    if name := _sender_sign(mail.sender, "bounce"):
        return Kind(_BOUNCE, f'the sender is "{name}"')
    if mail.sender_name in _values("bounce names"):
        return Kind(_BOUNCE, f'the sender\'s name is "{_values("bounce names")[mail.sender_name]}"')
    if (beginning := _subject_sign(mail.subject, "bounce")) and _bears_out(mail.text, _BOUNCE):
        return Kind(_BOUNCE, f'the subject begins with "{beginning}"')
    return None


def _automatic(mail: _Mail) -> Kind | None:
    """An auto-reply by its subject, a person's if somebody has left."""
    if beginning := _subject_sign(mail.subject, "auto-reply"):
        sign = f'the subject begins with "{beginning}"'
        return _departed(sign, mail.text) or Kind(_AUTO_REPLY, sign)
    return None


def _unless_it_asks(mail: _Mail) -> Kind | None:
    """What looks like a program, if no words of a person stand in the text."""
    claimed = _by_envelope(mail)
    shown = claimed if claimed and _bears_out(mail.text, claimed.name) else _by_text(mail)
    kind = shown or claimed
    if kind is None:
        return None
    if asking := _asking(kind.sign, mail.text):
        return asking
    if not mail.text.is_whole:
        return Kind(_PERSON, f"{kind.sign}, but the text is too long for a program's note")
    if shown is None:
        return Kind(_PERSON, f"{kind.sign}, but the text has no words of a program")
    return _departed(kind.sign, mail.text) or kind


def _bears_out(text: Text, name: Name) -> bool:
    """Whether a text says what a program of this kind says, or nothing at all."""
    if text.is_silent:
        return True
    return text.is_report() if name == _BOUNCE else bool(text.promise())


def _asking(sign: str | None, text: Text) -> Kind | None:
    """A person's, if the text asks for or offers something."""
    wish = text.wish()
    return Kind(_PERSON, f'{sign}, but the text asks or offers something ("{text.quote(wish)}")') if wish else None


def _departed(sign: str | None, text: Text) -> Kind | None:
    """A person's, if somebody has left: the mail may name who is there now."""
    left = text.departure()
    return Kind(_PERSON, f'{sign}, but the text says that somebody has left ("{text.quote(left)}")') if left else None


def _by_envelope(mail: _Mail) -> Kind | None:
    if name := _sender_sign(mail.sender, "bounce unless it asks"):
        return Kind(_BOUNCE, f'the sender is "{name}"')
    if beginning := _subject_sign(mail.subject, "bounce"):
        return Kind(_BOUNCE, f'the subject begins with "{beginning}"')
    if category := _values("category bounce").get(mail.category):
        return Kind(_BOUNCE, f'SmartLead\'s category is "{category}"')
    if category := _values("category auto-reply").get(mail.category):
        return Kind(_AUTO_REPLY, f'SmartLead\'s category is "{category}"')
    return None


def _by_text(mail: _Mail) -> Kind | None:
    if bounce := mail.text.bounce():
        return Kind(_BOUNCE, f'the text begins as a mail server\'s report does: "{mail.text.quote(bounce)}"')
    if opening := mail.text.auto_reply():
        return Kind(_AUTO_REPLY, f'the text begins as a program\'s does: "{mail.text.quote(opening)}"')
    hint = _hint(mail)
    promise = mail.text.promise() if hint else None
    return Kind(_AUTO_REPLY, f'{hint}, and the text says "{mail.text.quote(promise)}"') if promise else None


def _hint(mail: _Mail) -> str | None:
    found = _subject_hints().scan(mail.subject)
    if found:
        start, end = min(found.values())
        return f'the subject has "{mail.subject[start:end]}"'
    name = _sender_sign(mail.sender, _HINTS)
    return f'the sender is "{name}"' if name else None


def _sender_sign(name: str, section: str) -> str | None:
    """The entry of a list of senders that is this name."""
    values = _values(section)
    if name in values:
        return values[name]
    return next((entry for entry in values.values() if entry.endswith(OPEN) and name.startswith(entry[:-1])), None)


@cache
def _values(section: str) -> dict[str, str]:
    """Give a list about senders and categories: each entry by its folded form."""
    return {fold(entry): entry for entry in lists_of("senders")[section][""]}


def _subject_sign(subject: str, section: str) -> str | None:
    """The beginning of a subject that is in the list, as it is written there."""
    return next((sign for form in _forms(subject) if (sign := _beginning(form, section))), None)


def _forms(subject: str) -> Iterator[str]:
    yield subject
    if tag := _GATEWAY_TAG.match(subject):
        yield subject[tag.end() :]


def _beginning(subject: str, section: str) -> str | None:
    before_colon, loose = _beginnings(section)
    head = without_closing_marks(subject.partition(":")[0])
    if head in before_colon:
        return before_colon[head]
    if not subject.startswith(tuple(loose)):
        return None
    whole_words = (words for words in loose if subject.startswith(words) and is_boundary(subject, len(words)))
    return next((loose[words] for words in whole_words), None)


@cache
def _beginnings(section: str) -> tuple[dict[str, str], dict[str, str]]:
    """Give the beginnings that need a colon, without it, and the others; each with the entry as it is written."""
    entries = [entry for language in lists_of("subjects")[section].values() for entry in language]
    folded = {fold(entry): entry for entry in entries}
    before_colon = {words.rstrip(": "): entry for words, entry in folded.items() if words.endswith(":")}
    return before_colon, {words: entry for words, entry in folded.items() if not words.endswith(":")}


@cache
def _subject_hints() -> PhraseIndex:
    languages = lists_of("subjects")[_HINTS].values()
    return PhraseIndex(phrase for entries in languages for phrase in phrases_in(entries))
