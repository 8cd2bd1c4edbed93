"""The lists of signs are in order, and a broken one is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from rules.engine.mail.openings import GAP, OR
from rules.engine.mail.sign_lists import FILES, index_of, lists_of, parse_lists
from rules.engine.matching.folding import fold
from rules.engine.matching.phrases import Unusable, parse_phrase

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNS = Path(__file__).parent.parent / "rules" / "engine" / "mail" / "signs"
OPTIONAL = {"teams"}  # what houses call themselves, where that is more than a name
SECTIONS = {
    "openings": {"absences", "receipts", "declarations"},
    "companions": {"courtesies", "promises", "settings", "answers", "tickets", "turns", "purposes", "returns"},
    "persons": {"wishes", "departures", "demands"},
}


def test_no_phrase_of_a_program_holds_what_only_persons_write() -> None:
    """Such a phrase could never count. English wishes are looked for in every language."""
    for file, section, language, entry in sign_entries("openings", "companions"):
        if section in {"turns", "purposes", "returns"}:
            continue
        for spoken in {language, "English"}:
            wishes = index_of("persons", spoken, "wishes").scan(fold(entry))
            assert not wishes, f'{file}.yaml, {language}, {section}: "{entry}" has {sorted(wishes)} of {spoken}'


def test_every_language_has_all_it_needs_and_there_are_many() -> None:
    assert len(lists_of("subjects")["auto-reply"]) >= 25
    assert len(lists_of("openings")) >= 25
    for file, sections in SECTIONS.items():
        assert lists_of(file).keys() == lists_of("openings").keys(), file
        for language, lists in lists_of(file).items():
            assert lists.keys() - OPTIONAL == sections, f"{file}.yaml, {language}"


@pytest.mark.parametrize("file", FILES)
def test_every_entry_of_the_lists_can_be_found(file: str) -> None:
    assert wrong_entries((SIGNS / f"{file}.yaml").read_text("utf-8")) == []


def test_all_files_of_signs_are_read() -> None:
    assert {path.stem for path in SIGNS.iterdir()} == set(FILES)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a:\n  b: |\n    yes\n    YES\n", 'a, b: "YES" is there already, as "yes".'),
        ("a:\n  b: |\n    yes\n\n    no\n", "a, b: an entry is empty."),
        ("a: |\n  un*sub\n", 'a: "un*sub": A "*" may stand only at the end of a phrase, where it opens the last word.'),
        ("a:\n  b: [yes]\n", 'a, b: no list: write "|" after the colon, and one entry a line.'),
        ("a: yes\n", 'a: no list: write "|" after the colon, and one entry a line.'),
        ("a: |\n  I am ... away ... now\n", 'a: "I am ... away ... now" has more than one "...".'),
    ],
)
def test_a_wrong_entry_is_told_in_a_sentence(text: str, sentence: str) -> None:
    assert wrong_entries(text) == [sentence]


def sign_entries(*names: str) -> Iterator[tuple[str, str, str, str]]:
    """Give each half of each entry: file, section, language, words."""
    for file in names:
        for language, sections in lists_of(file).items():
            for section, entries in sections.items():
                yield from ((file, section, language, part) for entry in entries for part in halves(entry))


def halves(entry: str) -> list[str]:
    return entry.removesuffix("*").replace(GAP, OR).split(OR)


def wrong_entries(text: str) -> list[str]:
    """Tell in sentences what is wrong in a file of lists."""
    found: list[str] = []
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for outer, node in root.value if root else ():
        inner = node.value if isinstance(node, yaml.MappingNode) else [(None, node)]
        for name, block in inner:
            where = f"{outer.value}, {name.value}" if name else outer.value
            found += (f"{where}: {problem}" for problem in wrong_in_list(block))
    return found


def wrong_in_list(block: yaml.Node) -> Iterator[str]:
    if not isinstance(block, yaml.ScalarNode) or block.style != "|":
        yield 'no list: write "|" after the colon, and one entry a line.'
        return
    seen: dict[str, str] = {}
    for entry in block.value.removesuffix("\n").split("\n"):
        if not entry.strip():
            yield "an entry is empty."
        elif entry.count(GAP) > 1:
            yield f'"{entry}" has more than one "{GAP}".'
        elif fold(entry) in seen:
            yield f'"{entry}" is there already, as "{seen[fold(entry)]}".'
        seen.setdefault(fold(entry), entry)
        parsed = map(parse_phrase, entry.replace(GAP, OR).split(OR)) if entry.strip() else ()
        yield from (f'"{entry}": {phrase.reason}' for phrase in parsed if isinstance(phrase, Unusable))


@pytest.mark.parametrize(
    "broken",
    [
        "wishes:\n  English\n    |\n    call me\n",  # a colon is missing
        "wishes:\n  English:\n    - call me\n",
        "wishes: |\n  call me\n wishes: x\n",
        "- call me\n",
        "",
    ],
)
def test_a_broken_file_of_signs_is_refused_for_without_it_people_look_like_programs(broken: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_lists(broken.encode(), "persons.yaml")
