"""Looks for the tests' secrets in whatever the suite leaves behind: output, log files, ledgers."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

from secrets_of_tests import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRETS = tuple(secret.encode() for secret in ALL)


def in_text(text: str | bytes) -> set[str]:
    """The secrets that stand in a text."""
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return {secret.decode() for secret in SECRETS if secret in raw}


def in_folder(folder: Path) -> dict[str, set[str]]:
    """File -> secrets in it, over all files below; of a ledger also the bodies, unpacked."""
    found: dict[str, set[str]] = {}
    for file in folder.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        leaked = in_text(file.read_bytes())
        if file.suffix == ".db":
            for body in bodies_of(file):
                leaked |= in_text(body)
        if leaked:
            found[str(file.relative_to(folder))] = leaked
    return found


def bodies_of(ledger: Path) -> Iterator[bytes]:
    """Every stored body of an SQLite ledger, as text."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT body FROM events").fetchall()
        except sqlite3.OperationalError:  # not migrated
            return
    for (body,) in rows:
        if body:
            yield zlib.decompress(body)
