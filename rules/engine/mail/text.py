"""Text: what a person wrote in a reply, apart from what the mail carries along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from rules.engine.mail.answers import Quoted, find_doubt
from rules.engine.mail.body import from_html, from_text, shows_picture
from rules.engine.mail.markup import MAX_TEXT
from rules.engine.mail.quotation import OWN_ENDINGS, Cut, Line, cut_history, tidy
from rules.engine.mail.repetition import OurMail, Subtracted, subtract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from model import Reply
    from rules.engine.mail.body import Body
    from rules.engine.mail.quotation import Kept

Form = Literal["HTML", "text", "preview"]

# Of the mail that was answered: we write no longer ones, and more takes time.
_MAX_SENT: Final = 8 * 1024
_MAX_SENT_MARKUP: Final = 16 * 1024
_MARGIN: Final = 300  # characters of headers and footers around our mail where it is quoted
_LONG_PREVIEW: Final = 40  # previews that were cut here are seen in production payloads

# What stands above every quoted mail in some way.
_SIGNS_OF_QUOTING: Final = (":", ">", "--", "__", "\uff1a")
_MAY_QUOTE: Final = re.compile(r"[:\uff1a](?:\s|$)|^[ \t]*>|--|__", re.MULTILINE)
_SENTENCE_ENDS: Final = (".", "!", "?", "\u3002", "\uff01", "\uff1f")

MIRROR: Final = "the reply repeats our own sent mail, and the person's words, if there are any, cannot be told from it"
FOOTED: Final = "below our own mail stands what may be its footer, or may be the person's"
UNSURE: Final = "a line may be the person's or may introduce a quoted mail, and so may the words below it"
PICTURE: Final = "the mail shows a picture and no words"
CAPPED: Final = "the mail is longer than is read, and what was written may go on below"
NOTHING_LEFT: Final = "nothing is left of the mail after its quotations were cut away"
PREVIEW_CUT: Final = "the event carries a preview only, and it looks cut off"
PREVIEW_EMPTY: Final = "the event carries a preview only, and it is empty"


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of a mail that stand together. `why` they were cut away, None of what the person just wrote."""

    text: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a reply says. Both texts are None where the event has no text at all.

    `new`: only the words that the person just wrote. `whole`: the mail as text, with its history; None also where that
    was not read. `doubt`: why `new` is not known whole, None if it is. `form`: which of the mail's forms was read.
    `hidden`: what stands in the HTML and nobody sees.
    """

    new: str | None = None
    whole: str | None = None
    doubt: str | None = None
    form: Form | None = None
    hidden: tuple[str, ...] = ()
    _lines: tuple[Line, ...] = field(default=(), repr=False)
    _cuts: tuple[Cut, ...] = field(default=(), repr=False)

    @property
    def parts(self) -> list[Part]:
        """The whole mail from top to bottom: what was kept, and what was cut away and why. No part is blank."""
        why: list[str | None] = [None] * len(self._lines)
        for start, end, name in self._cuts:
            why[start:end] = [name] * (end - start)
        pairs = zip(why, (line.text for line in self._lines), strict=True)
        parts = (
            Part("\n".join(tidy(text for _, text in run)), name) for name, run in groupby(pairs, lambda pair: pair[0])
        )
        return [part for part in parts if part.text]


def read(reply: Reply, *, history: bool = True) -> Written:
    """Read a reply's HTML, or its text where there is none, or else its preview. Never raises.

    Without `history` what a mail program marked as such is passed over: `whole` is None, and the parts lack it.

    The time grows with the text and no faster; beyond 256 kB of HTML, 64 kB of text or 2,000 lines nothing is read,
    and `doubt` says so unless all from there on is history.
    """
    ours = _our_mail(reply)
    reach = _reach(ours)
    read_to = MAX_TEXT if history else reach
    mail = from_html(reply.html, history=read_to) or from_text(reply.text, history=read_to)
    if mail is not None:
        return _written(mail, ours, reach, "HTML" if mail.marked_up else "text", None)
    preview = from_text(reply.preview, history=read_to)
    if preview is not None:
        return _written(preview, ours, reach, "preview", PREVIEW_CUT if _looks_cut(reply.preview or "") else None)
    if reply.html is None and reply.text is None:
        return Written() if reply.preview is None else Written("", "", PREVIEW_EMPTY, "preview")
    return Written("", "", PICTURE if shows_picture(reply.html) else None)


def _written(mail: Body, ours: OurMail | None, reach: int, form: Form, doubt: str | None) -> Written:
    kept = cut_history(mail.lines, marked_up=mail.marked_up)
    own = subtract(mail.lines, kept.places, ours) if ours is not None else Subtracted(kept.places)
    new = "\n".join(tidy(mail.lines[at].text for at in own.places)).strip()
    cuts = kept.cuts if len(own.places) == len(kept.places) else (*kept.cuts, *_ours(kept.places, own.places))
    whole = "\n".join(line.text for line in mail.lines).strip() if mail.whole else None
    ended = mail.ended or kept.ended
    quoted = Quoted(lines=mail.lines, cuts=kept.cuts, places=own.places, new=new, ended=ended, reach=reach)
    cut_off = None if kept.ended else doubt  # what is below known history is none of the person's
    doubt = cut_off or _doubt_of_the_rest(mail, kept, own, new) or find_doubt(quoted, ours)
    return Written(new, whole, doubt, form, mail.hidden, mail.lines, cuts)


def _doubt_of_the_rest(mail: Body, kept: Kept, own: Subtracted, new: str) -> str | None:
    """Tell why what is left is not all that the person wrote, or not only that."""
    if own.mirrored and (not new or not kept.cuts):
        return MIRROR
    if mail.capped and not (mail.ended or kept.ended):
        return CAPPED
    if not new:
        return NOTHING_LEFT
    if own.footed:
        return FOOTED
    return UNSURE if kept.unsure else None


def _ours(places: Iterable[int], own: Iterable[int]) -> Iterator[Cut]:
    for at in sorted(set(places).difference(own)):
        yield Cut(at, at + 1, "our own mail")


def _our_mail(reply: Reply) -> OurMail | None:
    """Give what we wrote in the mail that was answered; what it quoted may be the person's words."""
    text = (reply.sent_text or "")[:_MAX_SENT]
    sent = from_text(text, history=0)
    sent = sent or from_html((reply.sent_html or "")[:_MAX_SENT_MARKUP], history=0)
    if sent is None:
        return None
    lines: Iterable[Line] = sent.lines
    if sent.marked_up or _may_quote(text):
        cuts = cut_history(sent.lines, marked_up=sent.marked_up).cuts
        quoted = {at for cut in cuts if cut.name not in OWN_ENDINGS for at in range(cut.start, cut.end)}
        lines = [line for at, line in enumerate(sent.lines) if at not in quoted]
    return OurMail("\n".join(line.text for line in lines)[:_MAX_SENT])


def _may_quote(text: str) -> bool:
    return any(map(text.__contains__, _SIGNS_OF_QUOTING)) and _MAY_QUOTE.search(text) is not None


def _reach(ours: OurMail | None) -> int:
    """Give how many characters of history are compared with our mail: as it has, and some more."""
    return 0 if ours is None else len(ours.text) + _MARGIN


def _looks_cut(preview: str) -> bool:
    words = preview.rstrip()
    if words.endswith(("...", "\u2026")):
        return True
    return len(words) >= _LONG_PREVIEW and not preview.endswith(("\n", "\r", *_SENTENCE_ENDS))
