"""What folding promises: which texts are alike, where their words stand in the original, where words begin and end."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.matching.folding import fold, fold_with_offsets, is_boundary, smooth, smooth_with_offsets

ANY_TEXT = st.text(st.characters(codec=None))
# Characters that compose, disappear, grow or change places, so that a short text holds several of them.
TRICKY = st.text(
    st.sampled_from([*"aé İßﬁ…'-\n\tか\u3099\u1100\u1161\u11a8\u0301\u0323\u0345\u05b7\u200b\xad\u2014\ud800"])
)


@pytest.mark.parametrize(
    ("written", "folded", "why"),
    [
        ("Not INTERESTED", "not interested", "case does not count"),
        ("STRAßE", "strasse", "nor does the German sharp s"),
        ("Übermäßig", "ubermassig", "accents do not count"),
        ("cafe\u0301", "cafe", "also where they are characters of their own"),
        ("İstanbul \u0131l\u0131k", "istanbul ilik", "Turkish dots do not count"),
        ("Łódź Ørsted cœur", "lodz orsted coeur", "nor strokes that people leave out when they type"),
        ("don\u2019t don`t don\xb4t", "don't don't don't", "every apostrophe is one"),
        ("\u201eHallo\u201c \xabbonjour\xbb", '"hallo" "bonjour"', "every quotation mark is one"),
        ("yes \u2013 no \u2014 maybe\u2011so", "yes - no - maybe-so", "every dash is one"),
        ("out\xa0of\u2009the\u3000office", "out of the office", "every blank is one"),
        ("out\nof\r\n the\t\toffice", "out of the office", "line breaks are blanks"),
        ("un\u200bsub\xadscribe\ufeff", "unsubscribe", "what cannot be seen does not count"),
        ("\u2066stop\u2069\u200f", "stop", "nor do marks of direction"),
        ("wait\u2026", "wait...", "an ellipsis is three full stops"),
        ("\uff33\uff34\uff2f\uff30 \ufb01ne", "stop fine", "wide letters and ligatures are plain letters"),
        ("  \n yes \u200b ", "yes", "nothing blank is left at the ends"),
        ("\u304b\u3099", "\u304c", "a Japanese voicing mark is no accent: it makes another letter"),
    ],
)
def test_texts_that_people_take_for_the_same_are_the_same(written: str, folded: str, why: str) -> None:
    assert fold(written) == folded, why


def test_every_dash_and_every_blank_of_unicode_is_plain() -> None:
    for character in map(chr, range(sys.maxunicode + 1)):
        kind = unicodedata.category(character)
        if kind == "Pd":
            assert fold(character) == "-"
        if kind == "Zs":
            assert fold(f"a{character}b") == "a b"


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | TRICKY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | TRICKY)
def test_folding_with_offsets_gives_the_same_text_and_offsets_that_rise(text: str) -> None:
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert 0 <= offsets[0] <= offsets[-1] <= len(text)


@pytest.mark.parametrize("marks", ["\u0591\u05b0", "\u0301\u0323", "\u05b0\u200b\u0591"])
def test_a_letter_under_sixty_thousand_marks_is_folded_with_the_first_of_them(marks: str) -> None:
    text = "a" + marks * 30_000 + " stop"
    for folded, offsets in (fold_with_offsets(text), smooth_with_offsets(text)):
        assert unicodedata.normalize("NFD", folded).startswith("a")
        assert folded.endswith(" stop")
        assert len(folded) <= len("a stop") + 30
        assert text[offsets[-6] : offsets[-1]] == " stop"
    assert fold(text) == fold_with_offsets(text)[0]
    assert smooth(text) == smooth_with_offsets(text)[0]


@pytest.mark.parametrize(
    ("written", "words", "original"),
    [
        ("Please, UN\u200bSUBSCRIBE me", "unsubscribe", "UN\u200bSUBSCRIBE"),
        ("I\u2019m  out\n of the  office!", "out of the office", "out\n of the  office"),
        ("die Stra\xdfe.", "strasse", "Stra\xdfe"),
        ("un cafe\u0301, merci", "cafe", "cafe\u0301"),
        ("so\u2026 what", "what", "what"),
        ("the end \n", "the end", "the end"),
        ("\u304b\u3099 \u3044\u3044\u3048", "\u3044\u3044\u3048", "\u3044\u3044\u3048"),
    ],
)
def test_offsets_lead_back_to_the_words_as_they_were_written(written: str, words: str, original: str) -> None:
    folded, offsets = fold_with_offsets(written)
    start = folded.index(words)
    assert written[offsets[start] : offsets[start + len(words)]] == original


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | TRICKY)
def test_smoothing_keeps_its_promises_for_any_text(text: str) -> None:
    smoothed, offsets = smooth_with_offsets(text)
    assert smoothed == smooth(text) == smooth(smoothed)
    assert len(offsets) == len(smoothed) + 1
    assert offsets == sorted(offsets)
    smoothed.encode("utf-8")


def test_smoothing_leaves_case_accents_and_line_breaks() -> None:
    assert smooth("CAF\xc9\u2019s\n\u2013 e\u0301\xa0\u200bx") == "CAF\xc9's\n- \xe9 x"


@pytest.mark.parametrize(
    ("text", "boundaries", "why"),
    [
        ("stop", {0, 4}, "no word begins within a word"),
        ("a b", {0, 1, 2, 3}, "blanks end words"),
        ("a-b", {0, 1, 2, 3}, "a hyphen ends a word: 'mail' is in 'e-mail'"),
        ("don't", {0, 5}, "an apostrophe within a word is part of it: 'don' is not in \"don't\""),
        ("'no'", {0, 1, 3, 4}, "an apostrophe at a word's edge is not part of it"),
        ("l'offre", {0, 2, 7}, "a word begins after an elided article"),
        ("qu'il", {0, 3, 5}, "and after an elided conjunction"),
        ("o'clock", {0, 7}, "but not after any letter"),
        ("x_1", {0, 3}, "the underscore and digits belong to words"),
        ("\u6211\u5011", {0, 1, 2}, "Chinese is written without blanks"),
        ("3\u6708", {0, 1, 2}, "also beside digits"),
        ("\u0e44\u0e21\u0e48", {0, 1, 3}, "a Thai tone mark belongs to its letter"),
        ("\u0928\u0939\u0940\u0902", {0, 4}, "Hindi vowel signs belong to the word"),
        ("", {0}, "an empty text is all boundary"),
    ],
)
def test_words_begin_and_end_where_a_reader_says(text: str, boundaries: set[int], why: str) -> None:
    assert {at for at in range(len(text) + 1) if is_boundary(text, at)} == boundaries, why


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(-3, 20))
def test_asking_for_a_boundary_never_fails(text: str, at: int) -> None:
    assert is_boundary(text, at) in {True, False}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("please _call me_ tomorrow", "call me"),
        ("call me___", "call me"),
        ("your __pricing__", "pricing"),
        ("pricing\N{SUPERSCRIPT TWO}", "pricing"),
        ("call me™", "call me"),
        ("pricing①", "pricing"),
        ("yes½", "yes"),
        ("call me\N{COMBINING ENCLOSING KEYCAP}", "call me"),
        ("yes\N{COMBINING ENCLOSING CIRCLE}", "yes"),
    ],
)
def test_signs_that_stress_or_annotate_a_word_do_not_become_part_of_it(text: str, words: str) -> None:
    folded = fold(text)
    at = folded.index(words)
    assert is_boundary(folded, at)
    assert is_boundary(folded, at + len(words))


def test_an_underscore_joins_two_words_and_a_row_of_them_takes_no_time() -> None:
    assert not is_boundary("first_name", 5)
    assert not is_boundary("first_name", 6)
    assert is_boundary("a" + "_" * 100_000 + "b", 50_000)
