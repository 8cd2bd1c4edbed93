"""Invented replies as SmartLead would send them, one for each generation of its EMAIL_REPLY webhook."""

from __future__ import annotations

import http.client
import json
import shlex
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.conversation import SEEDED, Conversation
from sandbox.mails import MASTER_INBOX, reply_head

MARIT, JONAS, PRIYA, TOMAS, INES, WEN = SEEDED
TIMEOUT = 10.0  # seconds


def _event(conversation: Conversation, subject: str, **more: Any) -> dict[str, Any]:
    """A reply's webhook; `{time}` and `{run}` are filled in when it is sent."""
    return reply_head(conversation, subject, "{time}") | more


SAMPLES: tuple[dict[str, Any], ...] = (
    # Interested. The first generation: nothing but a preview, which ends in a line break.
    _event(
        MARIT,
        "Re: quick idea for Northpier",
        sl_email_lead_map_id=MARIT.map_id,
        time_replied="{time}",
        message_id="<{run}-1@northpier.example>",
        preview_text="Sounds interesting. Can you send me pricing and two times for a call next week?\n",
        leadCorrespondence={
            "targetLeadEmail": MARIT.email,
            "replyReceivedFrom": MARIT.email,
            "repliedCompanyDomain": "SameCompany",
        },
    ),
    # Out of office. Today's production shape, with the reply as an object and the quoted thread in its HTML.
    _event(
        JONAS,
        "Automatic reply: quick idea for Quayside",
        sl_email_lead_map_id=JONAS.map_id,
        reply_category=6,
        preview_text="Thank you for your message. I am out of the",
        reply_message={
            "message_id": "<{run}-2@quayside.example>",
            "text": "Thank you for your message. I am out of the office until 2 March, without access to email.",
            "html": "<p>Thank you for your message. I am out of the office until 2 March, without access to "
            'email.</p><blockquote type="cite">Hi Jonas, we cut dock waiting by a third.</blockquote>',
            "time": "{time}",
        },
        client_id=None,
        app_url=f"{MASTER_INBOX}?leadMap={JONAS.map_id}",
    ),
    # Opt-out. Ids as text, numbers as text, and the body as HTML alone.
    _event(
        PRIYA,
        "Re: quick idea for Coldstore",
        sl_email_lead_map_id=str(PRIYA.map_id),
        campaign_id=str(PRIYA.campaign_id),
        sequence_number="2",
        message_id="<{run}-3@coldstore.example>",
        preview_text="",
        reply_body="<div>Please remove me from your list and do not contact me again.</div>",
    ),
    # One that no rule is sure about. A threaded reply.
    _event(
        TOMAS,
        "Re: quick idea for Riverlog",
        sl_email_lead_map_id=TOMAS.map_id,
        stats_id="7be0b9a4-2f53-4a0e-9c1d-6a4f0c2e8d14",
        stats_thread_id="1f0c2d77-0f6b-4c55-9a3e-2f1f6f6a9b04",
        reply_message={
            "message_id": "<{run}-4@riverlog.example>",
            "text": "We had something like this at the old yard.\n\n"
            "On Tue, Feb 10, 2026 at 9:30 AM Lena <lena@getharborline.example> wrote:\n"
            "> Hi Tomas, we cut dock waiting by a third.",
            "html": "",
            "time": "{time}",
        },
    ),
    # A bounce that arrives as a reply. The conversation's id stands in the link alone.
    _event(
        INES,
        "Undeliverable: quick idea for Tidewater",
        reply_category=9,
        ui_master_inbox_link=f"{MASTER_INBOX}?leadMap={INES.map_id}",
        leadCorrespondence={
            "targetLeadEmail": INES.email,
            "replyReceivedFrom": "mailer-daemon@mx.tidewater.example",
            "repliedCompanyDomain": "DifferentCompany",
        },
        reply_message={
            "message_id": "<{run}-5@mx.tidewater.example>",
            "text": "Delivery has failed to these recipients: ines.duarte@tidewater.example. 550 5.1.1 User unknown",
            "html": "",
            "time": "{time}",
        },
    ),
)

PASTED: dict[str, Any] = {
    "event_type": "EMAIL_REPLY",
    "sl_email_lead_map_id": WEN.map_id,
    "sl_lead_email": WEN.email,
    "campaign_id": WEN.campaign_id,
    "campaign_name": WEN.campaign_name,
    "subject": "Automatic reply: berth planning",
    "reply_message": {
        "message_id": "<{run}@lockgate.example>",
        "text": "I am out of the office until Monday and will read your message then.",
        "time": "{time}",
    },
}


def send_samples(webhook_url: str) -> None:
    """Post every sample, written now. OSError if nobody listens, RuntimeError if one is not taken with 2xx."""
    now = time.time()
    for sample in SAMPLES:
        status = _post(webhook_url, json.dumps(_filled(sample, now)))
        if not 200 <= status < 300:
            raise RuntimeError(f"A sample reply was answered with status {status}")


def curl_line(webhook_url: str) -> str:
    """One line for a POSIX shell that sends an out-of-office reply, written now, which is not among the samples.

    The same line sent twice is the same reply; each call makes a new one.
    """
    body = json.dumps(_filled(PASTED, time.time()))
    return f"curl -sS {shlex.quote(webhook_url)} -H 'Content-Type: application/json' -d {shlex.quote(body)}"


def _filled(value: Any, now: float) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, now) for name, item in value.items()}
    if isinstance(value, str):
        written = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
        return value.replace("{time}", written).replace("{run}", f"{now * 1e6:.0f}")
    return value


def _post(url: str, body: str) -> int:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        target = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
        connection.request("POST", target, body.encode(), {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
