"""What the environment says of one variable: itself, or the file that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from config.values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "_FILE"


def value_of(name: str, environment: Mapping[str, str], *, secret: bool) -> str:
    """The variable's text; of a secret also that of the file which `<name>_FILE` names. An empty one counts as none."""
    value = environment.get(name, "").strip()
    path = environment.get(f"{name}{FILE}", "").strip() if secret else ""
    if not path:
        return value
    if value:
        raise UnreadableError(f"and {name}{FILE} are both set: set one of them")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise UnreadableError(f"can not be read from the file that {name}{FILE} names") from None


def endings_of(name: str, environment: Mapping[str, str]) -> list[str]:
    """What stands behind `<name>_` in the variables that are set, without the `_FILE` of secrets that lie in files."""
    begins = f"{name}_"
    set_ = [one.removeprefix(begins) for one, value in environment.items() if one.startswith(begins) and value.strip()]
    return sorted({ending.removesuffix(FILE) for ending in set_ if f"_{ending}" != FILE})
