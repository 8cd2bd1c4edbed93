"""Who is who in an event: the lead, who really replied, and our own mailbox. Pure.

Several keys tell it and contradict each other in the wild. What is not sure stays None: a rule that asks for it then
does not decide, while a wrong guess could hide a lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from addresses import fold_address
from webhooks.paths import first
from webhooks.readers import address, line, name_beside_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class People:
    """Addresses as they came; None if the event does not tell. `ours`: our own mailbox is told as who replied."""

    lead: str | None
    sender: str | None
    sender_name: str | None
    mailbox: str | None
    ours: bool


def nobody(_address: str) -> bool:
    """No address is known as ours."""
    return False


def people_of(fields: Mapping[str, Any], *, guess: bool, is_ours: Callable[[str], bool] = nobody) -> People:
    """Lead, sender and mailbox as the event names them; the ends of the mail only where the other end is known.

    `guess`: without any name take the ends as SmartLead's guide does, from our mailbox to the lead; where one of them
    alone is ours, the other is the lead. `is_ours`: whether an address is known as ours, which is never the lead.
    """
    lead, author, mailbox = _named(fields, is_ours)
    only_person = first(fields, "only_person", address)
    sender = author or (None if only_person and lead is None else only_person)
    sent_from, sent_to = first(fields, "from", address), first(fields, "to", address)
    if lead is None:
        lead = _facing(mailbox, sent_from, sent_to)
        if lead is None and guess and mailbox is None and sent_from and sent_to:
            lead = sent_from if is_ours(sent_to) else sent_to
        lead = None if lead and is_ours(lead) else lead
    if mailbox is None:
        mailbox = _facing(lead, sent_from, sent_to, also=sender) or _facing(sender, sent_from, sent_to, also=lead)
    lead_known, sender = _unless(lead, mailbox), _unless(sender, mailbox)
    return People(
        lead=lead_known,
        sender=sender,
        sender_name=_sender_name(fields, sender, lead_known, sent_to) if sender else None,
        mailbox=mailbox,
        ours=_same(author, mailbox) and not _same(author, lead),
    )


def sure_mailbox(fields: Mapping[str, Any], is_ours: Callable[[str], bool] = nobody) -> str | None:
    """Our own address, where the event leaves no doubt: for learning who is one of us, where a guess could hide a lead.

    A key names it, or it is the one end of a mail whose other end is a lead, or who replied, and both are named.
    `fields` come from `paths.folded`.
    """
    lead, author, mailbox = _named(fields, is_ours)
    sent_from, sent_to = first(fields, "from", address), first(fields, "to", address)
    if mailbox is None and lead and author:
        mailbox = _facing(lead, sent_from, sent_to, also=author) or _facing(author, sent_from, sent_to, also=lead)
    return None if _same(mailbox, lead) or _same(mailbox, author) else mailbox


def _named(fields: Mapping[str, Any], is_ours: Callable[[str], bool]) -> tuple[str | None, str | None, str | None]:
    """Lead, author and mailbox by their own keys. One of us is the lead only where the event says that he replied."""
    lead, author = first(fields, "lead", address), first(fields, "sender", address)
    mailbox = first(fields, "mailbox", address)
    mixed_up = lead is not None and not _same(lead, author) and is_ours(lead)
    return None if mixed_up else lead, author, mailbox


def _facing(known: str | None, one: str | None, other: str | None, also: str | None = None) -> str | None:
    """The end of a mail that is neither `known` nor `also`, if its other end is `known`."""
    is_known = _same(one, known)
    if is_known is _same(other, known):
        return None
    facing = other if is_known else one
    return None if _same(facing, also) else facing


def _unless(person: str | None, mailbox: str | None) -> str | None:
    return None if _same(person, mailbox) else person


def _sender_name(fields: Mapping[str, Any], sender: str, lead: str | None, sent_to: str | None) -> str | None:
    """The name of who replied: `to_name` belongs to `to_email`, which need not be the sender."""
    return (
        first(fields, "sender", name_beside_address)
        or (first(fields, "to_name", line) if _same(sender, sent_to) else None)
        or (first(fields, "lead_name", line) if _same(sender, lead) else None)
    )


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and (one == other or _folded(one) == _folded(other))


@lru_cache(maxsize=256)  # the two or three addresses of an event are compared with each other again and again
def _folded(address: str) -> str:
    return fold_address(address)
