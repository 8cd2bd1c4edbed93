"""How two mail addresses compare: for the parsing, the ledger and SmartLead's answers alike. Pure."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase
from typing import Final

_ASCII_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold_address(told: str | None) -> str:
    """The form in which addresses compare: no blanks around it, lower case; empty for none.

    Before the "@" only ASCII is lowered: look-alikes such as the Kelvin sign must not make two people one.
    """
    bare = (told or "").strip()
    if bare.isascii():  # as nearly all are
        return bare.lower()
    name, at, domain = bare.rpartition("@")
    return f"{name.translate(_ASCII_LOWER)}{at}{domain.lower()}"
