"""Addresses and names as the ledger finds them."""

from __future__ import annotations

from addresses import fold_address

LONGEST = 200  # characters of what stands in an index: PostgreSQL refuses rows of more than 2.7 kB there


def fold_lead(address: str | None) -> str | None:
    """A lead's address, to find it by; None where there is none, or none so short as any real one is."""
    return fold_address(address) if address and len(address) <= LONGEST else None
