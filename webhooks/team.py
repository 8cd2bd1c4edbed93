"""Who is one of us: by the domains that the settings name, and by the mailboxes that SmartLead sends from. Pure.

SmartLead reports mail of our own people as replies, too, where they write into a thread from outside SmartLead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from rules.engine.matching.addresses import keys_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model import Reply


@dataclass(frozen=True, slots=True)
class Team:
    """`forms`: address forms of ours, as "@acme.com". `mailboxes`: addresses that were seen to send for us."""

    forms: frozenset[str]
    mailboxes: frozenset[str]
    domains: frozenset[str]  # of the mailboxes, without those where anybody has an address

    def wrote(self, reply: Reply) -> bool:
        """Whether one of us wrote this reply, from outside SmartLead; never where the lead itself did.

        What only events told does not count at the lead's own domain: one that mixed lead and mailbox up would make the
        lead's colleagues ours.
        """
        sender, lead = _folded(reply.sender), _folded(reply.lead)
        if not sender or sender == lead:
            return reply.ours
        told = sender in self.mailboxes or domain_of(sender) in self.domains
        named = not self.forms.isdisjoint(keys_of(sender))
        return reply.ours or named or (told and domain_of(sender) != domain_of(lead))


def make_team(forms: Iterable[str], mailboxes: Iterable[str]) -> Team:
    """The team of an account, from the setting OWN_DOMAINS and the mailboxes that its events told."""
    seen = frozenset(map(_folded, mailboxes)) - {""}
    named = frozenset(form for form in forms if not is_free_mail_domain(form))
    return Team(named, seen, frozenset(map(domain_of, seen)) - _free_mail_domains())


def domain_of(address: str) -> str:
    """What stands behind the last "@", in lower case; empty without one."""
    return address.lower().rpartition("@")[2] if "@" in address else ""


def is_free_mail_domain(form: str) -> bool:
    """Whether an address form means a whole domain where anybody has an address: "@gmail.com"."""
    return form.startswith("@") and domain_of(form) in _free_mail_domains()


@cache
def _free_mail_domains() -> frozenset[str]:
    """The domains where anybody has an address, and no domain at all."""
    lines = files("webhooks").joinpath("free_mail.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines if not line.startswith("#"))


def _folded(address: str | None) -> str:
    return address.strip().lower() if address else ""
