"""How two mail addresses compare. Pure."""

from __future__ import annotations

import re
import string
from typing import Final

_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
# Below these anybody may have a domain: co.uk, com.au, org.nz.
_SHARED_ENDING: Final = re.compile(
    r"(?:ac|co|com|ed|edu|gob|go|gouv|gov|govt|gv|ltd|me|ne|net|nom|or|org|plc)\.[a-z]{2}"
)


def folded_address(told: str | None) -> str:
    """The form in which addresses compare: no blanks around it, lower case; empty for none.

    Before the "@" only ASCII is lowered: look-alikes such as the Kelvin sign must not make two people one.
    """
    name, at, domain = (told or "").strip().rpartition("@")
    return f"{name.translate(_ASCII_LOWER)}{at}{domain.lower()}"


def domain_of(address: str) -> str:
    """What stands behind the last "@", in lower case; empty without one."""
    return address.lower().rpartition("@")[2] if "@" in address else ""


def is_public_suffix(domain: str) -> bool:
    """Whether a domain of two labels is one below which anybody may have a domain of his own."""
    return bool(_SHARED_ENDING.fullmatch(domain))
