"""How long it takes at worst: decisions by 10,000 rules, and the reading of mails of 2 MiB that are made to be slow."""

from __future__ import annotations

from itertools import cycle
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

from bench.report import Goal, Report, read_options, tell
from bench.workload import Words, make_rules, write_rules
from model import Reply
from rules.engine import Facts, decide, decide_facts, load
from rules.engine.facts import facts_of, with_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.report import Cell
    from bench.workload import PlainRule
    from rules.engine import RuleSet

RULES, FEW_RULES = 10_000, 1_000
PASSES = 3  # over all texts in turn, so that none was just seen
SIZE = 64 * 1024  # bytes in UTF-8
WORST = 50  # ms
MAIL_SIZE = 2 * 1024 * 1024  # characters
WORST_MAIL = 100  # ms

# What is repeated in a mail, by name. In HTML all stands below an answer.
PIECES = {
    "one letter": "a",
    "blank lines": " \n",
    "signs of quotation": "> \n",
    "attributions": "On Mon, Mar 2, 2026 at 9:14 AM Ana <a@b.c> wrote:\n",
    "beginnings of attributions": "On Mon 2 Mar 2026 at 9:14 Ana <a@b.c>,\n",
    "lines that end as attributions do": "2026 12:30 and many more words here:\n",
    "names and verbs": "Ana Ruiz wrote:\n",
    "labels": "From: a <b@c.d>\nSent: 2026\n",
    "labels on one line": "From: a Sent: b To: c ",
    "signatures": "-- \nTom\n\nand no\n",
    "signatures that lost their blank": "\n--\nTom 0151 234 567 890\n",
    "lines of telephones": "Sent from my iPhone mail app for sorry\n",
    "requests of help desks": "## above this line ##\n",
    "footers": "unsubscribe here if you \n",
    "links": "see https://z.example/x?y [image: z]\n",
    "ends of sentences": "A b. ",
    "periodic words": "ab ab ab b\n",
    "ligatures": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}",
    "combining marks": "e\N{COMBINING ACUTE ACCENT}",
    "Chinese": "\u65e5\u672c\u8a9e\u3002",
    "open elements": "<div><p>",
    "open formatting": "<b><i><u><a>",
    "raised texts in each other": "a<sup>",
    "quotations in each other": "<div class=gmail_quote><blockquote>",
    "quotations in a row": "<div class=gmail_quote>x<blockquote>y</blockquote>z</div>",
    "places of Outlook": "<div id=appendonsend></div>\n",
    "ruled boxes": "<div style='border:none;border-top:solid red'><b></b><b></b>x</div>",
    "hidden elements": "<p style='display:none;height:0'>x</p>",
    "style sheets": "<style>.x,.y{display:none}</style><p class=x>y</p>",
    "an endless style sheet": ".x{display:none} ",
    "tables in tables": "<table><tr><td>x",
    "broken tags": "<a <<p x='",
    "comments": "<!-- x -->",
}


def main() -> None:
    """Measure and report."""
    options = read_options(__doc__)
    rules = make_rules(FEW_RULES if options.quick else RULES)
    tell(f"{len(rules):,} rules")
    of_reply, of_whole = _load(rules, "reply"), _load(rules, "whole message")
    ways: dict[str, Callable[[str], object]] = {
        "as reply, ms": lambda text: decide_facts(of_reply, Facts(reply=text)),
        "as whole message, ms": lambda text: decide_facts(of_whole, Facts(whole_message=text)),
        "as a mail that is read first, ms": lambda text: decide(of_reply, Reply(text=text)),
    }
    rows = _measure(make_texts(rules), ways)
    decided = list(ways)[:2]
    worst = max(float(row[way] or 0) for row in rows for way in decided)
    Report(
        f"Decision on 64 kB by {len(rules):,} rules, best of {PASSES}",
        rows,
        (Goal("slowest decision, ms", worst, most=WORST),),
    ).show(options)
    _read_mails(1 if options.quick else PASSES).show(options)


def _load(rules: Sequence[PlainRule], field: str) -> RuleSet:
    ruleset = load(write_rules(rules, field)).ruleset
    if ruleset is None:
        raise SystemExit("The engine refuses the rules of the workload.")
    return ruleset


