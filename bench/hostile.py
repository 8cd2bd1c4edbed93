"""How long a decision takes at worst: 10,000 rules, and texts of 64 kB that are made to be slow."""

from __future__ import annotations

from itertools import cycle
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

from bench.report import Goal, Report, read_options, tell
from bench.workload import Words, make_rules, write_rules
from model import Reply
from rules.engine import Facts, decide, decide_facts, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bench.report import Cell
    from bench.workload import PlainRule
    from rules.engine import RuleSet

RULES, FEW_RULES = 10_000, 1_000
PASSES = 3  # over all texts in turn, so that none was just seen
SIZE = 64 * 1024  # bytes in UTF-8
WORST = 50  # ms


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
