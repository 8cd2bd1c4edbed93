"""What the rules can read of a reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.engine.mail import text
from rules.engine.mail.kind import kind_of
from rules.engine.matching.addresses import OURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model import Reply
    from rules.engine.mail.kind import Kind

# The other doubts are about what is new in a mail that is known whole.
_DOUBTS_OF_THE_MAIL = {text.CAPPED, text.PREVIEW_CUT, text.PREVIEW_EMPTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The fields of one reply, or of one example. None: not told, which is not the same as empty."""

    reply: str | None = None  # only the words just written
    doubt: str | None = None  # why `reply` may not be all of them
    whole_message: str | None = None
    whole_doubt: str | None = None  # why `whole_message` may not be all of the mail
    subject: str | None = None
    sender: str | None = None  # address of who really replied
    ours: bool = False  # our own team replied; its address may be untold
    sender_name: str | None = None
    lead: str | None = None
    mailbox: str | None = None
    campaign: str | None = None  # by name
    campaign_id: str | None = None
    client: str | None = None
    account: str | None = None
    category: str | None = None
    sequence_step: str | None = None
    kind: str | None = None  # person, auto-reply or bounce; None: not told, and not looked for yet
    kind_sign: str | None = None  # by what the kind was found, as a clause


def with_kind(facts: Facts) -> Facts:
    """Find the kind by its signs where it is not told. It stays untold where that would take the whole text."""
    kind = find_kind(facts) if facts.kind is None else None
    return replace(facts, kind=kind.name, kind_sign=kind.sign) if kind else facts


def find_kind(facts: Facts) -> Kind | None:
    """Find the kind by its signs; None where nothing is told, or where that would take the whole text."""
    return kind_of(
        subject=facts.subject,
        sender=facts.sender,
        sender_name=facts.sender_name,
        words=None if facts.doubt else facts.reply,
        category=facts.category,
    )


def facts_of(reply: Reply, written: text.Written | None = None, *, whole: bool = True) -> Facts:
    """Read from a reply what the rules can ask for; `written` is its text, if that was read already. Never raises.

    Unless no rule asks for the `whole` message: then it is told only where nothing is left of the mail without it.
    """
    written = written or text.read(reply, history=whole)
    if written.whole is None and not written.new:
        written = text.read(reply)
    return Facts(
        reply=written.new,
        doubt=written.doubt,
        whole_message=written.whole,
        whole_doubt=written.doubt if written.doubt in _DOUBTS_OF_THE_MAIL else None,
        subject=reply.subject,
        sender=reply.sender,
        ours=reply.ours,
        sender_name=reply.sender_name,
        lead=reply.lead,
        mailbox=reply.mailbox,
        campaign=reply.campaign,
        campaign_id=reply.campaign_id,
        client=reply.client,
        account=reply.account,
        category=reply.category,
        sequence_step=reply.sequence_step,
    )


def facts_told(told: Mapping[str, str]) -> Facts:
    """Give what an example tells, by the names of the fields; what it leaves out is not told.

    The reply is also the whole message, and the campaign's name also its number, unless told otherwise. The sender may
    be told as "ours".
    """
    values = {name.replace(" ", "_"): text for name, text in told.items()}
    if "reply" in values:
        values.setdefault("whole_message", values["reply"])
    if "campaign" in values:
        values["campaign_id"] = values["campaign"]
    return Facts(**values, ours=values.get("sender", "").strip().casefold() == OURS)
