"""What a test may order by JSON: rows whose members are checked against the table of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Types = type | tuple[type, ...]


def read_rows(
    value: Any, kind: str, types: Mapping[str, Types], required: Collection[str] = ()
) -> list[dict[str, Any]]:
    """The rows of a list. ValueError with a sentence if it is no list of objects, or a member is not as in `types`."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise ValueError(f"{kind}s are a list of objects")
    for row in value:
        _check(row, kind, types, required)
    return value


def _check(row: dict[str, Any], kind: str, types: Mapping[str, Types], required: Collection[str]) -> None:
    if missing := [name for name in required if name not in row]:
        raise ValueError(f"a {kind} needs {', '.join(missing)}")
    for name, given in row.items():
        if not isinstance(given, types.get(name, ())):
            raise ValueError(  # noqa: TRY004 - the value is at fault, not the caller
                f"a {kind} cannot have {name}: {given!r}; it may have {', '.join(types)}"
            )
