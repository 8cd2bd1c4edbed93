"""Webhook requests as SmartLead's production sends them: unique replies of about 3 kB, of many conversations.

The keys are those of its EMAIL_REPLY; the words are nobody's mail.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from html import escape
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = 3_000_000_000  # conversations' ids; all have as many digits
AGAIN = 10  # each so many-th reply is another one of the conversation before
CAMPAIGNS, MAILBOXES, COMPANIES = 40, 200, 3_000
SHORTEST, LONGEST = 3, 9  # sentences of a reply
OPENINGS = (
    "I am out of the office until Monday.",
    "Thanks, but we are not interested.",
    "Please remove me from your list.",
    "Sounds useful, can you send two slots for next week?",
    "We have somebody for this already.",
    "What would this cost us for twelve people?",
    "Not now, perhaps in autumn.",
    "Who told you about us?",
)
SENTENCES = (
    "Our team moved to another building last month and much is still in boxes.",
    "The contract with the present supplier runs for two more quarters.",
    "I passed your mail on to the colleagues who look after the warehouse.",
    "We looked at something like it in spring and did not go on.",
    "The numbers that you name are not those that we see here.",
    "Most of it is done by hand today, and people are used to that.",
    "There is a freeze on new tools until the audit is over.",
    "It depends on what the plant in the north decides.",
)
OUR_MAIL = (
    "Hi there,\n\nwe cut the time that trucks wait at the dock by a third for firms of your size, without new"
    " hardware. Would a short look next week be worth your while?\n\nBest,\nLena\nHarborline, Pier 4, Exampletown"
)


def make_requests(path: str, first: int, count: int) -> Iterator[bytes]:
    """HTTP requests of so many replies; `first` is the number of the first, from 0. No two numbers give equal ones."""
    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    for number in range(first, first + count):
        body = json.dumps(make_reply(number, now)).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: axios/1.7\r\nAccept: */*\r\n"
        typed = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        yield (head + typed).encode() + body


def make_reply(number: int, written: str) -> dict[str, Any]:
    """One EMAIL_REPLY, written at that time (ISO 8601)."""
    random = Random(number)
    conversation = FIRST + (number - 1 if number % AGAIN == AGAIN - 1 else number)
    lead = f"ana.vale.{conversation}@company{conversation % COMPANIES}.example"
    mailbox = f"lena{number % MAILBOXES}@getharborline.example"
    campaign = 880_000 + conversation % CAMPAIGNS
    words = " ".join([random.choice(OPENINGS), *random.choices(SENTENCES, k=random.randint(SHORTEST, LONGEST))])
    quoted = f"On Tue, Feb 10, 2026 at 9:30 AM Lena <{mailbox}> wrote:"
    text = f"{words}\n\n{quoted}\n" + "\n".join(f"> {line}" for line in OUR_MAIL.splitlines())
    html = f'<div dir="ltr">{escape(words)}</div><br><div class="gmail_quote">{escape(quoted)}</div>'
    sent_html = "".join(f"<div>{escape(line)}</div>" for line in OUR_MAIL.splitlines())
    message = f"<CAF7q-{number}@mail.company{conversation % COMPANIES}.example>"
    link = f"https://app.smartlead.ai/app/master-inbox?leadMap={conversation}"
    return {
        "campaign_status": "ACTIVE",
        "stats_id": f"7be0b9a4-2f53-4a0e-9c1d-{number:012d}",
        "sl_email_lead_id": str(conversation - 1_000_000_000),
        "sl_email_lead_map_id": conversation,
        "sl_lead_email": lead,
        "from_email": mailbox,
        "cc_emails": [],
        "subject": "Re: quick idea for your dock",
        "to_email": lead,
        "to_name": "Ana Vale",
        "time_replied": written,
        "event_timestamp": written,
        "message_id": message,
        "preview_text": words[:120],
        "campaign_name": f"Ops leaders {campaign}",
        "campaign_id": campaign,
        "sequence_number": 2,
        "app_url": link,
        "ui_master_inbox_link": link,
        "description": f"{lead} replied to Email 2 for campaign - Ops leaders {campaign}",
        "metadata": {"webhook_created_at": "2026-01-05T09:12:44.120Z"},
        "leadCorrespondence": {
            "targetLeadEmail": lead,
            "replyReceivedFrom": lead,
            "repliedCompanyDomain": "SameCompany",
        },
        "webhook_id": 4127,
        "webhook_name": "read-state",
        "event_type": "EMAIL_REPLY",
        "client_id": None,
        "reply_category": None,  # SmartLead tells it later
        "sent_message": {"message_id": f"<sl-{number}@getharborline.example>", "html": sent_html, "text": OUR_MAIL},
        "reply_message": {"message_id": message, "html": html, "text": text, "time": written},
    }
