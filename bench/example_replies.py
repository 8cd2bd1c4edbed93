"""The example replies in tests/replies, and how what was read of one compares with what the person wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from model import Reply
from rules.engine.mail.text import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

AS_IT_CAME: Final = "as it came"
TEXT_ALONE: Final = "text alone"

_FOLDER: Final = Path(__file__).parent.parent / "tests" / "replies"
_BODIES: Final = ("text", "html", "preview")
_MAILS: Final = "our_mails.yaml"
_PLACE: Final = re.compile(r"\{([a-z]+)(?: (>|[a-z]+))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A reply and what of it the person just wrote. Lines in `optional` may stay or go.

    `form`: "as it came", or "text alone" for the same mail without its HTML. `doubt`: the words cannot be known, and
    must be told as such. `known`: why it comes out wrong today, None if it must come out right.
    """

    name: str
    form: str
    client: str
    language: str
    held_out: bool
    reply: Reply = field(repr=False)
    expected: str
    optional: frozenset[str]
    forbidden: tuple[str, ...]
    doubt: bool
    known: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """How a case came out: whole and nothing else; with words of another mail; without words that were written.

    `doubtful`: the reading is in doubt, and need not be.
    """

    exact: bool
    leak: bool
    loss: bool
    doubtful: bool = False


def load_cases(*, times: int = 1) -> list[Case]:
    """Read all example replies, each as it came, and those with HTML once more as text alone.

    `times`: how often each mail of ours stands in what quotes it, for those who need long mails.
    """
    mails = yaml.safe_load((_FOLDER / _MAILS).read_text("utf-8"))
    files = sorted(path for path in _FOLDER.glob("*") if path.name != _MAILS)
    entries = [entry for path in files for entry in yaml.safe_load(path.read_text("utf-8"))]
    return [_make_case(entry, form, mails, times) for entry in entries for form in _forms_of(entry)]


def judge(case: Case) -> Score:
    """Read the reply of a case and score it."""
    written = read(case.reply)
    return score(case, written.new or "", doubt=written.doubt is not None)


def score(case: Case, new: str, *, doubt: bool) -> Score:
    """Compare what was read as new with what the person wrote; blanks and line breaks do not count.

    Where the reading itself is in doubt no rule can go wrong by it, so it is neither a leak nor a loss.
    """
    if case.doubt or doubt:
        return Score(exact=case.doubt and doubt, leak=False, loss=False, doubtful=not case.doubt)
    found = _evened(line for line in new.splitlines() if _evened([line]) not in case.optional)
    lines = [line for line in (_evened([line]) for line in case.expected.split("\n")) if line not in case.optional]
    leak = any(_evened([phrase]).casefold() in found.casefold() for phrase in case.forbidden)
    return Score(exact=found == _evened(lines), leak=leak, loss=any(line not in found for line in lines))


def _forms_of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return (AS_IT_CAME, TEXT_ALONE) if entry.get("html") and entry.get("text") else (AS_IT_CAME,)


def _make_case(entry: Mapping[str, Any], form: str, mails: Mapping[str, Any], times: int) -> Case:
    told: dict[str, Any] = {key: _fill(entry[key], mails, times) for key in _BODIES if entry.get(key)}
    if form == TEXT_ALONE:
        del told["html"]
    sent = _fill(entry["sent_message_text"], mails, 1) if entry.get("sent_message_text") else None
    return Case(
        name=entry["id"],
        form=form,
        client=entry["client"],
        language=entry["language"],
        held_out=entry.get("held_out", False),
        reply=Reply(subject=entry["subject"], sent_text=sent, **told),
        expected=entry["expected_new_text"],
        optional=frozenset(_evened([line]) for line in entry.get("optional", ())),
        forbidden=(*_our_phrases(entry, mails), *entry.get("must_not_contain", ())),
        # An answer of which nothing is left is not known to say nothing.
        doubt=entry.get("doubt", not entry["expected_new_text"]),
        known=entry.get("known", {}).get(form),
    )


def _our_phrases(entry: Mapping[str, Any], mails: Mapping[str, Any]) -> list[str]:
    quoted = {name for key in ("text", "html") for name, _ in _PLACE.findall(entry.get(key, ""))}
    return [phrase for name in sorted(quoted & set(mails)) for phrase in mails[name]["phrases"]]


def _fill(text: str, mails: Mapping[str, Any], times: int) -> str:
    """Put our mails where the case names them."""

    def mail(place: re.Match[str]) -> str:
        if place[1] not in mails:
            return place[0]
        text = "\n\n".join([mails[place[1]]["text"].rstrip("\n")] * times)
        return _shown(text, place[2] or "")

    return _PLACE.sub(mail, text)


def _shown(text: str, form: str) -> str:
    """Give a mail of ours as a client shows it."""
    lines = text.split("\n")
    if form == ">":
        return "\n".join(f"> {line}" if line else ">" for line in lines)
    html = [escape(line, quote=False) for line in lines]
    if form == "br":
        return "<br>".join(html)
    if form == "divs":
        return "".join(f"<div>{line or '<br>'}</div>" for line in html)
    if form == "paragraphs":
        return "<p>" + "<br>".join(html).replace("<br><br>", "</p><p>") + "</p>"
    if form == "word":
        return "".join(f'<p class="MsoNormal"><span>{line or "<o:p>&nbsp;</o:p>"}</span></p>' for line in html)
    return text


def _evened(lines: Iterable[str]) -> str:
    return " ".join(" ".join(lines).split())
