"""Small rules files for tests, one rule a line."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from rules.engine import RuleSet, load
from rules.engine.meaning.checks import check_meaning

TODAY = date(2026, 11, 23)


def file_of(*rules: dict[str, Any]) -> str:
    """A file with one rule a line; the first rule is on line 2."""
    named = [{"name": f"rule {number}", "mark": "leave", **rule} for number, rule in enumerate(rules)]
    lines = (json.dumps(rule, ensure_ascii=False) for rule in named)
    return '{"version": "1", "rules": [\n' + ",\n".join(lines) + "\n]}"


def messages_of(*rules: dict[str, Any]) -> list[str]:
    loaded = load(file_of(*rules))
    assert loaded.ruleset is not None
    return [problem.message for problem in check_meaning(loaded, TODAY)]


def rule(mark: str = "leave", **when: Any) -> dict[str, Any]:
    return {"when": {key.replace("_", " "): value for key, value in when.items()}, "mark": mark}


def ruleset_of(text: str) -> RuleSet:
    ruleset = load(text).ruleset
    assert ruleset is not None
    return ruleset
