"""A mail in a file: saved by a mail program with its headers, or the bare text or HTML of one."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Final

from model import Reply
from webhooks.unwrap import decode

_HEADERS: Final = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)+\r?\n")
_OF_A_MESSAGE: Final = ("message-id", "mime-version", "received", "date")  # a quoted header has none but "Date"


def read_mail(body: bytes) -> Reply:
    """Read a mail, with its subject and sender where it was saved with its headers. Never raises."""
    try:
        message = _message(body)
        return Reply(text=decode(body)) if message is None else _reply(message)
    except Exception:  # noqa: BLE001 - of the library's readers of headers, on broken ones
        return Reply(text=decode(body))


def _reply(message: EmailMessage) -> Reply:
    name, address = parseaddr(_header(message, "From") or "")
    return Reply(
        subject=_header(message, "Subject"),
        sender=address or None,
        sender_name=name or None,
        html=_part(message, "html"),
        text=_part(message, "plain"),
    )


def _message(body: bytes) -> EmailMessage | None:
    """The mail with its headers, None if the file does not begin with a mail's own."""
    if not _HEADERS.match(body.lstrip(b"\r\n")):
        return None
    message = message_from_bytes(body.lstrip(b"\r\n"), policy=policy.default)
    told = sum(name in message for name in _OF_A_MESSAGE)
    return message if isinstance(message, EmailMessage) and "From" in message and told > 1 else None


def _header(message: EmailMessage, name: str) -> str | None:
    told = " ".join(str(message[name] or "").split())
    return told or None


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return decode(payload) if isinstance(payload, bytes) else None
