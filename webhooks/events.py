"""The names of SmartLead's events over its generations, and why nothing is decided about most of them. Pure.

SmartLead's pages give several names for one event; its production sends EMAIL_REPLY and LEAD_CATEGORY_UPDATED.
"""

from __future__ import annotations

import re
from typing import Final

from webhooks.paths import fold

# Also what people write who fill in a relay's fields by hand.
REPLY_EVENTS: Final = ("EMAIL_REPLY", "EMAIL_REPLIED", "REPLIED", "LEAD_REPLIED", "REPLY", "NEW_REPLY", "LEAD_REPLY")
CATEGORY_EVENTS: Final = ("LEAD_CATEGORY_UPDATED", "LEAD_CATEGORY_UPDATE", "LEAD_CATEGORY_CHANGED")
# Why nothing is decided about an event -> its names.
OTHER_EVENTS: Final = {
    "SmartLead ties such a mail to no lead, so there is no conversation to mark": ("UNTRACKED_REPLIES",),
    "it tells of a mail of ours, not of a reply": ("EMAIL_SENT", "FIRST_EMAIL_SENT", "SENT"),
    "it tells of a step that waits for one of you, not of a reply": ("MANUAL_STEP_REACHED",),
    "nobody wrote anything": (
        *("EMAIL_OPEN", "EMAIL_OPENED", "OPENED", "LEAD_OPENED"),
        *("EMAIL_LINK_CLICK", "EMAIL_CLICKED", "CLICKED", "LEAD_CLICKED"),
    ),
    "a mail of ours came back, which is no reply": ("EMAIL_BOUNCE", "EMAIL_BOUNCED", "BOUNCED", "LEAD_BOUNCED"),
    "it tells that a lead is off the list, not what the lead wrote": (
        "LEAD_UNSUBSCRIBED",
        "EMAIL_UNSUBSCRIBED",
        "UNSUBSCRIBED",
    ),
    "it tells of a campaign, not of a reply": ("CAMPAIGN_STATUS_CHANGED", "CAMPAIGN_STATUS_CHANGE"),
    "it tells of an account of ours, not of a reply": ("EMAIL_ACCOUNT_DISCONNECTED", "LINKEDIN_DISCONNECTED"),
}

_LONGEST_NAME: Final = 60
_ODD_IN_NAME: Final = re.compile(r"[^\w.\- ]", re.ASCII)


def is_reply(name: str) -> bool:
    """Whether an event of this name, in any spelling, tells of a reply."""
    return _folded(name) in _REPLIES


def is_category_change(name: str) -> bool:
    """Whether an event of this name tells that a lead got another category."""
    return _folded(name) in _CATEGORIES


def is_known(name: str) -> bool:
    """Whether SmartLead has an event of this name."""
    return is_reply(name) or is_category_change(name) or _folded(name) in _REASONS


def why_ignored(name: str) -> str:
    """A sentence that names the event, clean and short, and says why nothing is decided about it."""
    shown = _ODD_IN_NAME.sub("?", name[:_LONGEST_NAME])
    return f"Nothing is decided about {shown}: {_REASONS.get(_folded(name), 'it is no reply')}."


def _folded(name: str) -> str:
    return fold(name).replace(".", "")  # email.account.disconnected


_REPLIES: Final = frozenset(map(_folded, REPLY_EVENTS))
_CATEGORIES: Final = frozenset(map(_folded, CATEGORY_EVENTS))
_REASONS: Final = {_folded(name): reason for reason, names in OTHER_EVENTS.items() for name in names}
