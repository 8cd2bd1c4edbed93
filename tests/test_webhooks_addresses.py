"""Addresses compare as people read them, and no look-alike is taken for another."""

from __future__ import annotations

import pytest

from addresses import fold_address
from webhooks.addresses import is_public_suffix


@pytest.mark.parametrize("told", ["Kim@Acme.example", " KIM@ACME.EXAMPLE ", "kim@acme.example"])
def test_two_spellings_of_an_address_are_one(told: str) -> None:
    assert fold_address(told) == "kim@acme.example"


@pytest.mark.parametrize(
    "told", ["\N{KELVIN SIGN}im@acme.example", "k\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}m@acme.example"]
)
def test_a_look_alike_is_another(told: str) -> None:
    assert fold_address(told) != "kim@acme.example"


@pytest.mark.parametrize("told", [None, "", " "])
def test_no_address_is_empty(told: str | None) -> None:
    assert fold_address(told) == ""


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("co.uk", True),
        ("com.au", True),
        ("org.nz", True),
        ("acme.uk", False),
        ("acme.co.uk", False),
        ("co.example", False),
    ],
)
def test_below_a_public_suffix_anybody_may_have_a_domain(domain: str, *, expected: bool) -> None:
    assert is_public_suffix(domain) is expected
