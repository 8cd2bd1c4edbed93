"""The JSON Schema for editors says what the loader says, and has a sentence for every key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from rules.engine import FIELDS, TESTS, load
from rules.engine.language import CONDITIONS, GROUPS, RULE_KEYS
from rules.engine.loading.document import Mapping, Refused, Scalar, Sequence, read
from rules.engine.loading.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.engine.loading.document import Node

ROOT = Path(__file__).parent.parent
FILE = ROOT / "rules" / "engine" / "rules.schema.json"
VALIDATOR = Draft7Validator(json.loads(FILE.read_text(encoding="utf-8")))
# What a schema can not see: it knows neither other rules, nor patterns, nor how a text was typed.
BEYOND_A_SCHEMA = {
    *("address-forms", "asterisk-in-a-whole-value", "asterisk-inside-a-phrase", "backslash-in-double-quotes"),
    *("condition-twice", "list-in-a-list", "list-unknown", "list-used-as-addresses", "name-twice", "pattern"),
    *("pattern-as-a-phrase", "patterns-that-cannot-be-searched", "text-too-long"),
}


def plain(node: Node | None) -> Any:
    match node:
        case Scalar(text=text):
            return text
        case Sequence() as sequence:
            return [plain(item) for item in sequence.items]
        case Mapping() as mapping:
            return {key.text: plain(value) for key, value in mapping.entries}
        case Refused() | None:
            return None


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from objects(item)


def test_the_file_is_what_the_language_gives() -> None:
    written = json.loads(FILE.read_text(encoding="utf-8"))
    assert written == json_schema(), "write it anew: make schema"


def test_it_is_a_schema_of_draft_7() -> None:
    Draft7Validator.check_schema(json_schema())


def test_every_key_has_a_sentence() -> None:
    maps = [found["properties"] for found in objects(json_schema())]
    assert sum(map(len, maps)) > 100
    assert all(shape["description"] for found in maps for shape in found.values())


def test_every_condition_and_group_and_key_of_a_rule_can_be_completed() -> None:
    known = json_schema()["definitions"]
    assert known["conditions"]["properties"].keys() == CONDITIONS.keys()
    assert [set(known[f"conditions-{depth}"]["propertyNames"]["enum"]) - CONDITIONS.keys() for depth in range(3)] == [
        GROUPS.keys(),
        GROUPS.keys(),
        set(),
    ]
    assert known["rule"]["properties"].keys() == RULE_KEYS.keys()
    assert {f"{name} {test}" for name, field in FIELDS.items() for test in field.tests} == CONDITIONS.keys()
    assert {test for field in FIELDS.values() for test in field.tests} == TESTS.keys()


def test_the_shipped_rules_fit_and_name_the_schema_for_editors() -> None:
    text = (ROOT / "rules" / "rules.yaml").read_text(encoding="utf-8")
    assert list(VALIDATOR.iter_errors(plain(read(text)[0]))) == []
    modeline = next(line for line in text.splitlines() if "yaml-language-server" in line)
    assert (ROOT / "rules" / modeline.partition("$schema=")[2]).resolve() == FILE


@pytest.mark.parametrize("file", sorted((ROOT / "tests" / "bad_rules").glob("*.yaml")), ids=lambda file: file.stem)
def test_an_editor_marks_what_the_loader_refuses_where_a_schema_can_see_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    node, report = read(text)
    refused = any(problem.severity == "error" for problem in load(text).problems)
    if node is None or report.failed or file.stem in BEYOND_A_SCHEMA:
        assert refused
    else:
        assert bool(list(VALIDATOR.iter_errors(plain(node)))) == refused
