"""A rules file as YAML: texts, lists and maps with their places, and clear words where YAML is misused."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import load
from rules.engine.loading.document import LOADER, Mapping, Node, Scalar, Sequence, read
from rules.engine.loading.problem import Place

HERE = Path(__file__).parent
FILES = sorted([*(HERE / "bad_rules").glob("*.yaml"), HERE.parent / "rules" / "rules.yaml"])


def as_python(node: Node | None) -> object:
    match node:
        case Scalar(text):
            return text
        case Sequence(items=items):
            return [as_python(item) for item in items]
        case Mapping(entries=entries):
            return [(key.text, as_python(value)) for key, value in entries]
        case _:
            return node


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("no", "Norway is a country, not False"),
        ("on", "a word"),
        ("Off", "a word"),
        ("0755", "an extension, not 493"),
        ("22:30", "a time, not 1350"),
        ("1.10", "a version, not 1.1"),
        ("1_000", "as it stands"),
        ("2026-11-22", "a day, not an object"),
        ("1e3", "an article number"),
        ("=", "an equals sign"),
        ("C# developer", "no comment begins inside a word"),
        ("a\N{NO-BREAK SPACE}b", "as it stands"),
    ],
)
def test_a_value_is_the_text_that_was_typed(typed: str, why: str) -> None:
    node, report = read(f"key: {typed}\nitems: [{typed}]\n")
    assert as_python(node) == [("key", typed), ("items", [typed])], why
    assert report.problems() == ()


def test_every_key_and_value_knows_line_column_and_width() -> None:
    node, _ = read('rules:\n  - name: "Zażółć 😀"\n    when: {reply is: [no, nope]}\n')
    assert isinstance(node, Mapping)
    (rules, items), *_ = node.entries
    assert isinstance(items, Sequence)
    assert isinstance(items.items[0], Mapping)
    (name, value), (_, when) = items.items[0].entries
    assert isinstance(when, Mapping)
    (reply_is, values), *_ = when.entries
    assert isinstance(values, Sequence)
    assert [rules.place, name.place, value.place] == [Place(1, 1, 5), Place(2, 5, 4), Place(2, 11, 10)]
    assert [reply_is.place, values.items[1].place] == [Place(3, 12, 8), Place(3, 27, 4)]


def test_a_repeated_key_is_kept_so_that_both_lines_can_be_named() -> None:
    node, _ = read("a: 1\na: 2\n")
    assert as_python(node) == [("a", "1"), ("a", "2")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_both_parsers_of_pyyaml_give_the_same_nodes_and_problems(file: Path) -> None:
    raw = file.read_bytes()
    fast, fast_report = read(raw, LOADER)
    plain, plain_report = read(raw, yaml.Loader)
    assert as_python(plain) == as_python(fast)
    assert plain_report.problems() == fast_report.problems()


@pytest.mark.parametrize(
    ("raw", "line", "column", "words"),
    [
        (b"", 1, 1, "The file is empty"),
        (b"# only a comment\n", 1, 1, "The file is empty"),
        (b"a: 1\nb: x\0y\n", 2, 5, "U+0000 cannot stand"),
        (b"a: \x1b[31m\n", 1, 4, "U+001B cannot stand"),
        ("a: é\nb: ü\n".encode("latin-1"), 1, 4, "0xE9 is not UTF-8"),
        (codecs.BOM_UTF16_LE + "a: 1\n".encode("utf-16-le"), 1, 1, "saved as UTF-16"),
        (b"x" * (8 * 1024 * 1024 + 1), 1, 1, "larger than 8 MiB"),
        (b"[" * 5000, 1, 21, "nested more than 20 levels"),
        (b"- " * 5000, 1, 41, "nested more than 20 levels"),
        (b"{a: " * 5000, 1, 81, "nested more than 20 levels"),
        (b"- a\n" * 600_000, 1, 1, "more than 400,000 lines"),
        (b"a:\n- [" + b"b," * 300_000 + b"]\n", 3, 1, "more than 300,000 keys, texts and lists"),
        (b"a:\tb\n" * 100_001, 1, 1, "more than 100,000 tabs"),
        (b"version: 1\nrules: []\ndefault: " + b"b" * 100_001, 3, 10, "longer than 100,000 characters"),
        (b'a: "\\uD800"\n', 1, 4, "backslash"),
        (b'a: "\\UFFFFFFFF"\n', 1, 4, "backslash"),
        ("a: \ud800\n", 1, 4, "U+D800 cannot stand"),
        ("\ufeffa: \ufeffb\n", 1, 4, "U+FEFF cannot stand"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_cannot_be_read_is_a_problem_with_its_place(raw: str | bytes, line: int, column: int, words: str) -> None:
    loaded = load(raw)
    first = loaded.problems[0]
    assert loaded.ruleset is None
    assert words in first.message
    assert (first.line, first.column) == (line, column)


def test_a_byte_order_mark_and_windows_line_ends_are_harmless() -> None:
    text = "version: 1\nrules:\n  - name: a\n    when: {reply contains: no}\n    mark: hide\n"
    loaded = load(codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode())
    assert [(problem.line, problem.column) for problem in loaded.problems] == [(5, 11)]


def test_a_line_separator_inside_a_line_does_not_shift_the_line_numbers() -> None:
    loaded = load("version: 1\n# a\u2028b\x85c\nrules: wrong\n")
    assert [(problem.line, problem.column) for problem in loaded.problems] == [(3, 8)]


def test_an_alias_bomb_is_refused_without_being_unfolded() -> None:
    levels = zip("abcdefghi", "bcdefghij", strict=True)
    bomb = "a: &a [x, x]\n" + "".join(f"{key}: &{key} [*{old}, *{old}]\n" for old, key in levels)
    loaded = load(bomb)
    assert loaded.ruleset is None
    assert any(problem.message.startswith('"*" begins an alias') for problem in loaded.problems)


def test_a_file_full_of_mistakes_gives_a_hundred_problems_and_says_that_there_are_more() -> None:
    problems = load("a: [" + "*b, " * 5000 + "c]\n").problems
    assert len(problems) == 100
    assert problems[-1].message.endswith("There are more problems; mend these first.")


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.binary(), st.text(alphabet=" \n\t-:[]{}#&*!|>'\"%@`\\abx,?\ufeff\x85")))
def test_loading_never_raises_and_says_why_there_is_no_rule_set(raw: str | bytes) -> None:
    loaded = load(raw)
    assert loaded.ruleset is not None or any(problem.severity == "error" for problem in loaded.problems)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_loading_survives_any_damage_to_a_good_file(data: st.DataObject) -> None:
    text = (HERE.parent / "rules" / "rules.yaml").read_text(encoding="utf-8")[:3000]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    damage = data.draw(st.text(alphabet=" \n\t-:[]{}#&*!|>'\"%@`\\ab$,?<", max_size=6))
    loaded = load(text[:start] + damage + text[end:])
    assert loaded.ruleset is not None or loaded.problems
    lines = (text[:start] + damage + text[end:]).split("\n")
    for problem in loaded.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(problem.text) + 1
