"""The JSON Schema of a rules file, for editors: completion and a sentence for every key, out of the language's table.

`make schema` writes the file anew; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules.engine.language import CONDITIONS, EXAMPLE_KEYS, FIELDS, FILE_KEYS, GROUPS, MARKS, RULE_KEYS, Operand
from rules.engine.loading.conditions import DEEPEST

if TYPE_CHECKING:
    from rules.engine.language import Field, Test

Schema = dict[str, Any]

MAYBE_EMPTY: Schema = {"type": ["string", "number", "boolean"]}  # what editors take for a number is a text here
TEXT: Schema = MAYBE_EMPTY | {"minLength": 1}
TEXTS: Schema = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
YES_OR_NO: Schema = {"enum": ["yes", "no"]}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
LIST_NAME = r"^\$"


def json_schema() -> Schema:
    """Give the schema, in draft 7: the newest that the YAML extensions of editors know."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Replymark's rules",
        "description": "From top to bottom: the first rule that matches a reply decides about its conversation.",
        **_object(FILE_KEYS, _file(), required=["version", "rules"]),
        "definitions": {
            "mark": {"oneOf": [{"const": mark, "description": about} for mark, about in MARKS.items()]},
            "rule": _object(RULE_KEYS, _rule(), required=["name", "when", "mark"]),
            "reply": _object({name: field.about for name, field in FIELDS.items()}, _reply()),
            "conditions": _lines(),
            **{f"conditions-{depth}": _conditions(depth) for depth in range(DEEPEST + 1)},
        },
    }


def _file() -> dict[str, Schema]:
    return {
        "version": {"enum": ["1", 1]},
        "default": _ref("mark"),
        "lists": {"type": ["object", "null"], "additionalProperties": TEXTS},
        "rules": {"type": "array", "items": _ref("rule")},
    }


def _rule() -> dict[str, Schema]:
    reply = {"anyOf": [TEXT, _ref("reply")]}
    examples = {"anyOf": [*reply["anyOf"], {"type": "array", "items": reply, "minItems": 1}]}
    return {
        "name": TEXT,
        "when": _ref("conditions-0"),
        "mark": _ref("mark"),
        "examples": _object(EXAMPLE_KEYS, dict.fromkeys(EXAMPLE_KEYS, examples)) | {"minProperties": 1},
        "note": TEXT,
        "until": DAY,
        "trial": YES_OR_NO,
        "paused": YES_OR_NO,
    }


def _reply() -> dict[str, Schema]:
    """What an example may tell of a reply."""
    return {name: {"enum": list(field.choices)} if field.choices else MAYBE_EMPTY for name, field in FIELDS.items()}


def _lines() -> Schema:
    """Every condition that can be written. Maps that hold them name their keys apart, for more may stand there."""
    return {
        "properties": {
            key: {"description": f"{test.about} ({field.name}: {field.about})", **_operand(field, test)}
            for key, (field, test) in CONDITIONS.items()
        }
    }


def _conditions(depth: int) -> Schema:
    """Lines that may stand together, `depth` groups deep."""
    groups = GROUPS if depth < DEEPEST else {}
    members = {"type": "array", "items": _ref(f"conditions-{depth + 1}"), "minItems": 1}
    shapes = {key: {"description": about, **members} for key, about in groups.items()}
    return {
        "type": "object",
        "minProperties": 1,
        "allOf": [_ref("conditions"), {"properties": shapes}],
        "propertyNames": {"enum": [*CONDITIONS, *groups]},
    }


def _operand(field: Field, test: Test) -> Schema:
    if test.operand is Operand.YES_OR_NO:
        return YES_OR_NO
    if not field.choices:
        return TEXTS
    choice = {"anyOf": [{"enum": list(field.choices)}, {"type": "string", "pattern": LIST_NAME}]}
    return {"anyOf": [choice, {"type": "array", "items": choice, "minItems": 1}]}


def _object(about: dict[str, str], shape: dict[str, Schema], required: list[str] | None = None) -> Schema:
    """A map with these keys and no others, each with its sentence."""
    properties = {key: {"description": about[key], **_beside(shape[key])} for key in shape}
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | {"required": required} if required else found


def _beside(shape: Schema) -> Schema:
    """A shape that may stand beside a description: in draft 7 a `$ref` hides its neighbours."""
    return {"allOf": [shape]} if "$ref" in shape else shape


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}
