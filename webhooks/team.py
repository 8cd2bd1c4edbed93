"""Who is one of us: by the domains that the settings name, and by the mailboxes that SmartLead sends from. Pure.

SmartLead reports mail of our own people as replies, too, where they write into a thread from outside SmartLead.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from addresses import fold_address
from rules.engine.matching.addresses import keys_of
from webhooks.addresses import domain_of, is_public_suffix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model import Reply


@dataclass(frozen=True, slots=True)
class Team:
    """`forms`: address forms of ours, as "@acme.com". `mailboxes`: addresses that were seen to send for us."""

    forms: frozenset[str]
    mailboxes: frozenset[str]
    domains: frozenset[str]  # of two mailboxes at least, and not one where anybody has an address

    def has(self, address: str) -> bool:
        """Whether this very address is ours: named by the setting, or seen to send for us."""
        folded = fold_address(address)
        return folded in self.mailboxes or self._names(folded)

    def wrote(self, reply: Reply) -> bool:
        """Whether one of us wrote this reply, from outside SmartLead; never where the lead itself did.

        What only events told does not count at the lead's own domain: one that mixed lead and mailbox up would make the
        lead's colleagues ours.
        """
        if reply.sender == reply.lead:
            return reply.ours
        sender, lead = fold_address(reply.sender), fold_address(reply.lead)
        if not sender or sender == lead:
            return reply.ours
        told = sender in self.mailboxes or domain_of(sender) in self.domains
        return reply.ours or self._names(sender) or (told and domain_of(sender) != domain_of(lead))

    def _names(self, folded: str) -> bool:
        """Whether one of the forms covers it; most settings name none."""
        return bool(self.forms) and not self.forms.isdisjoint(keys_of(folded))


def make_team(forms: Iterable[str], mailboxes: Iterable[str]) -> Team:
    """The team of an account, from the setting OWN_DOMAINS and the mailboxes that its events told.

    A mailbox alone makes nobody else ours; a second one at its domain does: a single wrong one hides nobody else.
    """
    seen = frozenset(map(fold_address, mailboxes)) - {""}
    named = frozenset(form for form in forms if not is_shared_domain(form))
    count = Counter(map(domain_of, seen))
    domains = frozenset(domain for domain, mailboxes in count.items() if mailboxes > 1)
    return Team(named, seen, domains - _free_mail_domains())


def is_shared_domain(form: str) -> bool:
    """Whether an address form means whole domains where anybody has an address: "@gmail.com", "*.co.uk"."""
    name, _, domain = form.lower().replace("*.", "@", 1).rpartition("@")
    return not name and (domain in _free_mail_domains() or is_public_suffix(domain))


@cache
def _free_mail_domains() -> frozenset[str]:
    """The domains where anybody has an address, and no domain at all."""
    lines = files("webhooks").joinpath("free_mail.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if not line.startswith("#"))
