"""What patterns promise: Python's meaning, in any script and any case, in linear time, or a refusal that helps."""

from __future__ import annotations

import random
import re
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.matching.patterns import Pattern, Refusal, compile_pattern


def compiled(source: str) -> Pattern:
    pattern = compile_pattern(source)
    assert isinstance(pattern, Pattern), pattern
    return pattern


def refused(source: str) -> Refusal:
    refusal = compile_pattern(source)
    assert isinstance(refusal, Refusal), source
    return refusal


def found(source: str, text: str) -> str | None:
    span = compiled(source).search(text)
    return None if span is None else text[slice(*span)]


# Each stands for a construct that RE2 has not, has for ASCII only, or writes in another way.
AS_PYTHON = [
    *(r"\bn\xe3o\b", r"\b\u043d\u0435\u0442\b", r"caf\xe9\b", r"\w+\xe9\w*", r"(\b\xe9t\xe9\b|\b\u043d\u0435\u0442\b)"),
    *(r"(?:not|isn't)\s+interested", r"\bstop\b|\bunsub\w*\b", r"\b(\bstop\b)\b", r"(\u043d\u0435\u0442\b|stop\b)\b"),
    *(r"\$?\d{2,5}\s*k\b", r"call.{0,20}\bback\b", r"a[^b-d]+e$", r"^hi\b", r"\be-?mail\b", r"[\xe4\xf6\xfc]ber"),
    *(r"(?P<x>ab)+c?", r"x\Z", r"\Bab", r"ab\B", r"a\B.", r"\b.\b", r".\b.", r"_\b", r"\b_+", r"\b\b\w"),
    *(r"(?m)^hi$", r"(?m)^\W*\w+$", r"(?m)\bstop$", r"(?m)^\bstop", r"(?s)a.b", r"a.b", r"(?s)\b.\Z"),
    *(r"[^\W\d_]+", r"[\W_]+", r"[^\s]+", r"[\S]+\s", r"[\D]x", r"\b\D+\d", r"\b\S+\s\b", r"\bst[^\d]p\b"),
    *(r"[A-z]+", r"[^A-z]+", r"[\w-]+-", r"[\n_]a", r"\b[\n_]a", r"\b[^\n_]a", r"\b[^a]", r"[\u0400-\u04ff]+\b"),
    *(r"(?-i:STOP)", r"(?i:stop)", r"a$|b", r"(a|b$)+", r"\s$", r"\n$", r"a\n?$", r"\ba\n?$", r"\bstop\s*$"),
    *(
        r"\d+?\b",
        r"(?:a|b)*?\bc",
        r"\bno\b.{0,5}?\bstop",
        r"i+",
        r"[a-j]+k",
        r"\u017f",
        r"k\b",
        r"\xb5",
        r"ss",
        r"\xdf",
    ),
]
PIECES = [
    *"abcde\xe9 \xef\xf1\u043d\u0435\u0442\xfc. \n-0123\u0663k$STOP_i",
    *"\xb5\u03bc\xdf\u1e9e\u03a3\u03c2\u2028\x0b\u212a\u017f",
    *(
        "n\xe3o",
        "\u043d\u0435\u0442",
        "caf\xe9",
        "stop",
        "unsubscribe",
        "not interested",
        "isn't  interested",
        "call me back",
    ),
    *("\xfcber", "\xe9t\xe9", "e-mail", "hi ", "25k", "\u0130", "\u0131", "\u4e2d\u6587"),
]


@pytest.mark.parametrize("source", AS_PYTHON)
def test_a_pattern_finds_what_python_finds(source: str) -> None:
    pattern, python = compiled(source), re.compile(source, re.IGNORECASE)
    chance = random.Random(source)
    for _ in range(250):
        text = "".join(chance.choices(PIECES, k=chance.randint(0, 10)))
        expected = python.search(text)
        assert pattern.search(text) == (expected.span() if expected else None), text


@pytest.mark.parametrize(
    ("source", "text", "words", "why"),
    [
        (r"don't", "I DON\u2019T know", "DON\u2019T", "the text's curly apostrophe is the pattern's straight one"),
        ("don\u2019t", "I don't know", "don't", "and the other way round"),
        (r"next-week", "next\u2013week", "next\u2013week", "every dash is one"),
        ("[\u2013\u2014]", "yes - no", "-", "in a class too"),
        (r"[\u2010-\u2015]", "yes - no", "-", "also in a range of dashes"),
        (r"out of", "out\xa0of", "out\xa0of", "exotic blanks are blanks"),
        (r"stop", "s\u200bto\xadp!", "s\u200bto\xadp", "what cannot be seen is not searched"),
        (r"\bcaf\xe9\b", "un cafe\u0301!", "cafe\u0301", "accents are composed"),
        (r"cafe", "un caf\xe9", None, "but they count"),
        (r"a b", "a\nb", None, "a line break is no blank"),
        (r"\N{EURO SIGN}\s*5", "\u20ac 5", "\u20ac 5", "characters may be named"),
        (r"\bनहीं\b", "जी नहीं धन्यवाद", "नहीं", "Hindi vowel signs are part of the word"),
        (r"(?i)STOP", "stop", "stop", "a flag that is set anyway does no harm"),
        (r"yes(?#or no)", "yes", "yes", "a remark is no part of the pattern"),
        (r"foo$", "foo\n", "foo", "the line break that $ looks at is not part of the match"),
        (r"\w{1,60}", "\u0434" * 70, "\u0434" * 60, "counted word characters work in any script"),
        (r"a", "\ud800a", "a", "half a character in the text does no harm"),
    ],
)
def test_a_pattern_sees_the_words_and_tells_where_they_stand(
    source: str, text: str, words: str | None, why: str
) -> None:
    assert found(source, text) == words, why


