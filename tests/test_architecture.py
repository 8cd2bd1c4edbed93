"""Who may import whom. The tables below are the house's plan; the tests hold the code to it."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent

# From top to bottom: an import goes down only, never up and never sideways.
LAYERS = (
    {"gunicorn.conf"},
    {"app"},
    {"cli", "backend"},
    {"serving"},
    {"webhooks", "console", "worker", "parts"},
    {"inbox", "rulebook"},
    {"ledger", "handlers", "rules"},
    {"model", "config", "logs", "addresses"},
)
APART = {"sandbox"}  # imports nothing of ours; those who serve may start it
MAY_START_SANDBOX = {"serving", "cli"}

# Who may use what is not ours. A library that is not here may be used by nobody.
LIBRARIES = {
    "flask": {"app", "cli", "webhooks", "console", "parts"},
    "werkzeug": {"app", "webhooks"},
    "click": {"cli"},
    "dotenv": {"serving"},
    "gunicorn": {"gunicorn.conf"},
    "requests": {"handlers"},
    "urllib3": {"handlers"},
    "sqlalchemy": {"ledger"},
    "alembic": {"ledger"},
    "yaml": {"rules"},
    "re2": {"rules"},
    "ahocorasick_rs": {"rules"},
    "selectolax": {"rules"},
}
# What the engine must not reach for: it is pure.
IMPURE = {
    "time",
    "random",
    "socket",
    "http",
    "urllib",
    "os",
    "pathlib",
    "threading",
    "logging",
    "sqlite3",
    "subprocess",
}

OURS = set().union(*LAYERS) | APART


def source_files() -> list[Path]:
    files = [*ROOT.glob("*.py"), *(path for name in OURS for path in (ROOT / name).rglob("*.py"))]
    return sorted(path for path in files if path.name != "conftest.py")


def part_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide who is meant"
            yield node.module


def level_of(part: str) -> int:
    return next(level for level, parts in enumerate(LAYERS) if part in parts)


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down_only(path: Path) -> None:
    part = part_of(path)
    assert part in OURS, f"{part} stands in no layer: give it a place in the table"
    for imported in imports_of(path):
        other = imported.partition(".")[0]
        if other == part or other not in OURS:
            continue
        assert part not in APART, f"{path.name} imports {imported}: the sandbox is nobody's"
        if other in APART:
            assert part in MAY_START_SANDBOX, f"{path.name} imports {imported}"
        else:
            assert level_of(other) > level_of(part), f"{path.name} imports {imported}, which is not below it"


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_each_library_is_used_where_it_belongs(path: Path) -> None:
    for imported in imports_of(path):
        name = imported.partition(".")[0]
        if name in OURS or name in sys.stdlib_module_names:
            continue
        assert part_of(path) in LIBRARIES.get(name, set()), f"{path} imports {imported}"


def test_the_engine_is_pure() -> None:
    for path in (ROOT / "rules" / "engine").rglob("*.py"):
        for imported in imports_of(path):
            assert imported.partition(".")[0] not in IMPURE, f"{path.name} imports {imported}"


def test_every_part_has_its_place() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert (folders | modules) - {"tests"} == OURS
