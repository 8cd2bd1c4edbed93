"""A field of one reply as the conditions look at it: folded and scanned at most once, and only if one asks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from rules.engine.folding import fold, fold_with_offsets
from rules.engine.language import FIELDS, Nature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.engine.facts import Facts
    from rules.engine.language import Field
    from rules.engine.phrases import PhraseIndex, Span


class Reading:
    """One field of one reply."""

    def __init__(self, field: Field, facts: Facts, index: PhraseIndex | None) -> None:
        self.field = field
        self.text = field.read(facts)
        self.number = facts.campaign_id if field.nature is Nature.CAMPAIGN else None
        self.doubt = field.doubt(facts)
        self._index = index

    @property
    def unknown(self) -> str | None:
        """Why nothing can be said about the field's text, as a sentence; None where it is known."""
        if self.doubt:
            return self.doubt
        return f"the event does not tell the {self.field.name}" if self.text is None else None

    @cached_property
    def folded(self) -> str:
        """The text in the form in which phrases are compared; empty where it is not told."""
        return fold(self.text or "")

    @cached_property
    def phrases(self) -> dict[str, Span]:
        """Every phrase of the rules that stands in the text, by its key, with its place in the folded text."""
        return self._index.scan(self.folded) if self._index else {}

    def original(self, span: Span) -> Span:
        """Where a stretch of the folded text stands in the text as it was written."""
        offsets = self._offsets
        return offsets[span[0]], offsets[span[1]]

    @cached_property
    def _offsets(self) -> list[int]:
        return fold_with_offsets(self.text or "")[1]


class View:
    """A reply as a rule set looks at it."""

    def __init__(self, facts: Facts, indexes: Mapping[str, PhraseIndex]) -> None:
        self._facts = facts
        self._indexes = indexes
        self._readings: dict[str, Reading] = {}

    def __getitem__(self, name: str) -> Reading:
        """Give the reading of a field by the field's name."""
        reading = self._readings.get(name)
        if reading is None:
            reading = Reading(FIELDS[name], self._facts, self._indexes.get(name))
            self._readings[name] = reading
        return reading