@pytest.mark.parametrize(
    ("source", "says", "at"),
    [
        (r"(?=yes)no", "look-around", 0),
        (r"yes(?<=s)", "look-around", 3),
        (r"interested(?! in)", "negative look-around", 10),
        (r"(?<!not )interested", "negative look-around", 0),
        (r"(a)\1", "back-reference", 3),
        (r"(?P<n>a)(?P=n)", "back-reference", 8),
        (r"(a)?(?(1)b|c)", "conditional group", 4),
        (r"(?>a)b", "atomic group", 0),
        (r"a++b", "possessive repeat", 1),
        (r"(?x) a b", "flag x", 0),
        (r"(?a)\w", "flag a", 0),
        (r"x(?a:\w)", "flag a", 1),
        (r"(?L)a", "bad inline flags", 3),
        (r"x{101}", "100 at most", 1),
        (r"x{99999999999999999999}", "counts too far", 1),
        (r"((a{1,50}){1,50}){2}", "more than 100", 3),
        (r"([a-z]{1,100}){9}!", "more than 100", 6),
        (r".{0,60}no.{0,60}", "more than 100", 1),
        (f"[{''.join(map(chr, range(0x3400, 0x9000, 99)))}]{{100}}", "too large", None),
        ("a" * 1001, "longer than 1,000", 1000),
        (r"x*", "match without any character", None),
        (r"^$", "match without any character", None),
        (r"\b", "match without any character", None),
        ("\u200b", "match without any character", None),
        (r"", "match without any character", None),
        (r"call (me", "( is never closed", 5),
        (r"call me)", ") has no (", 7),
        (r"[abc", "[ is never closed", 0),
        (r"*abc", "Nothing stands before", 0),
        (r"a**", "Two repeats", 2),
        (r"a{3,2}", "swap them", 2),
        (r"[z-a]", "runs backwards", 1),
        (r"\y", "means nothing here", 0),
        ("abc\\", "ends with a single \\", 3),
        (r"(?^a)", "form is unknown", 1),
        (r"a(?i)b", "at the very start", 1),
        (r"\N{NO SUCH SIGN}", "undefined character name", 0),
        ("(" * 499 + "a" + ")" * 499, "brackets within brackets", None),
    ],
)
def test_what_cannot_be_searched_is_refused_with_its_name_and_its_place(source: str, says: str, at: int | None) -> None:
    refusal = refused(source)
    assert says in refusal.reason
    assert refusal.reason.endswith((".", ")"))
    assert refusal.at == at


@pytest.mark.parametrize(
    ("source", "text", "words"),
    [
        (r"(a+)+$", "a" * 100_000 + "b", None),
        (r"(a|a)*b", "a" * 100_000, None),
        (r"\b(\w+\s?)+!", "word " * 20_000, None),
        (r"(.*)(.*)(.*)x", "y" * 100_000, None),
        (r"(a+)+b", "a" * 100_000 + "b", "a" * 100_000 + "b"),
    ],
)
def test_patterns_that_hang_others_are_answered_on_a_hundred_thousand_characters(
    source: str, text: str, words: str | None
) -> None:
    assert found(source, text) == words


def test_the_largest_patterns_are_searched_like_any_other() -> None:
    signs = "".join(map(chr, range(0x3400, 0x9000, 99)))
    sizes = [size for size in range(1, 100) if isinstance(compile_pattern(f"[{signs}]{{{size}}}$"), Pattern)]
    text = signs[: sizes[-1]]
    assert found(f"[{signs}]{{{sizes[-1]}}}$", "a" + text) == text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.text("ab\\wds(){}[]|*+?^$.-:<=!1,i\xe9", max_size=15), st.text(max_size=40))
def test_no_pattern_and_no_text_ever_raises(source: str, text: str) -> None:
    pattern = compile_pattern(source)
    if isinstance(pattern, Refusal):
        assert pattern.reason
        assert pattern.at is None or 0 <= pattern.at <= len(source)
    else:
        span = pattern.search(text)
        assert span is None or 0 <= span[0] <= span[1] <= len(text)


def test_a_set_that_python_warns_of_is_taken_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(r"[[a]b", "ab") == "ab"


def test_two_patterns_of_the_same_source_are_equal() -> None:
    assert compiled("stop") == compiled("stop")
