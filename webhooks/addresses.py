"""The domains of mail addresses, and which of them anybody may share. Pure."""

from __future__ import annotations

import re
from typing import Final

# Below these anybody may have a domain: co.uk, com.au, org.nz.
_SHARED_ENDING: Final = re.compile(
    r"(?:ac|co|com|ed|edu|gob|go|gouv|gov|govt|gv|ltd|me|ne|net|nom|or|org|plc)\.[a-z]{2}"
)


def domain_of(address: str) -> str:
    """What stands behind the last "@", in lower case; empty without one."""
    return address.lower().rpartition("@")[2] if "@" in address else ""


def is_public_suffix(domain: str) -> bool:
    """Whether a domain of two labels is one below which anybody may have a domain of his own."""
    return bool(_SHARED_ENDING.fullmatch(domain))
