"""Kind: what sort of reply it is. A program's, if it bears a program's signs; when in doubt, a person's.

From the surest sign to the weakest, the first that holds decides:

1. The sender is a mail server's program: a bounce. So is a subject that begins as a bounce does, if the text bears it
   out.
2. The subject begins as automatic replies do: an auto-reply, unless the text says that somebody has left, or the text
   or the rest of the subject wants what no program wants.
3. A postmaster's address, SmartLead's category or a beginning of a subject that people type too: if the text bears it
   out and asks for nothing.
4. The text alone, by how it begins and goes on or by all its words, or a promise in it and a hint in the subject or the
   sender's address: if the text asks for nothing.

An empty text bears out whatever is claimed. A thumb, a picture or three dots are not empty: they may be a yes.

Where the text is not known whole, it may ask for something in the part that is missing. Then only a bounce is sure; the
kind of a mail with any other sign of a program is unknown.

The signs are the lists of `signs/`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from rules.engine.mail.machine_text import Text, demand_in
from rules.engine.mail.sign_lists import lists_of
from rules.engine.mail.subjects import beginning_of, hint_in
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import OPEN

if TYPE_CHECKING:
    from rules.engine.matching.phrases import Span

Name = Literal["person", "auto-reply", "bounce"]

_PERSON: Final = "person"
_AUTO_REPLY: Final = "auto-reply"
_BOUNCE: Final = "bounce"
_POSTMASTER: Final = "bounce unless it asks"
_TYPED: Final = "auto-reply unless it asks"
_HINTS: Final = "hints of an auto-reply"
_LONGEST_SUBJECT: Final = 1_000


class Kind(NamedTuple):
    """A sort of reply. `sign`: why, as a clause for the trace; None for a person without any sign of a program."""

    name: Name
    sign: str | None = None


class _Mail(NamedTuple):
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
        text=Text(words, f"{sender or ''} {sender_name or ''}"[:_LONGEST_SUBJECT]),
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
    if (beginning := beginning_of(mail.subject, "bounce")) and _bears_out(mail.text, _BOUNCE):
        return Kind(_BOUNCE, f'the subject begins with "{beginning}"')
    return None


def _automatic(mail: _Mail) -> Kind | None:
    """An auto-reply by its subject, a person's if somebody has left or clearly wants something."""
    if beginning := beginning_of(mail.subject, "auto-reply"):
        sign = f'the subject begins with "{beginning}"'
        return _departed(sign, mail.text) or _demanding(sign, mail) or Kind(_AUTO_REPLY, sign)
    return None


def _unless_it_asks(mail: _Mail) -> Kind | None:
    """What looks like a program, if no words of a person stand in the text."""
    claimed = _by_envelope(mail)
    shown = claimed if claimed and _is_borne_out(claimed, mail) else _by_text(mail)
    kind = shown or claimed
    if kind is None:
        return None
    if asking := _asking(kind.sign, mail):
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


def _is_borne_out(claimed: Kind, mail: _Mail) -> bool:
    if _sender_sign(mail.sender, _POSTMASTER) and mail.text.is_said_by_postmasters():
        return True
    if beginning_of(mail.subject, _TYPED) and mail.text.tells_of_return():
        return True
    return _bears_out(mail.text, claimed.name)


def _asking(sign: str | None, mail: _Mail) -> Kind | None:
    """A person's, if the text asks for or offers something, or a subject does that people type."""
    wish = mail.text.wish()
    in_subject = demand_in(mail.subject) if beginning_of(mail.subject, _TYPED) else None
    return _wanting(sign, mail, wish, in_subject)


def _demanding(sign: str, mail: _Mail) -> Kind | None:
    """A person's, if the text or the subject wants what no program wants of strangers."""
    return _wanting(sign, mail, mail.text.demand(), demand_in(mail.subject))


def _wanting(sign: str | None, mail: _Mail, in_text: Span | None, in_subject: Span | None) -> Kind | None:
    if in_text:
        return Kind(_PERSON, f'{sign}, but the text asks or offers something ("{mail.text.quote(in_text)}")')
    if in_subject:
        return Kind(_PERSON, f'{sign}, but it asks or offers something ("{mail.subject[slice(*in_subject)]}")')
    return None


def _departed(sign: str | None, text: Text) -> Kind | None:
    """A person's, if somebody has left: the mail may name who is there now."""
    left = text.departure()
    return Kind(_PERSON, f'{sign}, but the text says that somebody has left ("{text.quote(left)}")') if left else None


def _by_envelope(mail: _Mail) -> Kind | None:
    if name := _sender_sign(mail.sender, _POSTMASTER):
        return Kind(_BOUNCE, f'the sender is "{name}"')
    if beginning := beginning_of(mail.subject, "bounce"):
        return Kind(_BOUNCE, f'the subject begins with "{beginning}"')
    if beginning := beginning_of(mail.subject, _TYPED):
        return Kind(_AUTO_REPLY, f'the subject begins with "{beginning}"')
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
    if note := mail.text.note():
        return Kind(_AUTO_REPLY, f'the text is a program\'s note in every word: "{mail.text.quote(note)}"')
    hint = _hint(mail)
    promise = mail.text.promise() if hint else None
    return Kind(_AUTO_REPLY, f'{hint}, and the text says "{mail.text.quote(promise)}"') if promise else None


def _hint(mail: _Mail) -> str | None:
    if found := hint_in(mail.subject):
        return f'the subject has "{mail.subject[slice(*found)]}"'
    name = _sender_sign(mail.sender, _HINTS)
    return f'the sender is "{name}"' if name else None


def _sender_sign(name: str, section: str) -> str | None:
    """The entry of a list of senders that is this name."""
    values, stems = _values(section), _open_stems(section)
    if name in values:
        return values[name]
    if not name.startswith(tuple(stems)):
        return None
    return next(entry for stem, entry in stems.items() if name.startswith(stem))


@cache
def _values(section: str) -> dict[str, str]:
    """Give a list about senders and categories: each entry by its folded form."""
    return {fold(entry): entry for entry in lists_of("senders")[section][""]}


@cache
def _open_stems(section: str) -> dict[str, str]:
    """Give the entries of such a list that a name may go on after, by what stands before the asterisk."""
    return {entry.removesuffix(OPEN): entry for entry in _values(section).values() if entry.endswith(OPEN)}
