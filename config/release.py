"""Which release this is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

CHANGELOG = Path(__file__).parent.parent / "CHANGELOG.md"


@cache
def version() -> str:
    """The version, from the first heading of CHANGELOG.md."""
    found = re.search(r"^## \[?v?(\d[\w.]*)", CHANGELOG.read_text("utf-8"), re.MULTILINE)
    return found[1] if found else "0"
