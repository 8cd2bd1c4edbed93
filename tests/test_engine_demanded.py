"""Demanded literals: where a pattern matches, one of them is there, so a pattern without them need not be searched."""

from __future__ import annotations

import sys

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.matching.demanded import EDGE, MOST, SHORTEST
from rules.engine.matching.folding import smooth
from rules.engine.matching.literals import LiteralIndex
from rules.engine.matching.patterns import Pattern, compile_pattern

# A pattern, and texts in which it is found.
Found = tuple[str, st.SearchStrategy[str]]

LETTERS = "abkst \u00e9\xdf\u03c3\u03c2\xb5\u0436\u0130\u0131\u017f\u212a\u4e2d'-\u2019\u2014\u200b"
WORDS = st.text(LETTERS, min_size=1, max_size=4)
VARIANTS = {
    "'": "'\u2019`",
    "-": "-\u2013\u2011",
    " ": " \xa0\u2003",
    "s": "sS\u017f",
    "k": "kK\u212a",
    "\xdf": "\xdf\u1e9e",
    "\u03c3": "\u03c3\u03a3\u03c2",
    "\xb5": "\xb5\u03bc\u039c",
}


def literals_of(source: str) -> tuple[str, ...] | None:
    pattern = compile_pattern(source)
    assert isinstance(pattern, Pattern), pattern
    return pattern.literals


def written(words: str) -> Found:
    source = "".join("\\" + character if character in "'- " else character for character in words)
    spellings = [st.sampled_from(VARIANTS.get(c, c + c.upper()[:1] + c.lower()[:1])) for c in words]
    return source, st.tuples(*spellings, st.sampled_from(["", "", "", "\u200b", "\u0301"])).map("".join)


def one_of(parts: list[Found]) -> Found:
    return f"(?:{'|'.join(source for source, _ in parts)})", st.one_of([texts for _, texts in parts])


def in_turn(parts: list[Found]) -> Found:
    return "".join(source for source, _ in parts), st.tuples(*(texts for _, texts in parts)).map("".join)


def repeated(part: Found, count: tuple[str, int, int]) -> Found:
    sign, least, most = count
    return f"(?:{part[0]}){sign}", st.lists(part[1], min_size=least, max_size=most).map("".join)


GAPS: st.SearchStrategy[Found] = st.sampled_from([
    (r"\s+", st.text(" \n\xa0", min_size=1, max_size=2)),
    (r"\b", st.just("")),
    (r".*", st.text("xy\u00e9 ", max_size=3)),
    (r"[^\d]", st.sampled_from("x\u00e9_ ")),
    (r"[st]", st.sampled_from("sStT\u017f")),
    (r"\w{0,3}", st.text("ab\u0436_", max_size=3)),
    (r"$", st.sampled_from(["", "\n"])),
    (r"^", st.just("")),
])  # fmt: skip
COUNTS = st.sampled_from([("?", 0, 1), ("*", 0, 2), ("+", 1, 2), ("{2}", 2, 2), ("{1,2}?", 1, 2), ("{0,2}", 0, 2)])
PARTS: st.SearchStrategy[Found] = st.recursive(
    WORDS.map(written) | WORDS.map(written) | GAPS,
    lambda parts: (
        st.lists(parts, min_size=2, max_size=4).map(in_turn)
        | st.lists(parts, min_size=2, max_size=3).map(one_of)
        | st.tuples(parts, COUNTS).map(lambda drawn: repeated(*drawn))
    ),
    max_leaves=6,
)
PATTERNS = st.tuples(WORDS.map(written), PARTS, WORDS.map(written)).map(lambda parts: in_turn(list(parts)))


@settings(max_examples=1_000, deadline=None)
@given(st.data())
def test_wherever_a_pattern_is_found_one_of_its_literals_stands(data: st.DataObject) -> None:
    source, texts = data.draw(PATTERNS)
    pattern = compile_pattern(source)
    text = data.draw(st.sampled_from(["", "x ", "\u0436"])) + data.draw(texts) + data.draw(st.sampled_from(["", " x"]))
    if isinstance(pattern, Pattern) and pattern.literals and pattern.search(text):
        assert LiteralIndex(pattern.literals).scan(text), (source, text, pattern.literals)


