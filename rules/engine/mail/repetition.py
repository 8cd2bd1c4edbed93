"""Repetition: which lines of a reply stand in the mail that was answered, and so are ours."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rules.engine.matching.folding import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.engine.mail.quotation import Line

_SHORT: Final = 20  # so few characters, such as "Best," and a first name, may be alike by chance


def may_repeat(lines: Sequence[Line], places: Sequence[int], sent: str) -> bool:
    """Tell, before the mail that we sent is looked into, whether `subtract` could find enough of it in the lines."""
    whole = fold(sent)
    texts = (lines[at].text.strip() for at in places)
    return sum(len(text) for text in texts if text and fold(text) in whole) >= _SHORT


def subtract(lines: Sequence[Line], places: Sequence[int], sent: str) -> list[int]:
    """Give those of the places whose lines do not stand in the mail that we sent; short ones only beside others."""
    ours = frozenset(map(fold, sent.splitlines())) | {""}
    whole = fold(sent)
    kept: list[int] = []
    for is_ours, run in groupby(places, lambda at: _stands_in(fold(lines[at].text), ours, whole)):
        same = list(run)
        if not is_ours or sum(len(lines[at].text.strip()) for at in same) < _SHORT:
            kept += same
    return kept


def _stands_in(folded: str, ours: frozenset[str], whole: str) -> bool:
    return folded in ours or (len(folded) >= _SHORT and folded in whole)
