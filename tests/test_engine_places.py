"""Places: the words that are shown are those that the person wrote, whatever folding made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.matching.folding import fold, fold_with_offsets
from rules.engine.matching.places import original_span

PIECES = [
    "call",
    "Me",
    " ",
    "  ",
    "\n",
    "\t",
    "é",
    "e\u0301",
    "ß",
    "ﬁ",
    "’",
    "\N{NO-BREAK SPACE}",
    "\u200b",
    "資料",
    "\u2800",
    "İ",
]
texts = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "words", "written"),
    [
        ("Please  call\n\nME back", "call me", "call\n\nME"),
        ("Caf\u00e9, s’il vous pla\u00eet", "s'il", "s’il"),
        ("Stra\u00dfe 5", "strasse", "Stra\u00dfe"),
        ("no\N{NO-BREAK SPACE}\u200bthanks", "no thanks", "no\N{NO-BREAK SPACE}\u200bthanks"),
        ("\n  stop", "stop", "stop"),
        ("今回は資料を送ってください", "資料", "資料"),
    ],
)
def test_folded_words_are_found_in_the_text_as_they_were_written(text: str, words: str, written: str) -> None:
    folded = fold(text)
    start = folded.index(words)
    assert text[slice(*original_span(text, folded, (start, start + len(words))))] == written


@given(texts, st.data())
def test_looking_at_a_few_words_gives_what_looking_at_every_character_gives(text: str, data: st.DataObject) -> None:
    folded, offsets = fold_with_offsets(text)
    words = [at for at, character in enumerate(folded) if character != " "]
    if folded != fold(text) or not words:
        return
    start, last = sorted([data.draw(st.sampled_from(words)), data.draw(st.sampled_from(words))])
    assert original_span(text, folded, (start, last + 1)) == (offsets[start], offsets[last + 1])