def make_texts(rules: Sequence[PlainRule]) -> dict[str, str]:
    """Texts of 64 kB by what is hostile in them."""
    phrases = [phrase for rule in rules for phrase in rule.phrases]
    shortest = min(phrases, key=len)
    drawn = Words(Random(5), evenness=1).draw(SIZE // 2)[:SIZE]
    return {
        "one word repeated": _filled([shortest.split()[0], " "]),
        "one phrase repeated": _filled([shortest, " "]),
        "phrases of the rules": _filled(f"{phrase} " for phrase in phrases),
        "phrases glued together": _filled(phrase.replace(" ", "") for phrase in phrases),
        "what the patterns look for": _filled(f"{rule.found_by_pattern} " for rule in rules if rule.found_by_pattern),
        "beginnings of patterns": _filled(f"$500 {rule.found_by_pattern[:9]} " for rule in rules if rule.pattern),
        "words in one line": drawn,
        "words, one a line": drawn.replace(" ", "\n"),
        "blanks": _filled([" ", "\t", "\n", "\N{NO-BREAK SPACE}"]),
        "one letter": "a" * SIZE,
        "apostrophes": _filled(["l'", "o\N{RIGHT SINGLE QUOTATION MARK}", "'"]),
        "combining marks": _filled(["e", *["\N{COMBINING ACUTE ACCENT}\N{COMBINING CEDILLA}"] * 40]),
        "Chinese": _filled(chr(code) for code in range(0x4E00, 0x9FFF)),
        "halves of surrogate pairs": _filled(["\ud800", "a", "\udfff"]),
        "look-alikes": _filled(
            ["\N{EM DASH}\N{ZERO WIDTH SPACE}", "\N{LATIN SMALL LIGATURE FFI}ß", "\N{ROMAN NUMERAL TWO}"]
        ),
        "every character": _filled(chr(code) for code in range(0x20, 0x1_0000)),
    }


def _filled(pieces: Iterable[str]) -> str:
    """The pieces, again and again, as many as there is room for."""
    text, room = [], SIZE
    for piece in cycle(pieces):
        room -= len(piece.encode("utf-8", "surrogatepass"))
        if room < 0:
            break
        text.append(piece)
    return "".join(text)


def _read_mails(passes: int) -> Report:
    rows: list[dict[str, Cell]] = []
    for name, piece in PIECES.items():
        body = (piece * (MAIL_SIZE // len(piece) + 1))[:MAIL_SIZE]
        html = f"<p>Yes.</p>{'<style>' if name == 'an endless style sheet' else ''}{body}"
        mails = {
            "as HTML, ms": Reply(html=html),
            "as text, ms": Reply(text=body),
            "as text that repeats our mail, ms": Reply(text=body, sent_text=body),
            "as HTML that repeats our HTML, ms": Reply(html=html, sent_html=html),
            "below our header, ms": Reply(text=f"Yes.\n\n-----Original Message-----\n{body}", sent_text=body),
        }
        rows.append({"repeated": name, **{way: _spent(reply, passes) for way, reply in mails.items()}})
    worst = max(spent for row in rows for spent in row.values() if isinstance(spent, float))
    title = f"Reading of mails of 2 MiB, the kind too, best of {passes}"
    return Report(title, rows, (Goal("slowest mail, ms", worst, most=WORST_MAIL),))


def _spent(reply: Reply, passes: int) -> float:
    times = []
    for _ in range(passes):
        begin = perf_counter()
        with_kind(facts_of(reply))
        times.append((perf_counter() - begin) * 1_000)
    return min(times)


def _measure(texts: Mapping[str, str], ways: Mapping[str, Callable[[str], object]]) -> list[dict[str, Cell]]:
    best: dict[tuple[str, str], float] = {}
    for _ in range(PASSES):
        for way, decided in ways.items():
            for kind, text in texts.items():
                begin = perf_counter()
                decided(text)
                spent = (perf_counter() - begin) * 1_000
                best[kind, way] = min(spent, best.get((kind, way), spent))
    return [{"text": kind, **{way: best[kind, way] for way in ways}} for kind in texts]


if __name__ == "__main__":
    main()
