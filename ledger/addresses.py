"""Addresses and names as the ledger finds them."""

from __future__ import annotations

from functools import lru_cache

from addresses import fold_address

LONGEST = 200  # characters of what stands in an index: PostgreSQL refuses rows of more than 2.7 kB there

_fold_short = lru_cache(1024)(fold_address)  # while a batch is recorded each address is asked for some ten times


def fold(address: str) -> str:
    """As `fold_address`, of which the last ones are remembered, unless they are longer than any real one."""
    return _fold_short(address) if len(address) <= LONGEST else fold_address(address)


def fold_lead(address: str | None) -> str | None:
    """A lead's address, to find it by; None where there is none, or none so short as any real one is."""
    return _fold_short(address) if address and len(address) <= LONGEST else None
