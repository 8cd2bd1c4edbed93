"""Addresses and names as the ledger compares them."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase

LONGEST = 200  # characters of what stands in an index: PostgreSQL refuses rows of more than 2.7 kB there

_ASCII_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def fold(address: str) -> str:
    """Equal for two spellings of one address.

    Before the @ only A to Z are lowered: other letters have look-alikes there, as the sign of Kelvin has in k.
    """
    local, at, domain = address.rpartition("@")
    return f"{local.translate(_ASCII_LOWER)}@{domain.lower()}" if at else domain.translate(_ASCII_LOWER)


def fold_lead(address: str | None) -> str | None:
    """A lead's address, to find it by; None where there is none, or none so short as any real one is."""
    return fold(address) if address and len(address) <= LONGEST else None
