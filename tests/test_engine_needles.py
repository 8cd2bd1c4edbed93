"""Needles: where none of them stands, the pattern that they are for is not found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine.mail.idioms import ANSWERS_BELOW, ANSWERS_NEEDLES, TAG_LINE, TAG_NEEDLES
from rules.engine.matching.needles import Needles

if TYPE_CHECKING:
    import re

    from hypothesis.strategies import DataObject


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [(ANSWERS_BELOW, ANSWERS_NEEDLES), (TAG_LINE, TAG_NEEDLES)],
    ids=["answers below", "tag line"],
)
@settings(max_examples=300)
@given(st.data())
def test_in_whatever_matches_stands_a_needle(pattern: re.Pattern[str], needles: Needles, data: DataObject) -> None:
    assert needles.stand_in(data.draw(st.from_regex(pattern)))


def test_needles_are_found_within_words_and_beside_half_a_surrogate_pair() -> None:
    needles = Needles(["low", "\u4e0b\u8f7d"])
    assert needles.stand_in("below")
    assert needles.stand_in("\ud800\u4e0b\u8f7d\udfff")
    assert not needles.stand_in("LOW \ud800")
    assert not needles.stand_in("")