@settings(max_examples=150, deadline=None)
@given(PATTERNS)
def test_the_literals_are_few_and_long_enough_and_none_is_for_nothing(found: Found) -> None:
    pattern = compile_pattern(found[0])
    literals = (pattern.literals if isinstance(pattern, Pattern) else None) or ()
    assert len(literals) <= MOST
    assert all(len(literal.strip(EDGE)) >= SHORTEST for literal in literals)
    # With their edges: "aaa" that begins a word is needed beside an "aaaa" that stands anywhere.
    assert not any(one in other for one in literals for other in literals if one != other)


@pytest.mark.parametrize(
    ("source", "text", "found", "why"),
    [
        (r"\bcall me\b", "Please call me.", True, "between a blank and a full stop"),
        (r"\bcall me\b", "recall me", False, "within a word"),
        (r"\bcall me\b", "call men", False, "the word goes on"),
        (r"\bcall me", "call men", True, "its end is open"),
        (r"\bcall me\b", "call me\u0301", False, "an accent belongs to its letter"),
        (r"\bcall\b.*", "\u2019call\u2019", True, "in quotes"),
        (r"\$500\b|500 dollars", "US$500", True, "before a sign an edge demands a letter, and is not looked at"),
    ],
)
def test_a_literal_that_begins_or_ends_a_word_is_found_there_alone(
    source: str, text: str, *, found: bool, why: str
) -> None:
    literals = literals_of(source)
    assert literals is not None
    assert bool(LiteralIndex(literals).scan(text)) == found, why


@pytest.mark.parametrize(
    ("source", "literals", "why"),
    [
        (r"\b(?:not|never) interested\b", ("^never interested^", "^not interested^"), "alternatives go on after them"),
        (r"(?:not|isn't)\s+interested", ("interested",), "a gap parts what stands beside it"),
        (r"call.{0,20}\bback\b", ("call",), "one part is enough"),
        (r"\bunsub\w*", ("^unsub",), "the beginning of a word"),
        (r"(stop|remove me|take me off)", ("remove me", "stop", "take me off"), "one of each alternative"),
        (r"(?:do not|don\u2019t) call", ("do not call", "don't call"), "look-alikes are one"),
        (r"licen[cs]es?", ("licence", "license"), "small classes are written out"),
        (r"unsubscribed?|unsubscribe me", ("unsubscribe",), "what holds another literal says nothing"),
        (r"STRASSE|(?-i:Weg)", ("strasse", "weg"), "in any case, whatever the pattern says"),
        (r"(?:very )*interested", ("interested",), "what may be missing is not demanded"),
        (r"(?:call me ){2}", ("call me ",), "what comes more than once is there"),
        (r"\d+ (seats|users)", (" seats", " users"), "what stands around a number"),
        (r"\u4e0d\u611f\u8208\u8da3", ("\u4e0d\u611f\u8208\u8da3",), "any script"),
        (r"(?:stop)?\s*\d+", None, "nothing is sure"),
        (r"ab|interested", None, "two characters are too few"),
        (r"[a-z]{9}", None, "a class is no text"),
        (r"\w+\s\w+", None, "there is no text in it"),
    ],
)
def test_the_literals_are_what_an_author_would_name(source: str, literals: tuple[str, ...] | None, why: str) -> None:
    found = literals_of(source)
    assert (found and tuple(literal.replace(EDGE, "^") for literal in found)) == literals, why


def test_letters_that_re2_takes_for_one_are_folded_alike() -> None:
    options = re2.Options()
    options.case_sensitive = False
    cased = [chr(code) for code in range(0x500) if chr(code).lower() != chr(code).upper()]
    others = "".join(chr(c) for c in range(sys.maxunicode) if chr(c).casefold() != chr(c) or chr(c).upper() != chr(c))
    others = others.encode("utf-8", "ignore").decode()
    for letter in cased:
        for found in re2.findall(letter, others, options):
            assert smooth(found).casefold() == smooth(letter).casefold()
