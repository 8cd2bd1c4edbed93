"""How well the words that a person just wrote are told from the rest of a mail, over the replies in tests/replies.

A mail in HTML is read once as it came and once as its text alone. The replies that were not tuned on when they were
written have since become tests, too: what is measured of them today is that nothing got worse.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import quotequail  # type: ignore[import-untyped]  # it brings no types

from bench.example_replies import Case, Score, judge, load_cases, score
from bench.report import Goal, Report, percentile, read_options
from rules.engine.mail.markup import read_markup
from rules.engine.mail.text import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bench.report import Cell

_LEAST_EXACT: Final = 90.0  # per cent of the replies that nobody tuned on
_MOST_WRONG: Final = 2.0  # per cent of them
_MOST_TIME: Final = 250.0  # µs
_SIZE: Final = 5 * 1024
_LONGEST: Final = 40  # mails of ours in one reply, until it has that size
_ROUNDS: Final = 5
_STYLE: Final = "p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt; font-family:Calibri;}\n"

_GROUPS: Final = {
    "English": "en",
    "German, Dutch, Nordic": "de nl sv da no is",
    "Romance": "fr es it pt ro ca",
    "Slavic, Baltic": "pl cs sk ru uk bg hr sr sl lt lv",
    "Finnish, Estonian, Hungarian, Greek, Turkish": "fi et hu el tr",
    "right to left": "ar he fa",
    "Chinese, Japanese, Korean": "zh-CN zh-TW ja ko",
    "South and South-East Asia": "hi th vi id",
}


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    cases = load_cases()
    for held_out, words in ((False, "tuned on"), (True, "not tuned on when they were written")):
        scores = [(case, judge(case)) for case in cases if case.held_out == held_out]
        goals = _goals([score for _, score in scores]) if held_out else ()
        Report(f"Replies by client, {words}", _rows(scores, "client", lambda case: case.client)).show(options)
        Report(f"Replies by language, {words}", _rows(scores, "language", _group), goals).show(options)
    _time(1 if options.quick else _ROUNDS).show(options)
    title = "The same replies with quotequail, a library that the product does not use"
    for words, held_out in (("tuned on", False), ("not tuned on when they were written", True)):
        shown = _cross_check(case for case in cases if case.held_out == held_out)
        Report(f"{title}: {words}", _rows(shown, "part", _part)).show(options)


def _rows(scores: Iterable[tuple[Case, Score]], title: str, group: Callable[[Case], str]) -> list[Mapping[str, Cell]]:
    groups: dict[str, list[Score]] = defaultdict(list)
    for case, found in scores:
        groups[group(case)].append(found)
    every = [found for members in groups.values() for found in members]
    return [{title: name, **_shares(members)} for name, members in [*sorted(groups.items()), ("all", every)]]


def _shares(scores: list[Score]) -> dict[str, float | int]:
    counts = {
        "exact, %": sum(found.exact for found in scores),
        "leak, %": sum(found.leak for found in scores),
        "loss, %": sum(found.loss for found in scores),
        "in doubt, %": sum(found.doubtful for found in scores),
    }
    return {"readings": len(scores), **{name: 100.0 * count / len(scores) for name, count in counts.items()}}


def _goals(scores: list[Score]) -> tuple[Goal, ...]:
    shares = _shares(scores)
    return (
        Goal("exact, %", shares["exact, %"], least=_LEAST_EXACT),
        Goal("leak, %", shares["leak, %"], most=_MOST_WRONG),
        Goal("loss, %", shares["loss, %"], most=_MOST_WRONG),
    )


def _group(case: Case) -> str:
    return next((name for name, languages in _GROUPS.items() if case.language in languages.split()), "others")


def _part(case: Case) -> str:
    return "HTML" if case.reply.html else "text"


def _time(rounds: int) -> Report:
    """Time the reading of HTML of 5 kB: styles in the main, as Outlook writes, or words, as in a long thread.

    With its history it is read only for rules that ask for the whole message; the shipped ones do not.
    """
    rows: list[Mapping[str, Cell]] = []
    goals = []
    for kind, cases in (("mostly styles", _styled_mails()), ("mostly words", _long_mails())):
        for part, history in (("new text", False), ("whole message", True)):
            times = [min(_spent(case, history=history) for _ in range(rounds)) for case in cases]
            row: dict[str, Cell] = {"HTML": kind, "what": part, "replies": len(times), "median, µs": median(times)}
            rows.append(row | {"p99, µs": percentile(times, 0.99)})
            if not history:
                goals.append(Goal(f"median, {kind}, µs", median(times), most=_MOST_TIME))
    return Report("Reading of HTML of 5 kB", rows, goals)


def _styled_mails() -> list[Case]:
    short = [case for case in load_cases() if case.reply.html and len(case.reply.html) < _SIZE]
    return [replace(case, reply=replace(case.reply, html=_style(case.reply.html or ""))) for case in short]


def _style(html: str) -> str:
    rules = _STYLE * ((_SIZE - len(html)) // len(_STYLE) + 1)
    return f"<style>{rules}</style>{html}"


def _long_mails() -> list[Case]:
    """Give each reply in HTML with our mail in it as often as makes the size."""
    found: dict[str, Case] = {}
    for times in range(1, _LONGEST):
        for case in load_cases(times=times):
            if len(case.reply.html or "") >= _SIZE:
                found.setdefault(case.name, case)
    return list(found.values())


def _spent(case: Case, *, history: bool) -> float:
    began = perf_counter()
    read(case.reply, history=history)
    return (perf_counter() - began) * 1e6


def _cross_check(cases: Iterable[Case]) -> list[tuple[Case, Score]]:
    """Score quotequail. It does not know what we sent, nor tell when it is in doubt."""
    found = []
    for case in cases:
        html, text = case.reply.html, case.reply.text
        if case.doubt or not (html or text):
            continue
        kind, unwrap, body = ("html", quotequail.unwrap_html, html) if html else ("text", quotequail.unwrap, text)
        parts = unwrap(body) or {f"{kind}_top": body}
        new = "\n".join(parts.get(f"{kind}_{place}") or "" for place in ("top", "bottom"))
        lines = (line.text for line in read_markup(new).lines) if html else new.splitlines()
        found.append((case, score(case, "\n".join(lines), doubt=False)))
    return found


if __name__ == "__main__":
    main()
