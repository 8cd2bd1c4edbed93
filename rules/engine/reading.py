"""A field of one reply as the conditions look at it: folded and scanned at most once, and only if one asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.engine.facts import find_kind
from rules.engine.language import FIELDS, Nature
from rules.engine.matching.addresses import keys_of
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import without_closing_marks
from rules.engine.matching.places import original_span
from rules.engine.once import once

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.engine.facts import Facts
    from rules.engine.index import Index
    from rules.engine.language import Field
    from rules.engine.matchers import Kind
    from rules.engine.matching.literals import LiteralIndex
    from rules.engine.matching.phrases import PhraseIndex, Span


class Reading:
    """One field of one reply."""

    def __init__(self, field: Field, facts: Facts, phrases: PhraseIndex | None, literals: LiteralIndex | None) -> None:
        self.field = field
        self._facts = facts
        self.text = field.read(facts)
        self.number = facts.campaign_id if field.nature is Nature.CAMPAIGN else None
        self.doubt = field.doubt(facts)
        self.sign = field.sign(facts)  # by what the value was found, as a clause; None where it was told
        self._phrases = phrases
        self._literals = literals

    @property
    def unknown(self) -> str | None:
        """Why nothing can be said about the field's text, as a sentence; None where it is known."""
        if self.doubt:
            return self.doubt
        return f"the event does not tell the {self.field.name}" if self.text is None else None

    @property
    def is_complete(self) -> bool:
        """Whether every test of the field holds or fails: nothing about it is unknown."""
        return self.unknown is None and (self.field.nature is not Nature.CAMPAIGN or self.number is not None)

    @once
    def folded(self) -> str:
        """The text in the form in which phrases are compared; empty where it is not told."""
        return fold(self.text or "")

    @once
    def phrases(self) -> dict[str, Span]:
        """Every phrase of the rules that stands in the text, by its key, with its place in the folded text."""
        return self._phrases.scan(self.folded) if self._phrases else {}

    @once
    def address_keys(self) -> tuple[str, ...]:
        """The key of every address form that covers the field's address, and the words that stand for it."""
        if self.field.nature is not Nature.ADDRESS:
            return ()
        words = (word.name for word in self.field.words if word.holds(self._facts))
        return (*keys_of(self.text or ""), *words)

    def keys(self, kind: Kind) -> Iterable[str]:
        """What stands in the field, as the matchers' guards of one kind name it."""
        if kind == "phrase":
            return self.phrases
        if kind == "literal":
            return self._literals.scan(self.text or "") if self._literals else ()
        value = without_closing_marks(self.folded)
        if self.field.nature is Nature.ADDRESS:
            return (*self.address_keys, value)
        return (value,) if self.number is None else (value, self.number)

    def original(self, span: Span) -> Span:
        """Where a stretch of the folded text stands in the text as it was written."""
        return original_span(self.text or "", self.folded, span)


class View(dict[str, Reading]):
    """A reply as a rule set looks at it: the readings of its fields by the fields' names, each made when asked for."""

    def __init__(self, facts: Facts, index: Index) -> None:
        super().__init__()
        self._facts = facts
        self._index = index

    def __missing__(self, name: str) -> Reading:
        field, index = FIELDS[name], self._index
        reading = Reading(field, self._facts, index.phrases.get(name), index.literals.get(name))
        if field.nature is Nature.KIND and reading.text is None and (kind := find_kind(self._facts)):
            reading.text, reading.sign, reading.doubt = kind.name, kind.sign, None
        self[name] = reading
        return reading
