"""Address forms: an address, "@domain", "*.domain" (its subdomains), "name@*", and the word for our own team."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from rules.engine.matching.phrases import Unusable

OURS = "ours"

_LONGEST_DOMAIN = 253
_DEVIATING = frozenset("ßς\u200c\u200d")  # what IDNA 2008 keeps and IDNA 2003 made something else of
_DOMAIN = r"[^\s@<>,;:*\"()]+\.[^\s@<>,;:*\"().]+"
_NAME = r"[^\s@<>,;:*\"()]+"
_ADDRESS = re.compile(rf"(?:{_NAME})?@{_DOMAIN}|{_NAME}@\*")
_SUBDOMAINS = re.compile(r"\*\.[^\s@<>,;:*\"()]+")  # "*.edu" too
_LIKELY_MEANT = (
    (re.compile(rf"({_DOMAIN})"), "@{}"),
    (re.compile(rf"\*@({_DOMAIN})"), "@{}"),
    (re.compile(rf"@\*\.({_DOMAIN})"), "*.{}"),
    (re.compile(rf"\*@\*\.({_DOMAIN})"), "*.{}"),
    (re.compile(rf"(?:mailto:|.*<)({_NAME}@{_DOMAIN})>?"), "{}"),
    (re.compile(rf"({_NAME})@"), "{}@*"),
)
_FORMS = 'The forms are "name@acme.com", "@acme.com", "*.acme.com" (subdomains) and "name@*".'


@dataclass(frozen=True, slots=True)
class AddressForm:
    """One written form. `key` is what is compared: "name@domain", "@domain", "*.domain", "name@*" or OURS."""

    written: str
    key: str


def parse_address(written: str) -> AddressForm | Unusable:
    """Read an address form as its author wrote it."""
    text = written.strip()
    if text.casefold() == OURS:
        return AddressForm(written, OURS)
    if _SUBDOMAINS.fullmatch(text):
        return AddressForm(written, f"*.{_domain(text[2:])}")
    if _ADDRESS.fullmatch(text):
        name, _, domain = text.rpartition("@")
        return AddressForm(written, f"{name.lower()}@{_domain(domain)}")
    for shape, meant in _LIKELY_MEANT:
        found = shape.fullmatch(text)
        if found:
            return Unusable(f'"{written}" is not a form of an address.', f'did you mean "{meant.format(found[1])}"?')
    return Unusable(f'"{written}" is not a form of an address.', _FORMS)


def keys_of(address: str) -> list[str]:
    """Give the key of every form that covers this address. Never raises; a text without "@" has none."""
    name, at, domain = address.strip().lower().rpartition("@")
    if not at:
        return []
    domain = _domain(domain)
    keys = [f"{name}@{domain}", f"@{domain}", f"{name}@*"]
    if len(domain) <= _LONGEST_DOMAIN:
        while "." in domain:
            domain = domain.partition(".")[2]
            keys.append(f"*.{domain}")
    return keys


def _domain(domain: str) -> str:
    """Give a domain as DNS writes it, in lower case."""
    domain = domain.rstrip(".").lower()
    if domain.isascii() or len(domain) > _LONGEST_DOMAIN:
        return domain
    try:
        return ".".join(map(_label, domain.split(".")))
    except UnicodeError:
        return domain


def _label(label: str) -> str:
    """Give one part of a domain in ASCII.

    Python's codec is that of IDNA 2003, which makes "strasse" of "straße"; since IDNA 2008 the two have two owners.
    """
    if label.isascii():
        return label
    if _DEVIATING.isdisjoint(label):
        return label.encode("idna").decode("ascii")
    return "xn--" + normalize("NFC", label).encode("punycode").decode("ascii")
