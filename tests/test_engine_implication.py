"""What follows from what: a phrase that is found, and those that are found wherever it is."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st
from rules_files import file_of, ruleset_of

from rules.engine import Facts, decide_facts
from rules.engine.matching.phrases import Phrase, PhraseIndex, parse_phrase
from rules.engine.meaning.implication import Find, Implications


def phrase_of(written: str) -> Phrase:
    phrase = parse_phrase(written)
    assert isinstance(phrase, Phrase)
    return phrase


# Pieces that make it hard to tell where a word begins or ends: apostrophes, elisions, marks, a script without blanks.
PIECES = ["l", "d", "qu", "offre", "'", " ", "-", ".", "?", "\u4e00", "\u0e33", "\u0903", "_"]
pieces = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
phrases = st.builds(lambda words, end: words + end, pieces, st.sampled_from(["", "", "*"])).filter(
    lambda written: isinstance(parse_phrase(written), Phrase)
)


@settings(max_examples=500, deadline=None)
@given(phrases, phrases, pieces, pieces)
def test_what_follows_from_a_phrase_is_found_wherever_the_phrase_is(
    one: str, other: str, before: str, after: str
) -> None:
    both = [phrase_of(one), phrase_of(other)]
    implications = Implications({"subject": PhraseIndex(both)})
    reply = Facts(subject=before + both[0].words + after)
    kinds = [kind for kind in ("contains", "starts with", "ends with") if kind != "ends with" or "*" not in one + other]
    found = {
        Find("subject", kind, phrase.key): matches({f"subject {kind}": phrase.written}, reply)
        for kind in kinds
        for phrase in both
    }
    for (find, is_there), (second, is_second_there) in product(found.items(), repeat=2):
        if is_there and second in implications.of(find):
            assert is_second_there, (find, second, reply.subject)
        if implications.exclude(find, second):
            assert not (is_there and is_second_there), (find, second, reply.subject)


def matches(when: dict[str, str], reply: Facts) -> bool:
    return decide_facts(ruleset_of(file_of({"when": when})), reply).rule is not None
